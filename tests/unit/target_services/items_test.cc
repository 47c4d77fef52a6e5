// The items service: exact decimals against closed forms and a schoolbook multiplication, and what
// is said about bodies that do not fit.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "target-services/items/decimal.h"
#include "target-services/items/item_request.h"

namespace drumline::target {
namespace {

uint64_t TaxOf(const std::string& price) {
  const absl::StatusOr<Decimal> decimal = Decimal::Parse(price);
  EXPECT_TRUE(decimal.ok()) << price << ": " << decimal.status();
  return decimal.ok() ? decimal->PercentInCents(19) : 0;
}

std::string InUnits(uint64_t cents) {
  const std::string fraction = std::to_string(100 + cents % 100).substr(1);
  return std::to_string(cents / 100) + "." + fraction;
}

// For a price of c cents the tax is 19 c / 100 cents.
TEST(DecimalTest, WholeCentsHaveAClosedForm) {
  for (uint64_t cents = 0; cents < 100'000; ++cents) {
    ASSERT_EQ(TaxOf(InUnits(cents)), (19 * cents + 50) / 100) << cents;
  }
  constexpr uint64_t kMostCents = 100 * kMaxPrice;
  EXPECT_EQ(TaxOf(InUnits(kMostCents)), 19 * kMaxPrice);
  EXPECT_EQ(TaxOf(InUnits(kMostCents - 1)), 19 * kMaxPrice);  // 18.81 less is 18.81 / 100 cents.
}

TEST(DecimalTest, HalvesGoUpwardsWhereDoublesDoNot) {
  EXPECT_EQ(TaxOf("42.5"), 808U);  // 8.075
  EXPECT_EQ(TaxOf("49.5"), 941U);  // 9.405
  EXPECT_EQ(TaxOf("0.5"), 10U);    // 0.095
  EXPECT_EQ(TaxOf("42.49999999999999999999"), 807U);
  EXPECT_EQ(TaxOf("42.50000000000000000001"), 808U);
}

TEST(DecimalTest, AllSpellingsOfANumberAreTheSame) {
  for (const char* price : {"100", "100.0", "1e2", "1E+2", "10000e-2", "0.1e3", "100.000e0",
                            "1000000000000000000000000000000000e-31"}) {
    EXPECT_EQ(TaxOf(price), 1'900U) << price;
  }
  for (const char* price : {"0", "-0", "0.0", "-0.00e5", "0e999999999999999999999", "1e-9",
                            "1e-999999999999999999999", "0.02631"}) {
    EXPECT_EQ(TaxOf(price), 0U) << price;
  }
  EXPECT_EQ(TaxOf("0.02632"), 1U);  // 0.0050008
}

TEST(DecimalTest, LimitsAreMetExactly) {
  const auto at_most = [](const std::string& text) {
    return Decimal::Parse(text)->IsAtMost(1'000);
  };
  for (const char* text : {"0", "1000", "999.999999999999999999999999999", "1e3", "0.1e4", "1e-50",
                           "100000000000000000000000000000e-27"}) {
    EXPECT_TRUE(at_most(text)) << text;
  }
  for (const char* text : {"1001", "1000.000000000000000000000001", "1e4", "11e2", "1e20", "1e40",
                           "1e999999999999999999", "123456789012345678901234567890"}) {
    EXPECT_FALSE(at_most(text)) << text;
  }
  EXPECT_FALSE(Decimal::Parse("1e-50")->IsAtMost(0));
  EXPECT_TRUE(absl::IsOutOfRange(Decimal::Parse("-0.01").status()));
  EXPECT_TRUE(Decimal::Parse("0." + std::string(100, '0') + std::string(30, '9')).ok());
  EXPECT_TRUE(absl::IsResourceExhausted(Decimal::Parse("1" + std::string(29, '0') + "1").status()));
}

// Multiplies digit by digit, as it is done on paper, and rounds by looking at the digit behind.
uint64_t OnPaper(const std::string& whole, const std::string& fraction) {
  std::string digits = whole + fraction;
  std::reverse(digits.begin(), digits.end());
  std::string product;  // Of digits × 19, last digit first.
  int carry = 0;
  for (size_t i = 0; i < digits.size() || carry > 0; ++i) {
    carry += (i < digits.size() ? digits[i] - '0' : 0) * 19;
    product += static_cast<char>('0' + carry % 10);
    carry /= 10;
  }
  // Behind the point stand fraction.size() digits of hundredths.
  const size_t behind = fraction.size();
  while (product.size() <= behind) product += '0';
  std::string cents = product.substr(behind);
  std::reverse(cents.begin(), cents.end());
  const bool up = behind > 0 && product[behind - 1] >= '5';
  return std::stoull(cents) + (up ? 1 : 0);
}

TEST(DecimalTest, AgreesWithMultiplicationOnPaper) {
  std::mt19937_64 random(19);
  for (int i = 0; i < 50'000; ++i) {
    std::string whole = std::to_string(random() % kMaxPrice >> random() % 40);
    std::string fraction;
    for (size_t size = random() % 18; fraction.size() < size;) {
      // Many fives and zeros: halves are where rounding goes wrong.
      constexpr std::string_view kDigits = "00000555501234567899";
      fraction += kDigits[random() % kDigits.size()];
    }
    const std::string text = fraction.empty() ? whole : whole + "." + fraction;
    ASSERT_EQ(TaxOf(text), OnPaper(whole, fraction)) << text;
  }
}

TEST(ItemRequestTest, AnswersTheTaxWithTwoDecimals) {
  ItemReader reader;
  const auto answer = [&](const std::string& body) {
    const ItemReading reading = reader.Read(body);
    return reading.faults.empty() ? CreatedText(reading.tax_cents) : DetailText(reading.faults);
  };
  EXPECT_EQ(answer(R"({"name":"Pen","price":19.99})"), R"({"status":"created","tax":3.80})");
  EXPECT_EQ(answer(R"({"price": 100 , "name":"Pen"})"), R"({"status":"created","tax":19.00})");
  EXPECT_EQ(answer(R"({"name":"x","price":0.32})"), R"({"status":"created","tax":0.06})");
  EXPECT_EQ(answer(R"({"name":"é€🥁","price":1e12,"other":[{"a":null}]})"),
            R"({"status":"created","tax":190000000000.00})");
  EXPECT_EQ(answer(R"({"name":"x","price":1,"price":2})"), R"({"status":"created","tax":0.38})");
}

struct Unfit {
  std::string body;
  std::vector<std::string> faults;  // TYPE or TYPE FIELD.
};

TEST(ItemRequestTest, ListsAllThatIsWrong) {
  const std::string long_name = std::string(kMaxItemNameChars + 1, 'n');
  std::string wide_name;
  for (size_t i = 0; i < kMaxItemNameChars; ++i) wide_name += "é";
  const std::vector<Unfit> bodies = {
      {"", {"missing"}},
      {"x", {"json_invalid"}},
      {"{", {"json_invalid"}},
      {R"({"name":"a","price":1}x)", {"json_invalid"}},
      {R"({"name":"a","price":01})", {"json_invalid"}},
      {R"({"name":"a","price":+1})", {"json_invalid"}},
      {R"({"name":"a","price":1,})", {"json_invalid"}},
      {R"({"name":"\ud800","price":1})", {"json_invalid"}},
      {R"({"name":"a","price":1,"x":nul})", {"json_invalid"}},
      {"[]", {"model_attributes_type"}},
      {"7", {"model_attributes_type"}},
      {"{}", {"missing name", "missing price"}},
      {R"({"name":7,"price":"7"})", {"string_type name", "float_type price"}},
      {R"({"name":null,"price":null})", {"string_type name", "float_type price"}},
      {R"({"name":{},"price":[1]})", {"string_type name", "float_type price"}},
      {R"({"name":"","price":-1})", {"string_too_short name", "greater_than_equal price"}},
      {R"({"name":")" + long_name + R"(","price":1e13})",
       {"string_too_long name", "less_than_equal price"}},
      {R"({"name":")" + wide_name + R"(","price":1000000000000.01})", {"less_than_equal price"}},
      {R"({"name":"a","price":1.)" + std::string(40, '1') + "}", {"decimal_max_digits price"}},
  };
  ItemReader reader;
  for (const Unfit& unfit : bodies) {
    const boost::json::value answer =
        boost::json::parse(DetailText(reader.Read(unfit.body).faults));
    std::vector<std::string> found;
    for (const boost::json::value& fault : answer.at("detail").as_array()) {
      std::string words(fault.at("type").as_string().c_str());
      const boost::json::array& place = fault.at("loc").as_array();
      EXPECT_EQ(place.at(0), "body");
      if (place.size() > 1) words += std::string(" ") + place.at(1).as_string().c_str();
      EXPECT_FALSE(fault.at("msg").as_string().empty());
      found.push_back(words);
    }
    EXPECT_EQ(found, unfit.faults) << unfit.body;
  }
}

TEST(ItemRequestTest, SaysItInTheWordsOfPydantic) {
  ItemReader reader;
  EXPECT_EQ(DetailText(reader.Read(R"({"name":"a"})").faults),
            R"({"detail":[{"type":"missing","loc":["body","price"],"msg":"Field required"}]})");
  EXPECT_EQ(DetailText(reader.Read(R"({"name":"","price":-0.5})").faults),
            R"({"detail":[{"type":"string_too_short","loc":["body","name"],)"
            R"("msg":"String should have at least 1 character","ctx":{"min_length":1}},)"
            R"({"type":"greater_than_equal","loc":["body","price"],)"
            R"("msg":"Input should be greater than or equal to 0","ctx":{"ge":0}}]})");
}

}  // namespace
}  // namespace drumline::target
