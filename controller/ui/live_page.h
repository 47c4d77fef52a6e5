// LivePageHost: shows a campaign in a browser while it lasts: the feed, the server, and once a
// second the news from the one to the other.
//
//     auto page = LivePageHost::Start(&loop, options, facts, [&] { campaign.Stop(…); });
//     Campaign campaign(&loop, input, &display, (*page)->Events());
//     …
//     (*page)->End("VALID");                 // the last news; then run the loop until it is idle
//
// Belongs to the loop's thread, and outlives the campaign that it is told of.
#ifndef CONTROLLER_UI_LIVE_PAGE_H_
#define CONTROLLER_UI_LIVE_PAGE_H_

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "controller/campaign/campaign_events.h"
#include "controller/ui/live_feed.h"
#include "controller/ui/ui_server.h"

namespace drumline {

class LivePageHost {
 public:
  // Errors as those of UiServer::Start.
  static absl::StatusOr<std::unique_ptr<LivePageHost>> Start(boost::asio::io_context* loop,
                                                             UiServer::Options options,
                                                             LiveFeed::Facts facts,
                                                             std::function<void()> stop);

  std::string url() const { return server_->url(); }
  CampaignEvents Events();
  void End(const std::string& verdict);

 private:
  LivePageHost(boost::asio::io_context* loop, LiveFeed::Facts facts)
      : feed_(std::move(facts)), second_(*loop) {}
  void AwaitSecond();

  LiveFeed feed_;
  boost::asio::steady_timer second_;
  std::unique_ptr<UiServer> server_;
};

}  // namespace drumline

#endif  // CONTROLLER_UI_LIVE_PAGE_H_
