// The two readers of echo requests against each other: whatever the body, the same answer or the
// same refusal, byte for byte.
#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <string>
#include <vector>

#include "target-services/echo/echo_answer.h"
#include "target-services/echo/echo_request.h"
#include "target-services/echo_dom/dom_request.h"
#include "tests/unit/target_services/random_echo_body.h"

namespace drumline::target {
namespace {

constexpr std::chrono::microseconds kNow(1'700'000'000'000'042);

std::string OnDemand(EchoRequestReader& reader, const std::string& body) {
  const absl::StatusOr<EchoRequest> request = reader.Read(body);
  if (!request.ok()) return "refused: " + std::string(request.status().message());
  std::string answer;
  AppendEchoAnswer(*request, kNow, answer);
  return answer;
}

std::string ByTree(const std::string& body) {
  const absl::StatusOr<DomRequest> request = DomRequest::Read(body);
  if (!request.ok()) return "refused: " + std::string(request.status().message());
  std::string answer;
  AppendEchoAnswer(request->fields(), kNow, answer);
  return answer;
}

TEST(EchoReadersTest, AgreeOnEdgeCases) {
  const std::string rest = R"(,"user_agent":"a","metadata":[]})";
  std::vector<std::string> bodies = {
      "",
      " ",
      "{}",
      "[]",
      "null",
      "0",
      "\"x\"",
      "{",
      "}",
      std::string(1, '\0'),
      "\xef\xbb\xbf{}",
      R"({"id":1,"user_agent":"a","metadata":[],})",
      R"({"id":1,"user_agent":"\ud800","metadata":[]})",
      R"({"id":1,"user_agent":"\udc00","metadata":[]})",
      R"({"id":1,"user_agent":"\u0000","metadata":["\u0000"]})",
      R"({"id":1,"id":1,"user_agent":7)" + rest.substr(18),
      R"({"id":"x","id":1)" + rest,
      R"({"id":1,"id":"x")" + rest,
  };
  for (const char* number :
       {"-0", "0", "-1", "1.0", "1e0", "18446744073709551615", "18446744073709551616", "01", "1.",
        "1e400", "1e-400", "-9223372036854775808", "-9223372036854775809", "1e99999999999", "0e999",
        "-0.0e999999999", "0e9999999999", "1e-9999999999"}) {
    bodies.push_back("{\"id\":" + std::string(number) + rest);
    bodies.push_back("{\"x\":" + std::string(number) + ",\"id\":7" + rest);
    bodies.push_back("{\"x\":[" + std::string(number) + "],\"id\":7" + rest);
  }
  for (size_t depth = 60; depth < 70; ++depth) {
    for (const char* inner : {"", "1", "\"a\"", "{}", "null"}) {
      const std::string nest = std::string(depth, '[') + inner + std::string(depth, ']');
      bodies.push_back("{\"x\":" + nest + ",\"id\":1" + rest);
      bodies.push_back(R"({"id":1,"user_agent":"a","metadata":)" + nest + "}");
    }
  }
  bodies.push_back("{\"id\":1" + rest + std::string(300, ' '));
  bodies.push_back(std::string(1 << 16, '['));
  bodies.push_back("{\"x\":" + std::string(1 << 16, '{') + ",\"id\":1" + rest);
  EchoRequestReader reader;
  for (const std::string& body : bodies) EXPECT_EQ(OnDemand(reader, body), ByTree(body)) << body;
}

TEST(EchoReadersTest, AgreeOnRandomBodies) {
  constexpr int kBodies = 200'000;
  std::mt19937_64 random(20'240'301);
  EchoRequestReader reader;
  int taken = 0;
  int no_json = 0;
  for (int i = 0; i < kBodies; ++i) {
    const std::string body = RandomEchoBody(random);
    const std::string answer = OnDemand(reader, body);
    ASSERT_EQ(answer, ByTree(body)) << "body " << i << ": " << body;
    taken += answer.front() == '{' ? 1 : 0;
    no_json += answer.rfind("refused: body", 0) == 0 ? 1 : 0;
  }
  // Enough of each kind that the agreement says something.
  EXPECT_GT(taken, kBodies / 4);
  EXPECT_GT(no_json, kBodies / 10);
  EXPECT_GT(kBodies - taken - no_json, kBodies / 20);
}

}  // namespace
}  // namespace drumline::target
