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

// What the line says, as it was written.
struct Given {
  std::vector<std::string> allow;
  TlsFiles tls;
  std::string max_rate;
  std::string max_connections;
};

absl::Status CheckController(const std::string& controller, bool protected_or_insecure) {
  const size_t colon = controller.rfind(':');
  uint32_t port = 0;
  if (colon == std::string::npos || colon == 0 ||
      !absl::SimpleAtoi(controller.substr(colon + 1), &port) || port == 0 || port > 65535) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--controller: `", controller, "` is not HOST:PORT, for example 127.0.0.1:7070"));
  }
  const std::string host = controller.substr(0, colon);
  if (protected_or_insecure) return absl::OkStatus();
  // Not any name that begins with 127: an address, or the one name that stands for it.
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address_v4(host, error);
  if (host == "localhost" || host == "[::1]" || (!error && address.is_loopback())) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("--controller: ", host,
                   " is not a loopback address, and without certificates the link to the "
                   "controller is not encrypted: give --tls-cert, --tls-key and --tls-ca "
                   "(`controller certs init` makes them), or --insecure"));
}

// Of the help: the whole screen, and what is left beside the names.
constexpr unsigned kColumns = 80;
constexpr unsigned kHelpColumns = 55;

po::options_description Options(AgentConfig* config, Given* given) {
  po::options_description options("Options", kColumns, kHelpColumns);
  options.add_options()  //
      ("controller", po::value(&config->controller)->value_name("HOST:PORT"),
       "the controller to dial; required")  //
      ("id", po::value(&config->id)->value_name("NAME"),
       "unique in the cluster (default: host name and number)")  //
      ("tls-cert", po::value(&given->tls.cert)->value_name("FILE"),
       "its certificate in PEM; bears the id as a DNS name")  //
      ("tls-key", po::value(&given->tls.key)->value_name("FILE"),
       "the certificate's key in PEM")  //
      ("tls-ca", po::value(&given->tls.ca)->value_name("FILE"),
       "the authority that vouches for the controller")  //
      ("insecure", po::bool_switch(&config->insecure),
       "plain text with a controller on another machine")  //
      ("allow", po::value(&given->allow)->composing()->value_name("TARGET"),
       "where load may be sent: ADDRESS[/PREFIX][:PORT] or NAME[:PORT]; may be repeated (default: "
       "loopback only)")  //
      ("max-rate", po::value(&given->max_rate)->value_name("RATE"),
       "refuse plans that ask more (50k/s), and closed loops")  //
      ("max-connections", po::value(&given->max_connections)->value_name("N"),
       "refuse plans that ask more (default: by open files)")  //
      ("check", po::bool_switch(&config->check),
       "say what is in the way of a good measurement")  //
      ("help", "print this and exit");
  return options;
}

// Checks what only belongs together, and turns it into its own types.
absl::Status Finish(const Given& given, AgentConfig* config) {
  if (config->controller.empty() && !config->check) {
    return absl::InvalidArgumentError("--controller HOST:PORT is missing; see agent --help");
  }
  if (absl::Status status = CheckComplete(given.tls); !status.ok()) return status;
  if (!given.tls.cert.empty()) config->tls = given.tls;
  if (config->tls && config->insecure) {
    return absl::InvalidArgumentError(
        "--insecure and certificates exclude each other: remove one of them");
  }
  const bool any_host = config->tls || config->insecure || config->check;
  absl::Status status =
      config->controller.empty() ? absl::OkStatus() : CheckController(config->controller, any_host);
  if (!status.ok()) return status;
  if (config->id.empty()) config->id = DefaultId();
  if (!given.max_rate.empty()) {
    const absl::StatusOr<double> rate = ParseCeiling(given.max_rate);
    if (!rate.ok()) {
      return absl::InvalidArgumentError(absl::StrCat("--max-rate: ", rate.status().message()));
    }
    config->limits.max_rate = *rate;
  }
  if (!given.max_connections.empty()) {
    // Not SimpleAtoi alone: it takes blanks around the number.
    const bool digits = given.max_connections.find_first_not_of("0123456789") == std::string::npos;
    if (!digits || !absl::SimpleAtoi(given.max_connections, &config->limits.max_connections) ||
        config->limits.max_connections == 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("--max-connections: `", given.max_connections, "` is not a number above 0"));
    }
  }
  if (given.allow.empty()) return absl::OkStatus();
  absl::StatusOr<AllowList> list = AllowList::Parse(given.allow);
  if (!list.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("--allow: ", list.status().message()));
  }
  config->limits.allow_list = *std::move(list);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<AgentConfig> ParseAgentConfig(int argc, const char* const* argv) {
  AgentConfig config;
  Given given;
  const po::options_description options = Options(&config, &given);
  std::ostringstream help;
  help << "Usage: agent --controller HOST:PORT [OPTIONS]\n"
          "       agent --check [--max-connections N]\n\n"
          "Waits for the controller, sends load as it says, reports what it measured, and\n"
          "serves one run after another until SIGTERM or Ctrl-C.\n\n"
       << options
       << "\nExit codes: 0 stopped as asked, 2 wrong command line, 5 found unfit by --check.\n";
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
  if (absl::Status status = Finish(given, &config); !status.ok()) return status;
  return config;
}

}  // namespace drumline
