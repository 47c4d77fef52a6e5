// Which callback answers which path and method.
//
//   Routes routes;
//   auto echo = std::make_shared<EchoService>();
//   routes.Add(Method::kPost, "/echo", [echo](const Request& request, ResponseWriter& writer) {
//     echo->Answer(request, writer);
//   });
//
// Answers by itself: 404 to a path that no route names, 405 with Allow to a method that the path
// has no route for, 501 to a method unknown to HTTP, and HEAD through the route for GET.
//
// Ownership: holds the callbacks. Threads: every event loop has Routes of its own, made by the same
// RoutesFactory, so a callback may keep parsers and buffers without locks.
#ifndef TARGET_SERVICES_HTTP_SERVER_ROUTES_H_
#define TARGET_SERVICES_HTTP_SERVER_ROUTES_H_

#include <array>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "target-services/http_server/request.h"
#include "target-services/http_server/response_writer.h"

namespace drumline::target {

using ServiceCallback = std::function<void(const Request&, ResponseWriter&)>;

class Routes {
 public:
  // A second callback for the same path and method replaces the first.
  void Add(Method method, std::string_view path, ServiceCallback callback);

  void Serve(const Request& request, ResponseWriter& writer) const;

  // The index of the path, in the order of addition; size() for a path that has no route.
  size_t Find(std::string_view path) const;
  size_t size() const { return paths_.size(); }
  const std::string& path(size_t index) const { return paths_[index].path; }

 private:
  struct Path {
    std::string path;
    std::array<ServiceCallback, kMethodCount> callbacks;
    std::string allow;
  };

  std::vector<Path> paths_;
};

// Called once for each event loop, before any of them runs.
using RoutesFactory = std::function<Routes()>;

}  // namespace drumline::target

#endif  // TARGET_SERVICES_HTTP_SERVER_ROUTES_H_
