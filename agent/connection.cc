#include "agent/connection.h"

namespace drumline {

Connection::Connection(Engine* engine, const Events* events,
                       const http::ResponseParser::Limits& limits, http::KnownHead* known_head,
                       const boost::asio::ip::tcp::endpoint* target, const Expectation& expectation)
    : engine_(engine),
      events_(events),
      target_(target),
      id_(engine->Add(this)),
      parser_(limits, known_head) {
  parser_.ExpectInBody(expectation.body_contains);
}

int Connection::Open() { return engine_->Open(id_, *target_); }

void Connection::Close() {
  busy_ = false;
  engine_->Close(id_);
}

void Connection::Send(std::string_view request_text, bool is_head) {
  busy_ = true;
  parser_.Reset(is_head);
  engine_->Send(id_, request_text);
}

void Connection::OnOpened() { events_->opened(*this); }

void Connection::OnOpenFailed(int error) { events_->open_failed(*this, error); }

void Connection::OnEnd(int error) {
  // A body that lasts until the close is complete with an orderly one, not with a reset, and not
  // before the request was out.
  if (busy_ && error == 0 && engine_->Unsent(id_) == 0 &&
      parser_.FinishOnClose() == http::ParseState::kComplete) {
    Answer(/*reusable=*/false);
  } else {
    BreakOff(Break::kReset);
  }
}

void Connection::OnBytes(std::string_view bytes, int64_t received_ns) {
  if (!busy_) {
    // Nobody asked.
    BreakOff(Break::kProtocolError);
    return;
  }
  received_ns_ = received_ns;
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
      Answer(parser_.keep_alive() && consumed == bytes.size() && engine_->Unsent(id_) == 0);
      return;
  }
}

void Connection::Answer(bool reusable) {
  const Response response{parser_.status(), parser_.body_contained(), parser_.body_bytes(),
                          received_ns_, reusable};
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
