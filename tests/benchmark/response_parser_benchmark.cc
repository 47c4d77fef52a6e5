// What a response costs the parser: the typical one in a single read, with and without a text that
// the body must contain, in small reads, and chunked.
#include <cstddef>
#include <string>
#include <string_view>

#include "agent/http/response_parser.h"
#include "benchmark/benchmark.h"

namespace drumline::http {
namespace {

std::string TypicalResponse() {
  return "HTTP/1.1 200 OK\r\n"
         "Content-Type: application/json\r\n"
         "Date: Mon, 01 Jan 2024 00:00:00 GMT\r\n"
         "Server: echo\r\n"
         "Content-Length: 2048\r\n\r\n" +
         std::string(2048, 'x');
}

std::string ChunkedResponse() {
  std::string text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 4; ++i) text += "200\r\n" + std::string(512, 'x') + "\r\n";
  return text + "0\r\n\r\n";
}

// Feeds [response] again and again, in reads of [read_bytes].
void Parse(benchmark::State& state, std::string_view response, std::string_view needle,
           size_t read_bytes) {
  ResponseParser parser{ResponseParser::Limits()};
  parser.ExpectInBody(needle);
  for (auto _ : state) {
    parser.Reset(false);
    ParseState result = ParseState::kNeedMore;
    for (size_t at = 0; at < response.size(); at += read_bytes) {
      size_t consumed = 0;
      result = parser.Feed(response.substr(at, read_bytes), &consumed);
      benchmark::DoNotOptimize(consumed);
    }
    if (result != ParseState::kComplete) state.SkipWithError("the response is not complete");
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * response.size()));
}

void BM_Typical(benchmark::State& state) { Parse(state, TypicalResponse(), "", 1 << 20); }
BENCHMARK(BM_Typical);

void BM_TypicalWithNeedleNotThere(benchmark::State& state) {
  Parse(state, TypicalResponse(), "\"ok\":true", 1 << 20);
}
BENCHMARK(BM_TypicalWithNeedleNotThere);

void BM_TypicalInSmallReads(benchmark::State& state) { Parse(state, TypicalResponse(), "", 70); }
BENCHMARK(BM_TypicalInSmallReads);

void BM_Chunked(benchmark::State& state) { Parse(state, ChunkedResponse(), "", 1 << 20); }
BENCHMARK(BM_Chunked);

}  // namespace
}  // namespace drumline::http
