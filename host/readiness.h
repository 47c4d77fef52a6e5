// Tells systemd, or whoever else started the program, that it is ready: the protocol of
// Type=notify units, a datagram to the socket that NOTIFY_SOCKET in the environment names.
//
//     NotifySupervisor("READY=1");     // agents are met, or a controller is dialled
//     NotifySupervisor("STOPPING=1");  // draining
//
// Where NOTIFY_SOCKET is not set nobody asked, and nothing is done. Never blocks: a supervisor that
// does not listen is not waited for. Safe from any thread as long as none changes the environment.
#ifndef HOST_READINESS_H_
#define HOST_READINESS_H_

#include <string_view>

namespace drumline {

// False if somebody asked and could not be told.
bool NotifySupervisor(std::string_view state);

}  // namespace drumline

#endif  // HOST_READINESS_H_
