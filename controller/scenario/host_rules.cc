// What a scenario takes from its environment: where its targets are, and how many agents there are.
#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "controller/scenario/enum_word.h"
#include "controller/scenario/environment_rules.h"
#include "controller/scenario/rule_context.h"
#include "controller/scenario/scenario_reader.h"
#include "controller/scenario/suggestion.h"
#include "controller/scenario/url.h"

namespace drumline {
namespace {

constexpr absl::string_view kCount = "agents.count";

// The services that listen on the host, by name.
std::map<std::string, uint32_t> ServicesOf(const proto::Host& host) {
  std::map<std::string, uint32_t> services(host.ports().begin(), host.ports().end());
  services.erase(kMetricsPort);
  return services;
}

std::string UrlOf(const proto::Host& host, uint32_t port, absl::string_view path) {
  return absl::StrCat("http://", HostInUrl(host.address()), ":", port, path);
}

// The path of the service of that name, empty where the name is none of this project's services.
std::string ServicePath(const std::string& name) {
  const auto& services = *proto::Service_descriptor();
  for (int i = 0; i < services.value_count(); ++i) {
    const auto& value = *services.value(i);
    if (value.number() != 0 && EnumWord(value) == name) {
      return value.options().GetExtension(proto::service_path);
    }
  }
  return {};
}

std::string ListTargets(const proto::EnvironmentFile& environment) {
  std::vector<std::string> names;
  for (const auto& [name, host] : environment.hosts()) {
    if (host.role() == proto::ROLE_TARGET) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names.empty() ? "none" : absl::StrJoin(names, ", ");
}

// One target that names a host.
class HostTarget {
 public:
  HostTarget(const RuleContext& context, std::string path, proto::Target* target)
      : context_(context), path_(std::move(path)), target_(target) {}

  void Resolve() {
    const std::string field = FieldPath(path_, "host");
    if (!context_.IsSound(field) || !context_.IsSound("environment")) return;
    if (context_.Has(FieldPath(path_, "url"))) {
      context_.Refuse(FieldPath(path_, "url"),
                      absl::StrCat("`", path_, "` has a url and a host: remove one of them"));
      return;
    }
    if (context_.environment == nullptr) {
      RefuseWithoutEnvironment(field);
      return;
    }
    const auto host = context_.environment->hosts().find(target_->host());
    if (host == context_.environment->hosts().end() || host->second.role() != proto::ROLE_TARGET) {
      RefuseHost(field, absl::StrCat(Quoted(target_->host()), " is no target of ",
                                     Quoted(context_.environment->name()), ", which has ",
                                     ListTargets(*context_.environment)));
      return;
    }
    Take(field, host->second);
  }

 private:
  void RefuseHost(const std::string& field, const std::string& why) {
    context_.faults->Add(context_.given->ValueAt(field), absl::StrCat("`", field, "`: ", why));
  }

  void RefuseWithoutEnvironment(const std::string& field) {
    if (!context_.Has("environment")) {
      RefuseHost(field,
                 "the scenario names no environment: write, for example, `environment: "
                 "bare-metal-xeon`");
      return;
    }
    const std::string& name = context_.scenario->environment();
    RefuseHost(field, absl::StrCat("there is no file for the environment ", Quoted(name),
                                   ": neither environments/", name,
                                   ".yaml beside the scenario nor configs/environments/", name,
                                   ".yaml around it"));
  }

  void Take(const std::string& field, const proto::Host& host) {
    const std::map<std::string, uint32_t> services = ServicesOf(host);
    const std::vector<std::string> names = [&] {
      std::vector<std::string> all;
      for (const auto& [name, port] : services) all.push_back(name);
      return all;
    }();
    std::string wanted = EnumWord(target_->service());
    if (wanted.empty() && names.size() == 1) wanted = names.front();
    if (wanted.empty()) {
      RefuseHost(field, absl::StrCat(Quoted(target_->host()), " has ", absl::StrJoin(names, ", "),
                                     ": say which, as in {host: ", target_->host(),
                                     ", service: ", names.empty() ? "echo" : names.front(), "}"));
      return;
    }
    const auto service = services.find(wanted);
    if (service == services.end()) {
      RefuseHost(FieldPath(path_, "service"),
                 absl::StrCat(Quoted(wanted), " does not listen on ", Quoted(target_->host()),
                              ", which has ", absl::StrJoin(names, ", ")));
      return;
    }
    const std::string path = ServicePath(wanted);
    if (path.empty()) {
      RefuseHost(field, absl::StrCat(Quoted(wanted),
                                     ", which listens there, is no service of "
                                     "this project, whose path is not known: write the url"));
      return;
    }
    target_->set_url(UrlOf(host, service->second, path));
    if (!context_.Has(FieldPath(path_, "metrics"))) {
      const auto metrics = host.ports().find(kMetricsPort);
      proto::Metrics* page = target_->mutable_metrics();
      FillDefaults(FieldPath(path_, "metrics"), *context_.given, page);
      page->set_url(UrlOf(host, metrics == host.ports().end() ? service->second : metrics->second,
                          "/metrics"));
    }
    // It runs already: nothing is started.
    target_->clear_service();
  }

  const RuleContext& context_;
  const std::string path_;
  proto::Target* const target_;
};

}  // namespace

void CheckHosts(const RuleContext& context) {
  std::map<std::string, proto::Target*> targets;
  for (auto& [name, target] : *context.scenario->mutable_targets()) targets[name] = &target;
  for (const auto& [name, target] : targets) {
    if (target->host().empty()) continue;
    const std::string path = context.Has("target") ? "target" : FieldPath("targets", name);
    HostTarget(context, path, target).Resolve();
  }
}

void CheckEnvironment(const RuleContext& context) {
  // A local fleet brings its own agents.
  if (context.environment == nullptr || !context.Has("cluster")) return;
  uint32_t generators = 0;
  for (const auto& [name, host] : context.environment->hosts()) {
    generators += host.role() == proto::ROLE_GENERATOR ? 1 : 0;
  }
  if (generators == 0 || !context.IsSound(kCount)) return;
  if (!context.Has(kCount)) {
    context.scenario->mutable_agents()->set_count(generators);
  } else if (context.scenario->agents().count() > generators) {
    context.faults->Add(
        context.given->ValueAt(kCount),
        absl::StrCat("`", kCount, "`: ", Quoted(context.environment->name()), " has ", generators,
                     " generators, fewer than ", context.scenario->agents().count()));
  }
}

}  // namespace drumline
