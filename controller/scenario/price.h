// Prices for an hour and amounts of money, as people write them: `0.58 USD/h`, `12000 USD`.
//
//   absl::StatusOr<proto::Price> price = ParsePrice("0.58 USD/h");
//   price->micro_per_hour()  580'000      FormatPrice(*price)  "0.58 USD/h"
//   absl::StatusOr<proto::Money> cost = ParseMoney("12000 USD");
//
// They have at most six decimals and are at most kMaxMicroPerHour and kMaxMicro. Errors are
// InvalidArgument with a clause that fits into a message. Pure functions, safe from any thread.
#ifndef CONTROLLER_SCENARIO_PRICE_H_
#define CONTROLLER_SCENARIO_PRICE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "proto/scenario.pb.h"

namespace drumline {

// A million an hour; 1000 hosts at that price for a year are within int64.
inline constexpr int64_t kMaxMicroPerHour = 1'000'000'000'000;

// A thousand million; sums of some of them are within int64.
inline constexpr int64_t kMaxMicro = 1'000'000'000'000'000;

absl::StatusOr<proto::Money> ParseMoney(absl::string_view text);
absl::StatusOr<proto::Price> ParsePrice(absl::string_view text);

// In its shortest form. Parsing it gives the same price.
std::string FormatPrice(const proto::Price& price);

}  // namespace drumline

#endif  // CONTROLLER_SCENARIO_PRICE_H_
