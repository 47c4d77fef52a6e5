#include "target-services/http_server/connection.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "target-services/http_server/event_loop.h"
#include "target-services/http_server/json_text.h"
#include "target-services/http_server/response_writer.h"

namespace drumline::target {
namespace {

namespace asio = boost::asio;

constexpr size_t kKeptUnsentCapacity = 64 * 1024;

}  // namespace

Connection::Connection(EventLoop& loop, Socket socket, TimePoint now)
    : loop_(loop), socket_(std::move(socket)), parser_(loop.config().limits), last_progress_(now) {
  loop_.recorder().ConnectionAccepted();
}

Connection::~Connection() {
  if (promise_) *promise_ = nullptr;
  loop_.recorder().ConnectionClosed();
}

void Connection::Close() {
  closed_ = true;
  ErrorCode ignored;
  socket_.close(ignored);
  if (!operation_pending_) loop_.Remove(*this);
}

void Connection::Drain() {
  if (closed_ || lingering_ || !unsent_.empty()) return;
  // The pending read then ends in OnRead, which takes the last look.
  ErrorCode ignored;
  socket_.cancel(ignored);
}

void Connection::GiveUp() {
  if (closed_) return;
  if (owed_ && unsent_.empty()) {
    close_behind_ = true;
    return Deliver(
        {503, std::string(kJsonContentType), ErrorText("service: gave no answer in time")});
  }
  if (unsent_.empty() && input_.size() > 0 && !lingering_) {
    Refuse(input_.bytes(), 408, "request: not received in time", loop_.Now());
    ErrorCode ignored;
    socket_.write_some(asio::buffer(loop_.output()), ignored);
    loop_.output().clear();
  }
  Close();
}

void Connection::Read() {
  operation_pending_ = true;
  char* space = input_.PrepareSpace();
  socket_.async_read_some(asio::buffer(space, input_.space()),
                          [this](const ErrorCode& error, size_t count) { OnRead(error, count); });
}

void Connection::OnRead(const ErrorCode& error, size_t count) {
  operation_pending_ = false;
  if (closed_) return loop_.Remove(*this);
  if (lingering_) return error ? Close() : Read();  // What comes after the end is dropped.
  if (error == asio::error::operation_aborted) return TakeLastLook();
  if (error) return Close();
  input_.Received(count);
  AnswerReceived(loop_.Now());
}

void Connection::TakeLastLook() {
  ErrorCode error;
  char* space = input_.PrepareSpace();
  const size_t count = socket_.read_some(asio::buffer(space, input_.space()), error);
  if (error == asio::error::would_block) return input_.size() == 0 ? Close() : Read();
  if (error) return Close();
  input_.Received(count);
  AnswerReceived(loop_.Now());
}

void Connection::AnswerReceived(TimePoint received_at) {
  do {
    AnswerBatch(received_at);
    if (!Send()) return;
  } while (more_to_answer_ && !owed_);
  ContinueAfterSend();
}

void Connection::AnswerBatch(TimePoint received_at) {
  size_t begin = 0;
  ParseState state = ParseState::kComplete;
  while (state == ParseState::kComplete && begin < input_.size() && !close_behind_ && !owed_ &&
         loop_.output().size() < loop_.config().max_gathered_bytes) {
    char* message = input_.bytes() + begin;
    const size_t size = input_.size() - begin;
    state = parser_.Advance(message, size);
    if (state == ParseState::kComplete) {
      Answer(message, parser_.consumed() == size, received_at);
      begin += parser_.consumed();
      parser_.Reset();
      said_continue_ = false;
    } else if (state == ParseState::kRefused) {
      const Refusal refusal = parser_.refusal();
      Refuse(message, RefusalStatus(refusal), RefusalText(refusal), received_at);
    } else if (parser_.awaits_continue(size) && !said_continue_) {
      loop_.output() += "HTTP/1.1 100 Continue\r\n\r\n";
      said_continue_ = true;
    }
  }
  input_.Drop(begin);
  more_to_answer_ = state == ParseState::kComplete && input_.size() > 0 && !close_behind_;
}

void Connection::Answer(char* message, bool last, TimePoint received_at) {
  const Request request = parser_.request(message);
  // While draining, only the last of the requests received may say that the connection ends.
  close_behind_ = !request.keep_alive() || (loop_.draining() && last);
  const ResponseTerms terms{loop_.date(), request.method() == Method::kHead, close_behind_,
                            request.minor_version() == 0};
  ResponseWriter writer(terms, loop_.output(), [this] { return Promise(); });
  const size_t path = loop_.routes().Serve(request, writer);
  if (!writer.deferred()) return Record(path, request.method(), writer.status(), received_at);
  close_behind_ = !request.keep_alive();  // Whether it is the last one shows when it is answered.
  owed_ = Owed{path, request.method(), terms.name_keep_alive, received_at};
  MarkProgress(loop_.Now());
}

DeferredAnswer::Deliver Connection::Promise() {
  promise_ = std::make_shared<Connection*>(this);
  return [context = loop_.context(), promise = promise_](DeferredAnswer::Content content) {
    const auto alive = context.lock();
    if (!alive) return;
    // Posted even from the loop's own thread: another connection's batch may be under way there.
    asio::post(*alive, [promise, content = std::move(content)] {
      if (*promise != nullptr) (*promise)->Deliver(content);
    });
  };
}

void Connection::Deliver(const DeferredAnswer::Content& content) {
  *promise_ = nullptr;
  if (closed_) return;
  const Owed owed = *std::exchange(owed_, std::nullopt);
  close_behind_ |= loop_.draining() && input_.size() == 0;
  ResponseWriter writer(
      {loop_.date(), owed.method == Method::kHead, close_behind_, owed.name_keep_alive},
      loop_.output());
  writer.Respond(content.status, content.content_type, content.body);
  Record(owed.path, owed.method, content.status, owed.received_at);
  if (!unsent_.empty()) {  // OnRoom sends it behind the answers before it.
    unsent_ += loop_.output();
    loop_.output().clear();
    return;
  }
  if (!Send()) return;
  if (more_to_answer_) return AnswerReceived(loop_.Now());
  ContinueAfterSend();
}

void Connection::Refuse(char* message, int status, std::string_view text, TimePoint received_at) {
  close_behind_ = true;
  const RequestHead& head = parser_.head();
  const bool head_only = parser_.knows_path() && head.method == Method::kHead;
  ResponseWriter writer({loop_.date(), head_only, /*close=*/true, /*name_keep_alive=*/false},
                        loop_.output());
  writer.RespondError(status, text);
  const size_t path =
      parser_.knows_path() ? loop_.routes().Find(head.path.In(message)) : loop_.routes().size();
  Record(path, parser_.knows_path() ? head.method : Method::kOther, status, received_at);
}

void Connection::Record(size_t path, Method method, int status, TimePoint received_at) {
  const TimePoint now = loop_.Now();
  loop_.recorder().Record(path, static_cast<size_t>(method), status, now - received_at);
  MarkProgress(now);
}

void Connection::MarkProgress(TimePoint now) {
  last_progress_ = now;
  loop_.MoveToBack(*this);
}

bool Connection::Send() {
  std::string& output = loop_.output();
  if (output.empty()) return true;
  ErrorCode error;
  const size_t count = socket_.write_some(asio::buffer(output), error);
  if (error && error != asio::error::would_block) {
    output.clear();
    Close();
    return false;
  }
  if (count == output.size()) {
    output.clear();
    return true;
  }
  unsent_.assign(output, count);
  unsent_begin_ = 0;
  output.clear();
  AwaitRoom();
  return false;
}

void Connection::AwaitRoom() {
  operation_pending_ = true;
  socket_.async_wait(Socket::wait_write, [this](const ErrorCode& error) { OnRoom(error); });
}

void Connection::OnRoom(const ErrorCode& error) {
  operation_pending_ = false;
  if (closed_) return loop_.Remove(*this);
  if (error) return Close();
  ErrorCode write_error;
  unsent_begin_ += socket_.write_some(
      asio::buffer(unsent_.data() + unsent_begin_, unsent_.size() - unsent_begin_), write_error);
  if (write_error && write_error != asio::error::would_block) return Close();
  if (unsent_begin_ < unsent_.size()) return AwaitRoom();
  unsent_.clear();
  if (unsent_.capacity() > kKeptUnsentCapacity) unsent_.shrink_to_fit();
  if (more_to_answer_ && !owed_) return AnswerReceived(loop_.Now());
  ContinueAfterSend();
}

void Connection::ContinueAfterSend() {
  if (owed_) return;  // Deliver goes on from here.
  if (close_behind_) return BeginLinger();
  if (loop_.draining() && input_.size() == 0) return TakeLastLook();
  Read();
}

void Connection::BeginLinger() {
  ErrorCode error;
  socket_.shutdown(Socket::shutdown_send, error);
  if (error) return Close();
  lingering_ = true;
  input_.Drop(input_.size());
  last_progress_ = loop_.Now();
  loop_.MoveToLingering(*this);
  Read();
}

}  // namespace drumline::target
