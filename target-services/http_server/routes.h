// Which callback answers which path and method.
//
//   Routes routes;
//   auto echo = std::make_shared<EchoService>();
//   routes.Add(Method::kPost, "/echo", [echo](const Request& request, ResponseWriter& writer) {
//     echo->Answer(request, writer);
//   });
//
// A path may have one {name}, which stands for one segment that is not empty: "/users/{id}" takes
// /users/7, and request.path_parameter() is then "7", not decoded. A path without it goes first, so
// that /users/count can stand beside it; metrics count all of them under "/users/{id}".
//
// Answers by itself: 404 to a path that no route names, 405 with Allow to a method that the path
// has no route for, 501 to a method unknown to HTTP, and HEAD through the route for GET.
//
// Ownership: holds the callbacks. Threads: every event loop has Routes of its own, made by the same
// RoutesFactory, so a callback may keep parsers and buffers without locks, and may wait for timers
// and sockets of its own on the loop that it was given.
#ifndef TARGET_SERVICES_HTTP_SERVER_ROUTES_H_
#define TARGET_SERVICES_HTTP_SERVER_ROUTES_H_

#include <array>
#include <boost/asio/io_context.hpp>
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

  // Returns the index of the request's path, as Find does.
  size_t Serve(const Request& request, ResponseWriter& writer) const;

  bool Has(Method method, std::string_view path) const;
  // The index of the route that takes the path, in the order of addition; size() if none does.
  size_t Find(std::string_view path) const;
  size_t size() const { return paths_.size(); }
  const std::string& path(size_t index) const { return paths_[index].path; }

 private:
  struct Path {
    std::string path;
    // What stands before and behind {name}, where there is one.
    std::string prefix;
    std::string suffix;
    bool has_parameter = false;
    std::array<ServiceCallback, kMethodCount> callbacks;
    std::string allow;
  };

  static void ServePath(const Path& route, const Request& request, ResponseWriter& writer);
  // The index of exactly this text among the paths.
  size_t IndexOf(std::string_view path) const;

  std::vector<Path> paths_;
  bool any_parameter_ = false;
};

// Called once for each event loop, before any of them runs. The loop outlives the Routes.
using RoutesFactory = std::function<Routes(boost::asio::io_context& loop)>;

}  // namespace drumline::target

#endif  // TARGET_SERVICES_HTTP_SERVER_ROUTES_H_
