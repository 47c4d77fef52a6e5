#include "controller/cluster_flags.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "controller/scenario/scalar.h"
#include "controller/scenario/text_format.h"

namespace drumline {
namespace {

constexpr uint32_t kMostAgents = 1000;
constexpr int64_t kLeastWaitNs = 1'000'000'000;
constexpr int64_t kLongestWaitNs = 3'600'000'000'000;

bool IsNumber(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return absl::ascii_isdigit(c); });
}

absl::Status ReadAgents(const std::string& text, ClusterTerms* terms) {
  if (text.empty()) return absl::OkStatus();
  if (!IsNumber(text)) {
    absl::StatusOr<std::vector<std::string>> names = ReadNames("--wait-for-agents", text);
    if (!names.ok()) return names.status();
    terms->expected = *std::move(names);
    return absl::OkStatus();
  }
  if (absl::SimpleAtoi(text, &terms->agents) && terms->agents > 0 && terms->agents <= kMostAgents) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("--wait-for-agents: `", text, "` is not between 1 and ", kMostAgents));
}

absl::Status ReadTimeout(const std::string& text, ClusterTerms* terms) {
  if (text.empty()) return absl::OkStatus();
  const absl::StatusOr<int64_t> ns = ParseDurationNs(text);
  if (!ns.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("--wait-timeout: ", ns.status().message()));
  }
  if (*ns < kLeastWaitNs || *ns > kLongestWaitNs) {
    return absl::InvalidArgumentError(
        absl::StrCat("--wait-timeout: ", text, " is not between 1s and 1h"));
  }
  terms->wait_ns = *ns;
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<std::string>> ReadNames(const std::string& flag,
                                                   const std::string& text) {
  std::vector<std::string> names = absl::StrSplit(text, ',');
  for (const std::string& name : names) {
    if (absl::Status status = CheckFormat(proto::FORMAT_NAME, name); !status.ok()) {
      return absl::InvalidArgumentError(absl::StrCat(flag, ": ", status.message()));
    }
  }
  if (std::set<std::string>(names.begin(), names.end()).size() == names.size()) return names;
  return absl::InvalidArgumentError(absl::StrCat(flag, ": `", text, "` has a name twice"));
}

absl::StatusOr<ClusterTerms> ReadClusterTerms(const CommandLine& line) {
  ClusterTerms terms;
  const TlsFiles files{line.Flag("tls-cert", ""), line.Flag("tls-key", ""),
                       line.Flag("tls-ca", "")};
  if (absl::Status status = CheckComplete(files); !status.ok()) return status;
  if (!files.cert.empty()) terms.tls = files;
  terms.insecure = line.HasFlag("insecure");
  if (terms.tls && terms.insecure) {
    return absl::InvalidArgumentError(
        "--insecure and certificates exclude each other: remove one of them");
  }
  absl::Status status = ReadAgents(line.Flag("wait-for-agents", ""), &terms);
  status.Update(ReadTimeout(line.Flag("wait-timeout", ""), &terms));
  if (!status.ok()) return status;
  return terms;
}

absl::StatusOr<ClusterTerms> TermsFor(const CommandLine& line, const proto::Scenario& scenario) {
  absl::StatusOr<ClusterTerms> terms = ReadClusterTerms(line);
  if (!terms.ok()) return terms;
  if (absl::Status status = CheckClusterTerms(*terms, scenario, absl::Now()); !status.ok()) {
    return status;
  }
  return terms;
}

}  // namespace drumline
