// Fuzzes the request parser. Besides not crashing, it must come to the same outcome whether a
// stream arrives in one piece or in two. The first two bytes of the input say where it is cut, the
// rest is the stream.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "tests/unit/target_services/parse_stream.h"

using drumline::target::ParseByteByByte;
using drumline::target::ParsedStream;
using drumline::target::ParseStream;
using drumline::target::RequestLimits;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  if (size < 2) return 0;
  const std::string_view stream(reinterpret_cast<const char*>(bytes) + 2, size - 2);
  const size_t cut = (static_cast<size_t>(bytes[0]) << 8 | bytes[1]) % (stream.size() + 1);
  RequestLimits limits;  // Small enough that a fuzzer reaches each of them.
  limits.max_request_line_bytes = 64;
  limits.max_head_bytes = 256;
  limits.max_fields = 6;
  limits.max_body_bytes = 64;
  limits.max_chunk_line_bytes = 32;
  limits.max_chunk_framing_bytes = 96;
  const ParsedStream whole = ParseStream(stream, {}, limits);
  if (ParseStream(stream, {cut}, limits) != whole) std::abort();
  if (stream.size() <= 512 && ParseByteByByte(stream, limits) != whole) std::abort();
  return 0;
}
