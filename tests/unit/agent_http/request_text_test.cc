#include "agent/http/request_text.h"

#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "proto/plan.pb.h"

namespace drumline::http {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;
using namespace std::string_literals;

proto::RequestPlan Plan(const std::string& method, const Headers& headers = {},
                        const std::string& body = "") {
  proto::RequestPlan plan;
  plan.set_method(method);
  plan.set_body(body);
  for (const auto& [name, value] : headers) {
    proto::Header* header = plan.add_headers();
    header->set_name(name);
    header->set_value(value);
  }
  return plan;
}

std::string Render(const proto::RequestPlan& plan, const std::string& path = "/echo") {
  const absl::Status status = CheckRequest(plan, "host:80", path);
  EXPECT_TRUE(status.ok()) << status;
  return RenderRequest(plan, "host:80", path);
}

TEST(RenderRequest, Get) {
  EXPECT_EQ(Render(Plan("GET"), "/a?b=c"),
            "GET /a?b=c HTTP/1.1\r\nHost: host:80\r\nUser-Agent: drumline\r\n\r\n");
}

TEST(RenderRequest, AnEmptyPathIsTheRoot) {
  EXPECT_EQ(Render(Plan("GET"), "").substr(0, 16), "GET / HTTP/1.1\r\n");
}

TEST(RenderRequest, PostWithBodyAndHeadersInTheirOrder) {
  EXPECT_EQ(
      Render(Plan("POST", {{"content-type", "text/plain"}, {"B", ""}, {"a", "\t1 2"}}, "\r\n\0x"s)),
      "POST /echo HTTP/1.1\r\nHost: host:80\r\nUser-Agent: drumline\r\n"
      "content-type: text/plain\r\nB: \r\na: \t1 2\r\nContent-Length: 4\r\n\r\n\r\n\0x"s);
}

TEST(RenderRequest, ContentLengthWhereTheMethodExpectsABodyOrThereIsOne) {
  for (const std::string method : {"POST", "PUT", "PATCH"}) {
    EXPECT_NE(Render(Plan(method)).find("\r\nContent-Length: 0\r\n"), std::string::npos) << method;
  }
  for (const std::string method : {"GET", "HEAD", "DELETE", "OPTIONS"}) {
    EXPECT_EQ(Render(Plan(method)).find("Content-Length"), std::string::npos) << method;
    EXPECT_NE(Render(Plan(method, {}, "x")).find("\r\nContent-Length: 1\r\n"), std::string::npos);
  }
}

TEST(RenderRequest, NamedHeadersTakeThePlaceOfOurs) {
  EXPECT_EQ(Render(Plan("GET", {{"hOST", "other"}, {"user-AGENT", "me"}})),
            "GET /echo HTTP/1.1\r\nhOST: other\r\nuser-AGENT: me\r\n\r\n");
}

TEST(RenderRequest, ContentLengthThatIsNamedAndRightIsGivenOnce) {
  EXPECT_EQ(Render(Plan("PUT", {{"content-length", "2"}}, "ab")),
            "PUT /echo HTTP/1.1\r\nHost: host:80\r\nUser-Agent: drumline\r\n"
            "Content-Length: 2\r\n\r\nab");
  EXPECT_EQ(Render(Plan("GET", {{"content-length", "0"}})),
            "GET /echo HTTP/1.1\r\nHost: host:80\r\nUser-Agent: drumline\r\n"
            "Content-Length: 0\r\n\r\n");
}

struct RefusedCase {
  proto::RequestPlan plan;
  std::string authority;
  std::string path;
  // What the message must name.
  std::string named;
};

TEST(CheckRequest, RefusesWhatWouldNotGoOutAsItIsMeant) {
  const std::vector<RefusedCase> cases = {
      {Plan(""), "h", "/", "method ''"},
      {Plan("GE T"), "h", "/", "method 'GE T'"},
      {Plan("CONNECT"), "h", "/", "method 'CONNECT'"},
      {Plan("GET"), "h", "a", "path 'a'"},
      {Plan("GET"), "h", "http://h/", "path 'http://h/'"},
      {Plan("GET"), "h", "/a b", "path '/a b'"},
      {Plan("GET"), "h", "/a#b", "path '/a#b'"},
      {Plan("GET"), "h", "/a\r\nb", "path"},
      {Plan("GET"), "", "/", "authority ''"},
      {Plan("GET"), "h\r\n", "/", "authority"},
      {Plan("GET"), "user@h", "/", "authority 'user@h'"},
      {Plan("GET", {{"", "x"}}), "h", "/", "header name ''"},
      {Plan("GET", {{"a:", "x"}}), "h", "/", "header name 'a:'"},
      {Plan("GET", {{"a", "x\r\nb: c"}}), "h", "/", "the value of header 'a'"},
      {Plan("GET", {{"a", "x\0"s}}), "h", "/", "the value of header 'a'"},
      {Plan("POST", {{"transfer-Encoding", "chunked"}}), "h", "/", "'transfer-Encoding'"},
      {Plan("GET", {{"Upgrade", "h2c"}}), "h", "/", "'Upgrade'"},
      {Plan("POST", {{"Content-length", "3"}}, "ab"), "h", "/", "body of 2 bytes"},
      {Plan("GET", {{"Host", "a"}, {"host", "b"}}), "h", "/", "'Host' is named twice"},
  };
  for (const RefusedCase& c : cases) {
    const absl::Status status = CheckRequest(c.plan, c.authority, c.path);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << c.named;
    EXPECT_NE(std::string(status.message()).find(c.named), std::string::npos) << status;
  }
}

TEST(CheckRequest, TakesWhatIsUnusualButRight) {
  EXPECT_TRUE(CheckRequest(Plan("OPTIONS"), "[::1]:8080", "*").ok());
  EXPECT_TRUE(CheckRequest(Plan("PURGE"), "h", "/\xc3\xa4?q='\"").ok());
  EXPECT_TRUE(CheckRequest(Plan("GET", {{"a", "\xff"}, {"a", "again"}}), "h", "/").ok());
}

}  // namespace
}  // namespace drumline::http
