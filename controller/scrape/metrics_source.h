// MetricsSource: where a target's CPU time, memory and more are read.
//
//     MetricsSource source{.url = {"10.0.1.10", 8080, "/metrics"}, .watch = {"go_goroutines"}};
//     source.Words();    // "http://10.0.1.10:8080/metrics"
//
// A value; copies share the TLS, which belongs to the loop's thread.
#ifndef CONTROLLER_SCRAPE_METRICS_SOURCE_H_
#define CONTROLLER_SCRAPE_METRICS_SOURCE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "link/tls_context.h"

namespace drumline {

struct MetricsUrl {
  // A name, or an address; an IPv6 address without brackets.
  std::string host;
  uint16_t port = 0;
  // With the query, if there is one; begins with a slash.
  std::string path = "/metrics";
};

struct MetricsSource {
  enum class Kind {
    kPrometheus,    // the page at `url`
    kNodeExporter,  // the page at `url`: the whole machine
    kPid,           // `pid` on this machine
    kCgroup,        // `cgroup` on this machine
  };

  MetricsUrl url;
  // Of a page behind https://; otherwise null.
  std::shared_ptr<TlsContext> tls;
  Kind kind = Kind::kPrometheus;
  uint32_t pid = 0;
  // Below /sys/fs/cgroup, with or without that in front.
  std::string cgroup;
  // Of a page: the histogram of the service's own response times, and further series.
  std::string histogram = "http_request_duration_seconds";
  std::vector<std::string> watch;

  bool is_page() const { return kind == Kind::kPrometheus || kind == Kind::kNodeExporter; }

  std::string Words() const {
    if (kind == Kind::kPid) return absl::StrCat("pid ", pid);
    if (kind == Kind::kCgroup) return absl::StrCat("cgroup ", cgroup);
    const bool v6 = url.host.find(':') != std::string::npos;
    return absl::StrCat(kind == Kind::kNodeExporter ? "node_exporter " : "",
                        tls == nullptr ? "http://" : "https://",
                        v6 ? absl::StrCat("[", url.host, "]") : url.host, ":", url.port, url.path);
  }
};

}  // namespace drumline

#endif  // CONTROLLER_SCRAPE_METRICS_SOURCE_H_
