#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "controller/scenario/enum_word.h"
#include "controller/scenario/rule_context.h"
#include "controller/scenario/url.h"

namespace drumline {
namespace {

constexpr absl::string_view kLoneTarget = "target";

// What only a service that is started can be given.
void RefuseAtUrl(const RuleContext& context, const std::string& path, absl::string_view field) {
  const std::string field_path = FieldPath(path, field);
  if (!context.Has(field_path)) return;
  context.Refuse(field_path, absl::StrCat("`", field_path,
                                          "` is for a service that is started; the one at a url "
                                          "has its own: remove it"));
}

bool IsHttps(const std::string& url) {
  const absl::StatusOr<ParsedUrl> parsed = ParseUrl(url);
  return parsed.ok() && parsed->tls;
}

void CheckMetrics(const RuleContext& context, const std::string& path) {
  if (!context.Has(path) || !context.IsSound(path)) return;
  const auto named = context.Named(path, {"url", "pid", "cgroup", "node_exporter"});
  if (named.empty() && !context.given->HasUnknownKey(path)) {
    context.Refuse(path, absl::StrCat("`", path,
                                      "` names nothing to read: write a url, or one of pid, cgroup "
                                      "and node_exporter"));
  } else if (named.size() > 1) {
    context.Refuse(FieldPath(path, named.back()),
                   absl::StrCat("`", path, "` has ", named.front(), " and ", named.back(),
                                ": only one can be read; keep one of them"));
  }
  if (context.Has(FieldPath(path, "histogram")) && !context.Has(FieldPath(path, "url"))) {
    context.Refuse(FieldPath(path, "histogram"),
                   absl::StrCat("`", path, ".histogram` is read of the page at a url: remove it"));
  }
}

void CheckFile(const RuleContext& context, const std::string& path, const std::string& name) {
  if (!context.Has(path) || !context.IsSound(path)) return;
  const std::filesystem::path file = std::filesystem::path(context.directory) / name;
  std::error_code error;
  if (std::filesystem::is_regular_file(file, error) && std::ifstream(file).good()) return;
  context.faults->Add(context.given->ValueAt(path),
                      absl::StrCat("`", path, "`: ", Quoted(name),
                                   " cannot be read; names of files are relative to the scenario"));
}

void CheckTls(const RuleContext& context, const std::string& path, const proto::Target& target) {
  const std::string tls = FieldPath(path, "tls");
  if (!context.Has(tls)) return;
  const bool secured = IsHttps(target.url()) || IsHttps(target.metrics().url()) ||
                       IsHttps(target.metrics().node_exporter());
  if (context.IsSound(FieldPath(path, "url")) && context.IsSound(FieldPath(path, "metrics")) &&
      !secured) {
    context.Refuse(tls, absl::StrCat("`", tls,
                                     "` is for a url, or metrics, at https://: write such a url, "
                                     "or remove it"));
    return;
  }
  CheckFile(context, FieldPath(tls, "ca"), target.tls().ca());
  CheckFile(context, FieldPath(tls, "cert"), target.tls().cert());
  CheckFile(context, FieldPath(tls, "key"), target.tls().key());
  const auto pair = context.Named(tls, {"cert", "key"});
  if (pair.size() == 1) {
    context.Refuse(FieldPath(tls, pair.front()),
                   absl::StrCat("`", tls, "` has a ", pair.front(), " and no ",
                                pair.front() == "cert" ? "key" : "cert",
                                ": a client's certificate needs both"));
  }
}

// Series stand on a page, which a started service has.
void CheckWatch(const RuleContext& context, const std::string& path, const proto::Target& target) {
  const std::string watch = FieldPath(path, "watch");
  if (!context.Has(watch) || target.url().empty()) return;
  if (!target.metrics().url().empty() || !target.metrics().node_exporter().empty()) return;
  context.Refuse(watch, absl::StrCat("`", watch, "` is read of a page of metrics, which `", path,
                                     "` does not name: write `metrics`"));
}

// Costs are added to those of machines, which only an environment tells.
void CheckCosts(const RuleContext& context, const std::string& path, const proto::Target& target) {
  const std::string costs = FieldPath(path, "costs");
  if (!context.Has(costs) || !context.IsSound(costs) || !context.IsSound("environment")) return;
  std::set<std::string> currencies;
  if (context.environment != nullptr) {
    for (const auto& [name, machine] : context.environment->machines()) {
      if (machine.has_price()) currencies.insert(machine.price().currency());
    }
  }
  if (currencies.empty()) {
    context.Refuse(costs, absl::StrCat("`", costs,
                                       "` is added to what machines cost: name an `environment` "
                                       "whose machines have prices, or remove it"));
    return;
  }
  const std::string& currency = target.costs().yearly_bug_cost().currency();
  if (currency.empty() || currencies.contains(currency)) return;
  context.Refuse(
      FieldPath(costs, "yearly_bug_cost"),
      absl::StrCat("`", costs, ".yearly_bug_cost` is in ", currency,
                   ", and the environment's prices in ", *currencies.begin(), ": convert it"));
}

void CheckTarget(const RuleContext& context, const std::string& path, const proto::Target& target) {
  CheckCosts(context, path, target);
  CheckMetrics(context, FieldPath(path, "metrics"));
  CheckTls(context, path, target);
  CheckWatch(context, path, target);
  if (context.Has(FieldPath(path, "host"))) {
    // A service of a host runs there already.
    for (const absl::string_view field : {"threads", "args", "restart"}) {
      RefuseAtUrl(context, path, field);
    }
    return;
  }
  const auto named = context.Named(path, {"url", "service"});
  if (named.size() == 2) {
    context.Refuse(FieldPath(path, "service"),
                   absl::StrCat("`", path, "` has a url and a service: remove one of them"));
    return;
  }
  if (named.empty()) {
    if (context.given->HasUnknownKey(path) || !context.IsSound(path)) return;
    context.Refuse(path, absl::StrCat("`", path,
                                      "` names no target: write a url, as in {url: "
                                      "\"http://10.0.1.10:8080/echo\"}, {host: target-a} "
                                      "or {service: echo}"));
    return;
  }
  if (named.front() == "service") {
    if (context.Has("cluster")) {
      context.Refuse(FieldPath(path, "service"),
                     absl::StrCat("`", path,
                                  ".service` is started by a local fleet, which a "
                                  "scenario with `cluster` does not have: give the url of a "
                                  "service that runs, or remove `cluster`"));
    }
    if (context.Has(FieldPath(path, "metrics"))) {
      context.Refuse(FieldPath(path, "metrics"),
                     absl::StrCat("`", path,
                                  ".metrics`: a started service's own metrics are "
                                  "scraped without being named: remove it"));
    }
  } else {
    RefuseAtUrl(context, path, "threads");
    RefuseAtUrl(context, path, "args");
    RefuseAtUrl(context, path, "restart");
  }
}

void FoldTarget(const RuleContext& context) {
  proto::Scenario* scenario = context.scenario;
  const proto::Service service = scenario->target().service();
  const std::string name =
      service == proto::SERVICE_UNSPECIFIED ? std::string(kLoneTarget) : EnumWord(service);
  (*scenario->mutable_targets())[name] = scenario->target();
  scenario->clear_target();
  context.given->CopyTree("target", FieldPath("targets", name));
}

}  // namespace

void CheckTargets(const RuleContext& context) {
  const bool one = context.Has("target");
  const bool several = context.Has("targets");
  if (one && several) {
    context.Refuse("target", "`target` and `targets` are both here: move it into `targets`");
    return;
  }
  if (!one && !several) {
    context.Refuse("",
                   "`targets` is missing: name what is tested, as in `target: {service: echo}` "
                   "or `target: {url: \"http://10.0.1.10:8080/echo\"}`");
    return;
  }
  if (one) {
    CheckTarget(context, "target", context.scenario->target());
    if (context.scenario->has_target()) FoldTarget(context);
    return;
  }
  if (context.scenario->targets().empty() && context.IsSound("targets")) {
    context.Refuse("targets",
                   "`targets` is empty: name at least one, as in `targets: {dom: {url: "
                   "\"http://10.0.1.10:8080/echo\"}}`");
  }
  for (const auto& [name, target] : context.scenario->targets()) {
    CheckTarget(context, FieldPath("targets", name), target);
  }
}

}  // namespace drumline
