#include "target-services/oracle/answer_text.h"

#include "target-services/http_server/json_text.h"
#include "target-services/http_server/response_writer.h"
#include "target-services/metrics/prometheus_text.h"

namespace drumline::target {

std::string_view AnswerText::Compose(const Piece& piece, std::string_view date, bool close,
                                     std::string_view page, std::string& head) const {
  constexpr std::string_view kAllowed = "GET, HEAD";
  const bool head_only = piece.method == Method::kHead;
  ResponseTerms terms{date, head_only, close, piece.name_keep_alive};
  const std::string_view whole = body_;
  const size_t half = whole.size() / 2;
  switch (piece.kind) {
    case Piece::Kind::kContinue:
      head += "HTTP/1.1 100 Continue\r\n\r\n";
      return {};
    case Piece::Kind::kHealth:
      ResponseWriter(terms, head).Respond(200, kJsonContentType, R"({"status":"healthy"})");
      return {};
    case Piece::Kind::kMetrics:
      ResponseWriter(terms, head).Respond(200, kPrometheusContentType, page);
      return {};
    case Piece::Kind::kRefusal:
      ResponseWriter(terms, head)
          .RespondError(piece.status, piece.text, piece.status == 405 ? kAllowed : "");
      return {};
    case Piece::Kind::kSecond:
      return head_only ? "" : whole.substr(half);
    case Piece::Kind::kAnswer:
    case Piece::Kind::kFirst:
      break;
  }
  if (piece.fate == Fate::kError) {
    ResponseWriter(terms, head).RespondError(piece.status, "chosen by chance");
    return {};
  }
  terms.head_only = true;  // The body is sent from where it lies.
  ResponseWriter(terms, head).Respond(200, "text/plain", whole);
  if (head_only) return {};
  const bool is_half = piece.kind == Piece::Kind::kFirst || piece.fate == Fate::kTruncated;
  return is_half ? whole.substr(0, half) : whole;
}

}  // namespace drumline::target
