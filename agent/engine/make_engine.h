// Chooses a worker's engine.
//
//     absl::StatusOr<std::unique_ptr<Engine>> engine = MakeEngine(proto::ENGINE_CHOICE_AUTO);
//
// auto is io_uring where the kernel and the container allow it, epoll otherwise. One that was asked
// for by name and cannot be had is FailedPrecondition, with the reason: nothing is swapped in
// silence.
#ifndef AGENT_ENGINE_MAKE_ENGINE_H_
#define AGENT_ENGINE_MAKE_ENGINE_H_

#include <memory>

#include "absl/status/statusor.h"
#include "agent/engine/engine.h"
#include "proto/scenario.pb.h"

namespace drumline {

absl::StatusOr<std::unique_ptr<Engine>> MakeEngine(proto::EngineChoice choice);

}  // namespace drumline

#endif  // AGENT_ENGINE_MAKE_ENGINE_H_
