// Once warm, the parser allocates nothing: whole responses, responses cut in every line, and
// searches for a text. A binary of its own, because it replaces operator new.
#include <cstdint>
#include <cstdlib>
#include <new>
#include <string>
#include <string_view>

#include "agent/http/response_parser.h"
#include "gtest/gtest.h"

namespace {

// A test runs in one thread.
int64_t allocations = 0;

}  // namespace

// Not inlined: GCC would see malloc's memory meet delete, or new's meet free, and warn.
[[gnu::noinline]] void* operator new(size_t size) {
  ++allocations;
  void* memory = std::malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace drumline::http {
namespace {

void Parse(ResponseParser& parser, std::string_view response, size_t read_bytes) {
  parser.Reset(false);
  ParseState state = ParseState::kNeedMore;
  for (size_t at = 0; at < response.size(); at += read_bytes) {
    size_t consumed = 0;
    state = parser.Feed(response.substr(at, read_bytes), &consumed);
  }
  EXPECT_EQ(state, ParseState::kComplete) << parser.error();
}

TEST(ResponseParserAllocation, NoneOnceWarm) {
  const std::string sized =
      "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\n"
      "Connection: keep-alive, something-else-that-is-long\r\nContent-Length: 2048\r\n\r\n" +
      std::string(2048, 'x');
  const std::string chunked =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5;with=\"an extension of some length\"\r\nhello\r\n0\r\nTrailer: of some length too\r\n\r\n";
  ResponseParser parser{ResponseParser::Limits()};
  parser.ExpectInBody("a text that is longer than a short string holds");
  const int64_t before_any = allocations;
  Parse(parser, sized, 7);
  // The reader's own buffer: without it this test could not fail.
  EXPECT_GT(allocations, before_any);

  const int64_t before = allocations;
  for (const size_t read_bytes : {size_t{1}, size_t{7}, size_t{100}, size_t{1} << 20}) {
    Parse(parser, sized, read_bytes);
    Parse(parser, chunked, read_bytes);
  }
  EXPECT_EQ(allocations, before);
}

}  // namespace
}  // namespace drumline::http
