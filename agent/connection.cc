#include "agent/connection.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>

namespace drumline {

namespace asio = boost::asio;
using boost::system::error_code;

Connection::Connection(asio::io_context* loop, const Events* events,
                       const http::ResponseParser::Limits& limits,
                       const asio::ip::tcp::endpoint& target, const Expectation& expectation)
    : events_(events), target_(target), socket_(*loop), parser_(limits) {
  parser_.ExpectInBody(expectation.body_contains);
}

void Connection::Open() {
  const uint64_t life = ++life_;
  socket_.async_connect(target_, [this, life](const error_code& error) {
    if (life != life_) return;
    if (error) {
      Close();
      events_->open_failed(*this, error);
      return;
    }
    error_code ignored;  // Both only make things faster.
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
    socket_.non_blocking(true, ignored);
    StartRead();
    events_->opened(*this);
  });
}

void Connection::Close() {
  ++life_;
  busy_ = false;
  reading_ = false;
  unwritten_ = {};
  error_code ignored;
  socket_.close(ignored);
}

void Connection::Send(std::string_view request_text, bool is_head) {
  busy_ = true;
  parser_.Reset(is_head);
  unwritten_ = request_text;
  Write();
}

void Connection::Write() {
  error_code error;
  while (!unwritten_.empty() && !error) {
    unwritten_.remove_prefix(
        socket_.write_some(asio::buffer(unwritten_.data(), unwritten_.size()), error));
  }
  if (error == asio::error::would_block) {
    socket_.async_wait(asio::socket_base::wait_write,
                       [this, life = life_](const error_code& wait_error) {
                         if (life == life_ && !wait_error) Write();
                       });
    return;
  }
  if (error) {
    // The pending read ends with the peer's close or reset, and is the one that tells.
    error_code ignored;
    socket_.shutdown(asio::socket_base::shutdown_both, ignored);
  }
}

// A read is always pending while the connection is open. The buffer is larger than a usual
// response, so that Asio sees a short read and spares the extra one that would only find nothing.
void Connection::StartRead() {
  reading_ = true;
  socket_.async_read_some(asio::buffer(buffer_),
                          [this, life = life_](const error_code& error, size_t bytes) {
                            if (life == life_) OnRead(error, bytes);
                          });
}

void Connection::OnRead(const error_code& error, size_t bytes) {
  reading_ = false;
  const uint64_t life = life_;
  if (error) {
    OnReadFailed(error);
  } else {
    OnBytes(std::string_view(buffer_.data(), bytes));
  }
  // An event may have closed the connection, or closed and opened it again.
  if (life == life_ && !reading_) StartRead();
}

void Connection::OnReadFailed(const error_code& error) {
  // A body that lasts until the close is complete with an orderly one, not with a reset.
  const bool orderly = error == asio::error::eof;
  if (busy_ && orderly && parser_.FinishOnClose() == http::ParseState::kComplete) {
    Answer(/*reusable=*/false);
  } else {
    BreakOff(Break::kReset);
  }
}

void Connection::OnBytes(std::string_view bytes) {
  if (!busy_) {
    // Nobody asked.
    BreakOff(Break::kProtocolError);
    return;
  }
  size_t consumed = 0;
  switch (parser_.Feed(bytes, &consumed)) {
    case http::ParseState::kNeedMore:
      return;
    case http::ParseState::kError:
      BreakOff(Break::kProtocolError);
      return;
    case http::ParseState::kComplete:
      // Bytes beyond the response, or a response before the request was out: the connection is out
      // of step and cannot be trusted with another request.
      Answer(parser_.keep_alive() && consumed == bytes.size() && unwritten_.empty());
      return;
  }
}

void Connection::Answer(bool reusable) {
  const Response response{parser_.status(), parser_.body_contained(), parser_.body_bytes(),
                          reusable};
  busy_ = false;
  if (!reusable) Close();
  events_->answered(*this, response);
}

void Connection::BreakOff(Break reason) {
  const bool busy = busy_;
  Close();
  events_->broken(*this, reason, busy);
}

}  // namespace drumline
