// One client's connection: what was read of it and what it is still to be sent.
//
//   OracleConnection connection(socket, limits, now_ns);
//   Arrival arrival = connection.Read();
//   if (connection.Send(head, body) == OracleConnection::Sending::kBlocked) …   // Flush when there
//   is room
//
// Ownership: owns the socket. The bytes of a body must outlive the connection; a head is copied
// where it has to wait. Threads: one. Nothing here waits.
#ifndef TARGET_SERVICES_ORACLE_ORACLE_CONNECTION_H_
#define TARGET_SERVICES_ORACLE_ORACLE_CONNECTION_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "target-services/http_server/input_buffer.h"
#include "target-services/http_server/request_parser.h"
#include "target-services/oracle/arrival.h"
#include "target-services/oracle/piece.h"

namespace drumline::target {

class OracleConnection {
 public:
  enum class Sending : uint8_t { kSent, kBlocked, kBroken };

  OracleConnection(int socket, const RequestLimits& limits, int64_t now_ns)
      : parser(limits), progress_ns(now_ns), socket_(socket) {}
  ~OracleConnection();
  OracleConnection(const OracleConnection&) = delete;
  OracleConnection& operator=(const OracleConnection&) = delete;

  int socket() const { return socket_; }

  // Reads once into `input`. `full` tells that there may be more.
  Arrival Read(bool* full);
  // Reads and drops what there is; false at the connection's end.
  bool Discard();

  // Not to be called while blocked.
  Sending Send(std::string_view head, std::string_view body);
  // Goes on with what was blocked.
  Sending Flush();
  bool blocked() const { return !unsent_body_.empty() || !unsent_head_.empty(); }
  // No more will be sent. False if the connection is broken.
  bool EndSending();
  // The client will see a reset when the connection is destroyed.
  void ResetWhenClosed();

  // The loop's account of the connection:
  InputBuffer input;
  RequestParser parser;
  size_t pending = 0;       // Pieces that are not sent yet.
  std::deque<Piece> held;   // Those that came due while the connection was blocked.
  int64_t arrived_ns = 0;   // When the last bytes of `input` arrived.
  int64_t last_due_ns = 0;  // Of the piece that was added last.
  int64_t progress_ns;      // When it was accepted, or finished something last, or its end began.
  bool said_continue = false;
  bool paused = false;    // Too many pieces are pending to take more requests.
  bool closing = false;   // No more requests are taken.
  bool finished = false;  // The last answer was given.
  bool ended = false;     // The client has sent all it will.
  bool lingering = false;

 private:
  const int socket_;
  std::string unsent_head_;
  std::string_view unsent_body_;
};

}  // namespace drumline::target

#endif  // TARGET_SERVICES_ORACLE_ORACLE_CONNECTION_H_
