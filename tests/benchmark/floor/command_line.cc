#include "tests/benchmark/floor/command_line.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace drumline::floor {
namespace {

std::string Joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : "|") + word;
  return text;
}

}  // namespace

void Die(const std::string& what) {
  fprintf(stderr, "%s: %s\n", program_invocation_short_name, what.c_str());
  exit(kExitUnusable);
}

void DieOfErrno(const std::string& what) { Die(what + ": " + strerror(errno)); }

CommandLine::CommandLine(std::string program, std::string summary)
    : program_(std::move(program)), summary_(std::move(summary)) {}

void CommandLine::AddNumber(std::string name, std::string help, int64_t low, int64_t high,
                            int64_t& value) {
  auto take = [low, high, &value](std::string_view text) -> std::optional<std::string> {
    int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || number < low || number > high) {
      return "a whole number from " + std::to_string(low) + " to " + std::to_string(high);
    }
    value = number;
    return std::nullopt;
  };
  options_.push_back({std::move(name), "=N", std::move(help), std::to_string(value), take});
}

void CommandLine::AddChoice(std::string name, std::string help, std::vector<std::string> choices,
                            std::string& value) {
  const std::string form = "=" + Joined(choices);
  auto take = [choices = std::move(choices),
               &value](std::string_view text) -> std::optional<std::string> {
    if (std::find(choices.begin(), choices.end(), text) == choices.end()) return Joined(choices);
    value = text;
    return std::nullopt;
  };
  options_.push_back({std::move(name), form, std::move(help), value, std::move(take)});
}

void CommandLine::AddText(std::string name, std::string help, std::string begin,
                          std::string& value) {
  auto take = [begin = std::move(begin),
               &value](std::string_view text) -> std::optional<std::string> {
    if (!text.starts_with(begin)) return "a text that begins with " + begin;
    value = text;
    return std::nullopt;
  };
  options_.push_back({std::move(name), "=TEXT", std::move(help), value, std::move(take)});
}

void CommandLine::AddFlag(std::string name, std::string help, bool& value) {
  auto take = [&value](std::string_view text) -> std::optional<std::string> {
    if (!text.empty()) return "no value";
    value = true;
    return std::nullopt;
  };
  options_.push_back({std::move(name), "", std::move(help), "", take});
}

std::optional<int> CommandLine::Parse(int argc, const char* const* argv) const {
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--help") {
      PrintHelp();
      return 0;
    }
    if (const std::optional<std::string> fault = Take(argv[i])) {
      fprintf(stderr, "%s: %s\nSee %s --help.\n", program_.c_str(), fault->c_str(),
              program_.c_str());
      return kExitWrongCommandLine;
    }
  }
  return std::nullopt;
}

std::optional<std::string> CommandLine::Take(std::string_view argument) const {
  const size_t equals = std::min(argument.find('='), argument.size());
  const std::string_view name = argument.substr(0, equals);
  for (const Option& option : options_) {
    if (name != "--" + option.name) continue;
    if (!option.form.empty() && equals == argument.size()) {
      return "'" + std::string(argument) + "': expected --" + option.name + option.form;
    }
    const std::optional<std::string> expected =
        option.take(argument.substr(std::min(equals + 1, argument.size())));
    if (!expected) return std::nullopt;
    return "'" + std::string(argument) + "': expected " + *expected;
  }
  return "'" + std::string(argument) + "' is not an option";
}

void CommandLine::PrintHelp() const {
  printf("usage: %s [--NAME=VALUE]...\n\n%s\n\n", program_.c_str(), summary_.c_str());
  for (const Option& option : options_) {
    printf("  --%s%s\n        %s", option.name.c_str(), option.form.c_str(), option.help.c_str());
    printf(option.fallback.empty() ? "\n" : " (default: %s)\n", option.fallback.c_str());
  }
  printf("  --help\n        this text\n\nExit codes: 0 done, %d wrong command line, %d unusable.\n",
         kExitWrongCommandLine, kExitUnusable);
}

}  // namespace drumline::floor
