#include "controller/scenario/price.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "controller/scenario/decimal.h"
#include "controller/scenario/fault.h"

namespace drumline {
namespace {

constexpr uint64_t kMicro = 1'000'000;
constexpr int kDecimals = 6;
constexpr size_t kCurrencyLetters = 3;

absl::Status Refused(absl::string_view whole, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(Quoted(whole), " ", why));
}

// Millionths, the currency, and what stands behind it.
struct Amount {
  int64_t micro = 0;
  std::string currency;
  absl::string_view rest;
};

absl::StatusOr<Amount> ParseAmount(absl::string_view text, int64_t max_micro) {
  absl::string_view rest = text;
  const absl::StatusOr<Decimal> amount = ConsumeDecimal(text, &rest);
  if (!amount.ok()) return amount.status();
  const absl::StatusOr<uint64_t> micro =
      MultiplyExactly(text, *amount, kMicro, static_cast<uint64_t>(max_micro));
  if (!micro.ok()) return micro.status();
  rest = absl::StripLeadingAsciiWhitespace(rest);
  const absl::string_view currency = rest.substr(0, kCurrencyLetters);
  if (currency.size() < kCurrencyLetters ||
      !std::all_of(currency.begin(), currency.end(), absl::ascii_isupper)) {
    return Refused(text, "has no currency: write three capital letters, such as USD or EUR");
  }
  return Amount{static_cast<int64_t>(*micro), std::string(currency), rest.substr(kCurrencyLetters)};
}

}  // namespace

absl::StatusOr<proto::Money> ParseMoney(absl::string_view text) {
  const absl::StatusOr<Amount> amount = ParseAmount(text, kMaxMicro);
  if (!amount.ok()) return amount.status();
  if (!amount->rest.empty()) return Refused(text, "is no amount: it ends with its currency");
  proto::Money money;
  money.set_micro(amount->micro);
  money.set_currency(amount->currency);
  return money;
}

absl::StatusOr<proto::Price> ParsePrice(absl::string_view text) {
  const absl::StatusOr<Amount> amount = ParseAmount(text, kMaxMicroPerHour);
  if (!amount.ok()) return amount.status();
  if (amount->rest != "/h") {
    return Refused(text, "is no price for an hour: write /h after the currency");
  }
  proto::Price price;
  price.set_micro_per_hour(amount->micro);
  price.set_currency(amount->currency);
  return price;
}

std::string FormatPrice(const proto::Price& price) {
  return absl::StrCat(
      FormatQuotient(static_cast<uint64_t>(price.micro_per_hour()), kMicro, kDecimals), " ",
      price.currency(), "/h");
}

}  // namespace drumline
