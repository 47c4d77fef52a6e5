#include "target-services/items/item_request.h"

#include "target-services/http_server/json_text.h"
#include "target-services/items/decimal.h"
#include "target-services/service/utf8.h"

namespace drumline::target {
namespace {

constexpr std::string_view kNames[] = {"name", "price"};
constexpr size_t kName = 0;
constexpr size_t kPrice = 1;

constexpr const char* kRequired = "Field required";

std::string Context(std::string_view key, uint64_t limit) {
  return "{\"" + std::string(key) + "\":" + std::to_string(limit) + "}";
}

void CheckName(const JsonField& name, std::vector<ItemFault>& faults) {
  if (name.kind == JsonKind::kMissing) {
    faults.push_back({"missing", "name", kRequired, ""});
  } else if (name.kind != JsonKind::kString) {
    faults.push_back({"string_type", "name", "Input should be a valid string", ""});
  } else if (name.text.empty()) {
    faults.push_back({"string_too_short", "name", "String should have at least 1 character",
                      Context("min_length", 1)});
  } else if (CountChars(name.text) > kMaxItemNameChars) {
    faults.push_back(
        {"string_too_long", "name",
         "String should have at most " + std::to_string(kMaxItemNameChars) + " characters",
         Context("max_length", kMaxItemNameChars)});
  }
}

ItemFault PriceFault(const absl::Status& status) {
  if (absl::IsOutOfRange(status)) {
    return {"greater_than_equal", "price", "Input should be greater than or equal to 0",
            Context("ge", 0)};
  }
  return {"decimal_max_digits", "price",
          "Decimal input should have no more than " + std::to_string(Decimal::kMaxDigits) +
              " digits in total",
          Context("max_digits", Decimal::kMaxDigits)};
}

void CheckPrice(const JsonField& price, ItemReading& reading) {
  if (price.kind == JsonKind::kMissing) {
    reading.faults.push_back({"missing", "price", kRequired, ""});
    return;
  }
  if (price.kind != JsonKind::kNumber) {
    reading.faults.push_back({"float_type", "price", "Input should be a valid number", ""});
    return;
  }
  const absl::StatusOr<Decimal> decimal = Decimal::Parse(price.text);
  if (!decimal.ok()) {
    reading.faults.push_back(PriceFault(decimal.status()));
  } else if (!decimal->IsAtMost(kMaxPrice)) {
    reading.faults.push_back({"less_than_equal", "price",
                              "Input should be less than or equal to " + std::to_string(kMaxPrice),
                              Context("le", kMaxPrice)});
  } else {
    reading.tax_cents = decimal->PercentInCents(kTaxPercent);
  }
}

}  // namespace

ItemReader::ItemReader() : fields_(kNames) {}

ItemReading ItemReader::Read(std::string_view body) {
  ItemReading reading;
  if (body.empty()) {
    reading.faults.push_back({"missing", "", kRequired, ""});
    return reading;
  }
  switch (fields_.Read(body)) {
    case JsonShape::kNoJson:
      reading.faults.push_back({"json_invalid", "", "JSON decode error", ""});
      break;
    case JsonShape::kArray:
    case JsonShape::kScalar:
      reading.faults.push_back(
          {"model_attributes_type", "",
           "Input should be a valid dictionary or object to extract fields from", ""});
      break;
    case JsonShape::kObject:
      CheckName(fields_.field(kName), reading.faults);
      CheckPrice(fields_.field(kPrice), reading);
  }
  return reading;
}

std::string DetailText(const std::vector<ItemFault>& faults) {
  std::string text = R"({"detail":[)";
  for (const ItemFault& fault : faults) {
    if (text.back() == '}') text += ',';
    text.append(R"({"type":")").append(fault.type).append(R"(","loc":["body")");
    if (!fault.field.empty()) text.append(",\"").append(fault.field).append("\"");
    text += R"(],"msg":)";
    AppendJsonString(fault.message, text);
    if (!fault.context.empty()) text.append(R"(,"ctx":)").append(fault.context);
    text += '}';
  }
  return text += "]}";
}

std::string CreatedText(uint64_t tax_cents) {
  std::string text = R"({"status":"created","tax":)" + std::to_string(tax_cents / 100);
  const uint64_t cents = tax_cents % 100;
  text += '.';
  text += static_cast<char>('0' + cents / 10);
  text += static_cast<char>('0' + cents % 10);
  return text += '}';
}

}  // namespace drumline::target
