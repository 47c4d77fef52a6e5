// What this agent tells of itself when it joins: its host, cores, kernel and executable.
#ifndef AGENT_HOST_FACTS_H_
#define AGENT_HOST_FACTS_H_

#include <string>

#include "proto/agent_link.pb.h"

namespace drumline {

// A Join message without protocol version and run. Facts that cannot be read stay empty.
proto::Join DescribeSelf(const std::string& agent_id);

}  // namespace drumline

#endif  // AGENT_HOST_FACTS_H_
