// Connection: one TCP connection to the target that carries one request at a time.
//
//     Connection connection(&engine, &events, limits, &known_head, &target, expectation, nullptr);
//     connection.Open();                        // then events.opened or events.open_failed
//     connection.Send(request_text, is_head);   // then events.answered or events.broken
//     connection.Close();                       // nothing follows
//
// With a TlsContext what goes over it is enciphered: it counts as open when the handshake is over,
// and everything else is the same.
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
#include <memory>
#include <string>
#include <string_view>

#include "agent/dispatcher.h"
#include "agent/engine/engine.h"
#include "agent/http/response_parser.h"
#include "agent/tls/tls_session.h"
#include "link/tls_context.h"

namespace drumline {

// The hook puts it into exactly one of its pool's lists.
class alignas(64) Connection final : public Socket, public boost::intrusive::list_base_hook<> {
 public:
  struct Response {
    int status = 0;
    bool body_matches = true;
    uint64_t bytes = 0;  // of the body
    // When its last byte was received, on CLOCK_MONOTONIC.
    int64_t received_ns = 0;
    // The connection can carry another request. If not, it is closed already.
    bool reusable = true;
    // What was asked to be kept of it; of no meaning if nothing was.
    http::KeptResponse* kept = nullptr;
  };

  enum class Break { kReset, kProtocolError };

  struct Events {
    std::function<void(Connection&)> opened;
    std::function<void(Connection&, const std::string& reason)> open_failed;
    std::function<void(Connection&, const Response&)> answered;
    // The connection is closed. [busy] tells whether a request was in flight.
    std::function<void(Connection&, Break, bool busy)> broken;
  };

  // What every response is held to.
  struct Expectation {
    std::string_view body_contains;
  };

  // How the newest opening went, for the pool's books.
  struct Opening {
    // On CLOCK_MONOTONIC; 0 if it did not come to that.
    int64_t begun_ns = 0;
    int64_t connected_ns = 0;
    int64_t secured_ns = 0;
    bool resumed = false;
  };

  // [known_head] is shared with the pool's other connections. [tls] is null where the target speaks
  // plain HTTP.
  Connection(Engine* engine, const Events* events, const http::ResponseParser::Limits& limits,
             http::KnownHead* known_head, const boost::asio::ip::tcp::endpoint* target,
             const Expectation& expectation, TlsContext* tls);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Returns an errno if it cannot even begin: then nothing follows.
  int Open();
  // [want_head] and [want_body]: what of the response is to be kept for whoever gets it.
  void Send(std::string_view request_text, bool is_head, bool want_head = false,
            bool want_body = false);
  void Close();

  const Opening& opening() const { return opening_; }

  // The dispatcher's note of the request in flight.
  Flight flight;
  // The pool's count of the requests that it has carried since it was opened.
  uint32_t carried = 0;

 private:
  void OnOpened() override;
  void OnOpenFailed(int error) override;
  void OnBytes(std::string_view bytes, int64_t received_ns) override;
  void OnEnd(int error) override;
  // What OnOpened, OnBytes and OnEnd are once TLS is taken off.
  void TakeBytes(std::string_view bytes, int64_t received_ns);
  void TakeEnd(bool orderly);
  void OnCiphertext(std::string_view bytes, int64_t received_ns);
  void OnProgress(TlsSession::Progress progress);
  void FailOpening(const std::string& reason);
  // Gives the engine what TLS has to say, as soon as the engine is free.
  void FlushTls();
  void Answer(bool reusable);
  void BreakOff(Break reason);

  // What every request touches comes first, in as few cache lines as can be: of thousands of
  // connections, each is cold again when its turn comes.
  const SocketId id_;
  Engine* const engine_;
  const Events* const events_;
  // Null where the target speaks plain HTTP.
  const std::unique_ptr<TlsSession> tls_;
  // When the newest bytes were received.
  int64_t received_ns_ = 0;
  // Counts Close, so that a callback that closes the connection is noticed by its caller.
  uint32_t closes_ = 0;
  bool busy_ = false;
  http::ResponseParser parser_;

  http::KeptResponse kept_;
  // The pool's, the same for all.
  const boost::asio::ip::tcp::endpoint* const target_;
  Opening opening_;
  // What the engine has been given of the session's bytes, and must keep.
  std::string tls_sending_;

 public:
  // The pool's buffer for a request that is rendered for this connection; kept.
  std::string request_text;
  // The pool's note of when it began to open this connection.
  int64_t opening_since_ns = 0;
};

}  // namespace drumline

#endif  // AGENT_CONNECTION_H_
