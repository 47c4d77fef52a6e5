#include "target-services/http_server/routes.h"

#include <utility>

namespace drumline::target {
namespace {

std::string AllowedMethods(const std::array<ServiceCallback, kMethodCount>& callbacks) {
  std::string allow;
  for (size_t i = 0; i < callbacks.size(); ++i) {
    if (!callbacks[i]) continue;
    if (!allow.empty()) allow += ", ";
    allow += MethodName(static_cast<Method>(i));
    if (static_cast<Method>(i) == Method::kGet) allow += ", HEAD";
  }
  return allow;
}

}  // namespace

void Routes::Add(Method method, std::string_view path, ServiceCallback callback) {
  const size_t index = Find(path);
  if (index == paths_.size()) paths_.push_back({std::string(path), {}, {}});
  Path& route = paths_[index];
  route.callbacks[static_cast<size_t>(method)] = std::move(callback);
  route.allow = AllowedMethods(route.callbacks);
}

// A service has a handful of paths: comparing them in turn beats any table.
size_t Routes::Find(std::string_view path) const {
  size_t index = 0;
  while (index < paths_.size() && paths_[index].path != path) ++index;
  return index;
}

void Routes::Serve(const Request& request, ResponseWriter& writer) const {
  if (request.method() == Method::kOther) {
    return writer.RespondError(501, "method: not implemented by this server");
  }
  const size_t index = Find(request.path());
  if (index == paths_.size()) return writer.RespondError(404, "path: no such resource");
  const Path& route = paths_[index];
  const Method method = request.method() == Method::kHead ? Method::kGet : request.method();
  const ServiceCallback& callback = route.callbacks[static_cast<size_t>(method)];
  if (!callback) {
    return writer.RespondError(405, "method: this path takes " + route.allow, route.allow);
  }
  callback(request, writer);
  if (writer.status() == 0) writer.RespondError(500, "service: gave no answer");
}

}  // namespace drumline::target
