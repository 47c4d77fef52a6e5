// ScriptedServer: a server on the test's own loop that answers the n-th request as it was told.
//
//     ScriptedServer server(&loop, {Reply{Page("a 1\n")}, Reply{"HTTP/1.1 200 OK\r\nConte",
//     kClose}});
//
// Requests beyond the script get its last entry. Everything happens on the loop's thread; the
// server must outlive the loop's last run.
#ifndef TESTS_INTEGRATION_SCRAPE_SCRIPTED_SERVER_H_
#define TESTS_INTEGRATION_SCRAPE_SCRIPTED_SERVER_H_

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace drumline {

class ScriptedServer {
 public:
  enum class Then { kKeepOpen, kClose, kReset };
  struct Reply {
    std::string bytes;
    Then then = Then::kKeepOpen;
  };

  ScriptedServer(boost::asio::io_context* loop, std::vector<Reply> script, uint16_t port = 0);

  uint16_t port() const { return port_; }
  int connections() const { return connections_; }
  // The heads of all requests so far.
  const std::vector<std::string>& requests() const { return requests_; }
  // No connection is taken any more, and those that are open are closed.
  void GoAway();
  // Those that are open are closed.
  void CloseConnections();

 private:
  struct Peer;

  void Accept();
  void Serve(const std::shared_ptr<Peer>& peer);
  void Answer(const std::shared_ptr<Peer>& peer);

  boost::asio::ip::tcp::acceptor acceptor_;
  const std::vector<Reply> script_;
  const uint16_t port_;
  int connections_ = 0;
  std::vector<std::string> requests_;
  std::vector<std::weak_ptr<Peer>> peers_;
};

// A whole answer of status 200 with its length.
std::string Page(const std::string& body);

}  // namespace drumline

#endif  // TESTS_INTEGRATION_SCRAPE_SCRIPTED_SERVER_H_
