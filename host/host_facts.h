// The facts of a machine that decide how well it can measure, as it tells them itself.
//
//     proto::HostFacts facts = ReadHostFacts(HostTree("/"));
//     facts.set_open_files(…);            // of the program that asks, which is in no file
//     facts.set_clock_synchronised(…);
//
// What cannot be read stays absent: a virtual machine without cpufreq has no governor. Nothing is
// judged here; see core/preflight.h.
#ifndef HOST_HOST_FACTS_H_
#define HOST_HOST_FACTS_H_

#include "host/host_tree.h"
#include "proto/preflight.pb.h"

namespace drumline {

// From files alone.
proto::HostFacts ReadHostFacts(const HostTree& tree);

// The same of the machine and the program that this runs in, with what stands in no file: its name,
// RLIMIT_NOFILE and the kernel's word on the clock.
proto::HostFacts ReadOwnHostFacts();

}  // namespace drumline

#endif  // HOST_HOST_FACTS_H_
