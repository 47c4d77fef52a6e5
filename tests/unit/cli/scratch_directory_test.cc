#include "controller/scratch_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

namespace drumline {
namespace {

using testing::HasSubstr;

TEST(ScratchDirectoryTest, GoesWithWhatIsInIt) {
  std::string path;
  {
    absl::StatusOr<ScratchDirectory> scratch = ScratchDirectory::Create();
    ASSERT_TRUE(scratch.ok()) << scratch.status();
    path = scratch->path();
    std::ofstream(path + "/log") << "something";
    const ScratchDirectory moved = *std::move(scratch);
    EXPECT_EQ(moved.path(), path);
    EXPECT_TRUE(std::filesystem::exists(path + "/log"));
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(ScratchDirectoryTest, IsAnErrorWhereNoneCanBeMade) {
  // Not a directory for anybody, not even for root.
  const std::string file = testing::TempDir() + "/a-file";
  std::ofstream made(file);
  made.close();
  setenv("TMPDIR", file.c_str(), 1);
  const absl::Status no_directory = ScratchDirectory::Create().status();
  EXPECT_EQ(no_directory.code(), absl::StatusCode::kUnavailable);
  setenv("TMPDIR", "/proc", 1);
  const absl::Status refused = ScratchDirectory::Create().status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("/proc"));
  unsetenv("TMPDIR");
}

}  // namespace
}  // namespace drumline
