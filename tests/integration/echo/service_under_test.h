// A real service binary as a child of the test, and plain blocking sockets to talk to it.
//
//   ServiceUnderTest service({"--port", "0", "--threads", "2"});   // echo
//   ServiceUnderTest api({"--port", "0"}, "target-services/api/api");
//   Client client(service.port());
//   client.Send(PostEcho(body));
//   Answer answer = client.Receive();
//   service.Signal(SIGTERM);
//   EXPECT_EQ(service.Wait().exit_code, 0);
//
// Everything blocks; a test that would wait for ever is ended by the test runner.
#ifndef TESTS_INTEGRATION_ECHO_SERVICE_UNDER_TEST_H_
#define TESTS_INTEGRATION_ECHO_SERVICE_UNDER_TEST_H_

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace drumline::target {

// Places in the test's runfiles; the test names the binary among its data.
inline constexpr std::string_view kEchoBinary = "target-services/echo/echo";
inline constexpr std::string_view kOracleBinary = "target-services/oracle/oracle";

class ServiceUnderTest {
 public:
  // Starts the binary, a path in the test's runfiles; returns once it has printed a line, or ended.
  explicit ServiceUnderTest(const std::vector<std::string>& flags,
                            std::string_view binary = kEchoBinary);
  // Kills the child if it was not waited for.
  ~ServiceUnderTest();
  ServiceUnderTest(const ServiceUnderTest&) = delete;
  ServiceUnderTest& operator=(const ServiceUnderTest&) = delete;

  // The first line on stdout.
  const std::string& first_line() const { return first_line_; }
  // From the first line; 0 where it names none.
  uint16_t port() const { return port_; }

  void Signal(int signal);

  struct End {
    int exit_code = -1;       // -1 if a signal ended it.
    std::string more_output;  // On stdout, behind the first line.
    std::string errors;       // On stderr.
  };
  End Wait();

 private:
  pid_t child_ = -1;
  int output_ = -1;
  int errors_ = -1;
  std::string first_line_;
  uint16_t port_ = 0;
};

struct Answer {
  int status = 0;  // 0: the connection ended before an answer was complete.
  std::string head;
  std::string body;

  bool Says(std::string_view line) const;
};

class Client {
 public:
  explicit Client(uint16_t port);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  bool connected() const { return connected_; }
  // False if the server has closed.
  bool Send(std::string_view bytes);
  // The next answer; `head_only` for the answer to a HEAD.
  Answer Receive(bool head_only = false);
  // All that is left to read.
  std::string ReceiveToEnd();
  void Close();
  // True if nothing but the end of the connection is left to read.
  bool AtEnd();

 private:
  bool ReadMore();

  int socket_ = -1;
  bool connected_ = false;
  std::string received_;
};

// A request with a Host field, and Content-Length where there is a body.
std::string MakeRequest(std::string_view method, std::string_view target,
                        std::string_view body = "", std::string_view fields = "");
// A request body with that id.
std::string EchoBody(uint64_t id);
// The sum over all series of `family` whose labels contain `label`.
double SumOf(std::string_view exposition, std::string_view family, std::string_view label);

}  // namespace drumline::target

#endif  // TESTS_INTEGRATION_ECHO_SERVICE_UNDER_TEST_H_
