#include "target-services/service/service_flags.h"

#include <algorithm>
#include <boost/program_options.hpp>
#include <charconv>
#include <cstdint>
#include <iterator>
#include <optional>
#include <sstream>
#include <string_view>
#include <utility>

namespace drumline::target {
namespace {

namespace options = boost::program_options;
using std::chrono::nanoseconds;

// Of the help: the whole screen, and what is left beside the names.
constexpr unsigned kColumns = 80;
constexpr unsigned kHelpColumns = 48;

struct Unit {
  std::string_view name;
  nanoseconds length;
};

constexpr Unit kUnits[] = {
    {"ns", nanoseconds(1)},
    {"us", std::chrono::microseconds(1)},
    {"ms", std::chrono::milliseconds(1)},
    {"s", std::chrono::seconds(1)},
    {"m", std::chrono::minutes(1)},
    {"h", std::chrono::hours(1)},
};

// The number that `text` begins with, which is then removed from it.
std::optional<uint64_t> TakeNumber(std::string_view& text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return number;
}

// In the largest unit in which it is a whole number.
std::string DurationText(nanoseconds duration) {
  if (duration.count() == 0) return "0";
  const auto* unit =
      std::find_if(std::rbegin(kUnits), std::rend(kUnits),
                   [&](const Unit& unit) { return duration % unit.length == nanoseconds(0); })
          .base() -
      1;
  return std::to_string(duration / unit->length).append(unit->name);
}

}  // namespace

absl::Status ParseDuration(const std::string& text, nanoseconds* duration) {
  const absl::Status refused =
      absl::InvalidArgumentError("expected a number and ns, us, ms, s, m or h, as in 250ms");
  std::string_view rest = text;
  const std::optional<uint64_t> number = TakeNumber(rest);
  if (!number) return refused;
  if (rest.empty() && *number == 0) {
    *duration = nanoseconds(0);
    return absl::OkStatus();
  }
  const auto* unit = std::find_if(std::begin(kUnits), std::end(kUnits),
                                  [rest](const Unit& unit) { return unit.name == rest; });
  if (unit == std::end(kUnits)) return refused;
  if (*number > static_cast<uint64_t>(nanoseconds::max() / unit->length)) return refused;
  *duration = unit->length * static_cast<int64_t>(*number);
  return absl::OkStatus();
}

void ServiceFlags::AddCount(std::string name, std::string text, Range range, size_t* field) {
  flags_.push_back({std::move(name), std::move(text), std::to_string(*field),
                    [range, field](const std::string& value) {
                      std::string_view rest = value;
                      const std::optional<uint64_t> number = TakeNumber(rest);
                      if (!number || !rest.empty() || *number < range.min || *number > range.max) {
                        return absl::InvalidArgumentError("expected " + std::to_string(range.min) +
                                                          " to " + std::to_string(range.max));
                      }
                      *field = *number;
                      return absl::OkStatus();
                    }});
}

void ServiceFlags::AddDuration(std::string name, std::string text, nanoseconds max,
                               nanoseconds* field) {
  flags_.push_back({std::move(name), std::move(text), DurationText(*field),
                    [max, field](const std::string& value) {
                      absl::Status status = ParseDuration(value, field);
                      if (!status.ok() || *field <= max) return status;
                      return absl::InvalidArgumentError("expected at most " + DurationText(max));
                    }});
}

void ServiceFlags::AddText(std::string name, std::string text, std::string* field, bool secret) {
  flags_.push_back(
      {std::move(name), std::move(text), secret ? "" : *field, [field](const std::string& value) {
         *field = value;
         return absl::OkStatus();
       }});
}

void ServiceFlags::Append(const ServiceFlags& other) {
  flags_.insert(flags_.end(), other.flags_.begin(), other.flags_.end());
}

// Boost.Program_options throws; nothing of it leaves this function.
absl::Status ServiceFlags::Parse(int argc, const char* const* argv) {
  options::options_description description;
  description.add_options()("help", "");
  for (const Flag& flag : flags_) {
    description.add_options()(flag.name.c_str(), options::value<std::string>(), "");
  }
  try {
    const int style =
        options::command_line_style::unix_style & ~options::command_line_style::allow_guessing;
    options::variables_map values;
    options::store(options::command_line_parser(argc, argv)
                       .options(description)
                       .positional(options::positional_options_description())
                       .style(style)
                       .run(),
                   values);
    help_ = values.count("help") > 0;
    for (const Flag& flag : flags_) {
      if (values.count(flag.name) == 0) continue;
      const absl::Status status = flag.set(values[flag.name].as<std::string>());
      if (status.ok()) continue;
      return absl::InvalidArgumentError("--" + flag.name + ": " + std::string(status.message()));
    }
    return absl::OkStatus();
  } catch (const options::error& error) {
    return absl::InvalidArgumentError(error.what());
  }
}

std::string ServiceFlags::Help() const {
  options::options_description description("Flags", kColumns, kHelpColumns);
  description.add_options()("help", "print this text and exit");
  for (const Flag& flag : flags_) {
    auto* value = options::value<std::string>();
    if (!flag.default_text.empty()) value->default_value(flag.default_text);
    description.add_options()(flag.name.c_str(), value, flag.text.c_str());
  }
  std::ostringstream text;
  text << description;
  return text.str();
}

}  // namespace drumline::target
