// A piece of an answer: what one connection is sent at one instant.
#ifndef TARGET_SERVICES_ORACLE_PIECE_H_
#define TARGET_SERVICES_ORACLE_PIECE_H_

#include <cstdint>
#include <string_view>

#include "target-services/http_server/request.h"
#include "target-services/oracle/fate_law.h"

namespace drumline::target {

struct Piece {
  enum class Kind : uint8_t {
    kAnswer,  // To a request that has a number: all of it, or as far as its fate allows.
    kFirst,   // The head and half of the body of one that is sent slowly.
    kSecond,  // The other half.
    kMetrics,
    kHealth,
    kRefusal,   // Of a request that the parser or the oracle does not take.
    kContinue,  // 100 Continue.
  };

  uint64_t connection = 0;  // As ConnectionTable names it.
  Kind kind = Kind::kAnswer;
  Fate fate = Fate::kOk;
  Method method = Method::kOther;
  bool close = false;            // The connection ends behind it.
  bool name_keep_alive = false;  // HTTP/1.0 clients need to be told.
  int status = 200;
  std::string_view text;   // A refusal's, of static storage.
  int64_t arrived_ns = 0;  // The request's last byte.
  int64_t delay_ns = 0;    // What was drawn for the request.
  int64_t due_ns = 0;      // When the piece is to be sent.

  bool numbered() const { return kind <= Kind::kSecond; }
  // With this piece the request is answered.
  bool last() const { return kind != Kind::kFirst && kind != Kind::kContinue; }
};

}  // namespace drumline::target

#endif  // TARGET_SERVICES_ORACLE_PIECE_H_
