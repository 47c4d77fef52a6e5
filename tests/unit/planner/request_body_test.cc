#include "controller/planner/request_body.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/unit/planner/small_scenario.h"

namespace drumline {
namespace {

using testing::HasSubstr;

class RequestBodyTest : public testing::Test {
 protected:
  RequestBodyTest() : directory_(testing::TempDir() + "/request_body") {
    std::filesystem::create_directories(directory_);
  }

  void Write(const std::string& name, const std::string& bytes) const {
    std::ofstream(directory_ + "/" + name, std::ios::binary) << bytes;
  }
  absl::StatusOr<std::string> FromFile(const std::string& name,
                                       const proto::Bytes* payload = nullptr) const {
    proto::Body body;
    body.set_file(name);
    return BodyOf(body, payload, directory_);
  }

  const std::string directory_;
};

proto::Bytes Payload(int64_t bytes, const std::string& text) {
  proto::Bytes payload;
  payload.set_bytes(bytes);
  payload.set_text(text);
  return payload;
}

TEST_F(RequestBodyTest, MadeBodiesHaveExactlyTheirSizeAndTheShapeThatTheEchoReads) {
  for (int64_t bytes : {int64_t{64}, int64_t{65}, int64_t{100}, int64_t{256}, int64_t{1023},
                        int64_t{1024}, int64_t{65'536}, kMaxBodyBytes}) {
    const std::string body = MadeBody(bytes);
    EXPECT_EQ(static_cast<int64_t>(body.size()), bytes);
    const boost::json::value document = boost::json::parse(body);
    EXPECT_TRUE(document.at("id").is_int64());
    EXPECT_TRUE(document.at("user_agent").is_string());
    ASSERT_EQ(document.at("metadata").as_array().size(), 1U);
    EXPECT_TRUE(document.at("metadata").at(0).is_string());
  }
}

TEST_F(RequestBodyTest, InlineAndSizeAndNothing) {
  proto::Body body;
  EXPECT_EQ(*BodyOf(body, nullptr, directory_), "");
  body.set_inline_("{}");
  EXPECT_EQ(*BodyOf(body, nullptr, directory_), "{}");
  body.Clear();
  body.mutable_size()->set_bytes(100);
  EXPECT_EQ(*BodyOf(body, nullptr, directory_), MadeBody(100));
}

TEST_F(RequestBodyTest, AFileIsReadByteForByte) {
  const std::string bytes("\0\r\n\xff\x1a", 5);
  Write("raw.bin", bytes);
  EXPECT_EQ(*FromFile("raw.bin"), bytes);
  Write("empty.bin", "");
  EXPECT_EQ(*FromFile("empty.bin"), "");
}

TEST_F(RequestBodyTest, ThePayloadNamesTheFile) {
  Write("echo-256B.json", "small");
  const proto::Bytes payload = Payload(256, "256B");
  EXPECT_EQ(*FromFile("echo-{payload}.json", &payload), "small");
}

TEST_F(RequestBodyTest, ThePayloadReplacesAnyOtherBody) {
  Write("fixed.json", "fixed");
  const proto::Bytes payload = Payload(128, "128B");
  EXPECT_EQ(*FromFile("fixed.json", &payload), MadeBody(128));
  proto::Body body;
  body.set_inline_("{}");
  EXPECT_EQ(*BodyOf(body, &payload, directory_), MadeBody(128));
}

TEST_F(RequestBodyTest, WhatCannotBeReadIsNamed) {
  const proto::Bytes payload = Payload(256, "9kB");
  const auto missing = FromFile("echo-{payload}.json", &payload);
  EXPECT_EQ(missing.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(missing.status().message()), HasSubstr("echo-9kB.json cannot be read"));
}

// A directory opens like a file and read as an empty body.
TEST_F(RequestBodyTest, ADirectoryIsNoBody) {
  EXPECT_EQ(FromFile(".").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(RequestBodyTest, ABodyThatIsTooLargeIsRefusedWithoutBeingRead) {
  Write("large.bin", "");
  // A sparse file of a size that no memory holds.
  std::filesystem::resize_file(directory_ + "/large.bin", uintmax_t{1} << 42);
  const auto large = FromFile("large.bin");
  EXPECT_EQ(large.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(large.status().message()), HasSubstr("at most 16777216 are allowed"));
  std::filesystem::resize_file(directory_ + "/large.bin", static_cast<uintmax_t>(kMaxBodyBytes));
  EXPECT_TRUE(FromFile("large.bin").ok());
}

}  // namespace
}  // namespace drumline
