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

// What of `path` stands where the route has {name}; empty if the route does not take the path.
std::string_view Parameter(std::string_view prefix, std::string_view suffix,
                           std::string_view path) {
  if (path.size() <= prefix.size() + suffix.size() || path.substr(0, prefix.size()) != prefix ||
      path.substr(path.size() - suffix.size()) != suffix) {
    return {};
  }
  path.remove_prefix(prefix.size());
  path.remove_suffix(suffix.size());
  return path.find('/') == path.npos ? path : std::string_view();
}

}  // namespace

void Routes::Add(Method method, std::string_view path, ServiceCallback callback) {
  const size_t index = IndexOf(path);
  if (index == paths_.size()) {
    Path& added = paths_.emplace_back();
    added.path = path;
    const size_t open = path.find('{');
    const size_t close = path.find('}');
    added.has_parameter = open < close && close != path.npos;
    if (added.has_parameter) {
      added.prefix = path.substr(0, open);
      added.suffix = path.substr(close + 1);
    }
    any_parameter_ |= added.has_parameter;
  }
  Path& route = paths_[index];
  route.callbacks[static_cast<size_t>(method)] = std::move(callback);
  route.allow = AllowedMethods(route.callbacks);
}

bool Routes::Has(Method method, std::string_view path) const {
  const size_t index = IndexOf(path);
  return index < paths_.size() && paths_[index].callbacks[static_cast<size_t>(method)];
}

// A service has a handful of paths: comparing them in turn beats any table.
size_t Routes::IndexOf(std::string_view path) const {
  size_t index = 0;
  while (index < paths_.size() && paths_[index].path != path) ++index;
  return index;
}

size_t Routes::Find(std::string_view path) const {
  size_t index = IndexOf(path);
  if (index < paths_.size() || !any_parameter_) return index;
  const auto takes = [path](const Path& route) {
    return route.has_parameter && !Parameter(route.prefix, route.suffix, path).empty();
  };
  index = 0;
  while (index < paths_.size() && !takes(paths_[index])) ++index;
  return index;
}

size_t Routes::Serve(const Request& request, ResponseWriter& writer) const {
  const size_t index = Find(request.path());
  if (request.method() == Method::kOther) {
    writer.RespondError(501, "method: not implemented by this server");
  } else if (index == paths_.size()) {
    writer.RespondError(404, "path: no such resource");
  } else {
    ServePath(paths_[index], request, writer);
  }
  return index;
}

void Routes::ServePath(const Path& route, const Request& request, ResponseWriter& writer) {
  const Method method = request.method() == Method::kHead ? Method::kGet : request.method();
  const ServiceCallback& callback = route.callbacks[static_cast<size_t>(method)];
  if (!callback) {
    return writer.RespondError(405, "method: this path takes " + route.allow, route.allow);
  }
  if (route.has_parameter) {
    callback(request.WithPathParameter(Parameter(route.prefix, route.suffix, request.path())),
             writer);
  } else {
    callback(request, writer);
  }
  if (writer.status() == 0 && !writer.deferred()) writer.RespondError(500, kGaveNoAnswer);
}

}  // namespace drumline::target
