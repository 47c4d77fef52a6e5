// ScriptedServer: an HTTP/1.1 target on loopback that misbehaves as it is told, and counts.
//
//     ScriptedServer server([](uint64_t request) { return ScriptedServer::Act::kAnswer; });
//     server.port();
//     server.Stop();                       // nothing is served any more
//     server.count(ScriptedServer::Act::kReset);
//
// Requests are numbered from 0 in the order in which they are read; they have no body. Has a thread
// of its own. count and served are exact once Stop has returned.
#ifndef TESTS_INTEGRATION_AGENT_SCRIPTED_SERVER_H_
#define TESTS_INTEGRATION_AGENT_SCRIPTED_SERVER_H_

#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <thread>

namespace drumline {

class ScriptedServer {
 public:
  enum class Act {
    kAnswer,
    kAnswerAndClose,       // with `Connection: close`
    kCloseDelimited,       // a body that lasts until the close
    kCloseDelimitedReset,  // such a body, cut off by a reset
    kBadStatus,
    kBadBody,
    kSlow,         // after 20 ms
    kInPieces,     // a byte at a time
    kReset,        // in the middle of the response
    kCutOff,       // closed in the middle of the response
    kSilentClose,  // closed without a response
    kGarbage,
    kNever,
    kCloseListener,  // answers, but takes no connections any more
  };
  static constexpr size_t kActs = 14;

  explicit ScriptedServer(std::function<Act(uint64_t request)> script);
  ~ScriptedServer() { Stop(); }

  uint16_t port() const { return port_; }
  boost::asio::ip::tcp::endpoint endpoint() const {
    return {boost::asio::ip::address_v4::loopback(), port_};
  }
  void Stop();
  uint64_t served() const { return served_; }
  uint64_t count(Act act) const { return counts_[static_cast<size_t>(act)]; }

 private:
  struct Peer;

  void Accept();
  void Read(const std::shared_ptr<Peer>& peer);
  void Perform(const std::shared_ptr<Peer>& peer);
  void Write(const std::shared_ptr<Peer>& peer, std::string_view text);
  void Later(const std::shared_ptr<Peer>& peer, int milliseconds, std::function<void()> action);
  void Close(const std::shared_ptr<Peer>& peer, bool reset);

  const std::function<Act(uint64_t)> script_;
  boost::asio::io_context loop_;
  boost::asio::ip::tcp::acceptor acceptor_;
  uint16_t port_ = 0;
  std::set<std::shared_ptr<Peer>> peers_;
  std::atomic<uint64_t> served_ = 0;
  std::array<std::atomic<uint64_t>, kActs> counts_ = {};
  std::thread thread_;
};

}  // namespace drumline

#endif  // TESTS_INTEGRATION_AGENT_SCRIPTED_SERVER_H_
