// TlsSession: one connection's TLS, between what the engine moves and what HTTP is made of. It has
// no socket: ciphertext goes in and comes out as bytes, so that it is the same behind each engine.
//
//     TlsSession tls(&context);
//     tls.Begin();                          // to_send() holds the first flight
//     switch (tls.Receive(bytes)) { … }     // what the peer sent
//     tls.Read(&buffer)                     // plaintext, as long as there is some
//     tls.Write(request_text);              // to_send() holds it enciphered
//     tls.Sent();                           // to_send() was given to the engine
//     tls.End();                            // to_send() holds the farewell; then Begin anew
//
// to_send() keeps its memory from one use to the next. Used from the worker's thread; the context
// outlives it.
#ifndef AGENT_TLS_TLS_SESSION_H_
#define AGENT_TLS_TLS_SESSION_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "link/tls_context.h"

namespace drumline {

class TlsSession {
 public:
  enum class Progress {
    kGoesOn,       // more is needed
    kEstablished,  // the handshake is over just now
    kFailed,       // for good; failure() says why
  };

  explicit TlsSession(TlsContext* context) : context_(context) {}
  ~TlsSession() { Free(); }
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  Progress Begin();
  Progress Receive(std::string_view ciphertext);
  // Up to the buffer's size, after the handshake. 0 if there is none yet, or never any more:
  // closed() or failed() tell.
  size_t Read(std::span<char> buffer);
  // Whole, after the handshake. False if the session has failed.
  bool Write(std::string_view plaintext);
  // Says goodbye, if the handshake was over, and forgets the connection.
  void End();

  std::string_view to_send() const { return out_; }
  void Sent() { out_.clear(); }
  bool established() const { return established_; }
  bool resumed() const { return resumed_; }
  // The peer has said that nothing follows.
  bool closed() const { return closed_; }
  bool failed() const { return failed_; }
  // "its certificate: self-signed certificate".
  const std::string& failure() const { return failure_; }

 private:
  Progress Shake();
  void Fail(int result);
  // What OpenSSL has enciphered, to the end of to_send().
  void TakeOutput();
  void Free();

  TlsContext* const context_;
  SSL* ssl_ = nullptr;
  // ssl_'s own.
  BIO* in_ = nullptr;
  BIO* out_bio_ = nullptr;
  std::string out_;
  std::string failure_;
  bool established_ = false;
  bool resumed_ = false;
  bool closed_ = false;
  bool failed_ = false;
};

}  // namespace drumline

#endif  // AGENT_TLS_TLS_SESSION_H_
