#include "controller/ui/live_page.h"

#include <chrono>
#include <optional>
#include <utility>

namespace drumline {

absl::StatusOr<std::unique_ptr<LivePageHost>> LivePageHost::Start(boost::asio::io_context* loop,
                                                                  UiServer::Options options,
                                                                  LiveFeed::Facts facts,
                                                                  std::function<void()> stop) {
  std::unique_ptr<LivePageHost> host(new LivePageHost(loop, std::move(facts)));
  const LiveFeed* feed = &host->feed_;
  absl::StatusOr<std::unique_ptr<UiServer>> server =
      UiServer::Start(loop, std::move(options),
                      {.snapshot = [feed] { return feed->Snapshot(); }, .stop = std::move(stop)});
  if (!server.ok()) return server.status();
  host->server_ = *std::move(server);
  host->AwaitSecond();
  return host;
}

void LivePageHost::AwaitSecond() {
  second_.expires_after(std::chrono::seconds(1));
  second_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    // While nobody watches, nothing is made; what has changed until somebody does is told then.
    if (server_->connections() > 0) {
      if (const std::optional<std::string> news = feed_.TakeNews()) server_->Publish(*news);
    }
    AwaitSecond();
  });
}

CampaignEvents LivePageHost::Events() {
  return {.bundle = [this](const std::string& path) { feed_.SetBundle(path); },
          .run_began = [this](const proto::RunPlan& run) { feed_.BeginRun(run); },
          .interval = [this](const proto::Interval& interval) { feed_.Add(interval); },
          .scrape = [this](const proto::Scrape& scrape) { feed_.Add(scrape); },
          .second =
              [this](const RunMachine& machine, int64_t now_ns) {
                const int64_t at_ns = machine.started() ? now_ns - machine.start_ns() : 0;
                feed_.SetState(machine.state_name(), static_cast<double>(at_ns) * 1e-9);
              },
          .noted = [this](const std::string& text) { feed_.Note(text); }};
}

void LivePageHost::End(const std::string& verdict) {
  second_.cancel();
  if (const std::optional<std::string> news = feed_.TakeNews()) server_->Publish(*news);
  server_->Publish(feed_.End(verdict));
  server_->Close();
}

}  // namespace drumline
