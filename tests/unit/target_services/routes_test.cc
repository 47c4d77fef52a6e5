// Routing and the text of answers, without a socket.
#include "target-services/http_server/routes.h"

#include <gtest/gtest.h>

#include <string>

#include "target-services/http_server/request_parser.h"

namespace drumline::target {
namespace {

Routes MakeRoutes() {
  Routes routes;
  routes.Add(Method::kGet, "/a", [](const Request&, ResponseWriter& writer) {
    writer.Respond(200, "text/plain", "body of a");
  });
  routes.Add(Method::kPost, "/a", [](const Request& request, ResponseWriter& writer) {
    writer.Respond(201, "text/plain", request.body());
  });
  routes.Add(Method::kPost, "/silent", [](const Request&, ResponseWriter&) {});
  return routes;
}

std::string AnswerTo(const std::string& method, const std::string& target, ResponseTerms terms) {
  const RequestLimits limits;
  RequestParser parser(limits);
  std::string stream = method + " " + target + " HTTP/1.1\r\nHost: h\r\n\r\n";
  EXPECT_EQ(parser.Advance(stream.data(), stream.size()), ParseState::kComplete);
  terms.date = "now";
  terms.head_only = method == "HEAD";
  std::string output;
  ResponseWriter writer(terms, output);
  MakeRoutes().Serve(parser.request(stream.data()), writer);
  return output;
}

TEST(RoutesTest, AnswersAreWrittenWhole) {
  EXPECT_EQ(AnswerTo("GET", "/a?q", {}),
            "HTTP/1.1 200 OK\r\nDate: now\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\n"
            "body of a");
}

TEST(RoutesTest, HeadIsAnsweredLikeGetWithoutTheBody) {
  EXPECT_EQ(
      AnswerTo("HEAD", "/a", {}),
      "HTTP/1.1 200 OK\r\nDate: now\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\n");
}

TEST(RoutesTest, TheLastAnswerSaysSo) {
  ResponseTerms terms;
  terms.close = true;
  terms.name_keep_alive = true;
  EXPECT_NE(AnswerTo("GET", "/a", terms).find("\r\nConnection: close\r\n"), std::string::npos);
  terms.close = false;
  EXPECT_NE(AnswerTo("GET", "/a", terms).find("\r\nConnection: keep-alive\r\n"), std::string::npos);
}

TEST(RoutesTest, WhatNoRouteTakesIsNamed) {
  EXPECT_EQ(AnswerTo("GET", "/b", {}).substr(0, 22), "HTTP/1.1 404 Not Found");
  EXPECT_EQ(AnswerTo("GET", "/a/", {}).substr(0, 12), "HTTP/1.1 404");
  EXPECT_EQ(AnswerTo("BREW", "/a", {}).substr(0, 12), "HTTP/1.1 501");
  const std::string refused = AnswerTo("PUT", "/a", {});
  EXPECT_EQ(refused.substr(0, 12), "HTTP/1.1 405");
  EXPECT_NE(refused.find("\r\nAllow: GET, HEAD, POST\r\n"), std::string::npos);
  EXPECT_NE(refused.find("{\"error\":\"method: this path takes GET, HEAD, POST\"}"),
            std::string::npos);
}

TEST(RoutesTest, AServiceThatGaveNoAnswerIsOurFault) {
  EXPECT_EQ(AnswerTo("POST", "/silent", {}).substr(0, 12), "HTTP/1.1 500");
}

}  // namespace
}  // namespace drumline::target
