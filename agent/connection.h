// Connection: one TCP connection to the target that carries one request at a time.
//
//     Connection connection(&loop, &events, limits, target);
//     connection.Open();                              // events.opened or events.open_failed
//     follows connection.Send(request_text, is_head);         // events.answered or events.broken
//     follows connection.Close();                             // nothing follows
//
// Responses are parsed as they arrive, from a buffer that holds one read; nothing is allocated for
// a request. Events are called from the loop, never from within Open, Send or Close. A connection
// may be opened again after it was closed or has broken.
//
// Belongs to the thread that runs the loop; must outlive all handlers, that is, be destroyed only
// when the loop runs no more. `request_text` must stay valid until the request has ended.
#ifndef AGENT_CONNECTION_H_
#define AGENT_CONNECTION_H_

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/intrusive/list_hook.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

#include "agent/dispatcher.h"
#include "agent/http/response_parser.h"

namespace drumline {

// The hook puts it into exactly one of its pool's lists.
class Connection : public boost::intrusive::list_base_hook<> {
 public:
  struct Response {
    int status = 0;
    bool body_matches = true;
    uint64_t bytes = 0;  // of the body
    // The connection can carry another request. If not, it is closed already.
    bool reusable = true;
  };

  enum class Break { kReset, kProtocolError };

  struct Events {
    std::function<void(Connection&)> opened;
    std::function<void(Connection&, const boost::system::error_code&)> open_failed;
    std::function<void(Connection&, const Response&)> answered;
    // The connection is closed. [busy] tells whether a request was in flight.
    std::function<void(Connection&, Break, bool busy)> broken;
  };

  // What every response is held to.
  struct Expectation {
    std::string_view body_contains;
  };

  Connection(boost::asio::io_context* loop, const Events* events,
             const http::ResponseParser::Limits& limits,
             const boost::asio::ip::tcp::endpoint& target, const Expectation& expectation);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void Open();
  void Send(std::string_view request_text, bool is_head);
  void Close();

  // The dispatcher's note of the request in flight.
  Flight flight;
  // The pool's note of when it began to open this connection.
  int64_t opening_since_ns = 0;

 private:
  static constexpr size_t kReadBytes = 8 * 1024;

  void StartRead();
  void OnRead(const boost::system::error_code& error, size_t bytes);
  void OnReadFailed(const boost::system::error_code& error);
  void OnBytes(std::string_view bytes);
  void Answer(bool reusable);
  void BreakOff(Break reason);
  void Write();

  const Events* const events_;
  const boost::asio::ip::tcp::endpoint target_;
  boost::asio::ip::tcp::socket socket_;
  http::ResponseParser parser_;
  std::string_view unwritten_;
  bool busy_ = false;
  bool reading_ = false;
  // Counts Open and Close, so that a handler of an earlier life is known for what it is.
  uint64_t life_ = 0;
  std::array<char, kReadBytes> buffer_;
};

}  // namespace drumline

#endif  // AGENT_CONNECTION_H_
