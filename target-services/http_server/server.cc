#include "target-services/http_server/server.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <exception>
#include <sstream>
#include <utility>

#include "target-services/http_server/json_text.h"
#include "target-services/metrics/own_usage.h"
#include "target-services/metrics/prometheus_text.h"

namespace drumline::target {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

absl::StatusOr<EventLoop::Endpoint> Resolve(const std::string& host, uint16_t port) {
  asio::io_context context;
  asio::ip::tcp::resolver resolver(context);
  error_code error;
  const auto found = resolver.resolve(host, std::to_string(port), error);
  if (error || found.empty()) {
    return absl::InvalidArgumentError("host " + host + ": expected an address or a known name");
  }
  return found.begin()->endpoint();
}

// A socket that shares its port can be bound beside another server's that does so too, and the two
// would then split the clients between them. One that does not share finds the port taken.
absl::Status CheckPortIsFree(const EventLoop::Endpoint& endpoint) {
  if (endpoint.port() == 0) return absl::OkStatus();
  asio::io_context context;
  asio::ip::tcp::acceptor probe(context);
  error_code error;
  probe.open(endpoint.protocol(), error);
  if (!error) probe.set_option(asio::ip::tcp::acceptor::reuse_address(true), error);
  if (!error) probe.bind(endpoint, error);
  if (!error) return absl::OkStatus();
  std::ostringstream message;
  message << endpoint << ": " << error.message();
  if (error == asio::error::access_denied) return absl::PermissionDeniedError(message.str());
  return absl::UnavailableError(message.str());
}

std::vector<std::string> PathLabels(const Routes& routes) {
  std::vector<std::string> labels;
  for (size_t i = 0; i < routes.size(); ++i) labels.push_back(routes.path(i));
  labels.emplace_back("other");
  return labels;
}

std::vector<std::string> MethodLabels() {
  std::vector<std::string> labels;
  for (size_t i = 0; i < kMethodCount; ++i) {
    labels.emplace_back(MethodName(static_cast<Method>(i)));
  }
  return labels;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Listen(const ServerConfig& config,
                                                       const RoutesFactory& make_routes) {
  try {
    std::unique_ptr<Server> server(new Server(config));
    absl::Status status = server->Open(make_routes);
    if (!status.ok()) return status;
    return server;
  } catch (const std::exception& error) {  // Asio's constructors throw where the kernel refuses.
    return absl::UnavailableError(error.what());
  }
}

Server::~Server() {
  Drain();
  Join();
}

absl::Status Server::Open(const RoutesFactory& make_routes) {
  absl::StatusOr<EventLoop::Endpoint> endpoint = Resolve(config_.host, config_.port);
  if (!endpoint.ok()) return endpoint.status();
  absl::Status free = CheckPortIsFree(*endpoint);
  if (!free.ok()) return free;
  for (size_t i = 0; i < config_.threads; ++i) {
    auto context = std::make_shared<asio::io_context>(/*concurrency_hint=*/1);
    Routes routes = make_routes(*context);
    AddCommonRoutes(routes);
    if (i == 0) {
      metrics_ =
          std::make_unique<RequestMetrics>(PathLabels(routes), MethodLabels(), config_.threads);
    }
    auto loop = std::make_unique<EventLoop>(config_, std::move(context), std::move(routes),
                                            metrics_->recorder(i));
    absl::Status status = loop->Listen(*endpoint);
    if (!status.ok()) return status;
    *endpoint = loop->local_endpoint();  // The port that the kernel picked is the next ones' too.
    loops_.push_back(std::move(loop));
  }
  return absl::OkStatus();
}

std::string Server::address() const {
  std::ostringstream text;
  text << loops_.front()->local_endpoint();
  return text.str();
}

void Server::Start() {
  for (const auto& loop : loops_) threads_.emplace_back([&loop = *loop] { loop.Run(); });
}

void Server::Drain() {
  for (const auto& loop : loops_) loop->Drain();
}

void Server::Join() {
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void Server::AddCommonRoutes(Routes& routes) const {
  if (!routes.Has(Method::kGet, "/health")) {
    routes.Add(Method::kGet, "/health", [](const Request&, ResponseWriter& writer) {
      writer.Respond(200, kJsonContentType, R"({"status":"healthy"})");
    });
  }
  routes.Add(Method::kGet, "/metrics", [this](const Request&, ResponseWriter& writer) {
    writer.Respond(200, kPrometheusContentType, RenderMetrics());
  });
}

std::string Server::RenderMetrics() const {
  PrometheusText text;
  metrics_->Render(text);
  const absl::StatusOr<OwnUsage> usage = ReadOwnUsage();
  if (usage.ok()) RenderOwnUsage(*usage, text);
  return text.text();
}

}  // namespace drumline::target
