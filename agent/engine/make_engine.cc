#include "agent/engine/make_engine.h"

#include <utility>

#include "agent/engine/epoll_engine.h"
#include "agent/engine/uring_engine.h"

namespace drumline {

absl::StatusOr<std::unique_ptr<Engine>> MakeEngine(proto::EngineChoice choice) {
  if (choice != proto::ENGINE_CHOICE_EPOLL) {
    absl::StatusOr<std::unique_ptr<UringEngine>> uring = UringEngine::Create();
    if (uring.ok()) return *std::move(uring);
    if (choice == proto::ENGINE_CHOICE_IO_URING) {
      return absl::FailedPreconditionError(uring.status().message());
    }
  }
  absl::StatusOr<std::unique_ptr<EpollEngine>> epoll = EpollEngine::Create();
  if (!epoll.ok()) return epoll.status();
  return *std::move(epoll);
}

}  // namespace drumline
