// What other people's programs make of each service: curl, wrk and h2load, where they are
// installed. Each counts what it got, and the service's own books have to agree.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <limits>
#include <memory>
#include <regex>
#include <string>
#include <vector>

#include "tests/integration/echo/service_under_test.h"
#include "tests/integration/users/postgres_under_test.h"

namespace drumline::target {
namespace {

constexpr int kRoundOfRequests = 4'000;

struct Subject {
  std::string name;
  std::string binary;
  std::vector<std::string> flags;
  std::string path;
  // With a body requests are POSTs.
  std::string body;
  // In every answer.
  std::string answer;
  bool needs_database = false;
};

std::vector<Subject> Subjects() {
  return {
      {"echo", "target-services/echo/echo", {}, "/echo", EchoBody(7), "\"processed_by\""},
      {"echo_dom",
       "target-services/echo_dom/echo-dom",
       {},
       "/echo",
       EchoBody(7),
       "\"processed_by\""},
      {"api", "target-services/api/api", {}, "/api", "", "\"metadata\""},
      {"items",
       "target-services/items/items",
       {},
       "/items",
       R"({"name":"Pen","price":42.5})",
       "\"status\":\"created\""},
      {"oracle",
       "target-services/oracle/oracle",
       {"--wait", "sleep", "--response-bytes", "16"},
       "/",
       "",
       ""},
      {"users",
       "target-services/users/users",
       {},
       "/users?page=1&limit=5",
       "",
       "\"users\":[",
       true},
  };
}

class RealClientsTest : public testing::TestWithParam<Subject> {
 protected:
  void SetUp() override {
    const Subject& subject = GetParam();
    std::vector<std::string> flags = {"--port", "0"};
    // The oracle is one loop.
    if (subject.name != "oracle") flags.insert(flags.end(), {"--threads", "2"});
    flags.insert(flags.end(), subject.flags.begin(), subject.flags.end());
    if (subject.needs_database) {
      if (!PostgresUnderTest::Installed()) GTEST_SKIP() << "PostgreSQL is not installed";
      postgres_ = std::make_unique<PostgresUnderTest>();
      flags.insert(flags.end(), {"--database-url", postgres_->url("test")});
    }
    service_ = std::make_unique<ServiceUnderTest>(flags, subject.binary);
    ASSERT_GT(service_->port(), 0);
    url_ = "http://127.0.0.1:" + std::to_string(service_->port()) + subject.path;
    body_file_ = testing::TempDir() + "/body-" + subject.name;
    std::ofstream(body_file_) << subject.body;
  }

  // Of each test, by the service's own books; after it the service must end in good order.
  void TearDown() override {
    if (service_ == nullptr) return;
    service_->Signal(SIGTERM);
    EXPECT_EQ(service_->Wait().exit_code, 0);
  }

  static bool Installed(const std::string& program) {
    // NOLINTNEXTLINE(bugprone-command-processor): a shell's own question.
    return std::system(("command -v " + program + " >/dev/null").c_str()) == 0;
  }

  // What a command prints on either output.
  static std::string Output(const std::string& command) {
    // NOLINTNEXTLINE(bugprone-command-processor): commands that this file wrote.
    FILE* pipe = popen((command + " 2>&1").c_str(), "r");
    std::string text;
    char piece[4096];
    for (size_t got = 0; (got = fread(piece, 1, sizeof(piece), pipe)) > 0;) text.append(piece, got);
    EXPECT_EQ(pclose(pipe), 0) << command << "\n" << text;
    return text;
  }

  static int64_t NumberIn(const std::string& text, const std::string& pattern) {
    std::smatch match;
    EXPECT_TRUE(std::regex_search(text, match, std::regex(pattern))) << pattern << "\n" << text;
    return match.empty() ? -1 : std::stoll(match[1]);
  }

  std::string Metrics() const {
    Client client(service_->port());
    client.Send(MakeRequest("GET", "/metrics"));
    return client.Receive().body;
  }

  // Requests for the subject's path, those that failed included.
  double Served() const {
    const std::string path = GetParam().path.substr(0, GetParam().path.find('?'));
    return SumOf(Metrics(), "http_requests_total", "path=\"" + path + "\"");
  }

  double Resident() const { return SumOf(Metrics(), "process_resident_memory_bytes", ""); }

  // By h2load in HTTP/1.1, four connections with up to four requests each on their way.
  std::string H2load(int requests) const {
    const std::string post =
        GetParam().body.empty() ? "" : " -H 'content-type: application/json' -d " + body_file_;
    return Output("h2load --h1 -n " + std::to_string(requests) + " -c 4 -m 4" + post + " '" + url_ +
                  "'");
  }

  std::unique_ptr<PostgresUnderTest> postgres_;
  std::unique_ptr<ServiceUnderTest> service_;
  std::string url_;
  std::string body_file_;
};

TEST_P(RealClientsTest, CurlGetsWhatItAskedForHoweverItAsks) {
  if (!Installed("curl")) GTEST_SKIP() << "curl is not installed";
  std::vector<std::string> ways = {"", "--http1.0"};
  std::string post;
  if (!GetParam().body.empty()) {
    post = " -H 'content-type: application/json' --data-binary @" + body_file_;
    ways.insert(ways.end(),
                {"-H 'transfer-encoding: chunked'", "-H 'expect: 100-continue' --http1.1"});
  }
  for (const std::string& way : ways) {
    const std::string text =
        Output("curl -sS -m 60 -w '\\n%{http_code}' " + way + post + " '" + url_ + "'");
    EXPECT_TRUE(text.ends_with("\n200")) << way << "\n" << text;
    EXPECT_NE(text.find(GetParam().answer), std::string::npos) << way << "\n" << text;
  }
  // Three times over one connection: the second and the third open none.
  const std::string quoted = " '" + url_ + "'";
  EXPECT_EQ(Output("curl -sS -m 60 -o /dev/null -o /dev/null -o /dev/null -w '%{num_connects}'" +
                   post + quoted + quoted + quoted),
            "100");
  EXPECT_EQ(Served(), static_cast<double>(ways.size() + 3));
}

TEST_P(RealClientsTest, WrkCountsWhatTheServiceCounts) {
  if (!Installed("wrk")) GTEST_SKIP() << "wrk is not installed";
  std::string script;
  if (!GetParam().body.empty()) {
    const std::string file = body_file_ + ".lua";
    std::ofstream(file) << "wrk.method = 'POST'\nwrk.body = [[" << GetParam().body
                        << "]]\nwrk.headers['content-type'] = 'application/json'\n";
    script = " -s " + file;
  }
  const std::string text = Output("wrk -t 1 -c 4 -d 1s" + script + " '" + url_ + "'");
  EXPECT_EQ(text.find("Non-2xx"), std::string::npos) << text;
  EXPECT_EQ(text.find("Socket errors"), std::string::npos) << text;
  const auto answers = static_cast<double>(NumberIn(text, R"((\d+) requests in)"));
  EXPECT_GT(answers, 0);
  // wrk leaves with a request on each of its connections.
  EXPECT_GE(Served(), answers);
  EXPECT_LE(Served(), answers + 4);
}

TEST_P(RealClientsTest, H2loadCountsWhatTheServiceCountsAndMemoryStaysBounded) {
  if (!Installed("h2load")) GTEST_SKIP() << "h2load is not installed";
  const std::string first = H2load(kRoundOfRequests);
  EXPECT_EQ(NumberIn(first, R"((\d+) succeeded)"), kRoundOfRequests) << first;
  EXPECT_EQ(NumberIn(first, R"(status codes: (\d+) 2xx)"), kRoundOfRequests) << first;
  EXPECT_EQ(Served(), kRoundOfRequests);
  // What is kept of each request makes every round grow; the allocator and a thread that comes to
  // its first request late make some of them grow.
  constexpr int kRounds = 5;
  double least_growth = std::numeric_limits<double>::infinity();
  double before = Resident();
  for (int round = 1; round <= kRounds; ++round) {
    EXPECT_EQ(NumberIn(H2load(kRoundOfRequests), R"((\d+) succeeded)"), kRoundOfRequests);
    EXPECT_EQ(Served(), (1 + round) * kRoundOfRequests);
    const double after = Resident();
    least_growth = std::min(least_growth, after - before);
    before = after;
  }
  constexpr double kBytesOfEach = 128;
  EXPECT_LT(least_growth, kBytesOfEach * kRoundOfRequests);
}

INSTANTIATE_TEST_SUITE_P(All, RealClientsTest, testing::ValuesIn(Subjects()),
                         [](const testing::TestParamInfo<Subject>& subject) {
                           return subject.param.name;
                         });

}  // namespace
}  // namespace drumline::target
