// The echo service's JSON against Boost.JSON, a second implementation of the same format.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "target-services/echo/echo_answer.h"
#include "target-services/echo/echo_request.h"
#include "target-services/http_server/json_text.h"

namespace drumline::target {
namespace {

namespace json = boost::json;
using std::chrono::microseconds;

std::string ErrorOf(const std::string& body) {
  EchoRequestReader reader;
  const absl::StatusOr<EchoRequest> request = reader.Read(body);
  return request.ok() ? "no error" : std::string(request.status().message());
}

std::string AnswerTo(EchoRequestReader& reader, const std::string& body) {
  const absl::StatusOr<EchoRequest> request = reader.Read(body);
  if (!request.ok()) return std::string(request.status().message());
  std::string answer;
  AppendEchoAnswer(*request, microseconds(1'700'000'000'000'042), answer);
  return answer;
}

TEST(EchoAnswerTest, IsWrittenAsDocumented) {
  EchoRequestReader reader;
  EXPECT_EQ(AnswerTo(reader, R"( {"metadata": ["b"], "user_agent": "a", "id": 7} )"),
            R"({"id":7,"user_agent":"a","metadata":["b"],"server_timestamp":1700000000.000042,)"
            R"("processed_by":"drumline-echo/1.0",)"
            R"("request":{"id":7,"user_agent":"a","metadata":["b"]}})");
}

TEST(EchoAnswerTest, KeepsTheLargestIdAndEveryKindOfText) {
  EchoRequestReader reader;
  const std::string answer =
      AnswerTo(reader, R"({"id":18446744073709551615,"user_agent":"\u0000\u001f\"\\\/\b\f\n\r\t",)"
                       R"("metadata":["\u00e9\u20ac\ud83e\udd41","é€🥁",""]})");
  const json::value read = json::parse(answer);
  EXPECT_EQ(read.at("id").as_uint64(), 18446744073709551615U);
  EXPECT_EQ(read.at("user_agent").as_string(), json::string_view("\0\x1f\"\\/\b\f\n\r\t", 10));
  EXPECT_EQ(read.at("metadata"), json::value({"é€🥁", "é€🥁", ""}));
  EXPECT_EQ(read.at("request").at("user_agent"), read.at("user_agent"));
}

TEST(EchoAnswerTest, IsAboutTwiceAKilobyte) {
  for (size_t entries : {0U, 1U, 10U, 60U}) {
    json::array metadata(entries, json::value("0123456789"));
    json::object request{{"id", 1}, {"user_agent", ""}, {"metadata", metadata}};
    const size_t without_agent = json::serialize(request).size();
    request["user_agent"] = std::string(1'024 - without_agent, 'a');
    EchoRequestReader reader;
    const size_t size = AnswerTo(reader, json::serialize(request)).size();
    EXPECT_GE(size, 2'048U);
    EXPECT_LE(size, 2'200U);
  }
}

// Text that favours what must be escaped, as UTF-8.
std::string RandomText(std::mt19937_64& random) {
  constexpr const char* kPieces[] = {"\"",   "\\", "\n", "\x01", "\x1f",
                                     "\x7f", "é",  "€",  "🥁", "/"};
  std::string text;
  const size_t length = random() % 40;
  for (size_t i = 0; i < length; ++i) {
    if (random() % 3 == 0) {
      text += kPieces[random() % std::size(kPieces)];
    } else {
      text += static_cast<char>(' ' + random() % 94);
    }
  }
  if (random() % 4 == 0) text += '\0';
  return text;
}

TEST(EchoCodecTest, AgreesWithASecondImplementation) {
  std::mt19937_64 random(20'240'229);
  EchoRequestReader
      reader;  // One for all, as in the service: nothing may leak from the one before.
  for (int round = 0; round < 2'000; ++round) {
    json::array metadata;
    for (size_t i = random() % 8; i > 0; --i) metadata.emplace_back(RandomText(random));
    const json::object request{{"id", random()},
                               {"unknown", {{"deep", {1, 2.5, true, nullptr, RandomText(random)}}}},
                               {"user_agent", RandomText(random)},
                               {"metadata", metadata}};
    const std::string answer = AnswerTo(reader, json::serialize(request));
    boost::system::error_code error;
    const json::value read = json::parse(answer, error);
    ASSERT_FALSE(error) << answer;
    for (const char* field : {"id", "user_agent", "metadata"}) {
      ASSERT_EQ(read.at(field), request.at(field)) << field << " in " << answer;
      ASSERT_EQ(read.at("request").at(field), request.at(field)) << field << " in " << answer;
    }
  }
}

TEST(JsonTextTest, EscapesEveryByteAtEveryOffset) {
  for (int byte = 0; byte < 0x80; ++byte) {
    for (size_t offset = 0; offset < 18; ++offset) {
      std::string text(20, 'a');
      text[offset] = static_cast<char>(byte);
      std::string literal;
      AppendJsonString(text, literal);
      ASSERT_EQ(json::parse(literal).as_string(), text) << "byte " << byte << " at " << offset;
    }
  }
}

struct BadBody {
  std::string body;
  std::string error_begins;
};

TEST(EchoRequestTest, RefusalsNameTheFieldAndTheExpectation) {
  const std::string rest = R"("user_agent":"a","metadata":[]})";
  const std::string id = "id: expected an unsigned 64-bit integer";
  const std::string body = "body: expected one JSON object";
  const std::vector<BadBody> bodies = {
      {"{" + rest, id + ", but it is missing"},
      {R"({"id":1,"metadata":[]})", "user_agent: expected a string, but it is missing"},
      {R"({"id":1,"user_agent":"a"})", "metadata: expected an array of strings, but it is missing"},
      {R"({"id":"1",)" + rest, id},
      {R"({"id":-1,)" + rest, id},
      {R"({"id":-0,)" + rest, id},
      {R"({"id":1.0,)" + rest, id},
      {R"({"id":1e3,)" + rest, id},
      {R"({"id":null,)" + rest, id},
      {R"({"id":1,"id":1,)" + rest, "id: expected to be given once"},
      {R"({"id":1,"user_agent":7,"metadata":[]})", "user_agent: expected a string"},
      {R"({"id":1,"user_agent":"a","metadata":{}})", "metadata: expected an array of strings"},
      {R"({"id":1,"user_agent":"a","metadata":["a",2]})", "metadata[1]: expected a string"},
      // The first fault in the body's own order, but only if all of it is JSON.
      {R"({"metadata":[1],"user_agent":7,"id":"x"})", "metadata[0]: expected a string"},
      {R"({"metadata":[1],"user_agent":7,"id":x})", body},
      {R"({"id":01,)" + rest, body},
      {R"({"id":18446744073709551616,)" + rest, body},
      {R"({"id":1,"user_agent":"\ud800","metadata":[]})", body},
      {R"({"id":1,"x":tru,)" + rest, body},
      {R"({"id":1,"x":nul,)" + rest, body},
      {R"({"id":1,"x":1.,)" + rest, body},
      {R"({"id":1,"x":"\q",)" + rest, body},
      {R"({"id":1,"x":)" + std::string(66, '[') + std::string(66, ']') + "," + rest, body},
      {R"({"id":1,)" + rest + "{}", body},
      {R"({"id":1,)" + rest + " x", body},
      {R"({"id":1,"user_agent":"a","metadata":[],})", body},
      {R"({"id":1 "user_agent":"a","metadata":[]})", body},
      {"{\"id\":1,\"user_agent\":\"\xff\",\"metadata\":[]}", body},
      {"{\"id\":1,\"user_agent\":\"\n\",\"metadata\":[]}", body},
      {"", body},
      {"[]", body},
      {"{", body},
      {"null", body},
  };
  for (const BadBody& bad : bodies) {
    const std::string error = ErrorOf(bad.body);
    EXPECT_EQ(error.substr(0, bad.error_begins.size()), bad.error_begins) << bad.body;
  }
}

TEST(EchoRequestTest, EscapedKeysAndUnknownFieldsAreRead) {
  EXPECT_EQ(ErrorOf(R"({"\u0069d":1,"x":[{"y":[null,false,-1.5e3,"z"]}],)"
                    R"("user_agent":"a","metadata":["b"]})"),
            "no error");
}

// Every proper prefix of a request is no request, wherever it ends.
TEST(EchoRequestTest, NoPrefixIsTaken) {
  const std::string body = R"({"id":12,"user_agent":"a\nb","metadata":["c","d"],"x":{"y":[1]}})";
  EXPECT_EQ(ErrorOf(body), "no error");
  for (size_t size = 0; size < body.size(); ++size) {
    EXPECT_NE(ErrorOf(body.substr(0, size)), "no error") << body.substr(0, size);
  }
}

}  // namespace
}  // namespace drumline::target
