// Runs a byte stream through the request parser, cut into pieces in a chosen way, and writes down
// all that came of it, so that two ways of cutting can be compared.
//
//   EXPECT_EQ(ParseStream(bytes, {}), ParseStream(bytes, {3, 17}));
//
// Each piece comes in a heap block of exactly its size, so that a sanitizer sees any read beyond it
// and any view kept across a move of the buffer.
#ifndef TESTS_UNIT_TARGET_SERVICES_PARSE_STREAM_H_
#define TESTS_UNIT_TARGET_SERVICES_PARSE_STREAM_H_

#include <cstddef>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "target-services/http_server/request_parser.h"

namespace drumline::target {

struct ParsedStream {
  std::vector<std::string> requests;  // Each with all that a service can see.
  Refusal refusal = Refusal::kNone;
  size_t left_over = 0;  // Bytes of the stream behind the last complete request.

  bool operator==(const ParsedStream&) const = default;
};

inline std::string Describe(const char* bytes, const RequestParser& parser) {
  const Request request = parser.request(bytes);
  std::string text(MethodName(request.method()));
  text.append(" ").append(request.path()).append(" ?").append(request.query());
  text.append(" 1.").append(std::to_string(request.minor_version()));
  text.append(request.keep_alive() ? " keep" : " close");
  for (const FieldRange& field : parser.head().fields) {
    text.append(" [").append(field.name.In(bytes)).append("=");
    text.append(field.value.In(bytes)).append("]");
  }
  return text.append(" {").append(request.body()).append("}");
}

class StreamFeeder {
 public:
  explicit StreamFeeder(const RequestLimits& limits) : parser_(limits) {}

  void Feed(std::string_view piece) {
    auto grown = std::make_unique_for_overwrite<char[]>(size_ + piece.size());
    if (size_ > 0) std::memcpy(grown.get(), bytes_.get(), size_);
    if (!piece.empty()) std::memcpy(grown.get() + size_, piece.data(), piece.size());
    bytes_ = std::move(grown);
    size_ += piece.size();
    received_ += piece.size();
    TakeRequests();
  }

  ParsedStream Finish() {
    parsed_.left_over = received_ - used_;
    return parsed_;
  }

 private:
  void TakeRequests() {
    while (parsed_.refusal == Refusal::kNone && size_ > 0) {
      const ParseState state = parser_.Advance(bytes_.get(), size_);
      if (state == ParseState::kNeedMore) return;
      if (state == ParseState::kRefused) {
        parsed_.refusal = parser_.refusal();
        return;
      }
      parsed_.requests.push_back(Describe(bytes_.get(), parser_));
      Drop(parser_.consumed());
      parser_.Reset();
    }
  }

  void Drop(size_t count) {
    used_ += count;
    size_ -= count;
    auto rest = std::make_unique_for_overwrite<char[]>(size_);
    if (size_ > 0) std::memcpy(rest.get(), bytes_.get() + count, size_);
    bytes_ = std::move(rest);
  }

  RequestParser parser_;
  ParsedStream parsed_;
  std::unique_ptr<char[]> bytes_;
  size_t size_ = 0;
  size_t received_ = 0;
  size_t used_ = 0;
};

// `cuts` are ascending offsets at which a new piece begins.
inline ParsedStream ParseStream(std::string_view stream, const std::vector<size_t>& cuts,
                                const RequestLimits& limits = {}) {
  StreamFeeder feeder(limits);
  size_t begin = 0;
  for (size_t cut : cuts) {
    feeder.Feed(stream.substr(begin, cut - begin));
    begin = cut;
  }
  feeder.Feed(stream.substr(begin));
  return feeder.Finish();
}

inline ParsedStream ParseByteByByte(std::string_view stream, const RequestLimits& limits = {}) {
  StreamFeeder feeder(limits);
  for (size_t i = 0; i < stream.size(); ++i) feeder.Feed(stream.substr(i, 1));
  return feeder.Finish();
}

}  // namespace drumline::target

#endif  // TESTS_UNIT_TARGET_SERVICES_PARSE_STREAM_H_
