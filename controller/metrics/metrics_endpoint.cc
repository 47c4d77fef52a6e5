#include "controller/metrics/metrics_endpoint.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cstdint>
#include <string_view>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace drumline {

namespace asio = boost::asio;
using asio::ip::tcp;

struct MetricsEndpoint::State {
  State(asio::io_context* loop, MakePage page) : acceptor(*loop), make_page(std::move(page)) {}

  tcp::acceptor acceptor;
  const MakePage make_page;
  size_t connections = 0;
  bool stopped = false;
};

namespace {

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

std::string Answer(std::string_view status, std::string_view type, const std::string& body) {
  return absl::StrCat("HTTP/1.1 ", std::string(status), "\r\nContent-Type: ", std::string(type),
                      "\r\nContent-Length: ", body.size(), "\r\nConnection: close\r\n\r\n", body);
}

// `head` begins with a request line.
std::string AnswerTo(std::string_view head, const MetricsEndpoint::MakePage& make_page) {
  constexpr std::string_view kPlain = "text/plain; charset=utf-8";
  const std::string_view line = head.substr(0, head.find("\r\n"));
  const size_t method_end = line.find(' ');
  if (method_end == std::string_view::npos) {
    return Answer("400 Bad Request", kPlain, "not a request\n");
  }
  if (line.substr(0, method_end) != "GET") {
    return Answer("405 Method Not Allowed", kPlain, "only GET\n");
  }
  const std::string_view target = line.substr(method_end + 1);
  const std::string_view path = target.substr(0, target.find_first_of(" ?"));
  if (path != "/metrics") return Answer("404 Not Found", kPlain, "see /metrics\n");
  return Answer("200 OK", "text/plain; version=0.0.4; charset=utf-8", make_page());
}

absl::StatusOr<tcp::endpoint> ParseAddress(const std::string& address) {
  const size_t colon = address.rfind(':');
  uint32_t port = 0;
  boost::system::error_code error;
  std::string host = colon == std::string::npos ? "" : address.substr(0, colon);
  if (host == "localhost") host = "127.0.0.1";
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  const auto ip = asio::ip::make_address(host, error);
  constexpr uint32_t kMostPort = 65535;
  if (colon == std::string::npos || error || !absl::SimpleAtoi(address.substr(colon + 1), &port) ||
      port > kMostPort) {
    return absl::InvalidArgumentError(
        absl::StrCat("`", address, "` is not HOST:PORT, for example 127.0.0.1:9464"));
  }
  return tcp::endpoint(ip, static_cast<uint16_t>(port));
}

asio::awaitable<void> Serve(std::shared_ptr<tcp::socket> socket,
                            MetricsEndpoint::MakePage make_page) {
  std::string request;
  const auto [read_error, size] = co_await asio::async_read_until(
      *socket, asio::dynamic_buffer(request, MetricsEndpoint::kMaxRequestBytes), "\r\n\r\n",
      kAwait);
  if (read_error) co_return;
  const std::string answer = AnswerTo(std::string_view(request).substr(0, size), make_page);
  co_await asio::async_write(*socket, asio::buffer(answer), kAwait);
  boost::system::error_code ignored;
  socket->shutdown(tcp::socket::shutdown_send, ignored);
}

// Closes the socket when the time is over, which ends whatever waits for it.
void CloseLater(const std::shared_ptr<tcp::socket>& socket,
                const std::shared_ptr<asio::steady_timer>& timer) {
  timer->expires_after(MetricsEndpoint::kTimeout);
  timer->async_wait([socket, timer](const boost::system::error_code& error) {
    boost::system::error_code ignored;
    if (!error) socket->close(ignored);
  });
}

template <typename State>
asio::awaitable<void> Accept(std::shared_ptr<State> state) {
  while (!state->stopped) {
    auto [error, accepted] = co_await state->acceptor.async_accept(kAwait);
    if (error == asio::error::operation_aborted || state->stopped) co_return;
    if (error || state->connections >= MetricsEndpoint::kMaxConnections) continue;
    ++state->connections;
    auto socket = std::make_shared<tcp::socket>(std::move(accepted));
    auto timer = std::make_shared<asio::steady_timer>(socket->get_executor());
    CloseLater(socket, timer);
    asio::co_spawn(socket->get_executor(), Serve(socket, state->make_page),
                   [state, socket, timer](const std::exception_ptr&) {
                     timer->cancel();
                     --state->connections;
                   });
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<MetricsEndpoint>> MetricsEndpoint::Listen(asio::io_context* loop,
                                                                         const std::string& address,
                                                                         MakePage make_page) {
  const absl::StatusOr<tcp::endpoint> endpoint = ParseAddress(address);
  if (!endpoint.ok()) return endpoint.status();
  auto state = std::make_shared<State>(loop, std::move(make_page));
  boost::system::error_code error;
  state->acceptor.open(endpoint->protocol(), error);
  if (!error) state->acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) state->acceptor.bind(*endpoint, error);
  if (!error) state->acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    return absl::UnavailableError(
        absl::StrCat("cannot serve metrics at ", address, ": ", error.message()));
  }
  asio::co_spawn(*loop, Accept(state), asio::detached);
  return std::unique_ptr<MetricsEndpoint>(new MetricsEndpoint(std::move(state)));
}

MetricsEndpoint::~MetricsEndpoint() {
  state_->stopped = true;
  boost::system::error_code ignored;
  state_->acceptor.close(ignored);
}

std::string MetricsEndpoint::address() const {
  boost::system::error_code error;
  const tcp::endpoint endpoint = state_->acceptor.local_endpoint(error);
  if (error) return "";
  const std::string host = endpoint.address().to_string();
  return absl::StrCat(endpoint.address().is_v6() ? absl::StrCat("[", host, "]") : host, ":",
                      endpoint.port());
}

}  // namespace drumline
