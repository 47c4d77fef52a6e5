// The echo service in another design, to compare with: one event loop takes requests in and hands
// them to a shared pool of threads, which build a tree of each body, write the answer to memory of
// its own and post it back. (echo reads on demand without copying, writes into a buffer that it
// keeps, and has an event loop a thread, which share nothing.)
//
//   POST /echo   as echo answers it, byte for byte, but for "processed_by":"drumline-echo-dom/1.0";
//                503 {"error":"service: too many requests wait for a thread"} at the limit below
//
//   auto pool = std::make_shared<EchoPool>(threads);
//   Routes routes = MakeEchoDomRoutes(pool);
//
// Threads: EchoPool any. Its end waits for the work that was begun.
#ifndef TARGET_SERVICES_ECHO_DOM_ECHO_DOM_SERVICE_H_
#define TARGET_SERVICES_ECHO_DOM_ECHO_DOM_SERVICE_H_

#include <atomic>
#include <boost/asio/thread_pool.hpp>
#include <cstddef>
#include <memory>
#include <string>

#include "target-services/http_server/deferred_answer.h"
#include "target-services/http_server/routes.h"

namespace drumline::target {

// Bodies that wait for a thread or are worked on, together; one more is refused.
inline constexpr size_t kMaxQueuedBodyBytes = size_t{256} << 20;

class EchoPool {
 public:
  explicit EchoPool(size_t threads) : threads_(threads) {}
  ~EchoPool();

  void Answer(std::string body, DeferredAnswer answer);

 private:
  boost::asio::thread_pool threads_;
  std::atomic<size_t> queued_bytes_{0};
};

Routes MakeEchoDomRoutes(const std::shared_ptr<EchoPool>& pool);

}  // namespace drumline::target

#endif  // TARGET_SERVICES_ECHO_DOM_ECHO_DOM_SERVICE_H_
