// What an agent and its controller speak: both must speak the same version
// (proto/agent_link.proto).
#ifndef LINK_PROTOCOL_VERSION_H_
#define LINK_PROTOCOL_VERSION_H_

#include <cstdint>

namespace drumline {

// 2: the controller speaks first, with a Welcome.
// 3: an agent says which process it is.
inline constexpr uint32_t kProtocolVersion = 3;

}  // namespace drumline

#endif  // LINK_PROTOCOL_VERSION_H_
