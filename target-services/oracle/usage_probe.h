// What the service uses of the machine, asked for so cheaply that it delays no answer: some
// microseconds a call, however many connections there are.
//
//   UsageProbe probe;
//   OwnUsage usage = probe.Read(open_files);
//
// ReadOwnUsage opens three files of /proc and counts the open descriptors one by one, which takes a
// loop that promises answers to the microsecond too long. Here one file stays open, and the number
// of descriptors is the caller's to know. Ownership: owns the file. Threads: one.
#ifndef TARGET_SERVICES_ORACLE_USAGE_PROBE_H_
#define TARGET_SERVICES_ORACLE_USAGE_PROBE_H_

#include <cstdint>

#include "target-services/metrics/own_usage.h"

namespace drumline::target {

class UsageProbe {
 public:
  UsageProbe();
  ~UsageProbe();
  UsageProbe(const UsageProbe&) = delete;
  UsageProbe& operator=(const UsageProbe&) = delete;

  OwnUsage Read(uint64_t open_files) const;

 private:
  int statm_;
  double started_at_ = 0;
};

}  // namespace drumline::target

#endif  // TARGET_SERVICES_ORACLE_USAGE_PROBE_H_
