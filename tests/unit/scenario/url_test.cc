#include "controller/scenario/url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace drumline {
namespace {

using testing::HasSubstr;

TEST(Url, PartsOfAnAddress) {
  const auto url = ParseUrl("http://10.0.1.10:8080/echo?x=1&y=http://z");
  ASSERT_TRUE(url.ok()) << url.status();
  EXPECT_EQ(url->host, "10.0.1.10");
  EXPECT_EQ(url->port, 8080);
  EXPECT_EQ(url->path_and_query, "/echo?x=1&y=http://z");
  EXPECT_EQ(url->authority, "10.0.1.10:8080");
}

TEST(Url, WhatMayBeLeftOut) {
  const auto bare = ParseUrl("HTTP://example.org");
  ASSERT_TRUE(bare.ok()) << bare.status();
  EXPECT_EQ(bare->port, 80);
  EXPECT_EQ(bare->path_and_query, "/");
  EXPECT_EQ(bare->authority, "example.org");
  EXPECT_EQ(ParseUrl("http://example.org?q=1")->path_and_query, "/?q=1");
  EXPECT_EQ(ParseUrl("http://example.org:80/")->authority, "example.org");
  EXPECT_EQ(ParseUrl("http://my_service.default.svc:1/a@b")->path_and_query, "/a@b");
}

TEST(Url, Ipv6StandsInBrackets) {
  const auto url = ParseUrl("http://[fd00::1]:9000/");
  ASSERT_TRUE(url.ok()) << url.status();
  EXPECT_EQ(url->host, "fd00::1");
  EXPECT_EQ(url->authority, "[fd00::1]:9000");
  EXPECT_EQ(ParseUrl("http://[::1]")->authority, "[::1]");
  EXPECT_FALSE(ParseUrl("http://fd00::1/").ok());
  EXPECT_FALSE(ParseUrl("http://[::1").ok());
  EXPECT_FALSE(ParseUrl("http://[::1]x/").ok());
}

TEST(Url, Refusals) {
  const auto why = [](const std::string& text) {
    return std::string(ParseUrl(text).status().message());
  };
  EXPECT_THAT(why("ftp://h/"), HasSubstr("only http and https are supported"));
  EXPECT_THAT(why("ftp://h/"), HasSubstr("only http and https are supported"));
  EXPECT_THAT(why("h:80/"), HasSubstr("has no scheme"));
  EXPECT_THAT(why("://h/"), HasSubstr("has no scheme"));
  EXPECT_THAT(why("http://"), HasSubstr("names no host"));
  EXPECT_THAT(why("http://:80/"), HasSubstr("names no host"));
  EXPECT_THAT(why("http://h:/"), HasSubstr("port"));
  EXPECT_THAT(why("http://h:65536/"), HasSubstr("port"));
  EXPECT_THAT(why("http://h:+1/"), HasSubstr("port"));
  EXPECT_THAT(why("http://h%20h/"), HasSubstr("neither a name nor an address"));
  EXPECT_THAT(why("http://1.2.3/"), HasSubstr("neither a name nor an address"));
  EXPECT_THAT(why("http://-h/"), HasSubstr("neither a name nor an address"));
  EXPECT_THAT(why("http://h/\r\nevil: 1"), HasSubstr("white space"));
  EXPECT_THAT(why("http://h/\xC3\xA4"), HasSubstr("beyond ASCII"));
  EXPECT_THAT(why("http://h/#x"), HasSubstr("fragment"));
  EXPECT_THAT(why("http://h/" + std::string(kMaxUrlBytes, 'a')), HasSubstr("longer than"));
  EXPECT_THAT(why("http://" + std::string(254, 'a') + "/"), HasSubstr("neither"));
}

// A password must not end in a log.
TEST(Url, UsersAreRefusedWithoutBeingRepeated) {
  const std::string why(ParseUrl("http://me:secret@h/").status().message());
  EXPECT_THAT(why, HasSubstr("names a user"));
  EXPECT_THAT(why, testing::Not(HasSubstr("secret")));
}

TEST(HostPort, LoopbackAndOthers) {
  for (const char* text :
       {"127.0.0.1:7070", "127.9.9.9:1", "[::1]:7070", "localhost:0", "LOCALHOST:65535"}) {
    const auto address = ParseHostPort(text);
    ASSERT_TRUE(address.ok()) << address.status();
    EXPECT_TRUE(IsLoopback(*address)) << text;
  }
  for (const char* text :
       {"0.0.0.0:7070", "[::]:7070", "128.0.0.1:1", "example.org:1", "localhost.example.org:1"}) {
    const auto address = ParseHostPort(text);
    ASSERT_TRUE(address.ok()) << address.status();
    EXPECT_FALSE(IsLoopback(*address)) << text;
  }
  for (const char* text : {"", "localhost", ":7070", "localhost:", "localhost:x", "::1:7070",
                           "localhost:65536", "http://localhost:1"}) {
    EXPECT_FALSE(ParseHostPort(text).ok()) << text;
  }
}

TEST(ParseUrl, HttpsHasItsOwnPort) {
  const absl::StatusOr<ParsedUrl> usual = ParseUrl("https://shop.example/");
  ASSERT_TRUE(usual.ok());
  EXPECT_TRUE(usual->tls);
  EXPECT_EQ(usual->port, 443);
  EXPECT_EQ(usual->authority, "shop.example");
  EXPECT_EQ(ParseUrl("https://shop.example:80/")->authority, "shop.example:80");
  EXPECT_EQ(ParseUrl("http://shop.example:443/")->authority, "shop.example:443");
  EXPECT_FALSE(ParseUrl("http://shop.example/")->tls);
}

}  // namespace
}  // namespace drumline
