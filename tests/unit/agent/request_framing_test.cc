#include "agent/null_service/request_framing.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace drumline {
namespace {

std::string Post(size_t body_bytes, const std::string& length_name = "Content-Length") {
  // The body looks like heads, so that a reader that loses count goes astray.
  std::string body;
  while (body.size() < body_bytes) body += "GET / HTTP/1.1\r\n\r\n";
  body.resize(body_bytes);
  return "POST / HTTP/1.1\r\nHost: x\r\n" + length_name + ": " + std::to_string(body_bytes) +
         "\r\n\r\n" + body;
}

// However a stream is cut, the same requests are in it, each complete with its last byte.
TEST(RequestFraming, CountsTheSameHoweverTheStreamIsCut) {
  std::mt19937 random(1);
  for (int round = 0; round < 300; ++round) {
    std::string stream;
    std::vector<size_t> ends;
    for (int i = 0; i < 20; ++i) {
      switch (random() % 4) {
        case 0:
          stream += "GET /path HTTP/1.1\r\nHost: x\r\n\r\n";
          break;
        case 1:
          stream += Post(random() % 100);
          break;
        case 2:
          stream += Post(random() % 3, "content-length");
          break;
        default:
          stream += Post(64);
      }
      ends.push_back(stream.size());
    }
    RequestFraming framing;
    size_t complete = 0;
    for (size_t at = 0; at < stream.size();) {
      const size_t size =
          std::min<size_t>(1 + random() % (round % 2 ? 300 : 5), stream.size() - at);
      const std::optional<int> more = framing.Take(std::string_view(stream).substr(at, size));
      ASSERT_TRUE(more.has_value());
      at += size;
      complete += *more;
      const size_t expected = std::upper_bound(ends.begin(), ends.end(), at) - ends.begin();
      ASSERT_EQ(complete, expected) << "round " << round << " byte " << at;
    }
  }
}

TEST(RequestFraming, RefusesLengthsThatAreNone) {
  for (const char* length : {"", "x", "-1", "3x", "99999999999999999999", "9999999999999"}) {
    RequestFraming framing;
    EXPECT_FALSE(
        framing.Take("POST / HTTP/1.1\r\nContent-Length: " + std::string(length) + "\r\n\r\nabc"))
        << length;
  }
}

TEST(RequestFraming, RefusesAHeadWithoutEnd) {
  RequestFraming framing;
  const std::string line = "X-Long: " + std::string(1000, 'x') + "\r\n";
  size_t taken = 0;
  while (framing.Take(line)) {
    taken += line.size();
    ASSERT_LE(taken, kMaxHeadBytes);
  }
  EXPECT_GT(taken + line.size(), kMaxHeadBytes);
}

}  // namespace
}  // namespace drumline
