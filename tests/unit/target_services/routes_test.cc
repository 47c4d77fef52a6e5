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
  routes.Add(Method::kGet, "/a/count", [](const Request&, ResponseWriter& writer) {
    writer.Respond(200, "text/plain", "count");
  });
  const ServiceCallback name_parameter = [](const Request& request, ResponseWriter& writer) {
    writer.Respond(200, "text/plain", std::string("<").append(request.path_parameter()) + ">");
  };
  routes.Add(Method::kGet, "/a/{id}", name_parameter);
  routes.Add(Method::kDelete, "/a/{id}", [](const Request&, ResponseWriter& writer) {
    writer.Respond(204, "text/plain", "never sent");
  });
  routes.Add(Method::kGet, "/a/{id}/b", name_parameter);
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

TEST(RoutesTest, AParameterStandsForOneSegment) {
  const auto body = [](const std::string& target) {
    const std::string answer = AnswerTo("GET", target, {});
    return answer.substr(answer.find("\r\n\r\n") + 4);
  };
  EXPECT_EQ(body("/a/7"), "<7>");
  EXPECT_EQ(body("/a/x%40y?q"), "<x%40y>");
  EXPECT_EQ(body("/a/count"), "count");
  EXPECT_EQ(body("/a/counts"), "<counts>");
  EXPECT_EQ(body("/a/7/b"), "<7>");
  for (const char* target : {"/a/", "/a/7/", "/a/7/c", "/a//b", "/a/7/8/b", "/b/7"}) {
    EXPECT_EQ(AnswerTo("GET", target, {}).substr(0, 12), "HTTP/1.1 404") << target;
  }
  EXPECT_NE(AnswerTo("PUT", "/a/7", {}).find("\r\nAllow: GET, HEAD, DELETE\r\n"),
            std::string::npos);
  EXPECT_EQ(AnswerTo("POST", "/a/count", {}).substr(0, 12), "HTTP/1.1 405");
}

TEST(RoutesTest, NoContentHasNeitherBodyNorLength) {
  EXPECT_EQ(AnswerTo("DELETE", "/a/7", {}), "HTTP/1.1 204 No Content\r\nDate: now\r\n\r\n");
}

TEST(RoutesTest, PathsAreCountedUnderTheirPattern) {
  const Routes routes = MakeRoutes();
  EXPECT_EQ(routes.path(routes.Find("/a/7")), "/a/{id}");
  EXPECT_EQ(routes.path(routes.Find("/a/count")), "/a/count");
  EXPECT_EQ(routes.Find("/a/7/8"), routes.size());
  EXPECT_TRUE(routes.Has(Method::kGet, "/a/{id}"));
  EXPECT_FALSE(routes.Has(Method::kPut, "/a/{id}"));
  EXPECT_FALSE(routes.Has(Method::kGet, "/a/7"));
}

TEST(RoutesTest, AServiceThatGaveNoAnswerIsOurFault) {
  EXPECT_EQ(AnswerTo("POST", "/silent", {}).substr(0, 12), "HTTP/1.1 500");
}

}  // namespace
}  // namespace drumline::target
