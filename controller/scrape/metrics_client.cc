#include "controller/scrape/metrics_client.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <utility>

#include "absl/strings/str_cat.h"

namespace drumline {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

constexpr auto kAwaitTuple = asio::as_tuple(asio::use_awaitable);
constexpr uint32_t kMaxHeaderBytes = 16 * 1024;

std::string HostField(const MetricsUrl& url) {
  const bool ipv6 = url.host.find(':') != std::string::npos;
  return absl::StrCat(ipv6 ? "[" : "", url.host, ipv6 ? "]" : "", ":", url.port);
}

// The peer went away without a byte of an answer.
bool LostBeforeAnswer(const error_code& error) {
  return error == http::error::end_of_stream || error == asio::error::connection_reset ||
         error == asio::error::broken_pipe || error == asio::error::eof;
}

std::string Words(const error_code& error, size_t max_bytes) {
  if (error == asio::error::connection_refused) return "refused";
  if (error == beast::error::timeout) return "timeout";
  if (error == asio::error::operation_aborted) return "stopped";
  if (error == asio::error::connection_reset || error == asio::error::broken_pipe) {
    return "the server reset the connection";
  }
  if (error == http::error::end_of_stream) return "the server closed the connection, no answer";
  if (error == http::error::partial_message) return "the server closed the connection mid-way";
  if (error == http::error::body_limit) {
    return absl::StrCat("larger than the limit of ", max_bytes, " bytes");
  }
  if (error == http::error::header_limit) {
    return absl::StrCat("HTTP header larger than the limit of ", kMaxHeaderBytes, " bytes");
  }
  if (error.category() == make_error_code(http::error::bad_version).category()) {
    return absl::StrCat("not HTTP: ", error.message());
  }
  return error.message();
}

}  // namespace

struct MetricsClient::Resolution {
  explicit Resolution(asio::io_context* loop) : resolver(*loop), waiter(*loop) {}

  asio::ip::tcp::resolver resolver;
  asio::steady_timer waiter;
  bool done = false;
  error_code error;
  Endpoints endpoints;
};

struct MetricsClient::Secured {
  Secured(TlsContext* shared, beast::tcp_stream* below)
      : context(shared->Share()), stream(*below, context) {
    shared->Address(stream.native_handle());
  }

  asio::ssl::context context;
  asio::ssl::stream<beast::tcp_stream&> stream;
};

struct MetricsClient::Answer {
  error_code error;
  http::response<http::string_body> response;
};

MetricsClient::MetricsClient(asio::io_context* loop, MetricsUrl url, size_t max_bytes,
                             std::shared_ptr<TlsContext> tls)
    : loop_(loop),
      url_(std::move(url)),
      max_bytes_(max_bytes),
      tls_(std::move(tls)),
      stream_(*loop) {}

MetricsClient::~MetricsClient() = default;

asio::awaitable<absl::StatusOr<std::string>> MetricsClient::Fetch(
    Instant deadline, std::function<void()> on_sending) {
  for (;;) {
    const bool reused = connected_;
    if (!connected_) {
      absl::Status status = co_await Connect(deadline);
      if (!status.ok()) {
        Disconnect();
        co_return status;
      }
    }
    on_sending();
    Answer answer = co_await Exchange(deadline);
    if (answer.error || !answer.response.keep_alive()) Disconnect();
    // At most once, for the connection is a new one then.
    if (reused && !closed_ && LostBeforeAnswer(answer.error)) continue;
    co_return Judge(std::move(answer));
  }
}

asio::awaitable<error_code> MetricsClient::Resolve(Instant deadline) {
  error_code not_an_address;
  const asio::ip::address address = asio::ip::make_address(url_.host, not_an_address);
  if (!not_an_address) {
    endpoints_ = Endpoints::create(asio::ip::tcp::endpoint(address, url_.port), url_.host, "");
    co_return error_code();
  }
  if (!resolution_) {
    resolution_ = std::make_shared<Resolution>(loop_);
    resolution_->resolver.async_resolve(
        url_.host, std::to_string(url_.port),
        [resolution = resolution_](const error_code& error, Endpoints endpoints) {
          resolution->done = true;
          resolution->error = error;
          resolution->endpoints = std::move(endpoints);
          resolution->waiter.cancel();
        });
  }
  const std::shared_ptr<Resolution> resolution = resolution_;
  if (!resolution->done) {
    resolution->waiter.expires_at(deadline);
    co_await resolution->waiter.async_wait(kAwaitTuple);
  }
  if (closed_) co_return asio::error::operation_aborted;
  // The next fetch goes on waiting for the same answer.
  if (!resolution->done) co_return beast::error::timeout;
  resolution_.reset();
  if (!resolution->error) endpoints_ = std::move(resolution->endpoints);
  co_return resolution->error;
}

asio::awaitable<absl::Status> MetricsClient::Connect(Instant deadline) {
  if (closed_) co_return Lost(asio::error::operation_aborted);
  if (!endpoints_) {
    const error_code error = co_await Resolve(deadline);
    if (error) co_return Lost(error);
  }
  const Endpoints endpoints = *endpoints_;
  stream_.expires_at(deadline);
  auto [error, endpoint] = co_await stream_.async_connect(endpoints, kAwaitTuple);
  if (error) {
    endpoints_.reset();
    co_return Lost(error);
  }
  if (closed_) co_return Lost(asio::error::operation_aborted);
  if (tls_ != nullptr) {
    absl::Status status = co_await ShakeHands();
    if (!status.ok()) co_return status;
  }
  connected_ = true;
  co_return absl::OkStatus();
}

// Before the deadline of the connecting.
asio::awaitable<absl::Status> MetricsClient::ShakeHands() {
  secured_ = std::make_unique<Secured>(tls_.get(), &stream_);
  auto [error] =
      co_await secured_->stream.async_handshake(asio::ssl::stream_base::client, kAwaitTuple);
  if (closed_) co_return Lost(asio::error::operation_aborted);
  if (!error) co_return absl::OkStatus();
  const std::string distrust = TlsContext::Distrust(secured_->stream.native_handle());
  if (!distrust.empty()) co_return absl::UnavailableError(distrust);
  if (error.category() != asio::error::get_ssl_category()) co_return Lost(error);
  co_return absl::UnavailableError(absl::StrCat("TLS: ", error.message()));
}

template <typename Stream>
asio::awaitable<MetricsClient::Answer> MetricsClient::ExchangeOver(Stream& stream) {
  Answer answer;
  http::request<http::empty_body> request(http::verb::get, url_.path, 11);
  request.set(http::field::host, HostField(url_));
  request.set(http::field::accept, "text/plain;version=0.0.4");
  request.set(http::field::user_agent, "drumline");
  auto [write_error, written] = co_await http::async_write(stream, request, kAwaitTuple);
  if (write_error) {
    answer.error = write_error;
    co_return answer;
  }
  beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.header_limit(kMaxHeaderBytes);
  parser.body_limit(max_bytes_);
  auto [read_error, read] = co_await http::async_read(stream, buffer, parser, kAwaitTuple);
  answer.error = read_error;
  // A connection that ended without TLS's farewell: whatever its end meant was not said.
  if (read_error == asio::ssl::error::stream_truncated) {
    answer.error = parser.got_some() ? http::error::partial_message : http::error::end_of_stream;
  }
  answer.response = parser.release();
  co_return answer;
}

asio::awaitable<MetricsClient::Answer> MetricsClient::Exchange(Instant deadline) {
  stream_.expires_at(deadline);
  Answer answer;
  // Not with `?:`: gcc 12 destroys the result of a co_await in it twice.
  if (tls_ != nullptr) {
    answer = co_await ExchangeOver(secured_->stream);
  } else {
    answer = co_await ExchangeOver(stream_);
  }
  stream_.expires_never();
  if (closed_) answer.error = asio::error::operation_aborted;
  co_return answer;
}

absl::Status MetricsClient::Lost(const boost::system::error_code& error) const {
  return absl::UnavailableError(Words(error, max_bytes_));
}

absl::StatusOr<std::string> MetricsClient::Judge(Answer answer) const {
  if (answer.error) return Lost(answer.error);
  if (answer.response.result() != http::status::ok) {
    return absl::UnavailableError(absl::StrCat("HTTP status ", answer.response.result_int()));
  }
  std::string body = std::move(answer.response.body());
  // Where the end of the connection is the end of the body, only a whole last line tells a complete
  // page from one that was cut short: 12.5 cut short may read as 12.
  if (answer.response.need_eof() && !body.ends_with('\n')) {
    return absl::UnavailableError("the server closed the connection mid-way");
  }
  return body;
}

void MetricsClient::Disconnect() {
  connected_ = false;
  stream_.close();
}

void MetricsClient::Close() {
  closed_ = true;
  if (resolution_) resolution_->waiter.cancel();
  Disconnect();
}

}  // namespace drumline
