// Addresses: http and https URLs, and HOST:PORT.
//
//   absl::StatusOr<ParsedUrl> url = ParseUrl("http://10.0.1.10:8080/echo?x=1");
//   url->host "10.0.1.10"  url->port 8080  url->path_and_query "/echo?x=1"
//   url->authority "10.0.1.10:8080"
//
// Nothing is resolved. Errors are InvalidArgument with a clause that fits into a message. Pure
// functions, safe from any thread.
#ifndef CONTROLLER_SCENARIO_URL_H_
#define CONTROLLER_SCENARIO_URL_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace drumline {

inline constexpr size_t kMaxUrlBytes = 8192;

struct HostPort {
  // A name, an IPv4 address, or an IPv6 address without its brackets.
  std::string host;
  uint16_t port = 0;
};

struct ParsedUrl {
  std::string host;
  // Where the url names none: 80, or 443 of https.
  uint16_t port = 80;
  // Starts with a slash.
  std::string path_and_query;
  // The value of the Host header: brackets around IPv6, no port where it is the scheme's own.
  std::string authority;
  // https.
  bool tls = false;
};

// http or https, without user and fragment.
absl::StatusOr<ParsedUrl> ParseUrl(absl::string_view text);

// `127.0.0.1:7070`, `[::1]:7070`, `localhost:0`; port 0 lets the system choose one.
absl::StatusOr<HostPort> ParseHostPort(absl::string_view text);

// A name, an IPv4 address, or an IPv6 address without brackets; no port.
absl::Status CheckHost(absl::string_view text);

// The host as it stands in a URL: brackets around an IPv6 address.
std::string HostInUrl(absl::string_view host);

// localhost, 127.0.0.0/8 or ::1.
bool IsLoopback(const HostPort& address);

}  // namespace drumline

#endif  // CONTROLLER_SCENARIO_URL_H_
