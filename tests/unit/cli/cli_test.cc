#include "controller/cli.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace drumline {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using Command = CommandLine::Command;
using Words = std::vector<const char*>;

absl::StatusOr<CommandLine> Parse(Words words) {
  words.insert(words.begin(), "controller");
  return ParseCommandLine(static_cast<int>(words.size()), words.data());
}

std::string Join(const Words& words) {
  std::string line = "controller";
  for (const char* word : words) line += std::string(" ") + word;
  return line;
}

struct Good {
  Words words;
  Command command;
  std::string subject;
  std::string results = "results";
};

TEST(CliTest, GoodLines) {
  const std::vector<Good> lines = {
      {{"a.yaml"}, Command::kRun, "a.yaml"},
      {{"run", "a.yaml"}, Command::kRun, "a.yaml"},
      {{"run", "run"}, Command::kRun, "run"},
      {{"./validate"}, Command::kRun, "./validate"},
      {{"plans/"}, Command::kRun, "plans/"},
      {{"plan.yaml"}, Command::kRun, "plan.yaml"},
      {{"scenario"}, Command::kRun, "scenario"},
      {{"a.yaml", "--results", "out"}, Command::kRun, "a.yaml", "out"},
      {{"--results", "out", "a.yaml"}, Command::kRun, "a.yaml", "out"},
      {{"--results=out", "run", "a.yaml"}, Command::kRun, "a.yaml", "out"},
      {{"run", "--results", "out", "a.yaml"}, Command::kRun, "a.yaml", "out"},
      {{"validate", "a.yaml"}, Command::kValidate, "a.yaml"},
      {{"plan", "a.yaml"}, Command::kPlan, "a.yaml"},
      {{"report", "results/a-1"}, Command::kReport, "results/a-1"},
      {{"compare", "results/a", "b.json"}, Command::kCompare, "results/a"},
      {{"aa", "a.yaml", "--results", "out"}, Command::kAa, "a.yaml", "out"},
      {{"a.yaml", "--ui", "127.0.0.1:0"}, Command::kRun, "a.yaml"},
      {{"report", "results/a", "--overlay", "results/b"}, Command::kReport, "results/a"},
      {{"ui"}, Command::kUi, ""},
      {{"ui", "out"}, Command::kUi, "out"},
      {{"--", "-a.yaml"}, Command::kRun, "-a.yaml"},
  };
  for (const Good& good : lines) {
    const absl::StatusOr<CommandLine> line = Parse(good.words);
    ASSERT_TRUE(line.ok()) << Join(good.words) << ": " << line.status();
    EXPECT_EQ(line->command, good.command) << Join(good.words);
    EXPECT_EQ(line->subject, good.subject) << Join(good.words);
    EXPECT_EQ(line->results_directory, good.results) << Join(good.words);
  }
}

TEST(CliTest, CompareHasTwoSidesAndATolerance) {
  const absl::StatusOr<CommandLine> line = Parse({"compare", "a", "b", "--tolerance", "2.5%"});
  ASSERT_TRUE(line.ok()) << line.status();
  EXPECT_EQ(line->subject, "a");
  EXPECT_EQ(line->contender, "b");
  EXPECT_DOUBLE_EQ(line->tolerance, 0.025);
  EXPECT_EQ(Parse({"compare", "a", "b"})->tolerance, 0);
}

TEST(CliTest, WrongLinesSayWhatIsWrong) {
  const std::vector<std::pair<Words, std::string>> lines = {
      {{}, "no SCENARIO was given"},
      {{""}, "no SCENARIO was given"},
      {{"run"}, "no SCENARIO was given"},
      {{"validate"}, "no SCENARIO was given"},
      {{"report"}, "no BUNDLE was given"},
      {{"report", ""}, "no BUNDLE was given"},
      {{"a.yaml", "b.yaml"}, "one SCENARIO is expected, but `b.yaml` was given too"},
      {{"report", "a", "b"}, "one BUNDLE is expected, but `b` was given too"},
      {{"a", "b.yaml"}, "one SCENARIO is expected, but `b.yaml` was given too"},
      {{"valdiate", "a.yaml"}, "there is no command `valdiate`; did you mean `validate`?"},
      {{"valdiate"}, "there is no command `valdiate`; did you mean `validate`?"},
      {{"raport", "results/a-1"}, "there is no command `raport`; did you mean `report`?"},
      {{"hepl"}, "there is no command `hepl`; did you mean `help`?"},
      {{"help", "plam"}, "there is no command `plam`; did you mean `plan`?"},
      {{"validate", "a.yaml", "--results", "out"},
       "--results belongs to `run`, `plan`, `aa`, `check` and `calibrate` alone"},
      {{"report", "a", "--results", "out"},
       "--results belongs to `run`, `plan`, `aa`, `check` and `calibrate` alone"},
      {{"a.yaml", "--results"}, "results"},
      {{"a.yaml", "--results", ""}, "--results needs a value: --results DIR"},
      {{"a.yaml", "--results="}, "--results needs a value: --results DIR"},
      {{"a.yaml", "--results", "--tolerance"}, "--results needs a value: --results DIR"},
      {{"a.yaml", "--reslts", "out"}, "there is no flag `--reslts`; did you mean `--results`?"},
      {{"a.yaml", "-results", "out"}, "there is no flag `-results`; did you mean `--results`?"},
      {{"a.yaml", "--toleranse=5%"}, "there is no flag `--toleranse`; did you mean"},
      {{"a.yaml", "--results", "a", "--results", "b"}, "--results was given twice"},
      {{"a.yaml", "--frobnicate"}, "frobnicate"},
      {{"a.yaml", "-x"}, "-x"},
      {{"a.yaml", "--res", "out"}, "--res"},
      {{"compare"}, "BASELINE and CONTENDER are expected"},
      {{"compare", "a"}, "BASELINE and CONTENDER are expected"},
      {{"compare", "a", ""}, "BASELINE and CONTENDER are expected"},
      {{"compare", "a", "b", "c"}, "BASELINE and CONTENDER are expected, but `c` was given too"},
      {{"compare", "a", "b", "--tolerance", "5"}, "--tolerance needs per cent"},
      {{"compare", "a", "b", "--tolerance", "-5%"}, "--tolerance needs per cent"},
      {{"compare", "a", "b", "--tolerance", "nan%"}, "--tolerance needs per cent"},
      {{"a.yaml", "--tolerance", "5%"}, "--tolerance belongs to `compare` alone"},
      {{"plan", "a.yaml", "--ui", "127.0.0.1:0"},
       "--ui belongs to `run`, `resume`, `aa` and `ui` alone"},
      {{"a.yaml", "--overlay", "b"}, "--overlay belongs to `report` alone"},
      {{"report", "a", "--overlay"}, "--overlay needs a value: --overlay BUNDLE"},
      {{"help", "frobnicate"}, "there is no command `frobnicate`"},
  };
  for (const auto& [words, expected] : lines) {
    const absl::StatusOr<CommandLine> line = Parse(words);
    ASSERT_FALSE(line.ok()) << Join(words);
    EXPECT_EQ(line.status().code(), absl::StatusCode::kInvalidArgument) << Join(words);
    const std::string message(line.status().message());
    EXPECT_THAT(message, HasSubstr(expected)) << Join(words);
    EXPECT_THAT(message, HasSubstr("see controller --help")) << Join(words);
  }
}

TEST(CliTest, EachHelpTextNamesTheExitCodes) {
  const std::vector<std::pair<Words, std::string>> lines = {
      {{"--help"}, "Usage: controller [COMMAND] SUBJECT"},
      {{"-h"}, "Usage: controller [COMMAND] SUBJECT"},
      {{"help"}, "Usage: controller [COMMAND] SUBJECT"},
      {{"a.yaml", "--help"}, "Usage: controller [COMMAND] SUBJECT"},
      {{"help", "run"}, "Usage: controller [run] SCENARIO"},
      {{"run", "--help"}, "Usage: controller [run] SCENARIO"},
      {{"validate", "-h"}, "Usage: controller validate SCENARIO"},
      {{"help", "plan"}, "Usage: controller plan SCENARIO"},
      {{"report", "x", "y", "--help"}, "Usage: controller report BUNDLE"},
      {{"help", "compare"}, "Usage: controller compare BASELINE CONTENDER"},
      {{"aa", "--help"}, "Usage: controller aa SCENARIO"},
  };
  for (const auto& [words, usage] : lines) {
    const absl::StatusOr<CommandLine> line = Parse(words);
    ASSERT_TRUE(line.ok()) << Join(words) << ": " << line.status();
    EXPECT_EQ(line->command, Command::kHelp) << Join(words);
    EXPECT_THAT(line->help_text, StartsWith(usage)) << Join(words);
    for (const char* code : {"0", "1", "2", "3", "4", "5"}) {
      EXPECT_THAT(line->help_text, HasSubstr(" " + std::string(code) + " ")) << Join(words);
    }
  }
}

TEST(CliTest, TheOverviewNamesEveryCommand) {
  const std::string overview = Parse({"help"})->help_text;
  for (const CommandRow& row : CommandRows()) {
    EXPECT_THAT(overview, HasSubstr("\n  " + std::string(row.name) + " ")) << row.name;
  }
}

// Each line in columns, not bytes; the text ends in a line feed.
std::vector<size_t> WidthsOf(const std::string& text) {
  std::vector<size_t> widths = {0};
  for (const char c : text) {
    if (c == '\n') {
      widths.push_back(0);
    } else {
      widths.back() += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    }
  }
  widths.pop_back();
  return widths;
}

TEST(CliTest, TheHelpOfACommandFitsAScreenAndNamesItsFlags) {
  constexpr size_t kScreenLines = 24;
  constexpr size_t kScreenColumns = 80;
  for (const CommandRow& row : CommandRows()) {
    const std::string text = Parse({std::string(row.name).c_str(), "--help"})->help_text;
    const std::vector<size_t> widths = WidthsOf(text);
    // The last line of a screen is the prompt's.
    EXPECT_LT(widths.size(), kScreenLines) << text;
    EXPECT_LE(*std::max_element(widths.begin(), widths.end()), kScreenColumns) << text;
    for (const std::string& flag : WordsOf(row.flags)) {
      EXPECT_THAT(text, HasSubstr("\n  --" + flag)) << row.name;
    }
  }
  const std::vector<size_t> overview = WidthsOf(Parse({"help"})->help_text);
  EXPECT_LT(overview.size(), kScreenLines);
  EXPECT_LE(*std::max_element(overview.begin(), overview.end()), kScreenColumns);
}

TEST(CommandTableTest, EachCommandStandsOnceAndItsFlagsExist) {
  for (const CommandRow& row : CommandRows()) {
    EXPECT_EQ(FindCommand(row.name), &row) << row.name;
    EXPECT_FALSE(row.summary.empty()) << row.name;
    for (const std::string& flag : WordsOf(row.flags)) EXPECT_NE(FindFlag(flag), nullptr) << flag;
  }
  for (const FlagRow& flag : FlagRows()) {
    EXPECT_EQ(FindFlag(flag.name), &flag) << flag.name;
    bool taken = false;
    for (const CommandRow& row : CommandRows()) taken |= TakesFlag(row, flag.name);
    EXPECT_TRUE(taken) << flag.name << " belongs to no command";
  }
}

}  // namespace
}  // namespace drumline
