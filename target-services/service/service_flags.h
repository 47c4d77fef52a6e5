// The flags of a service's command line, bound to the fields that they set.
//
//   ApiConfig config;                          // Each default stands there, once.
//   ServiceFlags flags;
//   flags.AddCount("max-connections", "requests in work at once", {1, 1'000'000},
//                  &config.max_in_work);
//   flags.AddDuration("work-time", "time in work", std::chrono::hours(1), &config.work_time);
//   absl::Status status = flags.Parse(argc, argv);
//
// A duration is written as a number and a unit: 250us, 5ms, 2s, 1m; 0 needs none. Nothing is
// guessed: an unknown flag, a shortened one, a stray word or a value out of range is refused.
//
// Ownership: the fields are the caller's and must outlive Parse. Threads: one.
// Errors of Parse: kInvalidArgument, with the flag and what was expected; the fields may then have
// been set in part.
#ifndef TARGET_SERVICES_SERVICE_SERVICE_FLAGS_H_
#define TARGET_SERVICES_SERVICE_SERVICE_FLAGS_H_

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace drumline::target {

class ServiceFlags {
 public:
  struct Range {
    size_t min;
    size_t max;
  };

  void AddCount(std::string name, std::string text, Range range, size_t* field);
  // From 0 to `max`.
  void AddDuration(std::string name, std::string text, std::chrono::nanoseconds max,
                   std::chrono::nanoseconds* field);
  // Its default is not shown in --help where `secret`.
  void AddText(std::string name, std::string text, std::string* field, bool secret = false);

  // The flags of `other` behind these.
  void Append(const ServiceFlags& other);

  absl::Status Parse(int argc, const char* const* argv);
  // --help was among the flags.
  bool help() const { return help_; }
  // What --help prints: a line or two for each flag.
  std::string Help() const;

 private:
  struct Flag {
    std::string name;
    std::string text;
    std::string default_text;  // Empty where it has none to show.
    std::function<absl::Status(const std::string&)> set;
  };

  std::vector<Flag> flags_;
  bool help_ = false;
};

// "250us" → 250 µs. kInvalidArgument says how a duration is written.
absl::Status ParseDuration(const std::string& text, std::chrono::nanoseconds* duration);

}  // namespace drumline::target

#endif  // TARGET_SERVICES_SERVICE_SERVICE_FLAGS_H_
