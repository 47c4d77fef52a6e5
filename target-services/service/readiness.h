// Tells systemd, or whoever else started the program, that it serves now: the protocol of
// Type=notify units, a datagram to the socket that NOTIFY_SOCKET in the environment names.
//
//     NotifySupervisor("READY=1");     // clients are served
//     NotifySupervisor("STOPPING=1");  // draining
//
// Where NOTIFY_SOCKET is not set nobody asked, and nothing is done. Never blocks: a supervisor that
// does not listen is not waited for. Safe from any thread as long as none changes the environment.
#ifndef TARGET_SERVICES_SERVICE_READINESS_H_
#define TARGET_SERVICES_SERVICE_READINESS_H_

#include <string_view>

namespace drumline::target {

// False if somebody asked and could not be told.
bool NotifySupervisor(std::string_view state);

}  // namespace drumline::target

#endif  // TARGET_SERVICES_SERVICE_READINESS_H_
