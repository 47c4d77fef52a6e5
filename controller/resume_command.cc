#include "controller/resume_command.h"

#include <cstdio>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "controller/campaign/campaign.h"
#include "controller/campaign/plan_difference.h"
#include "controller/campaign/resume.h"
#include "controller/campaign_command.h"
#include "controller/cluster_flags.h"
#include "controller/refusal.h"
#include "controller/report_command.h"

namespace drumline {
namespace {

int GoOn(const CommandLine& line, absl::StatusOr<Resumption> left) {
  if (!left.ok()) return Refuse(left.status(), ExitCodeOfBundle(left.status()));
  if (left->finished.size() == static_cast<size_t>(left->plan.runs_size())) {
    std::fprintf(stderr, "controller: every run of %s is finished; this is its report\n",
                 left->bundle_path.c_str());
    return ReportCommand(line, left->bundle_path);
  }
  const absl::StatusOr<ClusterTerms> terms = TermsFor(line, left->scenario);
  if (!terms.ok()) return Refuse(terms.status(), kExitWrongInput);
  Campaign::Input input;
  input.cluster = *terms;
  input.loaded.scenario = left->scenario;
  input.loaded.directory = left->directory;
  input.plan = left->plan;
  input.resumed = *std::move(left);
  int exit_code = kExitUnusable;
  const std::optional<Campaign::Result> result =
      CarryOutCampaign(line, std::move(input), &exit_code);
  if (result && !WriteJunit(line, result->report)) return kExitUnusable;
  return exit_code;
}

// InvalidArgument, naming what differs, if what is left is not of the plan that is wanted.
absl::Status CheckSame(const std::string& name, const Resumption& left, const proto::Plan& wanted,
                       const proto::Scenario& scenario) {
  const std::string campaign =
      absl::StrCat("--resumable: ", name, " is the campaign in ", left.bundle_path);
  if (left.plan.scenario_sha256() != wanted.scenario_sha256() ||
      left.plan.scaling().SerializeAsString() != wanted.scaling().SerializeAsString()) {
    return absl::InvalidArgumentError(absl::StrCat(
        campaign, ", which is of another scenario or scale: give this one a name of its own"));
  }
  const std::vector<std::string> differences = DifferencesOf(left.plan, wanted, scenario);
  if (differences.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      campaign, ", since whose beginning has changed: ", absl::StrJoin(differences, ", "),
      ". Give this one a name of its own"));
}

}  // namespace

int ResumeCommand(const CommandLine& line) { return GoOn(line, ReadResumption(line.subject)); }

int GoOnAs(const CommandLine& line, const std::string& bundle_path, const proto::Plan& wanted,
           const proto::Scenario& scenario) {
  absl::StatusOr<Resumption> left = ReadResumption(bundle_path);
  if (left.ok()) {
    const absl::Status same = CheckSame(line.Flag("resumable", ""), *left, wanted, scenario);
    if (!same.ok()) left = same;
  }
  return GoOn(line, std::move(left));
}

}  // namespace drumline
