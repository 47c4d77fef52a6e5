#include "tests/integration/scrape/scripted_server.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/socket_base.hpp>
#include <boost/asio/write.hpp>
#include <utility>

namespace drumline {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

struct ScriptedServer::Peer {
  explicit Peer(tcp::socket socket) : socket(std::move(socket)) {}
  tcp::socket socket;
  std::string input;
};

ScriptedServer::ScriptedServer(asio::io_context* loop, std::vector<Reply> script, uint16_t port)
    : acceptor_(*loop, tcp::endpoint(asio::ip::address_v4::loopback(), port)),
      script_(std::move(script)),
      port_(acceptor_.local_endpoint().port()) {
  Accept();
}

void ScriptedServer::Accept() {
  acceptor_.async_accept([this](const error_code& error, tcp::socket socket) {
    if (error) return;
    ++connections_;
    auto peer = std::make_shared<Peer>(std::move(socket));
    peers_.push_back(peer);
    Serve(peer);
    Accept();
  });
}

void ScriptedServer::Serve(const std::shared_ptr<Peer>& peer) {
  asio::async_read_until(peer->socket, asio::dynamic_buffer(peer->input), "\r\n\r\n",
                         [this, peer](const error_code& error, size_t bytes) {
                           if (error) return;
                           requests_.push_back(peer->input.substr(0, bytes));
                           peer->input.erase(0, bytes);
                           Answer(peer);
                         });
}

void ScriptedServer::Answer(const std::shared_ptr<Peer>& peer) {
  const Reply& reply = script_[std::min(requests_.size(), script_.size()) - 1];
  asio::async_write(peer->socket, asio::buffer(reply.bytes),
                    [this, peer, then = reply.then](const error_code& error, size_t) {
                      if (error) return;
                      if (then == Then::kKeepOpen) return Serve(peer);
                      if (then == Then::kReset) {
                        peer->socket.set_option(asio::socket_base::linger(true, 0));
                      }
                      peer->socket.close();
                    });
}

void ScriptedServer::GoAway() {
  acceptor_.close();
  CloseConnections();
}

void ScriptedServer::CloseConnections() {
  for (const std::weak_ptr<Peer>& weak : peers_) {
    if (const std::shared_ptr<Peer> peer = weak.lock()) peer->socket.close();
  }
  peers_.clear();
}

std::string Page(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace drumline
