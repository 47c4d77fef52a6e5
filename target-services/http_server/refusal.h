// Why a request was refused by the parser, and what HTTP has the server answer to it.
//
//   writer.Respond(RefusalStatus(refusal), kJson, ErrorBody(RefusalText(refusal)));
//
// After a refusal the bytes that follow cannot be trusted to begin a request, so the connection is
// always closed behind the answer.
#ifndef TARGET_SERVICES_HTTP_SERVER_REFUSAL_H_
#define TARGET_SERVICES_HTTP_SERVER_REFUSAL_H_

#include <cstdint>
#include <string_view>

namespace drumline::target {

enum class Refusal : uint8_t {
  kNone,
  kBadRequestLine,
  kBadTarget,
  kTargetTooLong,
  kUnsupportedVersion,
  kBareLineFeed,
  kBadField,
  kFoldedField,
  kHeadTooLarge,
  kTooManyFields,
  kMissingHost,
  kBadHost,
  kBadContentLength,
  kConflictingLengths,
  kLengthAndEncoding,
  kUnsupportedEncoding,
  kBadEncoding,
  kUnknownExpectation,
  kBodyTooLarge,
  kBadChunk,
  kChunkFramingTooLarge,
};

// The status code of the answer: 400, 413, 414, 417, 431, 501 or 505.
int RefusalStatus(Refusal refusal);
// What was wrong and what was expected, in words for the client's developer.
std::string_view RefusalText(Refusal refusal);

}  // namespace drumline::target

#endif  // TARGET_SERVICES_HTTP_SERVER_REFUSAL_H_
