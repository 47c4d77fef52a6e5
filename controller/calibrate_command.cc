#include "controller/calibrate_command.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <map>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "controller/calibration/ceiling.h"
#include "controller/calibration/kept.h"
#include "controller/calibration/probe.h"
#include "controller/calibration/shape.h"
#include "controller/campaign/environment.h"
#include "controller/campaign/fleet_preflight.h"
#include "controller/fleet/binaries.h"
#include "controller/fleet/local_fleet.h"
#include "controller/format/terminal.h"
#include "controller/refusal.h"
#include "controller/report/calibration_text.h"
#include "controller/report/report_text.h"
#include "controller/report/verdict.h"
#include "controller/scenario/scalar.h"
#include "controller/scratch_directory.h"
#include "host/host_facts.h"

namespace drumline {
namespace {

absl::Status ReadAnswerBytes(const CommandLine& line, Calibrator::Input* input) {
  if (!line.HasFlag("answer-size")) return absl::OkStatus();
  const absl::StatusOr<int64_t> bytes = ParseBytes(line.Flag("answer-size", ""));
  if (!bytes.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("--answer-size: ", bytes.status().message()));
  }
  input->answer_bytes = static_cast<uint64_t>(*bytes);
  if (*input->answer_bytes <= kMostAnswerBytes) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("--answer-size: at most ", BytesText(int64_t{kMostAnswerBytes})));
}

// Before anything is started: the null service gives all requests of a shape the same answer.
absl::Status CheckAnswers(const Calibrator::Input& input) {
  for (const proto::RunPlan& run : RunsByShape(input.plan)) {
    const uint64_t bytes = input.answer_bytes.value_or(AnswerBytesOf(run));
    if (absl::Status status = CheckNullAnswer(run, bytes); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::StatusOr<proto::Calibration> Measure(Calibrator::Input input) {
  boost::asio::io_context loop;
  Calibrator calibrator(&loop, std::move(input), [](const std::string& text) { PrintError(text); });
  boost::asio::signal_set signals(loop, SIGINT, SIGTERM);
  signals.async_wait([&](const boost::system::error_code& error, int) {
    if (error) return;
    // A second one ends the program.
    signals.clear();
    calibrator.Stop();
  });
  absl::StatusOr<proto::Calibration> made = absl::UnknownError("");
  boost::asio::co_spawn(
      loop, calibrator.Run(),
      [&](const std::exception_ptr& bug, absl::StatusOr<proto::Calibration> measured) {
        if (bug) std::rethrow_exception(bug);
        made = std::move(measured);
        loop.stop();
      });
  loop.run();
  return made;
}

absl::Status KeepIn(const std::string& path, const proto::Calibration& made) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
  absl::StatusOr<proto::Calibration> kept = ReadCalibration(path);
  if (!kept.ok()) return kept.status();
  Keep(made, &*kept);
  return WriteCalibration(path, *kept);
}

// The agents of a local fleet as they would join; those of a cluster as the file knows them.
std::vector<proto::Join> CrewFor(const proto::Plan& plan, const proto::Scenario& scenario,
                                 const proto::Calibration& kept) {
  if (scenario.has_cluster()) return CrewOf(plan, kept);
  const absl::StatusOr<std::string> self = OwnExecutable();
  const absl::StatusOr<std::string> agent =
      self.ok() ? FindBinary(Binary::kAgent, *self) : self.status();
  std::vector<proto::Join> crew(plan.agent_count());
  const std::string sum = agent.ok() ? Sha256OfFile(*agent) : "";
  const std::string host = ReadOwnHostFacts().host();
  for (size_t i = 0; i < crew.size(); ++i) {
    crew[i].set_agent_id(LocalFleet::AgentId(i));
    crew[i].set_host(host);
    crew[i].set_binary_sha256(sum);
  }
  return crew;
}

// Once for all agents of which the same is to be said.
void PrintOnce(const proto::Preflight& preflight) {
  std::map<std::string, std::vector<std::string>> agents;
  for (const proto::HostPreflight& host : preflight.hosts()) {
    for (const proto::PreflightCheck& check : host.checks()) {
      agents[absl::StrCat("ceiling ", check.found(), "; wanted ", check.wanted(),
                          check.remedy().empty() ? "" : ": ", check.remedy())]
          .push_back(host.role());
    }
  }
  for (const auto& [words, roles] : agents) {
    std::printf("%s%s: %s\n", roles.front().c_str(),
                roles.size() == 1 ? "" : absl::StrCat(" and ", roles.size() - 1, " more").c_str(),
                words.c_str());
  }
}

}  // namespace

int PrintCeilings(const proto::Plan& plan, const proto::Scenario& scenario,
                  const std::string& path) {
  const absl::StatusOr<proto::Calibration> kept = ReadCalibration(path);
  if (!kept.ok()) return Refuse(kept.status(), kExitUnusable);
  if (kept->agents().empty()) return 0;
  const std::vector<proto::Join> crew = CrewFor(plan, scenario, *kept);
  proto::Preflight preflight;
  for (const proto::Join& agent : crew) {
    preflight.add_hosts()->set_role(absl::StrCat("agent ", agent.agent_id()));
  }
  JudgeCeilings(plan, crew, *kept, CeilingTermsOf(scenario), &preflight);
  PrintOnce(preflight);
  return RefuseFatal(preflight).ok() ? 0 : kExitWrongInput;
}

std::string CalibrationPath(const CommandLine& line) {
  return absl::StrCat(line.results_directory, "/", kCalibrationFile);
}

int CalibrateCommand(const CommandLine& line, Calibrator::Input input) {
  absl::Status status = ReadAnswerBytes(line, &input);
  if (status.ok() && CeilingTermsOf(input.scenario).tls) {
    status = absl::InvalidArgumentError(
        "a target speaks TLS, and the null service does not: what TLS costs the agents cannot be "
        "calibrated");
  }
  if (status.ok()) status = CheckAnswers(input);
  if (!status.ok()) return Refuse(status, kExitWrongInput);
  // Before the time is spent: what cannot be read cannot be added to.
  const std::string path = CalibrationPath(line);
  if (absl::Status readable = ReadCalibration(path).status(); !readable.ok()) {
    return Refuse(readable, kExitUnusable);
  }
  std::signal(SIGPIPE, SIG_IGN);
  const absl::StatusOr<ScratchDirectory> scratch = ScratchDirectory::Create();
  if (!scratch.ok()) return Refuse(scratch.status(), kExitUnusable);
  input.scratch = scratch->path();
  const absl::StatusOr<proto::Calibration> made = Measure(std::move(input));
  if (!made.ok()) {
    const bool stopped = absl::IsCancelled(made.status());
    return Refuse(made.status(), stopped ? kExitInconclusive : kExitUnusable);
  }
  const size_t columns = TerminalColumns(stdout).value_or(kWidestReport);
  std::printf("%s\n%s", CalibrationTable(made->agents(), columns).c_str(),
              CoresWords(made->agents(), columns).c_str());
  if (absl::Status kept = KeepIn(path, *made); !kept.ok()) {
    return Refuse(kept, kExitUnusable);
  }
  std::printf("kept in %s; a plan may use %d %% of each ceiling\n", path.c_str(), kUsablePercent);
  return 0;
}

}  // namespace drumline
