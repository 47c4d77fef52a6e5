#include "tests/integration/echo/service_under_test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <utility>

namespace drumline::target {
namespace {

std::string ReadToEnd(int file) {
  std::string text;
  char buffer[4096];
  for (ssize_t count; (count = read(file, buffer, sizeof(buffer))) > 0;) {
    text.append(buffer, static_cast<size_t>(count));
  }
  return text;
}

std::string ReadLine(int file) {
  std::string line;
  for (char c = 0; read(file, &c, 1) == 1 && c != '\n';) line += c;
  return line;
}

}  // namespace

ServiceUnderTest::ServiceUnderTest(const std::vector<std::string>& flags, std::string_view binary) {
  const std::string path(binary);
  int output[2];
  int errors[2];
  if (pipe(output) != 0 || pipe(errors) != 0) std::abort();
  child_ = fork();
  if (child_ == 0) {
    dup2(output[1], STDOUT_FILENO);
    dup2(errors[1], STDERR_FILENO);
    for (int file : {output[0], output[1], errors[0], errors[1]}) close(file);
    std::vector<char*> arguments = {const_cast<char*>(path.c_str())};
    for (const std::string& flag : flags) arguments.push_back(const_cast<char*>(flag.c_str()));
    arguments.push_back(nullptr);
    execv(path.c_str(), arguments.data());
    _exit(127);
  }
  close(output[1]);
  close(errors[1]);
  output_ = output[0];
  errors_ = errors[0];
  first_line_ = ReadLine(output_);
  const size_t colon = first_line_.rfind(':');
  if (first_line_.rfind("listening on ", 0) == 0 && colon != first_line_.npos) {
    port_ = static_cast<uint16_t>(std::stoi(first_line_.substr(colon + 1)));
  }
}

ServiceUnderTest::~ServiceUnderTest() {
  if (child_ > 0) {
    Signal(SIGKILL);
    waitpid(child_, nullptr, 0);
  }
  close(output_);
  close(errors_);
}

void ServiceUnderTest::Signal(int signal) { kill(child_, signal); }

ServiceUnderTest::End ServiceUnderTest::Wait() {
  End end;
  end.more_output = ReadToEnd(output_);
  end.errors = ReadToEnd(errors_);
  int status = 0;
  waitpid(child_, &status, 0);
  child_ = -1;
  if (WIFEXITED(status)) end.exit_code = WEXITSTATUS(status);
  return end;
}

bool Answer::Says(std::string_view line) const {
  return head.find("\r\n" + std::string(line) + "\r\n") != std::string::npos;
}

Client::Client(uint16_t port) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  connected_ = connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
}

Client::~Client() { Close(); }

void Client::Close() {
  if (socket_ >= 0) close(socket_);
  socket_ = -1;
}

bool Client::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(count));
  }
  return true;
}

bool Client::ReadMore() {
  char buffer[16 * 1024];
  const ssize_t count = recv(socket_, buffer, sizeof(buffer), 0);
  if (count <= 0) return false;
  received_.append(buffer, static_cast<size_t>(count));
  return true;
}

Answer Client::Receive(bool head_only) {
  constexpr std::string_view kHeadEnd = "\r\n\r\n";
  constexpr std::string_view kLength = "\r\nContent-Length: ";
  while (received_.find(kHeadEnd) == std::string::npos) {
    if (!ReadMore()) return {};
  }
  Answer answer;
  const size_t head_size = received_.find(kHeadEnd) + kHeadEnd.size();
  answer.head = received_.substr(0, head_size);
  const size_t length_at = answer.head.find(kLength);
  size_t length = 0;
  if (length_at != std::string::npos && !head_only) {
    length = std::stoul(answer.head.substr(length_at + kLength.size()));
  }
  while (received_.size() < head_size + length) {
    if (!ReadMore()) return {};
  }
  answer.body = received_.substr(head_size, length);
  received_.erase(0, head_size + length);
  answer.status = std::stoi(answer.head.substr(answer.head.find(' ')));
  return answer;
}

std::string Client::ReceiveToEnd() {
  while (ReadMore()) {
  }
  return std::exchange(received_, {});
}

bool Client::AtEnd() {
  while (received_.empty()) {
    if (!ReadMore()) return true;
  }
  return false;
}

std::string MakeRequest(std::string_view method, std::string_view target, std::string_view body,
                        std::string_view fields) {
  std::string request(method);
  request.append(" ").append(target).append(" HTTP/1.1\r\nHost: test\r\n").append(fields);
  if (!body.empty()) {
    request.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n");
  }
  return request.append("\r\n").append(body);
}

std::string EchoBody(uint64_t id) {
  return R"({"id":)" + std::to_string(id) + R"(,"user_agent":"test","metadata":["a","b"]})";
}

double SumOf(std::string_view exposition, std::string_view family, std::string_view label) {
  const std::string begin = std::string(family) + "{";
  double sum = 0;
  while (!exposition.empty()) {
    const size_t end = std::min(exposition.find('\n'), exposition.size());
    const std::string_view line = exposition.substr(0, end);
    if (line.substr(0, begin.size()) == begin && line.find(label) != line.npos) {
      sum += std::stod(std::string(line.substr(line.rfind(' '))));
    }
    exposition.remove_prefix(std::min(end + 1, exposition.size()));
  }
  return sum;
}

}  // namespace drumline::target
