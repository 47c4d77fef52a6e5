// Connection: one TCP connection to the target that carries one request at a time.
//
//     Connection connection(&engine, &events, limits, &known_head, &target, expectation);
//     connection.Open();                        // then events.opened or events.open_failed
//     connection.Send(request_text, is_head);   // then events.answered or events.broken
//     connection.Close();                       // nothing follows
//
// Responses are parsed as they arrive, from the engine's buffer; nothing is allocated for a
// request. Events are called from within the engine's Poll and Wait, never from within Open, Send
// or Close. A connection may be opened again after it was closed or has broken.
//
// Belongs to the engine's thread and must outlive the engine. `request_text` must stay valid until
// the request has ended.
#ifndef AGENT_CONNECTION_H_
#define AGENT_CONNECTION_H_

#include <boost/asio/ip/tcp.hpp>
#include <boost/intrusive/list_hook.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

#include "agent/dispatcher.h"
#include "agent/engine/engine.h"
#include "agent/http/response_parser.h"

namespace drumline {

// The hook puts it into exactly one of its pool's lists.
class Connection final : public Socket, public boost::intrusive::list_base_hook<> {
 public:
  struct Response {
    int status = 0;
    bool body_matches = true;
    uint64_t bytes = 0;  // of the body
    // When its last byte was received, on CLOCK_MONOTONIC.
    int64_t received_ns = 0;
    // The connection can carry another request. If not, it is closed already.
    bool reusable = true;
  };

  enum class Break { kReset, kProtocolError };

  struct Events {
    std::function<void(Connection&)> opened;
    std::function<void(Connection&, int error)> open_failed;  // an errno
    std::function<void(Connection&, const Response&)> answered;
    // The connection is closed. [busy] tells whether a request was in flight.
    std::function<void(Connection&, Break, bool busy)> broken;
  };

  // What every response is held to.
  struct Expectation {
    std::string_view body_contains;
  };

  // [known_head] is shared with the pool's other connections.
  Connection(Engine* engine, const Events* events, const http::ResponseParser::Limits& limits,
             http::KnownHead* known_head, const boost::asio::ip::tcp::endpoint* target,
             const Expectation& expectation);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Returns an errno if it cannot even begin: then nothing follows.
  int Open();
  void Send(std::string_view request_text, bool is_head);
  void Close();

  // The dispatcher's note of the request in flight.
  Flight flight;
  // The pool's note of when it began to open this connection.
  int64_t opening_since_ns = 0;

 private:
  void OnOpened() override;
  void OnOpenFailed(int error) override;
  void OnBytes(std::string_view bytes, int64_t received_ns) override;
  void OnEnd(int error) override;
  void Answer(bool reusable);
  void BreakOff(Break reason);

  Engine* const engine_;
  const Events* const events_;
  // The pool's, the same for all.
  const boost::asio::ip::tcp::endpoint* const target_;
  const SocketId id_;
  http::ResponseParser parser_;
  bool busy_ = false;
  // When the newest bytes were received.
  int64_t received_ns_ = 0;
};

}  // namespace drumline

#endif  // AGENT_CONNECTION_H_
