#include "controller/scenario/url.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "controller/scenario/fault.h"

namespace drumline {
namespace {

constexpr size_t kMaxHostBytes = 253;
constexpr uint16_t kHttpPort = 80;
constexpr uint16_t kHttpsPort = 443;

absl::Status Refused(absl::string_view whole, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(Quoted(whole), " ", why));
}

bool IsHostNameByte(char byte) {
  return absl::ascii_isalnum(byte) || byte == '-' || byte == '.' || byte == '_';
}

bool IsIpv6(const std::string& host) {
  in6_addr address;
  return inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

// A name of digits and points alone is meant as an IPv4 address and must be one.
bool IsHostName(const std::string& host) {
  if (host.empty() || host.size() > kMaxHostBytes || host.front() == '.' || host.front() == '-') {
    return false;
  }
  if (!std::all_of(host.begin(), host.end(), IsHostNameByte)) return false;
  if (host.find_first_not_of("0123456789.") != std::string::npos) return true;
  in_addr address;
  return inet_pton(AF_INET, host.c_str(), &address) == 1;
}

// Takes the host off the front of *rest, brackets removed.
absl::StatusOr<std::string> ConsumeHost(absl::string_view whole, absl::string_view* rest) {
  if (absl::ConsumePrefix(rest, "[")) {
    const size_t end = rest->find(']');
    std::string host(rest->substr(0, end));
    if (end == absl::string_view::npos || !IsIpv6(host)) {
      return Refused(whole, "has no IPv6 address between its brackets");
    }
    rest->remove_prefix(end + 1);
    return host;
  }
  const size_t end = std::min(rest->find(':'), rest->size());
  std::string host(rest->substr(0, end));
  if (host.empty()) return Refused(whole, "names no host");
  if (!IsHostName(host)) {
    return Refused(whole, absl::StrCat("has the host ", Quoted(host),
                                       ", which is neither a name nor an address"));
  }
  rest->remove_prefix(end);
  return host;
}

absl::StatusOr<uint16_t> ReadPort(absl::string_view whole, absl::string_view text, int least) {
  int port = 0;
  const bool digits = !text.empty() && std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
  if (!digits || !absl::SimpleAtoi(text, &port) || port < least || port > 65535) {
    return Refused(whole, absl::StrCat("has the port ", Quoted(text), ": write a number from ",
                                       least, " to 65535"));
  }
  return static_cast<uint16_t>(port);
}

// Takes `http://` or `https://` off the front.
absl::Status ConsumeScheme(absl::string_view whole, absl::string_view* rest, bool* tls) {
  const size_t end = whole.find("://");
  if (end == absl::string_view::npos || end == 0) {
    return Refused(whole, "has no scheme: write http:// before it");
  }
  const std::string scheme = absl::AsciiStrToLower(whole.substr(0, end));
  *tls = scheme == "https";
  if (!*tls && scheme != "http") {
    return Refused(whole, absl::StrCat("has the scheme ", Quoted(scheme),
                                       ": only http and https are supported"));
  }
  *rest = whole.substr(end + 3);
  return absl::OkStatus();
}

absl::Status CheckBytes(absl::string_view text) {
  if (text.size() > kMaxUrlBytes) {
    return Refused(text, absl::StrCat("is longer than ", kMaxUrlBytes, " bytes"));
  }
  if (!std::all_of(text.begin(), text.end(), absl::ascii_isgraph)) {
    return Refused(text, "contains white space or characters beyond ASCII: percent-encode them");
  }
  if (absl::StrContains(text, '#')) {
    return Refused(text, "has a fragment (`#…`), which is never sent: remove it");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ParsedUrl> ParseUrl(absl::string_view text) {
  if (absl::Status status = CheckBytes(text); !status.ok()) return status;
  absl::string_view rest;
  ParsedUrl url;
  if (absl::Status status = ConsumeScheme(text, &rest, &url.tls); !status.ok()) return status;
  const size_t end = std::min(rest.find_first_of("/?"), rest.size());
  absl::string_view authority = rest.substr(0, end);
  const absl::string_view path = rest.substr(end);
  if (absl::StrContains(authority, '@')) {
    // Without the text: it may hold a password, and messages end in logs.
    return absl::InvalidArgumentError(
        "it names a user (`…@`), which is not supported: use an authorization header");
  }
  absl::StatusOr<std::string> host = ConsumeHost(text, &authority);
  if (!host.ok()) return host.status();
  url.host = *std::move(host);
  const uint16_t usual_port = url.tls ? kHttpsPort : kHttpPort;
  url.port = usual_port;
  if (absl::ConsumePrefix(&authority, ":")) {
    const absl::StatusOr<uint16_t> port = ReadPort(text, authority, 1);
    if (!port.ok()) return port.status();
    url.port = *port;
  } else if (!authority.empty()) {
    return Refused(text, "goes on after its host without a port or a path");
  }
  url.path_and_query = absl::StrCat(absl::StartsWith(path, "/") ? "" : "/", path);
  url.authority = HostInUrl(url.host);
  if (url.port != usual_port) absl::StrAppend(&url.authority, ":", url.port);
  return url;
}

absl::StatusOr<HostPort> ParseHostPort(absl::string_view text) {
  HostPort address;
  absl::string_view rest = text;
  absl::StatusOr<std::string> host = ConsumeHost(text, &rest);
  if (!host.ok()) return host.status();
  address.host = *std::move(host);
  if (!absl::ConsumePrefix(&rest, ":")) return Refused(text, "has no port: write HOST:PORT");
  const absl::StatusOr<uint16_t> port = ReadPort(text, rest, 0);
  if (!port.ok()) return port.status();
  address.port = *port;
  return address;
}

absl::Status CheckHost(absl::string_view text) {
  const std::string host(text);
  if (IsHostName(host) || IsIpv6(host)) return absl::OkStatus();
  return Refused(text, "is neither a name nor an address");
}

std::string HostInUrl(absl::string_view host) {
  return absl::StrContains(host, ':') ? absl::StrCat("[", host, "]") : std::string(host);
}

bool IsLoopback(const HostPort& address) {
  if (absl::EqualsIgnoreCase(address.host, "localhost")) return true;
  in_addr v4;
  if (inet_pton(AF_INET, address.host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6;
  return inet_pton(AF_INET6, address.host.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

}  // namespace drumline
