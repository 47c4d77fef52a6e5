// A bare HTTP/1.1 client: the least that a load generator can cost on this machine, and what each
// way of waiting for the next beat does to it. Prints one line of JSON.
#include <inttypes.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/benchmark/floor/command_line.h"
#include "tests/benchmark/floor/sockets.h"
#include "tests/benchmark/floor/traffic.h"

namespace drumline::floor {
namespace {

constexpr int64_t kMaxConnections = 16'384;
constexpr int64_t kMaxRate = 1'000'000;
constexpr int64_t kMaxSeconds = 600;
constexpr int64_t kMaxRequestBytes = 32 * 1024;  // A socket's buffer takes it at once.

struct Options {
  int64_t port = 8080;
  std::string path = "/";
  std::string engine = "epoll";
  std::string mode = "closed";
  std::string pacing = "precise";
  std::string wait = "timerfd";
  int64_t connections = 64;
  int64_t rate = 20'000;
  int64_t tick_us = 1000;
  int64_t timer_slack_ns = 1;
  int64_t seconds = 5;
  int64_t request_bytes = 1024;
  std::string body_file;
  bool no_latency = false;
};

CommandLine Describe(Options& options) {
  CommandLine line("floor_client",
                   "Sends one HTTP/1.1 request over and over to 127.0.0.1 and prints, as a line of "
                   "JSON, what that cost.\nAll responses must have the size of the first one.");
  line.AddNumber("port", "the target's port", 1, 65535, options.port);
  line.AddText("path", "what is asked for", "/", options.path);
  line.AddChoice("engine", "how bytes are moved", {"epoll", "io_uring"}, options.engine);
  line.AddNumber("connections", "kept open all the time", 1, kMaxConnections, options.connections);
  line.AddChoice("mode",
                 "closed: each connection sends as soon as it is answered; rate: --rate a second, "
                 "whatever the answers do",
                 {"closed", "rate"}, options.mode);
  line.AddNumber("rate", "requests a second", 1, kMaxRate, options.rate);
  line.AddChoice("pacing",
                 "how the next beat is waited for: precise: sleep until it; coalesced: sleep until "
                 "the tick after it; spin: never sleep",
                 {"precise", "coalesced", "spin"}, options.pacing);
  line.AddNumber("tick-us", "the grid of --pacing=coalesced", 1, 1'000'000, options.tick_us);
  line.AddChoice("wait", "what sleeps, with --engine=epoll: a one-shot timerfd or epoll_pwait2",
                 {"timerfd", "pwait2"}, options.wait);
  line.AddNumber("timer-slack-ns", "how late the kernel may wake us, to wake less often", 1,
                 1'000'000, options.timer_slack_ns);
  line.AddNumber("seconds", "for which requests are sent", 1, kMaxSeconds, options.seconds);
  line.AddNumber("request-bytes", "size of the body; 0 makes it a GET", 0, kMaxRequestBytes,
                 options.request_bytes);
  line.AddText("body-file", "a file to send as the body, in place of --request-bytes", "",
               options.body_file);
  line.AddFlag("no-latency", "do not measure service and response time", options.no_latency);
  return line;
}

std::string Body(const Options& options) {
  if (options.body_file.empty()) return std::string(options.request_bytes, 'x');
  std::ifstream file(options.body_file, std::ios::binary);
  std::string body((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file) Die("cannot read --body-file=" + options.body_file);
  if (body.size() > kMaxRequestBytes) {
    Die(options.body_file + " has more than " + std::to_string(kMaxRequestBytes) + " bytes");
  }
  return body;
}

std::string Request(const Options& options) {
  const std::string body = Body(options);
  std::string request = (body.empty() ? "GET " : "POST ") + options.path +
                        " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(options.port) + "\r\n";
  if (!body.empty()) {
    request +=
        "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
  }
  return request + "\r\n" + body;
}

Plan PlanOf(const Options& options) {
  Plan plan;
  plan.connections = static_cast<int>(options.connections);
  plan.closed = options.mode == "closed";
  plan.seconds = options.seconds;
  plan.rate_per_second = options.rate;
  plan.pacing = options.pacing == "precise"     ? Pacing::kPrecise
                : options.pacing == "coalesced" ? Pacing::kCoalesced
                                                : Pacing::kSpin;
  plan.tick_ns = plan.pacing == Pacing::kCoalesced ? options.tick_us * kNsPerUs : 1;
  plan.wait = options.wait == "timerfd" ? Wait::kTimerfd : Wait::kPwait2;
  plan.latency = !options.no_latency;
  plan.request = Request(options);
  return plan;
}

// The size of the response to [request], head and body, from one that is asked for here.
size_t LearnResponseBytes(int socket, const std::string& request) {
  constexpr std::string_view kLength = "\r\nContent-Length: ";
  if (send(socket, request.data(), request.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(request.size())) {
    DieOfErrno("sending the first request");
  }
  std::string response;
  for (;;) {
    char buffer[4096];
    const ssize_t count = recv(socket, buffer, sizeof(buffer), 0);
    if (count <= 0) Die("the target closed the connection at the first request");
    response.append(buffer, count);
    const size_t head_end = response.find("\r\n\r\n");
    if (head_end == std::string::npos) continue;
    const size_t length = response.find(kLength);
    if (length > head_end) Die("the first response has no Content-Length");
    size_t body_bytes = 0;
    std::from_chars(response.data() + length + kLength.size(), response.data() + head_end,
                    body_bytes);
    const size_t total = head_end + 4 + body_bytes;
    if (response.size() >= total) return total;
  }
}

int64_t CpuNs(const timeval& time) { return time.tv_sec * kNsPerSecond + time.tv_usec * kNsPerUs; }

struct Cpu {
  int64_t user_ns = 0;
  int64_t system_ns = 0;
};

Cpu CpuSoFar() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return {CpuNs(usage.ru_utime), CpuNs(usage.ru_stime)};
}

void PrintQuantiles(const char* name, Samples& samples) {
  const Quantiles quantiles = samples.Summarize();
  if (quantiles.count == 0) return;
  printf(", \"%s_us\": {\"p50\": %.1f, \"p99\": %.1f, \"p99_9\": %.1f, \"max\": %.1f", name,
         quantiles.p50_us, quantiles.p99_us, quantiles.p99_9_us, quantiles.max_us);
  if (quantiles.dropped > 0) printf(", \"without_room\": %zu", quantiles.dropped);
  printf("}");
}

void Print(const Options& options, const Cpu& cpu, double seconds, Traffic& traffic) {
  const auto requests = static_cast<double>(traffic.answered());
  const double user_us = static_cast<double>(cpu.user_ns) / 1000 / requests;
  const double system_us = static_cast<double>(cpu.system_ns) / 1000 / requests;
  printf("{\"engine\": \"%s\", \"mode\": \"%s\", \"connections\": %d", options.engine.c_str(),
         options.mode.c_str(), static_cast<int>(options.connections));
  if (options.mode == "rate") {
    printf(", \"rate\": %d, \"pacing\": \"%s\"", static_cast<int>(options.rate),
           options.pacing.c_str());
    if (options.pacing == "coalesced")
      printf(", \"tick_us\": %d", static_cast<int>(options.tick_us));
    if (options.engine == "epoll") printf(", \"wait\": \"%s\"", options.wait.c_str());
    printf(", \"offered\": %" PRId64 ", \"achieved_over_offered\": %.5f", traffic.beats_planned(),
           requests / static_cast<double>(traffic.beats_planned()));
  }
  printf(", \"requests\": %.0f, \"seconds\": %.4f, \"requests_per_second\": %.1f", requests,
         seconds, requests / seconds);
  printf(", \"cpu_us_per_request\": {\"total\": %.3f, \"user\": %.3f, \"system\": %.3f}",
         user_us + system_us, user_us, system_us);
  PrintQuantiles("send_lag", traffic.send_lag());
  PrintQuantiles("service_time", traffic.service_time());
  PrintQuantiles("response_time", traffic.response_time());
  printf(", \"in_flight_at_end\": %" PRId64 "}\n", traffic.in_flight());
}

int Main(int argc, char** argv) {
  Options options;
  if (const std::optional<int> exit_code = Describe(options).Parse(argc, argv)) return *exit_code;
  const Plan plan = PlanOf(options);
  if (!plan.closed && plan.rate_per_second * plan.seconds > Traffic::kMaxSamples) {
    fprintf(stderr,
            "floor_client: --rate times --seconds is %" PRId64 "; expected at most %" PRId64 "\n",
            plan.rate_per_second * plan.seconds, Traffic::kMaxSamples);
    return kExitWrongCommandLine;
  }
  if (prctl(PR_SET_TIMERSLACK, options.timer_slack_ns) != 0) DieOfErrno("PR_SET_TIMERSLACK");
  RaiseOpenFilesLimit();
  std::vector<int> sockets(options.connections);
  for (int& socket : sockets) socket = Connect(options.port);
  Traffic traffic(plan, LearnResponseBytes(sockets[0], plan.request));
  const Cpu before = CpuSoFar();
  const int64_t end_ns = options.engine == "epoll" ? RunEpoll(plan, sockets, traffic)
                                                   : RunIoUring(plan, sockets, traffic);
  const Cpu after = CpuSoFar();
  for (int socket : sockets) close(socket);
  if (traffic.answered() == 0) Die("the target answered nothing");
  Print(options, {after.user_ns - before.user_ns, after.system_ns - before.system_ns},
        static_cast<double>(end_ns - traffic.start_ns()) / kNsPerSecond, traffic);
  return 0;
}

}  // namespace
}  // namespace drumline::floor

int main(int argc, char** argv) { return drumline::floor::Main(argc, argv); }
