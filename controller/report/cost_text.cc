#include "controller/report/cost_text.h"

#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "controller/format/columns.h"
#include "controller/format/units.h"
#include "controller/report/text_layout.h"

namespace drumline {
namespace {

std::string NameOf(const proto::CostLine& line) {
  std::string name = line.target();
  for (const auto& [axis, value] :
       std::map<std::string, std::string>(line.point().begin(), line.point().end())) {
    absl::StrAppend(&name, " · ", axis, " ", value);
  }
  return name;
}

// "knee 2,000/s (measured)".
std::string InputText(const proto::CostInput& input) {
  std::string value;
  if (input.unit() == "us") {
    value = FormatTime(input.value());
  } else if (input.unit() == "bytes") {
    value = FormatBytes(input.value());
  } else if (input.unit() == "per_second") {
    value = FormatRate(input.value());
  } else if (input.unit() == "fraction") {
    value = FormatShare(input.value());
  } else {
    value =
        absl::StrFormat("%.6g%s%s", input.value(), input.unit().empty() ? "" : " ", input.unit());
  }
  return absl::StrCat(input.name(), " ", value, " (", input.source(), ")");
}

std::string LineText(const proto::CostLine& line, size_t width) {
  std::vector<std::string> inputs;
  for (const proto::CostInput& input : line.inputs()) inputs.push_back(InputText(input));
  return absl::StrCat(
      "  ", line.name(), ": ", absl::StrFormat("%.6g ", line.value()), line.unit(), "\n",
      Labelled("", Wrap(Words(absl::StrCat("= ", line.formula())), " ", kIndent, width)),
      Labelled("", Wrap(inputs, " · ", kIndent, width)));
}

}  // namespace

std::string CostText(const proto::Report& report, size_t width) {
  if (!report.has_cost()) return "";
  std::string text;
  std::string name;
  for (const proto::CostLine& line : report.cost().lines()) {
    const std::string target = NameOf(line);
    if (target != name) absl::StrAppend(&text, "cost of ", target, "\n");
    name = target;
    absl::StrAppend(&text, LineText(line, width));
  }
  if (!report.cost().not_computed().empty()) absl::StrAppend(&text, "costs not computed\n");
  for (const std::string& lacks : report.cost().not_computed()) {
    absl::StrAppend(&text, "  - ", Wrap(Words(lacks), " ", 4, width), "\n");
  }
  return text.empty() ? "" : text + "\n";
}

}  // namespace drumline
