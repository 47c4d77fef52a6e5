#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "controller/scenario/enum_word.h"
#include "controller/scenario/rule_context.h"

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

void CheckTarget(const RuleContext& context, const std::string& path) {
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
                                      "\"http://10.0.1.10:8080/echo\"}, or {service: echo}"));
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
    CheckTarget(context, "target");
    if (context.scenario->has_target()) FoldTarget(context);
    return;
  }
  if (context.scenario->targets().empty() && context.IsSound("targets")) {
    context.Refuse("targets",
                   "`targets` is empty: name at least one, as in `targets: {dom: {url: "
                   "\"http://10.0.1.10:8080/echo\"}}`");
  }
  for (const auto& [name, target] : context.scenario->targets()) {
    CheckTarget(context, FieldPath("targets", name));
  }
}

}  // namespace drumline
