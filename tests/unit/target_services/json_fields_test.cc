// The reader of named fields against Boost.JSON, and the grammar of numbers.
#include "target-services/service/json_fields.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cmath>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "target-services/echo_dom/dom_request.h"
#include "target-services/service/json_number.h"
#include "tests/unit/target_services/random_echo_body.h"

namespace drumline::target {
namespace {

namespace json = boost::json;

constexpr std::string_view kNames[] = {"id", "user_agent", "metadata", "x"};

JsonKind KindOf(json::kind kind) {
  switch (kind) {
    case json::kind::null:
      return JsonKind::kNull;
    case json::kind::bool_:
      return JsonKind::kBool;
    case json::kind::string:
      return JsonKind::kString;
    case json::kind::array:
      return JsonKind::kArray;
    case json::kind::object:
      return JsonKind::kObject;
    default:
      return JsonKind::kNumber;
  }
}

TEST(JsonFieldsTest, AgreesWithASecondImplementation) {
  std::mt19937_64 random(3);
  JsonFieldReader reader(kNames);
  json::parse_options deep;
  deep.max_depth = 128;
  int objects = 0;
  for (int i = 0; i < 50'000; ++i) {
    const std::string body = RandomEchoBody(random);
    boost::system::error_code error;
    const json::value document = json::parse(body, error, {}, deep);
    const JsonShape shape = reader.Read(body);
    if (shape != JsonShape::kObject) continue;  // Where it is stricter: depth and wide numbers.
    ++objects;
    // Boost.JSON is stricter about exponents, and only about those.
    if (error == json::error::exponent_overflow) continue;
    ASSERT_FALSE(error) << body << ": " << error.message();
    for (size_t f = 0; f < std::size(kNames); ++f) {
      const json::value* value =
          document.as_object().if_contains(json::string_view(kNames[f].data(), kNames[f].size()));
      const JsonField& field = reader.field(f);
      ASSERT_EQ(field.kind, value == nullptr ? JsonKind::kMissing : KindOf(value->kind())) << body;
      if (field.kind == JsonKind::kString) {
        ASSERT_EQ(field.text, std::string_view(value->get_string())) << body;
      } else if (field.kind == JsonKind::kNumber) {
        const double number = std::strtod(std::string(field.text).c_str(), nullptr);
        // Boost.JSON's doubles are off by a unit in the last place, and by more than all of it at
        // the ends of their range.
        if (std::abs(number) < 1e-300 || std::abs(number) > 1e300) continue;
        ASSERT_NEAR(value->to_number<double>() / number, 1, 1e-14) << body;
      }
    }
  }
  EXPECT_GT(objects, 25'000);
}

// Without names all of a body is checked alike, as echo-dom's tree is.
TEST(JsonFieldsTest, TakesForJsonWhatATreeIsBuiltOf) {
  std::mt19937_64 random(4);
  JsonFieldReader reader({});
  int objects = 0;
  for (int i = 0; i < 50'000; ++i) {
    const std::string body = RandomEchoBody(random);
    const absl::Status status = DomRequest::Read(body).status();
    const bool is_object = status.ok() || status.message().substr(0, 5) != "body:";
    ASSERT_EQ(reader.Read(body) == JsonShape::kObject, is_object) << body;
    objects += is_object ? 1 : 0;
  }
  EXPECT_GT(objects, 25'000);
  EXPECT_LT(objects, 49'000);
}

TEST(JsonFieldsTest, ReadsElementsOfAnArray) {
  JsonFieldReader reader(kNames);
  std::vector<std::string> seen;
  const auto note = [&](bool is_object) {
    seen.push_back(!is_object ? "-" : std::string(reader.field(0).text));
  };
  EXPECT_EQ(reader.ReadArray(R"( [{"id":1},{"x":2},3,[4],{"id":"\u0041","id":"b"}] )", note),
            JsonShape::kArray);
  EXPECT_EQ(seen, (std::vector<std::string>{"1", "", "-", "-", "b"}));
  EXPECT_EQ(reader.ReadArray("[]", note), JsonShape::kArray);
  EXPECT_EQ(reader.ReadArray("{}", note), JsonShape::kObject);
  EXPECT_EQ(reader.ReadArray("1", note), JsonShape::kScalar);
  for (const char* body : {"[", "[{}", "[{}]]", "[{},]", "[{]", "[nul]", "[{\"id\":1.}]", ""}) {
    EXPECT_EQ(reader.ReadArray(body, note), JsonShape::kNoJson) << body;
  }
}

TEST(JsonNumberTest, TheGrammarIsMetExactly) {
  for (const char* text : {"0", "-0", "10", "1.5", "0.0", "1e5", "1E+05", "1.25e-10", "-9.0E0"}) {
    EXPECT_TRUE(IsJsonNumber(text)) << text;
  }
  for (const char* text : {"", "-", "+1", "01", "-01", "1.", ".5", "1e", "1e+", "1.e5", "1.5.5",
                           "0x1", "1 ", " 1", "1e5.0", "NaN", "--1", "1-"}) {
    EXPECT_FALSE(IsJsonNumber(text)) << text;
  }
}

// Every text of up to five of these characters, against Boost.JSON.
TEST(JsonNumberTest, AgreesWithASecondImplementation) {
  constexpr std::string_view kCharacters = "01.e-+";
  for (size_t length = 1; length <= 5; ++length) {
    size_t count = 1;
    for (size_t i = 0; i < length; ++i) count *= kCharacters.size();
    for (size_t number = 0; number < count; ++number) {
      std::string text;
      for (size_t rest = number; text.size() < length; rest /= kCharacters.size()) {
        text += kCharacters[rest % kCharacters.size()];
      }
      boost::system::error_code error;
      json::parse(text, error);
      ASSERT_EQ(IsJsonNumber(text), !error) << text;
    }
  }
}

TEST(JsonNumberTest, ExponentsHaveALimit) {
  EXPECT_TRUE(HasFittingExponent("1.5"));
  EXPECT_TRUE(HasFittingExponent("1e-123456789"));
  EXPECT_FALSE(HasFittingExponent("1e+1234567890"));
  EXPECT_FALSE(HasFittingExponent("0E0000000000"));
}

}  // namespace
}  // namespace drumline::target
