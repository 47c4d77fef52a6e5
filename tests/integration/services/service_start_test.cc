// How services start and end: the same for all that need nothing but a port.
#include <gtest/gtest.h>

#include <csignal>
#include <string>
#include <vector>

#include "tests/integration/echo/service_under_test.h"

namespace drumline::target {
namespace {

struct Subject {
  std::string name;
  std::string binary;
  std::vector<std::string> own_flags;
  std::vector<std::vector<std::string>> wrong;
  std::string threads = "2";
  // On stdout, behind the line that it listens.
  std::string says = {};
};

const std::vector<Subject>& Subjects() {
  static const std::vector<Subject> subjects = {
      {"echo", "target-services/echo/echo", {}, {}},
      {"echo-dom", "target-services/echo_dom/echo-dom", {}, {}},
      {"items", "target-services/items/items", {}, {}},
      {"api",
       "target-services/api/api",
       {"--max-connections", "--work-time"},
       {{"--max-connections", "0"},
        {"--work-time", "5"},
        {"--work-time", "5 ms"},
        {"--work-time", "2h"},
        {"--work-time", "-1s"}}},
      {"oracle",
       "target-services/oracle/oracle",
       {"--delay", "--pause", "--every", "--stop-at", "--errors", "--resets", "--truncate",
        "--slow-body", "--response-bytes", "--seed", "--wait"},
       {{"--threads", "2"},
        {"--delay", "uniform:1ms"},
        {"--errors", "1.5:503"},
        {"--pause", "200ms"},
        {"--wait", "busy"}},
       "1",
       "delay fixed:0ms, seed 1, 2 bytes, spinning\n"},
  };
  return subjects;
}

class ServiceStartTest : public testing::TestWithParam<Subject> {
 protected:
  ServiceUnderTest Run(const std::vector<std::string>& flags) {
    return ServiceUnderTest(flags, GetParam().binary);
  }

  const std::vector<std::string> usual_flags_ = {"--port", "0", "--threads", GetParam().threads};
};

TEST_P(ServiceStartTest, PrintsOneLineAndEndsWhenTold) {
  for (int signal : {SIGTERM, SIGINT}) {
    ServiceUnderTest service = Run(usual_flags_);
    EXPECT_EQ(service.first_line(), "listening on 127.0.0.1:" + std::to_string(service.port()));
    service.Signal(signal);
    const ServiceUnderTest::End end = service.Wait();
    EXPECT_EQ(end.exit_code, 0);
    EXPECT_EQ(end.more_output, GetParam().says);
    EXPECT_EQ(end.errors, "");
  }
}

TEST_P(ServiceStartTest, HelpNamesEveryFlag) {
  ServiceUnderTest service = Run({"--help"});
  const ServiceUnderTest::End end = service.Wait();
  EXPECT_EQ(end.exit_code, 0);
  std::vector<std::string> flags = {"--help", "--host", "--port", "--threads"};
  flags.insert(flags.end(), GetParam().own_flags.begin(), GetParam().own_flags.end());
  for (const std::string& flag : flags) {
    EXPECT_NE(end.more_output.find(flag), std::string::npos) << flag;
  }
}

TEST_P(ServiceStartTest, WrongCommandLinesAreNamed) {
  std::vector<std::vector<std::string>> wrong = {{"--prot", "1"},      {"--port", "x"},
                                                 {"--port", "65536"},  {"--port", "-1"},
                                                 {"--threads", "0"},   {"--threads"},
                                                 {"--por", "0"},       {"stray"},
                                                 {"--threads", "1.5"}, {"--host", "256.1.1.1.1"}};
  wrong.insert(wrong.end(), GetParam().wrong.begin(), GetParam().wrong.end());
  for (const std::vector<std::string>& flags : wrong) {
    ServiceUnderTest service = Run(flags);
    const ServiceUnderTest::End end = service.Wait();
    EXPECT_EQ(end.exit_code, 2) << flags.front();
    EXPECT_EQ(end.errors.rfind(GetParam().name + ": ", 0), 0U)
        << flags.front() << ": " << end.errors;
    EXPECT_EQ(service.first_line() + end.more_output, "") << flags.front();
  }
}

// Both would share the port without a word if nobody asked.
TEST_P(ServiceStartTest, APortTakenIsRefused) {
  ServiceUnderTest first = Run(usual_flags_);
  ServiceUnderTest second = Run({"--port", std::to_string(first.port())});
  const ServiceUnderTest::End end = second.Wait();
  EXPECT_EQ(end.exit_code, 5);
  EXPECT_NE(end.errors.find(std::to_string(first.port())), std::string::npos) << end.errors;
}

TEST_P(ServiceStartTest, AnswersHealthAndMetricsUnderTheSameNames) {
  ServiceUnderTest service = Run(usual_flags_);
  Client client(service.port());
  client.Send(MakeRequest("GET", "/health"));
  EXPECT_EQ(client.Receive().status, 200);
  client.Send(MakeRequest("GET", "/metrics"));
  const std::string metrics = client.Receive().body;
  EXPECT_EQ(SumOf(metrics, "http_requests_total", R"(path="/health",method="GET",status="200")"),
            1);
  for (const char* family :
       {"http_requests_total counter", "http_request_duration_seconds histogram",
        "http_connections_open gauge", "process_resident_memory_bytes gauge",
        "process_cpu_seconds_total counter", "process_open_fds gauge",
        "process_start_time_seconds gauge"}) {
    EXPECT_NE(metrics.find("# TYPE " + std::string(family) + "\n"), std::string::npos) << family;
  }
}

INSTANTIATE_TEST_SUITE_P(All, ServiceStartTest, testing::ValuesIn(Subjects()),
                         [](const testing::TestParamInfo<Subject>& subject) {
                           std::string name = subject.param.name;
                           for (char& c : name) c = c == '-' ? '_' : c;
                           return name;
                         });

}  // namespace
}  // namespace drumline::target
