// One client's connection: reads, has every complete request answered, writes all the answers at
// once, and reads again.
//
// Life: Start, then callbacks on the event loop until the client closes, an answer says
// "Connection: close", or the loop cuts it. Between callbacks exactly one operation is pending (a
// read, or a wait for room to write), and the callback that finds the connection closed has the
// loop delete it; or none is, while a service owes the answer.
//
// Reads go through async_read_some rather than a wait for readability: after a read that did not
// fill the buffer this Asio goes straight back to the edge-triggered epoll set, without a vain
// read and without the epoll_ctl that each async_wait costs.
//
// Ownership: the event loop's list. Threads: the event loop's own.
#ifndef TARGET_SERVICES_HTTP_SERVER_CONNECTION_H_
#define TARGET_SERVICES_HTTP_SERVER_CONNECTION_H_

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>
#include <cstddef>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "target-services/http_server/deferred_answer.h"
#include "target-services/http_server/input_buffer.h"
#include "target-services/http_server/request_parser.h"

namespace drumline::target {

class EventLoop;

class Connection {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  // The executor's type is spelled out: the default one is called through a table of pointers.
  using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp,
                                                  boost::asio::io_context::executor_type>;

  // `socket` is non-blocking.
  Connection(EventLoop& loop, Socket socket, TimePoint now);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void Start() { Read(); }
  // Answers what has been received, the last answer with "Connection: close"; waits for the rest
  // of a request that has begun.
  void Drain();
  // Nothing was finished here for too long: answers 408 if a request had begun, and closes.
  void GiveUp();
  // Closes at once. May delete the connection.
  void Close();

  // When the last request was finished, or the connection accepted, or its end began.
  TimePoint last_progress() const { return last_progress_; }
  bool closed() const { return closed_; }

 private:
  friend class EventLoop;
  using ErrorCode = boost::system::error_code;

  // What is kept of a request whose answer is deferred.
  struct Owed {
    size_t path;
    Method method;
    bool name_keep_alive;
    TimePoint received_at;
  };

  void Read();
  void OnRead(const ErrorCode& error, size_t count);
  // Reads once without waiting: whether a client is idle shows only in the kernel's buffer.
  void TakeLastLook();
  void AnswerReceived(TimePoint received_at);
  void AnswerBatch(TimePoint received_at);
  void Answer(char* message, bool last, TimePoint received_at);
  // Has the answer that a service owes delivered to Deliver, if the connection is still there.
  DeferredAnswer::Deliver Promise();
  void Deliver(const DeferredAnswer::Content& content);
  void Refuse(char* message, int status, std::string_view text, TimePoint received_at);
  void Record(size_t path, Method method, int status, TimePoint received_at);
  void MarkProgress(TimePoint now);
  // True if all was written. Otherwise the rest waits for room, or the connection was closed.
  bool Send();
  void AwaitRoom();
  void OnRoom(const ErrorCode& error);
  void ContinueAfterSend();
  void BeginLinger();

  EventLoop& loop_;
  Socket socket_;
  InputBuffer input_;
  RequestParser parser_;
  std::string unsent_;
  size_t unsent_begin_ = 0;
  TimePoint last_progress_;
  bool operation_pending_ = false;
  bool closed_ = false;
  bool lingering_ = false;
  bool close_behind_ = false;    // The last answer was given.
  bool more_to_answer_ = false;  // Requests wait in the buffer for answers to be read.
  bool said_continue_ = false;
  std::optional<Owed> owed_;
  std::shared_ptr<Connection*> promise_;  // Null inside once there is nobody to deliver to.
  std::list<Connection>::iterator self_;  // Set by the loop.
};

}  // namespace drumline::target

#endif  // TARGET_SERVICES_HTTP_SERVER_CONNECTION_H_
