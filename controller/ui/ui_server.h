// UiServer: the live page's HTTP server, on the controller's own loop.
//
//     auto server = UiServer::Start(&loop, options, {.snapshot = …, .stop = …});
//     (*server)->url();                      // what to open
//     (*server)->Publish(message);           // to all that watch, as a server-sent event
//     (*server)->Close();                    // nobody is answered any more
//
// What is answered to whom is ui_routes.h's to say. HTTP is Boost.Beast's; each connection carries
// one exchange, or events until somebody ends them. Nobody can make it grow: connections, the bytes
// of a request, the messages that wait for a slow watcher (who is then dropped, and comes back for
// a snapshot) and the time for each exchange have limits. Files are read on the loop: a report
// takes milliseconds, which leases and intervals bear.
//
// Belongs to the loop's thread; so do the callbacks. The loop must outlive it.
#ifndef CONTROLLER_UI_UI_SERVER_H_
#define CONTROLLER_UI_UI_SERVER_H_

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace drumline {

class UiServer {
 public:
  struct Options {
    // An address, not a name.
    std::string host = "127.0.0.1";
    // 0: any that is free.
    uint16_t port = 0;
    std::string results_directory = "results";
    // More are closed at once.
    size_t max_connections = 64;
    size_t max_request_bytes = 16 * 1024;
    // That wait for one watcher.
    size_t max_messages = 32;
    std::chrono::seconds exchange_timeout{15};
    // A comment is sent to watchers so often, so that those who are gone are noticed.
    std::chrono::seconds keep_alive{10};
    int64_t max_file_bytes = int64_t{64} << 20;
  };

  struct Actions {
    // What one who has just come is told; null where nothing can be watched.
    std::function<std::string()> snapshot = {};
    // Somebody pressed the button; null where there is nothing to stop.
    std::function<void()> stop = {};
  };

  // InvalidArgument if the host is no address; Unavailable if it cannot be listened on.
  static absl::StatusOr<std::unique_ptr<UiServer>> Start(boost::asio::io_context* loop,
                                                         Options options, Actions actions);
  UiServer(const UiServer&) = delete;
  UiServer& operator=(const UiServer&) = delete;
  // Closes it.
  ~UiServer();

  // With the token where one is needed.
  std::string url() const;
  uint16_t port() const;
  // Connections that are open now.
  size_t connections() const;

  void Publish(const std::string& message);
  // Whoever watches has what was published, or as much as their connections take at once.
  void Close();

 private:
  struct State;

  explicit UiServer(std::shared_ptr<State> state);

  // Shared with the connections' coroutines, which may run once more after the server is gone.
  const std::shared_ptr<State> state_;
};

}  // namespace drumline

#endif  // CONTROLLER_UI_UI_SERVER_H_
