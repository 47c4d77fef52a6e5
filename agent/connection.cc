#include "agent/connection.h"

#include <array>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "agent/clock.h"

namespace drumline {

Connection::Connection(Engine* engine, const Events* events,
                       const http::ResponseParser::Limits& limits, http::KnownHead* known_head,
                       const boost::asio::ip::tcp::endpoint* target, const Expectation& expectation,
                       TlsContext* tls)
    : id_(engine->Add(this)),
      engine_(engine),
      events_(events),
      tls_(tls == nullptr ? nullptr : std::make_unique<TlsSession>(tls)),
      parser_(limits, known_head),
      target_(target) {
  parser_.ExpectInBody(expectation.body_contains);
}

int Connection::Open() {
  opening_ = {.begun_ns = MonotonicNowNs()};
  carried = 0;
  return engine_->Open(id_, *target_);
}

void Connection::Close() {
  busy_ = false;
  ++closes_;
  if (tls_ != nullptr) {
    tls_->End();
    // Goodbye is said where that costs nothing.
    if (opening_.secured_ns != 0) FlushTls();
    tls_->Sent();
    opening_.secured_ns = 0;
  }
  engine_->Close(id_);
  tls_sending_.clear();
}

void Connection::Send(std::string_view request_text, bool is_head, bool want_head, bool want_body) {
  busy_ = true;
  if (want_head || want_body) {
    kept_.want_head = want_head;
    kept_.want_body = want_body;
    parser_.Reset(is_head, &kept_);
  } else {
    parser_.Reset(is_head);
  }
  if (tls_ == nullptr) {
    engine_->Send(id_, request_text);
  } else {
    // A session that fails here tells of it by the answer that never comes: the connection's end.
    tls_->Write(request_text);
    FlushTls();
  }
}

void Connection::FlushTls() {
  if (tls_->to_send().empty() || engine_->Unsent(id_) > 0) return;
  tls_sending_.assign(tls_->to_send());
  tls_->Sent();
  engine_->Send(id_, tls_sending_);
}

void Connection::OnOpened() {
  opening_.connected_ns = MonotonicNowNs();
  if (tls_ == nullptr) {
    events_->opened(*this);
  } else {
    OnProgress(tls_->Begin());
  }
}

void Connection::OnProgress(TlsSession::Progress progress) {
  FlushTls();
  switch (progress) {
    case TlsSession::Progress::kGoesOn:
      return;
    case TlsSession::Progress::kFailed:
      FailOpening(absl::StrCat("TLS: ", tls_->failure()));
      return;
    case TlsSession::Progress::kEstablished:
      opening_.secured_ns = MonotonicNowNs();
      opening_.resumed = tls_->resumed();
      events_->opened(*this);
      return;
  }
}

void Connection::FailOpening(const std::string& reason) {
  Close();
  events_->open_failed(*this, reason);
}

void Connection::OnOpenFailed(int error) {
  events_->open_failed(*this, std::generic_category().message(error));
}

void Connection::OnEnd(int error) {
  if (tls_ != nullptr && !tls_->established()) {
    FailOpening(absl::StrCat("TLS: the target ended the connection in the handshake",
                             error == 0 ? "" : ": ",
                             error == 0 ? "" : std::generic_category().message(error)));
    return;
  }
  // Without a farewell nobody knows whether somebody else has cut the connection.
  TakeEnd(error == 0 && (tls_ == nullptr || tls_->closed()));
}

void Connection::TakeEnd(bool orderly) {
  // A body that lasts until the close is complete with an orderly one, not with a reset, and not
  // before the request was out.
  if (busy_ && orderly && engine_->Unsent(id_) == 0 &&
      parser_.FinishOnClose() == http::ParseState::kComplete) {
    Answer(/*reusable=*/false);
  } else {
    BreakOff(Break::kReset);
  }
}

void Connection::OnBytes(std::string_view bytes, int64_t received_ns) {
  if (tls_ == nullptr) {
    TakeBytes(bytes, received_ns);
  } else {
    OnCiphertext(bytes, received_ns);
  }
}

void Connection::OnCiphertext(std::string_view bytes, int64_t received_ns) {
  const uint32_t closes = closes_;
  const TlsSession::Progress progress = tls_->Receive(bytes);
  if (!tls_->established() || progress == TlsSession::Progress::kEstablished) OnProgress(progress);
  // A record's worth at a time.
  std::array<char, size_t{16} * 1024> plain;
  while (closes_ == closes && tls_->established()) {
    const size_t got = tls_->Read(plain);
    if (got == 0) break;
    TakeBytes({plain.data(), got}, received_ns);
  }
  if (closes_ != closes || !tls_->established()) return;
  FlushTls();
  if (tls_->failed()) {
    BreakOff(Break::kProtocolError);
  } else if (tls_->closed()) {
    TakeEnd(/*orderly=*/true);
  }
}

void Connection::TakeBytes(std::string_view bytes, int64_t received_ns) {
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
  const Response response{parser_.status(),
                          parser_.body_contained(),
                          parser_.body_bytes(),
                          received_ns_,
                          reusable,
                          &kept_};
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
