#include "controller/ui/ui_server.h"

#include <openssl/rand.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <deque>
#include <set>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "controller/bundle/posix_file.h"
#include "controller/page/report_page.h"
#include "controller/ui/bundle_list.h"
#include "controller/ui/ui_routes.h"

namespace drumline {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;

namespace {

constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);
constexpr char kHtml[] = "text/html; charset=utf-8";
constexpr char kJson[] = "application/json";
constexpr char kPlain[] = "text/plain; charset=utf-8";

using Response = http::response<http::string_body>;

// One who watches: what waits to be sent, and the connection.
struct Watcher {
  explicit Watcher(tcp::socket connection)
      : socket(std::move(connection)), news(socket.get_executor()) {}

  void Send(std::shared_ptr<const std::string> event, size_t most) {
    if (closing) return;
    if (waiting.size() < most) {
      waiting.push_back(std::move(event));
    } else {
      // It has missed something: it will come again, and begin with a snapshot.
      Close();
      waiting.clear();
      boost::system::error_code ignored;
      socket.cancel(ignored);
    }
    news.cancel();
  }
  // Once what waits is sent.
  void Close() {
    closing = true;
    news.cancel();
  }

  tcp::socket socket;
  std::deque<std::shared_ptr<const std::string>> waiting;
  asio::steady_timer news;
  bool closing = false;
};

asio::awaitable<void> SendAll(std::shared_ptr<Watcher> watcher, std::chrono::seconds keep_alive) {
  while (!watcher->closing || !watcher->waiting.empty()) {
    if (watcher->waiting.empty()) {
      watcher->news.expires_after(keep_alive);
      const auto [news] = co_await watcher->news.async_wait(kAsTuple);
      if (!news) watcher->waiting.push_back(std::make_shared<const std::string>(":\n\n"));
      continue;
    }
    const std::shared_ptr<const std::string> next = watcher->waiting.front();
    watcher->waiting.pop_front();
    const auto [error, bytes] =
        co_await asio::async_write(watcher->socket, asio::buffer(*next), kAsTuple);
    if (error) co_return;
  }
}

// Until it goes away; what it says is not listened to.
asio::awaitable<void> AwaitEnd(std::shared_ptr<Watcher> watcher) {
  std::array<char, 256> bytes = {};
  for (;;) {
    const auto [error, read] =
        co_await watcher->socket.async_read_some(asio::buffer(bytes), kAsTuple);
    if (error) co_return;
  }
}

std::string RandomToken() {
  std::array<unsigned char, 16> bytes = {};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) return "";
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

template <typename Fields>
void Harden(Fields* response) {
  response->set(http::field::server, "drumline");
  response->set(http::field::cache_control, "no-store");
  response->set("X-Content-Type-Options", "nosniff");
  response->set("X-Frame-Options", "DENY");
  response->set("Referrer-Policy", "no-referrer");
}

Response MakeResponse(int status, const char* type, std::string body) {
  Response response{static_cast<http::status>(status), 11};
  Harden(&response);
  response.set(http::field::content_type, type);
  response.body() = std::move(body);
  response.keep_alive(false);
  response.prepare_payload();
  return response;
}

UiRequest RequestOf(const http::request<http::string_body>& message) {
  const auto field = [&message](auto name) {
    const auto found = message.find(name);
    return found == message.end() ? std::string() : std::string(found->value());
  };
  UiRequest request;
  request.method = std::string(message.method_string());
  request.target = std::string(message.target());
  request.host = field(http::field::host);
  request.origin = field(http::field::origin);
  request.cookie = field(http::field::cookie);
  request.token = field(kTokenHeader);
  return request;
}

std::shared_ptr<const std::string> EventOf(const std::string& message) {
  return std::make_shared<const std::string>(absl::StrCat("data: ", message, "\n\n"));
}

}  // namespace

struct UiServer::State {
  State(asio::io_context* loop, Options given, Actions callbacks)
      : options(std::move(given)), actions(std::move(callbacks)), acceptor(*loop) {}

  static asio::awaitable<void> Accept(std::shared_ptr<State> state);
  static asio::awaitable<void> Serve(std::shared_ptr<State> state, beast::tcp_stream stream);
  asio::awaitable<void> SendEvents(beast::tcp_stream* stream);
  Response Answer(const UiAnswer& answer) const;

  const Options options;
  const Actions actions;
  tcp::acceptor acceptor;
  UiPolicy policy;
  size_t connections = 0;
  std::set<std::shared_ptr<Watcher>> watchers;
};

asio::awaitable<void> UiServer::State::Accept(std::shared_ptr<State> state) {
  for (;;) {
    auto [error, socket] = co_await state->acceptor.async_accept(kAsTuple);
    if (!state->acceptor.is_open()) co_return;
    if (error) {
      // Out of descriptors, perhaps: not for ever.
      asio::steady_timer pause(state->acceptor.get_executor(), std::chrono::milliseconds(100));
      co_await pause.async_wait(kAsTuple);
      continue;
    }
    if (state->connections >= state->options.max_connections) continue;
    asio::co_spawn(state->acceptor.get_executor(),
                   Serve(state, beast::tcp_stream(std::move(socket))), asio::detached);
  }
}

asio::awaitable<void> UiServer::State::Serve(std::shared_ptr<State> state,
                                             beast::tcp_stream stream) {
  struct Seat {
    explicit Seat(size_t* taken) : count(taken) { ++*count; }
    ~Seat() { --*count; }
    size_t* const count;
  } const seat(&state->connections);
  beast::flat_buffer buffer(state->options.max_request_bytes);
  http::request_parser<http::string_body> parser;
  parser.header_limit(static_cast<uint32_t>(state->options.max_request_bytes));
  parser.body_limit(state->options.max_request_bytes);
  stream.expires_after(state->options.exchange_timeout);
  const auto [read_error, read] = co_await http::async_read(stream, buffer, parser, kAsTuple);
  if (read_error) co_return;
  const UiAnswer answer = AnswerFor(RequestOf(parser.get()), state->policy);
  if (answer.what == UiAnswer::What::kEvents && state->actions.snapshot) {
    co_await state->SendEvents(&stream);
    co_return;
  }
  const Response response = state->Answer(answer);
  stream.expires_after(state->options.exchange_timeout);
  co_await http::async_write(stream, response, kAsTuple);
  boost::system::error_code ignored;
  stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
}

asio::awaitable<void> UiServer::State::SendEvents(beast::tcp_stream* stream) {
  http::response<http::empty_body> head{http::status::ok, 11};
  Harden(&head);
  head.set(http::field::content_type, "text/event-stream");
  head.set(http::field::connection, "close");
  http::response_serializer<http::empty_body> serializer{head};
  stream->expires_after(options.exchange_timeout);
  const auto [head_error, written] =
      co_await http::async_write_header(*stream, serializer, kAsTuple);
  if (head_error) co_return;
  const auto watcher = std::make_shared<Watcher>(stream->release_socket());
  watcher->waiting.push_back(EventOf(actions.snapshot()));
  watchers.insert(watcher);
  using asio::experimental::awaitable_operators::operator||;
  co_await (SendAll(watcher, options.keep_alive) || AwaitEnd(watcher));
  watchers.erase(watcher);
}

Response UiServer::State::Answer(const UiAnswer& answer) const {
  switch (answer.what) {
    case UiAnswer::What::kRefuse:
      return MakeResponse(answer.status, kPlain, absl::StrCat(answer.words, "\n"));
    case UiAnswer::What::kPage:
      return MakeResponse(
          answer.status, kHtml,
          LivePage("Drumline", {.token = policy.token, .watch = actions.snapshot != nullptr}));
    case UiAnswer::What::kList:
      return MakeResponse(answer.status, kJson, ListBundles(options.results_directory));
    case UiAnswer::What::kFile: {
      const absl::StatusOr<std::string> bytes = ReadWholeFile(
          absl::StrCat(options.results_directory, "/", answer.bundle, "/", answer.file),
          options.max_file_bytes);
      if (!bytes.ok()) return MakeResponse(404, kPlain, "the bundle has no such file\n");
      return MakeResponse(answer.status, answer.file.ends_with(".json") ? kJson : kHtml, *bytes);
    }
    case UiAnswer::What::kStop:
      if (!actions.stop) return MakeResponse(409, kPlain, "there is nothing to stop\n");
      actions.stop();
      return MakeResponse(202, kPlain, "the load is being ended\n");
    case UiAnswer::What::kRedirectWithCookie: {
      Response response = MakeResponse(answer.status, kPlain, "");
      response.set(http::field::location, "/");
      response.set(http::field::set_cookie, absl::StrCat(kTokenCookie, "=", policy.token,
                                                         "; HttpOnly; SameSite=Strict; Path=/"));
      return response;
    }
    case UiAnswer::What::kEvents:
      break;
  }
  return MakeResponse(404, kPlain, "there is nothing to watch\n");
}

absl::StatusOr<std::unique_ptr<UiServer>> UiServer::Start(asio::io_context* loop, Options options,
                                                          Actions actions) {
  boost::system::error_code error;
  const asio::ip::address address = asio::ip::make_address(options.host, error);
  if (error) {
    return absl::InvalidArgumentError(
        absl::StrCat("the live page needs an address to listen on, not `", options.host, "`"));
  }
  const tcp::endpoint endpoint(address, options.port);
  auto state = std::make_shared<State>(loop, std::move(options), std::move(actions));
  state->policy = {address.is_loopback(), RandomToken()};
  if (state->policy.token.empty()) return absl::UnavailableError("no random numbers are to be had");
  const auto step = [&error](auto&& action) {
    if (!error) action();
  };
  step([&] { state->acceptor.open(endpoint.protocol(), error); });
  step([&] { state->acceptor.set_option(tcp::acceptor::reuse_address(true), error); });
  step([&] { state->acceptor.bind(endpoint, error); });
  step([&] { state->acceptor.listen(asio::socket_base::max_listen_connections, error); });
  if (error) {
    return absl::UnavailableError(absl::StrCat("the live page cannot listen on ",
                                               address.to_string(), ":", endpoint.port(), ": ",
                                               error.message()));
  }
  asio::co_spawn(*loop, State::Accept(state), asio::detached);
  return std::unique_ptr<UiServer>(new UiServer(std::move(state)));
}

UiServer::UiServer(std::shared_ptr<State> state) : state_(std::move(state)) {}

UiServer::~UiServer() { Close(); }

std::string UiServer::url() const {
  const tcp::endpoint endpoint = state_->acceptor.local_endpoint();
  const std::string host = endpoint.address().is_v6()
                               ? absl::StrCat("[", endpoint.address().to_string(), "]")
                               : endpoint.address().to_string();
  return absl::StrCat("http://", host, ":", endpoint.port(), "/",
                      state_->policy.loopback ? "" : absl::StrCat("?token=", state_->policy.token));
}

uint16_t UiServer::port() const { return state_->acceptor.local_endpoint().port(); }

size_t UiServer::connections() const { return state_->connections; }

void UiServer::Publish(const std::string& message) {
  const std::shared_ptr<const std::string> event = EventOf(message);
  for (const std::shared_ptr<Watcher>& watcher : state_->watchers) {
    watcher->Send(event, state_->options.max_messages);
  }
}

void UiServer::Close() {
  boost::system::error_code ignored;
  state_->acceptor.close(ignored);
  for (const std::shared_ptr<Watcher>& watcher : state_->watchers) {
    watcher->Close();
  }
}

}  // namespace drumline
