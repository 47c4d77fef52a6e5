#include "target-services/service/timestamp.h"

#include <cstddef>
#include <cstdint>

namespace drumline::target {
namespace {

// `digits` digits, with leading zeros.
void AppendDigits(uint64_t number, size_t digits, std::string& out) {
  const size_t begin = out.size();
  out.append(digits, '0');
  for (size_t i = begin + digits; i > begin; number /= 10) {
    out[--i] = static_cast<char>('0' + number % 10);
  }
}

}  // namespace

void AppendTimestamp(std::chrono::microseconds since_epoch, std::string& out) {
  const std::chrono::sys_time<std::chrono::microseconds> time(since_epoch);
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  AppendDigits(static_cast<uint64_t>(static_cast<int>(date.year())), 4, out);
  out += '-';
  AppendDigits(static_cast<unsigned>(date.month()), 2, out);
  out += '-';
  AppendDigits(static_cast<unsigned>(date.day()), 2, out);
  out += 'T';
  AppendDigits(static_cast<uint64_t>(clock.hours().count()), 2, out);
  out += ':';
  AppendDigits(static_cast<uint64_t>(clock.minutes().count()), 2, out);
  out += ':';
  AppendDigits(static_cast<uint64_t>(clock.seconds().count()), 2, out);
  out += '.';
  AppendDigits(static_cast<uint64_t>(clock.subseconds().count()), 6, out);
  out += 'Z';
}

std::chrono::microseconds MicrosSinceEpoch() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::system_clock::now().time_since_epoch());
}

}  // namespace drumline::target
