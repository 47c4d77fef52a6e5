#include "controller/ui/ui_routes.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace drumline {
namespace {

using What = UiAnswer::What;

const UiPolicy kLoopback = {true, "0123456789abcdef0123456789abcdef"};
const UiPolicy kOpen = {false, "0123456789abcdef0123456789abcdef"};

UiRequest Get(const std::string& target) {
  return {.method = "GET", .target = target, .host = "127.0.0.1:8089"};
}

UiRequest Stop(const std::string& token) {
  return {.method = "POST", .target = "/stop", .host = "127.0.0.1:8089", .token = token};
}

TEST(AnswerFor, GivesWhatThereIs) {
  EXPECT_EQ(AnswerFor(Get("/"), kLoopback).what, What::kPage);
  EXPECT_EQ(AnswerFor(Get("/events"), kLoopback).what, What::kEvents);
  EXPECT_EQ(AnswerFor(Get("/bundles"), kLoopback).what, What::kList);
  const UiAnswer file = AnswerFor(Get("/bundles/echo-20260711T093000Z/report.html"), kLoopback);
  EXPECT_EQ(file.what, What::kFile);
  EXPECT_EQ(file.bundle, "echo-20260711T093000Z");
  EXPECT_EQ(file.file, "report.html");
}

TEST(AnswerFor, KeepsToTheFilesOfBundles) {
  for (const char* target :
       {"/bundles/../report.html", "/bundles/..%2f..%2fetc/report.html", "/bundles/a/intervals.pb",
        "/bundles/a/../report.html", "/bundles//report.html", "/bundles/a/report.html/x",
        "/bundles/.hidden/report.html", "//etc/passwd", "/bundles/a", "/x", ""}) {
    const UiAnswer answer = AnswerFor(Get(target), kLoopback);
    EXPECT_EQ(answer.what, What::kRefuse) << target;
    EXPECT_EQ(answer.status, 404) << target;
  }
}

// A name that was made to point here (DNS rebinding) is not one of ours.
TEST(AnswerFor, AnswersToLoopbackNamesAlone) {
  for (const char* host : {"127.0.0.1:8089", "localhost:8089", "[::1]:8089", "localhost"}) {
    UiRequest request = Get("/");
    request.host = host;
    EXPECT_EQ(AnswerFor(request, kLoopback).what, What::kPage) << host;
  }
  for (const char* host : {"evil.example:8089", "127.0.0.1.evil.example", "localhost.evil.example",
                           "10.0.0.1", "", "[::2]:8089"}) {
    UiRequest request = Get("/");
    request.host = host;
    EXPECT_EQ(AnswerFor(request, kLoopback).status, 421) << host;
  }
}

TEST(AnswerFor, NothingChangesButByPostWithTheToken) {
  EXPECT_EQ(AnswerFor(Stop(kLoopback.token), kLoopback).what, What::kStop);
  for (const char* token : {"", "0123456789abcdef0123456789abcdee", "0123"}) {
    EXPECT_EQ(AnswerFor(Stop(token), kLoopback).status, 403) << token;
  }
  for (const char* method : {"GET", "HEAD", "PUT", "DELETE", "OPTIONS", ""}) {
    UiRequest request = Stop(kLoopback.token);
    request.method = method;
    EXPECT_NE(AnswerFor(request, kLoopback).what, What::kStop) << method;
  }
  UiRequest foreign = Stop(kLoopback.token);
  foreign.origin = "http://evil.example";
  EXPECT_EQ(AnswerFor(foreign, kLoopback).status, 403);
  foreign.origin = "http://127.0.0.1:8089";
  EXPECT_EQ(AnswerFor(foreign, kLoopback).what, What::kStop);
}

TEST(AnswerFor, BeyondLoopbackTheTokenIsAskedFor) {
  EXPECT_EQ(AnswerFor(Get("/"), kOpen).status, 403);
  EXPECT_EQ(AnswerFor(Get("/events"), kOpen).status, 403);
  EXPECT_EQ(AnswerFor(Get("/?token=0123"), kOpen).status, 403);
  EXPECT_EQ(AnswerFor(Get("/?token=" + kOpen.token), kOpen).what, What::kRedirectWithCookie);
  UiRequest request = Get("/events");
  request.host = "load-1.example:8089";
  request.cookie = "a=b; drumline-token=" + kOpen.token;
  EXPECT_EQ(AnswerFor(request, kOpen).what, What::kEvents);
  request.cookie = "drumline-token=" + kOpen.token + "0";
  EXPECT_EQ(AnswerFor(request, kOpen).status, 403);
}

// An empty token is nobody's.
TEST(AnswerFor, WithoutATokenNobodyStops) {
  EXPECT_EQ(AnswerFor(Stop(""), {true, ""}).status, 403);
}

}  // namespace
}  // namespace drumline
