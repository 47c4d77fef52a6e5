#include "controller/campaign_command.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "controller/campaign/campaign_events.h"
#include "controller/format/terminal.h"
#include "controller/metrics/metrics_endpoint.h"
#include "controller/progress/run_display.h"
#include "controller/refusal.h"
#include "controller/report/verdict.h"
#include "controller/report_command.h"
#include "controller/ui_command.h"

namespace drumline {
namespace {

// The command that carries out what is left. Empty for a noise floor, which is measured in one go
// or not at all.
std::string WhatGoesOn(const CommandLine& line, const std::string& bundle_path) {
  if (line.command == CommandLine::Command::kAa) return "";
  if (line.HasFlag("resumable")) return "the same command";
  return absl::StrCat("controller resume ", bundle_path);
}

// The first Ctrl-C ends the campaign, the second the program. A window that was resized is drawn
// anew. SIGTERM is as good as Ctrl-C, unless the campaign is one to be gone on with: then it says
// nothing about the verdict.
class Interrupts {
 public:
  Interrupts(boost::asio::io_context* loop, Campaign* campaign, RunDisplay* display,
             const CommandLine& line)
      : campaign_(campaign),
        display_(display),
        goes_on_(WhatGoesOn(line, "BUNDLE")),
        resumable_(line.HasFlag("resumable")),
        signals_(*loop, SIGINT, SIGTERM),
        resizes_(*loop, SIGWINCH) {
    Wait();
    WaitForResize();
  }
  void Ignore() {
    signals_.cancel();
    resizes_.cancel();
  }
  // The exit code of a campaign that is left to a later command; otherwise nothing.
  std::optional<int> Left() const {
    return resumable_ && terminated_ ? std::optional(kExitTerminated) : std::nullopt;
  }

 private:
  // As a shell tells of a program that the signal has ended.
  static constexpr int kExitTerminated = 128 + SIGTERM;

  void Wait() {
    signals_.async_wait([this](const boost::system::error_code& error, int signal) {
      if (error) return;
      terminated_ = terminated_ || signal == SIGTERM;
      if (std::exchange(interrupted_, true)) {
        display_->Close();
        const std::string words = goes_on_.empty() ? "" : absl::StrCat("; to go on: ", goes_on_);
        std::fprintf(stderr, "\ncontroller: quit%s; how far it went: controller report BUNDLE\n",
                     words.c_str());
        std::_Exit(Left().value_or(kExitInconclusive));
      }
      campaign_->Stop("stopped by the user");
      Wait();
    });
  }

  void WaitForResize() {
    resizes_.async_wait([this](const boost::system::error_code& error, int) {
      if (error) return;
      display_->Redraw();
      WaitForResize();
    });
  }

  Campaign* const campaign_;
  RunDisplay* const display_;
  const std::string goes_on_;
  const bool resumable_;
  boost::asio::signal_set signals_;
  boost::asio::signal_set resizes_;
  bool interrupted_ = false;
  bool terminated_ = false;
};

// Who watches is told, if they take it at once.
void EndLivePage(const absl::StatusOr<Campaign::Result>& result, LivePageHost* page,
                 boost::asio::io_context* loop) {
  constexpr std::chrono::milliseconds kPatience(500);
  page->End(result.ok() ? proto::Validity::Value_Name(result->report.verdict().validity())
                        : std::string(result.status().message()));
  loop->restart();
  loop->run_for(kPatience);
}

// Null where nobody asked for it.
using MetricsPage = absl::StatusOr<std::unique_ptr<MetricsEndpoint>>;

MetricsPage ServeMetrics(const CommandLine& line, boost::asio::io_context* loop,
                         const std::optional<Campaign>& campaign, RunDisplay* display) {
  if (!line.HasFlag("metrics")) return std::unique_ptr<MetricsEndpoint>();
  MetricsPage page = MetricsEndpoint::Listen(loop, line.Flag("metrics", ""),
                                             [&campaign] { return campaign->Metrics(); });
  if (page.ok()) display->Note("metrics: http://" + (*page)->address() + "/metrics");
  return page;
}

// Of a page that could not be served at the address that was asked for.
int RefusePage(const absl::Status& status) {
  return Refuse(status, absl::IsInvalidArgument(status) ? kExitWrongInput : kExitUnusable);
}

}  // namespace

std::optional<Campaign::Result> CarryOutCampaign(const CommandLine& line, Campaign::Input input,
                                                 int* exit_code) {
  std::signal(SIGPIPE, SIG_IGN);
  boost::asio::io_context loop;
  RunDisplay display(stderr, RunDisplay::ModeOf(stderr), ColoursWanted());
  std::optional<Campaign> campaign;
  const absl::StatusOr<std::unique_ptr<LivePageHost>> page = OpenLivePage(
      &loop, line, input.plan, [&campaign] { campaign->Stop("stopped from the live page"); });
  if (!page.ok()) {
    *exit_code = RefusePage(page.status());
    return std::nullopt;
  }
  const MetricsPage metrics = ServeMetrics(line, &loop, campaign, &display);
  if (!metrics.ok()) {
    *exit_code = RefusePage(metrics.status());
    return std::nullopt;
  }
  campaign.emplace(&loop, std::move(input), &display, *page ? (*page)->Events() : CampaignEvents{});
  if (*page) display.Note("live page: " + (*page)->url());
  Interrupts interrupts(&loop, &*campaign, &display, line);
  std::optional<absl::StatusOr<Campaign::Result>> result;
  boost::asio::co_spawn(loop, campaign->Run(),
                        [&](const std::exception_ptr& bug, absl::StatusOr<Campaign::Result> ended) {
                          if (bug) std::rethrow_exception(bug);
                          result = std::move(ended);
                          interrupts.Ignore();
                          loop.stop();
                        });
  loop.run();
  if (*page) EndLivePage(*result, page->get(), &loop);
  if (!result->ok()) {
    PrintError(result->status());
    // The scenario was right: whatever else failed, failed around it, unless it asks for too much.
    *exit_code = absl::IsCancelled(result->status())    ? kExitInconclusive
                 : absl::IsOutOfRange(result->status()) ? kExitWrongInput
                                                        : kExitUnusable;
    *exit_code = interrupts.Left().value_or(*exit_code);
    return std::nullopt;
  }
  WriteLog((*result)->bundle_path);
  *exit_code = PrintReport((*result)->report, (*result)->bundle_path);
  const std::string goes_on = WhatGoesOn(line, (*result)->bundle_path);
  if ((*result)->unfinished && !goes_on.empty()) {
    std::fprintf(stderr, "controller: ended early; to carry out the rest: %s\n", goes_on.c_str());
  }
  *exit_code = interrupts.Left().value_or(*exit_code);
  return *std::move(*result);
}

}  // namespace drumline
