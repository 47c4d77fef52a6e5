#include "target-services/oracle/oracle_config.h"

#include <boost/program_options.hpp>
#include <optional>
#include <sstream>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "target-services/oracle/duration_text.h"

namespace drumline::target {
namespace {

namespace options = boost::program_options;

constexpr int kMaxPort = 65'535;
// Of the help: the whole screen, and what is left beside the names.
constexpr unsigned kColumns = 80;
constexpr unsigned kHelpColumns = 52;

constexpr const char* kDelayHelp =
    "fixed:2ms, two-point:1ms,20ms,0.01 (the second with that probability), exponential:MEAN, "
    "lognormal:MEDIAN,SIGMA or file:PATH (one a line)";

options::options_description Flags() {
  const OracleConfig defaults;
  options::options_description flags("Flags", kColumns, kHelpColumns);
  auto flag = flags.add_options();
  const auto text = [] { return options::value<std::string>(); };
  const auto number = [](int value) { return options::value<int>()->default_value(value); };
  flag("help", "print this text and exit");
  flag("host", text()->default_value(defaults.host), "address to listen on");
  flag("port", number(defaults.port), "port to listen on; 0 picks a free one");
  flag("threads", number(1), "always 1: one loop, which knows each instant");
  flag("delay", text()->default_value(defaults.delay_text), kDelayHelp);
  flag("pause", text(), "stand still for so long, again and again");
  flag("every", text(), "from the beginning of a pause to the next one's");
  flag("stop-at", text(), "stand still once, so long after the first request");
  flag("stop-for", text(), "for so long; with --stop-at");
  flag("errors", text(), "probability and status of errors, as in 0.01:503");
  flag("resets", text(), "probability of a reset instead of an answer");
  flag("truncate", text(), "probability of an end in the middle of the body");
  flag("slow-body", text(), "wait so long between the halves of the body");
  flag("response-bytes", number(static_cast<int>(defaults.response_bytes)), "length of the body");
  flag("seed", options::value<uint64_t>()->default_value(defaults.seed),
       "fixes all that is chosen by chance");
  flag("wait", text()->default_value("spin"), "spin: exact, takes a core; sleep: late by some µs");
  return flags;
}

// Boost.Program_options throws; nothing of it leaves this function.
absl::StatusOr<options::variables_map> ParseFlags(int argc, const char* const* argv) {
  try {
    const int style =
        options::command_line_style::unix_style & ~options::command_line_style::allow_guessing;
    const options::options_description flags = Flags();
    options::variables_map values;
    options::store(options::command_line_parser(argc, argv)
                       .options(flags)
                       .positional(options::positional_options_description())
                       .style(style)
                       .run(),
                   values);
    options::notify(values);
    return values;
  } catch (const options::error& error) {
    return absl::InvalidArgumentError(error.what());
  }
}

// Reads flags one after another and keeps the first fault.
class FlagReader {
 public:
  explicit FlagReader(const options::variables_map& values) : values_(values) {}

  bool Has(const char* flag) const { return values_.count(flag) > 0; }

  std::string Text(const char* flag) const {
    return Has(flag) ? values_[flag].as<std::string>() : "";
  }
  int Number(const char* flag, int least, int most) {
    const int number = values_[flag].as<int>();
    if (number < least || number > most) {
      Refuse(flag, absl::StrCat("expected ", least, " to ", most));
    }
    return number;
  }
  // 0 where the flag is not given.
  int64_t DurationNs(const char* flag) {
    if (!Has(flag)) return 0;
    const absl::StatusOr<int64_t> ns = ParseDuration(Text(flag));
    if (!ns.ok()) Refuse(flag, std::string(ns.status().message()));
    return ns.value_or(0);
  }
  double Share(const char* flag, const std::string& text) {
    if (text.empty() && !Has(flag)) return 0;
    const absl::StatusOr<double> share = ParseNumber(text);
    if (!share.ok() || *share > 1) {
      Refuse(flag, absl::StrCat("`", text, "`: expected a probability from 0 to 1"));
    }
    return share.value_or(0);
  }
  // Either both of them or none.
  void Together(const char* a, const char* b) {
    if (Has(a) != Has(b)) {
      Refuse(Has(a) ? a : b, absl::StrCat("expected --", Has(a) ? b : a, " with it"));
    }
  }
  void Refuse(const char* flag, const std::string& why) {
    if (status_.ok()) status_ = absl::InvalidArgumentError(absl::StrCat("--", flag, ": ", why));
  }
  const absl::Status& status() const { return status_; }

 private:
  const options::variables_map& values_;
  absl::Status status_;
};

void ReadStops(FlagReader& flags, OracleConfig& config) {
  flags.Together("pause", "every");
  flags.Together("stop-at", "stop-for");
  config.stops = {flags.DurationNs("pause"), flags.DurationNs("every"), flags.DurationNs("stop-at"),
                  flags.DurationNs("stop-for")};
  if (config.stops.pause_ns > 0 && config.stops.pause_ns >= config.stops.every_ns) {
    flags.Refuse("pause", "expected less than --every, so that something is answered between");
  }
}

void ReadFates(FlagReader& flags, OracleConfig& config) {
  const std::string errors = flags.Text("errors");
  const size_t colon = errors.find(':');
  config.fates.errors = flags.Share("errors", errors.substr(0, colon));
  if (flags.Has("errors")) {
    int status = 0;
    if (colon == errors.npos || !absl::SimpleAtoi(errors.substr(colon + 1), &status) ||
        status < 400 || status > 599) {
      flags.Refuse("errors", absl::StrCat("`", errors,
                                          "`: expected a probability and a status from 400 to "
                                          "599, as in 0.01:503"));
    }
    config.error_status = status;
  }
  config.fates.resets = flags.Share("resets", flags.Text("resets"));
  config.fates.truncated = flags.Share("truncate", flags.Text("truncate"));
  if (config.fates.errors + config.fates.resets + config.fates.truncated > 1) {
    flags.Refuse("errors", "expected at most 1 together with --resets and --truncate");
  }
}

void ReadBody(FlagReader& flags, OracleConfig& config) {
  config.response_bytes = static_cast<size_t>(flags.Number("response-bytes", 0, kMaxResponseBytes));
  config.slow_body_ns = flags.DurationNs("slow-body");
  const bool halved = config.slow_body_ns > 0 || config.fates.truncated > 0;
  if (halved && config.response_bytes < 2) {
    flags.Refuse("response-bytes", "expected at least 2, so that the body has two halves");
  }
}

absl::StatusOr<OracleConfig> ConfigOf(const options::variables_map& values) {
  OracleConfig config;
  FlagReader flags(values);
  config.host = flags.Text("host");
  config.port = static_cast<uint16_t>(flags.Number("port", 0, kMaxPort));
  if (values["threads"].as<int>() != 1) {
    flags.Refuse("threads",
                 "the oracle is one loop, which knows each answer's instant: expected 1");
  }
  config.seed = values["seed"].as<uint64_t>();
  config.delay_text = flags.Text("delay");
  ReadStops(flags, config);
  ReadFates(flags, config);
  ReadBody(flags, config);
  const std::string wait = flags.Text("wait");
  if (wait != "spin" && wait != "sleep") {
    flags.Refuse("wait", absl::StrCat("`", wait, "`: expected spin or sleep"));
  }
  config.spin = wait == "spin";
  if (!flags.status().ok()) return flags.status();
  absl::StatusOr<DelayLaw> law = DelayLaw::Parse(config.delay_text, config.seed);
  if (!law.ok()) {
    return absl::Status(law.status().code(),
                        absl::StrCat("--delay: ", std::string(law.status().message())));
  }
  config.delay = *std::move(law);
  return config;
}

std::string Seconds(int64_t ns) { return absl::StrCat(static_cast<double>(ns) / 1e9, "s"); }

}  // namespace

absl::StatusOr<CommandLine> ParseCommandLine(int argc, const char* const* argv) {
  const absl::StatusOr<options::variables_map> values = ParseFlags(argc, argv);
  if (!values.ok()) return values.status();
  if (values->count("help") > 0) return CommandLine{{}, /*help=*/true};
  absl::StatusOr<OracleConfig> config = ConfigOf(*values);
  if (!config.ok()) return config.status();
  return CommandLine{*std::move(config), /*help=*/false};
}

std::string HelpText() {
  std::ostringstream text;
  text << "Usage: oracle [flags]\n"
          "Answers any path but /health and /metrics after a delay known beforehand.\n"
       << Flags() << "Example: oracle --port 8080 --delay fixed:2ms --pause 200ms --every 2s\n";
  return text.str();
}

std::string Describe(const OracleConfig& config) {
  std::string text = absl::StrCat("delay ", config.delay_text, ", seed ", config.seed);
  if (config.stops.pause_ns > 0) {
    absl::StrAppend(&text, ", a stop of ", Seconds(config.stops.pause_ns), " every ",
                    Seconds(config.stops.every_ns));
  }
  if (config.stops.stop_for_ns > 0) {
    absl::StrAppend(&text, ", a stop of ", Seconds(config.stops.stop_for_ns), " at ",
                    Seconds(config.stops.stop_at_ns));
  }
  if (config.fates.errors > 0) {
    absl::StrAppend(&text, ", ", config.error_status, " with probability ", config.fates.errors);
  }
  if (config.fates.resets > 0) absl::StrAppend(&text, ", resets ", config.fates.resets);
  if (config.fates.truncated > 0) absl::StrAppend(&text, ", truncated ", config.fates.truncated);
  if (config.slow_body_ns > 0) {
    absl::StrAppend(&text, ", bodies in halves ", Seconds(config.slow_body_ns), " apart");
  }
  return absl::StrCat(text, ", ", config.response_bytes, " bytes, ",
                      config.spin ? "spinning" : "sleeping");
}

}  // namespace drumline::target
