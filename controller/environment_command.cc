#include "controller/environment_command.h"

#include <google/protobuf/util/json_util.h>

#include <cstdio>
#include <string>
#include <variant>
#include <vector>

#include "controller/planner/environment_text.h"
#include "controller/refusal.h"
#include "controller/scenario/environment_loader.h"
#include "controller/scenario/fault.h"

namespace drumline {
namespace {

std::string EnvironmentToJson(const proto::EnvironmentFile& environment) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.preserve_proto_field_names = true;
  std::string json;
  // Strings of the file are valid UTF-8, which is all that could go wrong.
  (void)google::protobuf::util::MessageToJsonString(environment, &json, options);
  return json;
}

}  // namespace

int EnvironmentCommand(const CommandLine& line) {
  // A name is looked for as a scenario where the user stands would have it looked for.
  const std::string path = FindEnvironment(".", line.subject).value_or(line.subject);
  const EnvironmentResult result = LoadEnvironment(path);
  if (const auto* faults = std::get_if<std::vector<Fault>>(&result)) {
    for (const Fault& fault : *faults) std::fprintf(stderr, "%s\n", FormatFault(fault).c_str());
    std::fprintf(stderr, "controller: %zu fault%s in %s\n", faults->size(),
                 faults->size() == 1 ? "" : "s", path.c_str());
    return kExitWrongInput;
  }
  const auto& environment = std::get<proto::EnvironmentFile>(result);
  const std::string text =
      line.HasFlag("json") ? EnvironmentToJson(environment) : EnvironmentToText(environment);
  std::fputs(text.c_str(), stdout);
  return 0;
}

}  // namespace drumline
