// TCP sockets of 127.0.0.1, which is the only place that these programs speak to: they have none of
// the agent's safeguards. What fails ends the program.
#ifndef TESTS_BENCHMARK_FLOOR_SOCKETS_H_
#define TESTS_BENCHMARK_FLOOR_SOCKETS_H_

#include <cstdint>

namespace drumline::floor {

// A non-blocking listening socket; the caller closes it. Port 0 takes a free one.
int Listen(int64_t port);
// Where [listener] listens.
int PortOf(int listener);
// A blocking connection with TCP_NODELAY; the caller closes it.
int Connect(int64_t port);
void MakeNonBlocking(int fd);
// Raises the limit of open files as far as it goes.
void RaiseOpenFilesLimit();

}  // namespace drumline::floor

#endif  // TESTS_BENCHMARK_FLOOR_SOCKETS_H_
