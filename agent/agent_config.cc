#include "agent/agent_config.h"

#include <unistd.h>

#include <array>
#include <boost/asio/ip/address.hpp>
#include <boost/program_options.hpp>
#include <sstream>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace drumline {
namespace {

namespace po = boost::program_options;

std::string DefaultId() {
  std::array<char, 256> host = {};
  gethostname(host.data(), host.size() - 1);
  return absl::StrCat(host.data(), "-", getpid());
}

absl::Status CheckController(const std::string& controller) {
  const size_t colon = controller.rfind(':');
  uint32_t port = 0;
  if (colon == std::string::npos || colon == 0 ||
      !absl::SimpleAtoi(controller.substr(colon + 1), &port) || port == 0 || port > 65535) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--controller: `", controller, "` is not HOST:PORT, for example 127.0.0.1:7070"));
  }
  const std::string host = controller.substr(0, colon);
  // Not any name that begins with 127: an address, or the one name that stands for it.
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address_v4(host, error);
  if (host == "localhost" || host == "[::1]" || (!error && address.is_loopback())) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("--controller: ", host,
                   " is not a loopback address, and the link to the controller is not encrypted; "
                   "use 127.0.0.1, through a tunnel if the controller is elsewhere"));
}

po::options_description Options(AgentConfig* config, std::vector<std::string>* allow) {
  po::options_description options("Options");
  options.add_options()  //
      ("controller", po::value(&config->controller)->value_name("HOST:PORT"),
       "the controller to dial; required")  //
      ("id", po::value(&config->id)->value_name("NAME"),
       "this agent's name, unique in the cluster (default: host name and program number)")  //
      ("allow", po::value(allow)->composing()->value_name("ADDRESS[/PREFIX][:PORT]"),
       "a target that load may be sent to; may be repeated (default: loopback only)")  //
      ("help", "print this and exit");
  return options;
}

}  // namespace

absl::StatusOr<AgentConfig> ParseAgentConfig(int argc, const char* const* argv) {
  AgentConfig config;
  std::vector<std::string> allow;
  const po::options_description options = Options(&config, &allow);
  std::ostringstream help;
  help << "Usage: agent --controller HOST:PORT [OPTIONS]\n\n"
          "Sends load as the controller says, and reports what it measured. Waits for the\n"
          "controller, serves one run after another, and stops on SIGTERM or Ctrl-C.\n\n"
       << options << "\nExit codes: 0 stopped when asked to; 2 wrong command line.\n";
  config.help_text = help.str();
  try {
    po::variables_map values;
    const po::positional_options_description nothing_positional;
    // A word that is no option is wrong, not an abbreviation of one.
    const int style =
        po::command_line_style::default_style & ~po::command_line_style::allow_guessing;
    po::store(po::command_line_parser(argc, argv)
                  .options(options)
                  .positional(nothing_positional)
                  .style(style)
                  .run(),
              values);
    po::notify(values);
    config.help = values.count("help") > 0;
  } catch (const po::error& error) {
    return absl::InvalidArgumentError(absl::StrCat(error.what(), "; see agent --help"));
  }
  if (config.help) return config;
  if (config.controller.empty()) {
    return absl::InvalidArgumentError("--controller HOST:PORT is missing; see agent --help");
  }
  if (absl::Status status = CheckController(config.controller); !status.ok()) return status;
  if (config.id.empty()) config.id = DefaultId();
  if (!allow.empty()) {
    absl::StatusOr<AllowList> list = AllowList::Parse(allow);
    if (!list.ok()) {
      return absl::InvalidArgumentError(absl::StrCat("--allow: ", list.status().message()));
    }
    config.allow_list = *std::move(list);
  }
  return config;
}

}  // namespace drumline
