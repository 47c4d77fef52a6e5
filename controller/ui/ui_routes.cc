#include "controller/ui/ui_routes.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace drumline {
namespace {

constexpr int kOk = 200;
constexpr int kFound = 303;
constexpr int kForbidden = 403;
constexpr int kNotFound = 404;
constexpr int kWrongMethod = 405;
constexpr int kMisdirected = 421;

UiAnswer Refuse(int status, std::string words) {
  UiAnswer answer;
  answer.status = status;
  answer.words = std::move(words);
  return answer;
}

UiAnswer Give(UiAnswer::What what, int status = kOk) {
  UiAnswer answer;
  answer.what = what;
  answer.status = status;
  return answer;
}

// The time that it takes says nothing about where they differ.
bool SameSecret(std::string_view a, std::string_view b) {
  if (a.size() != b.size() || a.empty()) return false;
  unsigned difference = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
  }
  return difference == 0;
}

// Without the port.
std::string HostName(const std::string& host) {
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.find(':'));
}

bool IsLoopbackName(const std::string& name) {
  return name == "127.0.0.1" || name == "localhost" || name == "[::1]";
}

std::string CookieValue(const std::string& cookies, const std::string& name) {
  for (absl::string_view pair : absl::StrSplit(cookies, ';')) {
    while (!pair.empty() && pair.front() == ' ') pair.remove_prefix(1);
    const std::pair<std::string, std::string> parts = absl::StrSplit(pair, absl::MaxSplits('=', 1));
    if (parts.first == name) return parts.second;
  }
  return "";
}

bool IsFileOfBundle(const std::string& file) {
  return file == "report.html" || file == "overlay.html" || file == "report.json";
}

// A name that a bundle's directory can have: no slash, no escape, not hidden.
bool IsBundleName(const std::string& name) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  };
  return !name.empty() && name.front() != '.' && std::all_of(name.begin(), name.end(), plain);
}

UiAnswer FileAt(const std::vector<std::string>& parts) {
  if (parts.size() != 4 || !IsBundleName(parts[2]) || !IsFileOfBundle(parts[3])) {
    return Refuse(kNotFound, "there is no such page");
  }
  UiAnswer answer = Give(UiAnswer::What::kFile);
  answer.bundle = parts[2];
  answer.file = parts[3];
  return answer;
}

UiAnswer Post(const UiRequest& request, const std::string& path, const UiPolicy& policy) {
  if (path != "/stop") return Refuse(kWrongMethod, "this can only be read");
  if (!SameSecret(request.token, policy.token)) {
    return Refuse(kForbidden, "the token is not that of the live page: load it again");
  }
  return Give(UiAnswer::What::kStop);
}

}  // namespace

UiAnswer AnswerFor(const UiRequest& request, const UiPolicy& policy) {
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(request.target, absl::MaxSplits('?', 1));
  const std::string& path = parts.first;
  if (policy.loopback && !IsLoopbackName(HostName(request.host))) {
    return Refuse(kMisdirected, "this server answers to loopback names alone");
  }
  if (!request.origin.empty() && request.origin != "http://" + request.host) {
    return Refuse(kForbidden, "a page of another origin has no business here");
  }
  if (!policy.loopback) {
    if (path == "/" && SameSecret(parts.second, absl::StrCat("token=", policy.token))) {
      return Give(UiAnswer::What::kRedirectWithCookie, kFound);
    }
    if (!SameSecret(CookieValue(request.cookie, kTokenCookie), policy.token)) {
      return Refuse(kForbidden, "open the address that the controller printed, with its token");
    }
  }
  if (request.method == "POST") return Post(request, path, policy);
  if (request.method != "GET") return Refuse(kWrongMethod, "GET, or POST to /stop");
  if (path == "/") return Give(UiAnswer::What::kPage);
  if (path == "/events") return Give(UiAnswer::What::kEvents);
  if (path == "/bundles") return Give(UiAnswer::What::kList);
  if (path.starts_with("/bundles/")) return FileAt(absl::StrSplit(path, '/'));
  return Refuse(kNotFound, "there is no such page");
}

}  // namespace drumline
