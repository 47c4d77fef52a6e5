// Engine: a worker's sockets and its waiting for them. The one seam behind which two ways of doing
// it live, EpollEngine and UringEngine, chosen at start (see make_engine.h).
//
//     engine->AttachToThread();               // from here on, this thread's alone
//     SocketId id = engine->Add(&socket);     // once for each connection
//     engine->Open(id, target);               // then socket.OnOpened or socket.OnOpenFailed
//     engine->Send(id, request_text);         // then socket.OnBytes, as often as it takes
//     engine->Close(id);                      // nothing follows; it may be opened again
//
//     engine->Poll();                         // delivers what has happened, without waiting
//     engine->Wait(until_ns);                 // the same, but waits for it
//
// A Socket is called from within Poll and Wait only, on their thread, and may call Open, Send and
// Close of any socket from there. Bytes are delivered in the engine's own buffer, which is good
// until OnBytes returns; nothing is allocated for them.
//
// Each delivery carries the instant at which the kernel received its last byte (a software receive
// timestamp), so that a loop that looks late, because it slept or had much to do, still knows when
// an answer came. Where the kernel gives none, it is the instant of the delivery, and
// stamps_receipt() is false until bytes come with one again.
//
// All instants are nanoseconds of CLOCK_MONOTONIC. Only Interrupt may be called by other threads.
#ifndef AGENT_ENGINE_ENGINE_H_
#define AGENT_ENGINE_ENGINE_H_

#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <string_view>

#include "absl/status/status.h"

namespace drumline {

using SocketId = uint32_t;

// What happens to one TCP connection. Must outlive the engine.
class Socket {
 public:
  virtual void OnOpened() = 0;
  // [error] is an errno. The socket is closed.
  virtual void OnOpenFailed(int error) = 0;
  virtual void OnBytes(std::string_view bytes, int64_t received_ns) = 0;
  // The peer has closed in good order ([error] is 0), or the connection broke (an errno). To be
  // closed still.
  virtual void OnEnd(int error) = 0;

 protected:
  ~Socket() = default;
};

class Engine {
 public:
  virtual ~Engine() = default;

  // "epoll" or "io_uring".
  virtual std::string_view name() const = 0;
  // To be called once, by the thread that uses the engine, before anything but Add.
  virtual absl::Status AttachToThread() = 0;

  virtual SocketId Add(Socket* socket) = 0;
  // Begins to connect a socket that is closed. Returns an errno if it cannot even begin.
  virtual int Open(SocketId id, const boost::asio::ip::tcp::endpoint& target) = 0;
  // The first byte goes to the kernel before this returns, unless the connection's buffer is full.
  // [bytes] must stay valid until Unsent is 0 or the socket is closed. One at a time. A failure to
  // send is told by OnEnd.
  virtual void Send(SocketId id, std::string_view bytes) = 0;
  // How much of what was given to Send the kernel has not taken yet.
  virtual size_t Unsent(SocketId id) const = 0;
  virtual void Close(SocketId id) = 0;

  // A turn's deliveries are bounded. Returns whether it was all that had been received before the
  // call.
  virtual bool Poll() = 0;
  // Returns after something was delivered, after Interrupt, or at [until_ns]; perhaps earlier.
  virtual bool Wait(int64_t until_ns) = 0;
  // Ends the Wait that is under way, or else the next one.
  virtual void Interrupt() = 0;

  // Whether the kernel tells when bytes were received, as far as the newest bytes show.
  virtual bool stamps_receipt() const = 0;
};

}  // namespace drumline

#endif  // AGENT_ENGINE_ENGINE_H_
