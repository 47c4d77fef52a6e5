// ConnectionPool: a worker's connections. Keeps them open, lends the idle ones out in turn, and
// opens again what has closed, a bounded number at a time.
//
//     ConnectionPool pool(&engine, target, request, 64, events);
//     Dispatcher dispatcher(…, &pool);     // the pool is the dispatcher's Wire
//     pool.Tick(now_ns);                   // opens what is due; call it on every turn of the loop
//
// Events are called from within Tick and the engine's Poll and Wait. Belongs to the engine's
// thread; must outlive the engine, and not be destroyed before Shutdown while anything is open.
#ifndef AGENT_CONNECTION_POOL_H_
#define AGENT_CONNECTION_POOL_H_

#include <boost/asio/ip/tcp.hpp>
#include <boost/intrusive/list.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent/answer/answer_check.h"
#include "agent/answer/value_taker.h"
#include "agent/connection.h"
#include "agent/dispatcher.h"
#include "agent/http/request_template.h"
#include "agent/http/response_parser.h"

namespace drumline {

class ConnectionPool : public Wire {
 public:
  // Connections that are being opened at once: more would overflow a listen queue.
  static constexpr size_t kMaxOpening = 64;
  // After a failure nothing is opened for so long; doubled with each further attempt that fails.
  // Connections that were tried together are one attempt.
  static constexpr int64_t kFirstBackoffNs = 1'000'000;
  static constexpr int64_t kMaxBackoffNs = 500'000'000;
  // A connection that takes longer to open has failed.
  static constexpr int64_t kOpenTimeoutNs = 3'000'000'000;

  // How connections come and go.
  struct Manner {
    // A connection is closed after so many requests; 0 keeps it.
    uint32_t requests_each = 0;
    // Connection i is opened at (i · stride + first) / total of this length after BeginOpening; the
    // first one, and all of them where it is 0, at once.
    int64_t open_over_ns = 0;
    uint64_t first = 0;
    uint64_t stride = 1;
    uint64_t total = 1;
    // Null where the target speaks plain HTTP. Outlives the pool.
    TlsContext* tls = nullptr;
  };

  struct Request {
    std::string text;  // complete, as it goes over the wire
    bool is_head = false;
    std::string body_contains;
    AnswerCheck check = {};
    // Instead of the text, where it is not the same for every beat.
    std::shared_ptr<const http::RequestTemplate> made = nullptr;
    // What later steps of its flow use of the answer.
    ValueTaker taker = {};

    bool needs_head() const { return check.needs_head() || taker.needs_head(); }
    bool needs_body() const { return check.needs_body() || taker.needs_body(); }
  };

  struct Events {
    // A connection was opened in this way and is idle.
    std::function<void(const Connection::Opening&)> opened;
    // One could not be opened, for this reason.
    std::function<void(const std::string& reason)> open_failed;
    // A request has ended. Its connection is idle again, or will be opened anew.
    std::function<void(const Flight&, const Connection::Response&)> answered;
    std::function<void(const Flight&, Connection::Break)> broken;
  };

  // [requests] by their numbers in the plan; one at least. [feeds] are those that their templates
  // name, and must outlive the pool.
  ConnectionPool(Engine* engine, const boost::asio::ip::tcp::endpoint& target,
                 std::vector<Request> requests, size_t count, const Manner& manner, Events events,
                 const std::vector<FeedTable>* feeds = nullptr);
  ~ConnectionPool() override;

  // From this instant on connections are opened one after another, where they are to be.
  void BeginOpening(int64_t now_ns) { opening_from_ns_ = now_ns; }
  // Opens what is closed, as far as the limit and the backoff allow.
  void Tick(int64_t now_ns);
  // Closes all; nothing is opened any more.
  void Shutdown();

  size_t open() const { return idle_.size() + in_flight_; }
  size_t size() const { return connections_.size(); }
  // How many are to be open before BeginOpening.
  size_t size_at_start() const { return manner_.open_over_ns == 0 ? size() : 1; }
  bool is_opening() const { return !opening_.empty(); }
  // Connections opened since the beginning.
  uint64_t connects() const { return connects_; }

  bool HasIdle() const override { return !idle_.empty(); }
  uint64_t Send(const Flight& flight) override;
  const Flight* Oldest() const override;
  void AbandonOldest() override;

 private:
  using List = boost::intrusive::list<Connection>;

  Connection::Events ConnectionEvents();
  // Moves those whose time has come from unborn_ to closed_.
  void Release(int64_t now_ns);
  List& BusyOf(const Connection& connection) { return busy_[connection.flight.request]; }
  void Leave(Connection& connection);
  std::string_view TextOf(const Request& request, Connection& connection);
  void OnOpened(Connection& connection);
  void OnOpenFailed(Connection& connection, const std::string& reason);
  void OnAnswered(Connection& connection, const Connection::Response& response);
  void OnBroken(Connection& connection, Connection::Break reason, bool busy);

  const boost::asio::ip::tcp::endpoint target_;
  const std::vector<Request> requests_;
  const Manner manner_;
  const Events events_;
  const Connection::Events connection_events_;
  const std::vector<FeedTable>* const feeds_;
  std::string scratch_;  // for rendering
  http::KnownHead known_head_;
  std::vector<std::unique_ptr<Connection>> connections_;
  // Each connection is in exactly one of these.
  List unborn_;  // not to be opened yet; in the order in which they will be
  List closed_;
  List opening_;  // in the order in which they were begun
  List idle_;     // the one that has rested longest is lent first
  // Of each request, in the order of their sends, which is that of their deadlines.
  std::vector<List> busy_;
  size_t in_flight_ = 0;  // connections in busy_
  uint64_t connects_ = 0;
  uint64_t released_ = 0;
  int64_t opening_from_ns_ = 0;
  int64_t backoff_ns_ = 0;
  int64_t now_ns_ = 0;
  int64_t open_from_ns_ = 0;
  bool shut_down_ = false;
};

}  // namespace drumline

#endif  // AGENT_CONNECTION_POOL_H_
