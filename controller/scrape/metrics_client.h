// MetricsClient: fetches one page over HTTP/1.1, again and again, on one connection, in TLS if it
// is given a context for it.
//
//     MetricsClient client(&loop, {"127.0.0.1", 8080, "/metrics"}, 4 << 20);
//     absl::StatusOr<std::string> page = co_await client.Fetch(deadline, on_sending);
//
// The connection is kept open between fetches and opened again where it was lost; a request that
// meets a connection which the server has closed in the meantime is sent once more on a new one.
// A name is resolved again only when no connection could be opened.
//
// Used from the loop's thread alone, one Fetch at a time. It must outlive the coroutine that runs
// Fetch. The one exception that can leave Fetch is std::bad_alloc. Looking a name up cannot be
// called off: destroying the loop waits for the system's resolver.
#ifndef CONTROLLER_SCRAPE_METRICS_CLIENT_H_
#define CONTROLLER_SCRAPE_METRICS_CLIENT_H_

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "controller/scrape/metrics_source.h"
#include "link/tls_context.h"

namespace drumline {

class MetricsClient {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  // A body may have `max_bytes`.
  MetricsClient(boost::asio::io_context* loop, MetricsUrl url, size_t max_bytes,
                std::shared_ptr<TlsContext> tls = nullptr);
  ~MetricsClient();
  MetricsClient(const MetricsClient&) = delete;
  MetricsClient& operator=(const MetricsClient&) = delete;

  // The body of a 200. All others are errors whose message says what happened, in a few words:
  // "refused", "timeout", "HTTP status 503", "the server closed the connection mid-way", "its
  // certificate: self-signed certificate".
  // `on_sending` is called each time the request is about to be sent, with the connection open.
  boost::asio::awaitable<absl::StatusOr<std::string>> Fetch(Instant deadline,
                                                            std::function<void()> on_sending);

  // For good: a Fetch that is under way ends at once, with an error, and so does any later one.
  void Close();

 private:
  using Endpoints = boost::asio::ip::tcp::resolver::results_type;
  // What the resolver's answer is put into. Shared with the resolver, which cannot be called off:
  // its answer may come long after the deadline, or when the client is gone.
  struct Resolution;
  // TLS over stream_; one for each connection.
  struct Secured;
  // How one exchange went.
  struct Answer;

  boost::asio::awaitable<boost::system::error_code> Resolve(Instant deadline);
  boost::asio::awaitable<absl::Status> Connect(Instant deadline);
  boost::asio::awaitable<absl::Status> ShakeHands();
  template <typename Stream>
  boost::asio::awaitable<Answer> ExchangeOver(Stream& stream);
  boost::asio::awaitable<Answer> Exchange(Instant deadline);
  absl::Status Lost(const boost::system::error_code& error) const;
  absl::StatusOr<std::string> Judge(Answer answer) const;
  void Disconnect();

  boost::asio::io_context* const loop_;
  const MetricsUrl url_;
  const size_t max_bytes_;
  const std::shared_ptr<TlsContext> tls_;
  boost::beast::tcp_stream stream_;
  // Null in plain text. Kept after the connection is closed: an operation may still be on its way
  // back through it.
  std::unique_ptr<Secured> secured_;
  // While a resolution is under way.
  std::shared_ptr<Resolution> resolution_;
  std::optional<Endpoints> endpoints_;
  bool connected_ = false;
  bool closed_ = false;
};

}  // namespace drumline

#endif  // CONTROLLER_SCRAPE_METRICS_CLIENT_H_
