// The request of the items service: {"name": string, "price": number}.
//
//   ItemReader reader;
//   const ItemReading reading = reader.Read(body);
//   if (reading.faults.empty()) Use(reading.tax_cents);
//   else Respond(422, DetailText(reading.faults));
//
// name has 1 to 100 characters, price is from 0 to 10^12 with at most 30 digits; fields beyond
// these are passed over, of a field given twice the last counts. All faults are listed at once, in
// the words and under the types that FastAPI's users know from pydantic:
//
//   {"detail":[{"type":"missing","loc":["body","price"],"msg":"Field required"}]}
//
// with "ctx" where a limit was broken. The input itself is not repeated.
//
// Threads: one a reader, which keeps its buffers.
#ifndef TARGET_SERVICES_ITEMS_ITEM_REQUEST_H_
#define TARGET_SERVICES_ITEMS_ITEM_REQUEST_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "target-services/service/json_fields.h"

namespace drumline::target {

inline constexpr size_t kMaxItemNameChars = 100;
inline constexpr uint64_t kMaxPrice = 1'000'000'000'000;
inline constexpr uint64_t kTaxPercent = 19;

struct ItemFault {
  std::string_view type;
  std::string_view field;  // Empty where the body itself is at fault.
  std::string message;
  std::string context;  // A JSON object, or empty.
};

struct ItemReading {
  std::vector<ItemFault> faults;
  // Without faults: price × kTaxPercent / 100 in hundredths, half a hundredth upwards.
  uint64_t tax_cents = 0;
};

class ItemReader {
 public:
  ItemReader();

  ItemReading Read(std::string_view body);

 private:
  JsonFieldReader fields_;
};

// {"detail":[…]}
std::string DetailText(const std::vector<ItemFault>& faults);

// {"status":"created","tax":3.80}: two decimals, always.
std::string CreatedText(uint64_t tax_cents);

}  // namespace drumline::target

#endif  // TARGET_SERVICES_ITEMS_ITEM_REQUEST_H_
