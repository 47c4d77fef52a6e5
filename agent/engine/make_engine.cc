#include "agent/engine/make_engine.h"

#include <utility>

#include "agent/engine/epoll_engine.h"
#include "agent/engine/uring_engine.h"

namespace drumline {

absl::StatusOr<std::unique_ptr<Engine>> MakeEngine(EngineChoice choice) {
  if (choice != EngineChoice::kEpoll) {
    absl::StatusOr<std::unique_ptr<UringEngine>> uring = UringEngine::Create();
    if (uring.ok()) return *std::move(uring);
    if (choice == EngineChoice::kUring) {
      return absl::FailedPreconditionError(uring.status().message());
    }
  }
  absl::StatusOr<std::unique_ptr<EpollEngine>> epoll = EpollEngine::Create();
  if (!epoll.ok()) return epoll.status();
  return *std::move(epoll);
}

}  // namespace drumline
