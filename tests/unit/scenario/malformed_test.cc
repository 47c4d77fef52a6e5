// Every scenario in tests/malformed is refused with exactly the faults that expectations.txt lists.
//
// To see what the loader says of a new file, list it without a line of faults and read the failure.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <variant>
#include <vector>

#include "controller/scenario/fault.h"
#include "controller/scenario/scenario_loader.h"
#include "controller/scenario/yaml_source.h"

namespace drumline {
namespace {

constexpr char kDirectory[] = "tests/malformed";
constexpr size_t kLeastFiles = 45;

struct Expected {
  std::string position;
  std::string substring;
};

// Lines of `FILE | LINE:COLUMN | SUBSTRING`; # starts a comment.
std::map<std::string, std::vector<Expected>> ReadExpectations() {
  std::map<std::string, std::vector<Expected>> expectations;
  std::ifstream file(std::string(kDirectory) + "/expectations.txt");
  EXPECT_TRUE(file.is_open());
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.front() == '#') continue;
    const size_t first = line.find(" | ");
    const size_t second = line.find(" | ", first + 3);
    if (first == std::string::npos || second == std::string::npos) {
      ADD_FAILURE() << "not an expectation: " << line;
      continue;
    }
    expectations[line.substr(0, first)].push_back(
        {line.substr(first + 3, second - first - 3), line.substr(second + 3)});
  }
  return expectations;
}

std::vector<Fault> FaultsOf(const std::string& path) {
  LoadResult result = LoadScenario(path);
  const auto* faults = std::get_if<std::vector<Fault>>(&result);
  return faults == nullptr ? std::vector<Fault>() : *faults;
}

std::string Describe(const std::string& name, const std::vector<Fault>& faults) {
  std::ostringstream text;
  for (const Fault& fault : faults) {
    text << name << " | " << fault.line << ":" << fault.column << " | " << fault.message << "\n";
  }
  return text.str();
}

TEST(Malformed, EachFileHasItsFaultsAndNoOthers) {
  for (const auto& [name, expected] : ReadExpectations()) {
    const std::string path = std::string(kDirectory) + "/" + name;
    ASSERT_TRUE(std::filesystem::exists(path)) << name << " is listed but not there";
    std::vector<Fault> faults = FaultsOf(path);
    SCOPED_TRACE("the loader says:\n" + Describe(name, faults));
    EXPECT_EQ(faults.size(), expected.size()) << name;
    for (size_t i = 0; i < std::min(faults.size(), expected.size()); ++i) {
      const std::string position =
          std::to_string(faults[i].line) + ":" + std::to_string(faults[i].column);
      EXPECT_EQ(position, expected[i].position) << expected[i].substring;
      EXPECT_THAT(faults[i].message, testing::HasSubstr(expected[i].substring));
      EXPECT_EQ(faults[i].file, path);
    }
  }
}

TEST(Malformed, EachFileIsListed) {
  const auto expectations = ReadExpectations();
  size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kDirectory)) {
    if (entry.path().extension() != ".yaml") continue;
    ++files;
    const std::string name = entry.path().filename();
    EXPECT_TRUE(expectations.contains(name)) << name << " is not listed; the loader says:\n"
                                             << Describe(name, FaultsOf(entry.path()));
  }
  EXPECT_GE(files, kLeastFiles);
}

TEST(Malformed, MessagesAreOneLineOfReasonableLength) {
  for (const auto& [name, expected] : ReadExpectations()) {
    for (const Fault& fault : FaultsOf(std::string(kDirectory) + "/" + name)) {
      EXPECT_EQ(fault.message.find('\n'), std::string::npos) << fault.message;
      EXPECT_LT(fault.message.size(), 320u) << fault.message;
    }
  }
}

TEST(Malformed, AFileThatIsNotThereOrNoFile) {
  const std::vector<Fault> missing = FaultsOf("tests/malformed/there-is-none.yaml");
  ASSERT_EQ(missing.size(), 1u);
  EXPECT_EQ(FormatFault(missing[0]),
            "tests/malformed/there-is-none.yaml: cannot be read: No such file or directory");
  const std::vector<Fault> directory = FaultsOf("tests/malformed");
  ASSERT_EQ(directory.size(), 1u);
  EXPECT_EQ(FormatFault(directory[0]), "tests/malformed: is not a regular file");
}

// Inputs too large or too dull to be kept as files. Each is refused, and without taking long: the
// test's own time limit is the only clock.
TEST(Malformed, TenMegabytesAreRefused) {
  constexpr size_t kTenMegabytes = 10'000'000;
  const std::string path = testing::TempDir() + "/large.yaml";
  std::ofstream(path) << std::string(kTenMegabytes, 'x');  // NOLINT(bugprone-string-constructor)
  const std::vector<Fault> faults = FaultsOf(path);
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_THAT(faults[0].message, testing::HasSubstr("larger than 1 MiB"));
  EXPECT_EQ(faults[0].line, 0);
}

TEST(Malformed, LargeFilesOfAnyDullPatternAreRefused) {
  for (const std::string pattern :
       {"[",      "{",    "- ",    "? ",   "a: ",     "{a: ",   "[a, ",   "&a ",     "!a ",
        "a:\n ",  "*a ",  "---\n", "\"",   "'",       "|",      "a:\n- ", "%",       "%YAML 1.2\n",
        "\t",     " ",    "\n",    "#",    "x",       "- a\n",  "[],",    "{},",     "? a\n",
        "a: b\n", "[[],", "-\n",   "a:\n", "- - x\n", "- ? \n", "&a [",   "\xC3\xA4"}) {
    for (const std::string start : {"", "[", "a: ", "a: &x {", "a: \""}) {
      // The whole size once, and a part of it where the start makes little difference.
      const size_t size = start.empty() ? kMaxSourceBytes : kMaxSourceBytes / 16;
      std::string text = start;
      while (text.size() + pattern.size() <= size) text += pattern;
      LoadResult result = LoadScenarioText(text, "dull", ".");
      const auto* faults = std::get_if<std::vector<Fault>>(&result);
      ASSERT_NE(faults, nullptr) << start << pattern;
      EXPECT_FALSE(faults->empty());
      EXPECT_LE(faults->size(), FaultList::kMaxFaults + 1);
    }
  }
}

TEST(Malformed, FaultsBeyondTheLimitAreCounted) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "unknown" + std::to_string(i) + ": 1\n";
  LoadResult result = LoadScenarioText(text, "many", ".");
  const auto& faults = std::get<std::vector<Fault>>(result);
  ASSERT_EQ(faults.size(), FaultList::kMaxFaults + 1);
  EXPECT_THAT(faults.back().message, testing::HasSubstr("more than 200 faults"));
}

}  // namespace
}  // namespace drumline
