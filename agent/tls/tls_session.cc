#include "agent/tls/tls_session.h"

#include <openssl/bio.h>
#include <openssl/err.h>

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace drumline {

TlsSession::Progress TlsSession::Begin() {
  Free();
  ssl_ = context_->NewConnection();
  in_ = BIO_new(BIO_s_mem());
  out_bio_ = BIO_new(BIO_s_mem());
  if (ssl_ == nullptr || in_ == nullptr || out_bio_ == nullptr) {
    BIO_free(in_);
    BIO_free(out_bio_);
    failed_ = true;
    failure_ = "no memory";
    return Progress::kFailed;
  }
  // An empty one has nothing yet: it is not at its end.
  BIO_set_mem_eof_return(in_, -1);
  SSL_set_bio(ssl_, in_, out_bio_);
  SSL_set_connect_state(ssl_);
  return Shake();
}

TlsSession::Progress TlsSession::Shake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_);
  Progress progress = Progress::kGoesOn;
  if (result == 1) {
    established_ = true;
    resumed_ = SSL_session_reused(ssl_) == 1;
    progress = Progress::kEstablished;
  } else if (SSL_get_error(ssl_, result) != SSL_ERROR_WANT_READ) {
    Fail(result);
    progress = Progress::kFailed;
  }
  // The alert of a failure, too.
  TakeOutput();
  return progress;
}

void TlsSession::Fail(int result) {
  failed_ = true;
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  failure_ = established_ ? "" : TlsContext::Distrust(ssl_);
  if (failure_.empty()) {
    failure_ = reason != nullptr ? reason : absl::StrCat("error ", SSL_get_error(ssl_, result));
  }
  ERR_clear_error();
}

TlsSession::Progress TlsSession::Receive(std::string_view ciphertext) {
  if (failed_ || BIO_write(in_, ciphertext.data(), static_cast<int>(ciphertext.size())) !=
                     static_cast<int>(ciphertext.size())) {
    failed_ = true;
    return Progress::kFailed;
  }
  return established_ ? Progress::kGoesOn : Shake();
}

size_t TlsSession::Read(std::span<char> buffer) {
  if (failed_ || closed_ || !established_) return 0;
  ERR_clear_error();
  size_t got = 0;
  const int result = SSL_read_ex(ssl_, buffer.data(), buffer.size(), &got);
  // An answer to a key update may have been made.
  TakeOutput();
  if (result == 1) return got;
  const int error = SSL_get_error(ssl_, result);
  if (error == SSL_ERROR_ZERO_RETURN) {
    closed_ = true;
  } else if (error != SSL_ERROR_WANT_READ) {
    Fail(result);
  }
  return 0;
}

bool TlsSession::Write(std::string_view plaintext) {
  if (failed_ || !established_) return false;
  ERR_clear_error();
  size_t written = 0;
  const int result =
      plaintext.empty() ? 1 : SSL_write_ex(ssl_, plaintext.data(), plaintext.size(), &written);
  // Into memory all of it goes at once.
  if (result != 1) Fail(result);
  TakeOutput();
  return result == 1;
}

void TlsSession::End() {
  if (ssl_ == nullptr) return;
  if (established_ && !failed_) {
    ERR_clear_error();
    context_->KeepSession(ssl_);
    SSL_shutdown(ssl_);
    TakeOutput();
  }
  // OpenSSL would not resume the session of a connection that it takes for broken.
  if (!failed_) SSL_set_shutdown(ssl_, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  SSL_free(ssl_);
  ssl_ = nullptr;
}

void TlsSession::TakeOutput() {
  const size_t pending = BIO_ctrl_pending(out_bio_);
  if (pending == 0) return;
  const size_t before = out_.size();
  out_.resize(before + pending);
  const int taken = BIO_read(out_bio_, out_.data() + before, static_cast<int>(pending));
  out_.resize(before + static_cast<size_t>(std::max(taken, 0)));
}

void TlsSession::Free() {
  SSL_free(ssl_);
  ssl_ = nullptr;
  out_.clear();
  failure_.clear();
  established_ = resumed_ = closed_ = failed_ = false;
}

}  // namespace drumline
