#include "tests/integration/agent/scripted_server.h"

#include <boost/asio/post.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <string>
#include <utility>

namespace drumline {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {
constexpr std::string_view kOk = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
}  // namespace

struct ScriptedServer::Peer {
  explicit Peer(tcp::socket accepted) : socket(std::move(accepted)), timer(socket.get_executor()) {}
  tcp::socket socket;
  asio::steady_timer timer;
  std::string input;
};

ScriptedServer::ScriptedServer(std::function<Act(uint64_t)> script)
    : script_(std::move(script)),
      acceptor_(loop_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {
  port_ = acceptor_.local_endpoint().port();
  Accept();
  thread_ = std::thread([this] { loop_.run(); });
}

void ScriptedServer::Stop() {
  if (!thread_.joinable()) return;
  loop_.stop();
  thread_.join();
  peers_.clear();
  error_code ignored;
  acceptor_.close(ignored);
}

void ScriptedServer::Accept() {
  acceptor_.async_accept([this](const error_code& error, tcp::socket socket) {
    if (error) return;
    socket.set_option(tcp::no_delay(true));
    auto peer = std::make_shared<Peer>(std::move(socket));
    peers_.insert(peer);
    Read(peer);
    Accept();
  });
}

void ScriptedServer::Read(const std::shared_ptr<Peer>& peer) {
  asio::async_read_until(peer->socket, asio::dynamic_buffer(peer->input), "\r\n\r\n",
                         [this, peer](const error_code& error, size_t bytes) {
                           if (error) {
                             peers_.erase(peer);
                             return;
                           }
                           peer->input.erase(0, bytes);
                           Perform(peer);
                           if (peer->socket.is_open()) Read(peer);
                         });
}

void ScriptedServer::Write(const std::shared_ptr<Peer>& peer, std::string_view text) {
  error_code ignored;  // The peer may have gone; that is its affair.
  asio::write(peer->socket, asio::buffer(text.data(), text.size()), ignored);
}

void ScriptedServer::Later(const std::shared_ptr<Peer>& peer, int milliseconds,
                           std::function<void()> action) {
  peer->timer.expires_after(std::chrono::milliseconds(milliseconds));
  peer->timer.async_wait([peer, action = std::move(action)](const error_code& error) {
    if (!error) action();
  });
}

void ScriptedServer::Close(const std::shared_ptr<Peer>& peer, bool reset) {
  error_code ignored;
  if (reset) peer->socket.set_option(asio::socket_base::linger(true, 0), ignored);
  peer->socket.close(ignored);
  peers_.erase(peer);
}

void ScriptedServer::Perform(const std::shared_ptr<Peer>& peer) {
  const Act act = script_(served_);
  ++served_;
  ++counts_[static_cast<size_t>(act)];
  switch (act) {
    case Act::kAnswer:
      return Write(peer, kOk);
    case Act::kCloseListener:
      acceptor_.close();
      return Write(peer, kOk);
    case Act::kAnswerAndClose:
      Write(peer, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello");
      return Close(peer, /*reset=*/false);
    case Act::kCloseDelimited:
      Write(peer, "HTTP/1.1 200 OK\r\n\r\nhello");
      return Close(peer, /*reset=*/false);
    case Act::kCloseDelimitedReset:
      Write(peer, "HTTP/1.1 200 OK\r\n\r\nhello, wor");
      // Time for the client to read it; should it not, it finds a reset all the same.
      return Later(peer, 20, [this, peer] { Close(peer, /*reset=*/true); });
    case Act::kBadStatus:
      return Write(peer, "HTTP/1.1 503 Busy\r\nContent-Length: 5\r\n\r\nhello");
    case Act::kBadBody:
      return Write(peer, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhullo");
    case Act::kSlow:
      return Later(peer, 20, [this, peer] { Write(peer, kOk); });
    case Act::kInPieces:
      for (const char& c : kOk) Write(peer, std::string_view(&c, 1));
      return;
    case Act::kReset:
      Write(peer, "HTTP/1.1 200 OK\r\nContent-Le");
      return Close(peer, /*reset=*/true);
    case Act::kCutOff:
      Write(peer, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel");
      return Close(peer, /*reset=*/false);
    case Act::kSilentClose:
      return Close(peer, /*reset=*/false);
    case Act::kGarbage:
      return Write(peer, "SSH-2.0-OpenSSH_9.2p1\r\n");
    case Act::kNever:
      return;
  }
}

}  // namespace drumline
