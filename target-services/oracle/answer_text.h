// The bytes of each piece of an answer.
//
//   AnswerText text(config);
//   std::string head;
//   std::string_view body = text.Compose(piece, date, /*close=*/false, head);
//
// Ownership: owns the body that all answers share; views of it are valid as long as it lives.
// One thread.
#ifndef TARGET_SERVICES_ORACLE_ANSWER_TEXT_H_
#define TARGET_SERVICES_ORACLE_ANSWER_TEXT_H_

#include <string>
#include <string_view>

#include "target-services/oracle/oracle_config.h"
#include "target-services/oracle/piece.h"

namespace drumline::target {

class AnswerText {
 public:
  explicit AnswerText(const OracleConfig& config) : body_(config.response_bytes, 'x') {}

  // Appends to `head` what precedes the shared body, and returns the part of that which follows;
  // for kMetrics, `page` is the body. Not for a piece whose fate is a reset.
  std::string_view Compose(const Piece& piece, std::string_view date, bool close,
                           std::string_view page, std::string& head) const;

 private:
  const std::string body_;
};

}  // namespace drumline::target

#endif  // TARGET_SERVICES_ORACLE_ANSWER_TEXT_H_
