#include "controller/ui_command.h"

#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "controller/refusal.h"
#include "controller/scenario/url.h"
#include "controller/ui/ui_server.h"

namespace drumline {
namespace {

constexpr char kDefaultAddress[] = "127.0.0.1:8089";

absl::StatusOr<UiServer::Options> OptionsOf(const std::string& address,
                                            const std::string& results_directory) {
  const absl::StatusOr<HostPort> parsed = ParseHostPort(address);
  if (!parsed.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--ui ", address, ": ", std::string(parsed.status().message())));
  }
  UiServer::Options options;
  options.host = parsed->host == "localhost" ? "127.0.0.1" : parsed->host;
  options.port = parsed->port;
  options.results_directory = results_directory;
  return options;
}

int Fail(const absl::Status& status) {
  return Refuse(status, absl::IsInvalidArgument(status) ? kExitWrongInput : kExitUnusable);
}

}  // namespace

absl::StatusOr<std::unique_ptr<LivePageHost>> OpenLivePage(boost::asio::io_context* loop,
                                                           const CommandLine& line,
                                                           const proto::Plan& plan,
                                                           std::function<void()> stop) {
  if (!line.HasFlag("ui")) return nullptr;
  absl::StatusOr<UiServer::Options> options =
      OptionsOf(line.Flag("ui", ""), line.results_directory);
  if (!options.ok()) return options.status();
  return LivePageHost::Start(
      loop, *std::move(options),
      {.name = plan.scenario_name(), .runs = plan.runs_size(), .agents = plan.agent_count()},
      std::move(stop));
}

int UiCommand(const CommandLine& line) {
  const std::string directory = line.subject.empty() ? "results" : line.subject;
  std::error_code error;
  if (!std::filesystem::is_directory(directory, error)) {
    return Fail(absl::InvalidArgumentError(absl::StrCat(directory, " is not a directory")));
  }
  absl::StatusOr<UiServer::Options> options =
      OptionsOf(line.Flag("ui", kDefaultAddress), directory);
  if (!options.ok()) return Fail(options.status());
  std::signal(SIGPIPE, SIG_IGN);
  boost::asio::io_context loop;
  const absl::StatusOr<std::unique_ptr<UiServer>> server =
      UiServer::Start(&loop, *std::move(options), {});
  if (!server.ok()) return Fail(server.status());
  std::fprintf(stderr, "the bundles of %s: %s   (Ctrl-C ends it)\n", directory.c_str(),
               (*server)->url().c_str());
  boost::asio::signal_set signals(loop, SIGINT, SIGTERM);
  signals.async_wait([&loop](const boost::system::error_code&, int) { loop.stop(); });
  loop.run();
  return 0;
}

}  // namespace drumline
