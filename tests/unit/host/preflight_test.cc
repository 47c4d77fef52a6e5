// What facts mean: each check with a fact that is good, one that is not, and none.
#include "core/preflight.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "controller/campaign/fleet_preflight.h"
#include "core/preflight_text.h"

namespace drumline {
namespace {

using proto::Finding;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// A host with which nothing is wrong.
proto::HostFacts GoodHost() {
  proto::HostFacts facts;
  facts.set_host("lab-7");
  facts.set_cores(8);
  facts.set_first_local_port(1024);
  facts.set_last_local_port(65535);
  facts.set_tcp_tw_reuse(1);
  facts.set_somaxconn(65535);
  facts.set_open_files(20'000);
  facts.add_governors("performance");
  facts.set_turbo(false);
  facts.set_deepest_idle_exit_us(2);
  facts.set_irqbalance_runs(false);
  facts.set_smt_active(false);
  facts.set_steal_share(0);
  facts.set_throttled_periods(0);
  proto::NetworkCard& card = *facts.add_network_cards();
  card.set_name("eth0");
  card.set_adaptive_rx(false);
  card.set_rx_usecs(20);
  for (const uint32_t number : {27U, 28U}) {
    proto::Interrupt& interrupt = *card.add_interrupts();
    interrupt.set_number(number);
    interrupt.set_cores("7");
  }
  facts.set_clock_source("tsc");
  facts.set_clock_synchronised(true);
  return facts;
}

const Demand kDemand{.connections = 10'000, .workers = 4};

proto::PreflightCheck CheckOf(const proto::HostFacts& facts, const std::string& id,
                              const Demand& demand = kDemand) {
  for (const proto::PreflightCheck& check : JudgeHost(facts, demand)) {
    if (check.id() == id) return check;
  }
  ADD_FAILURE() << "no check " << id;
  return {};
}

TEST(Preflight, AGoodHostIsGood) {
  for (const proto::PreflightCheck& check : JudgeHost(GoodHost(), kDemand)) {
    EXPECT_EQ(check.finding(), Finding::OK) << check.ShortDebugString();
    EXPECT_THAT(check.remedy(), IsEmpty());
  }
}

struct Row {
  const char* id;
  Finding::Value finding;
  std::function<void(proto::HostFacts*)> spoil;
};

// Each of them changes what is said of its own subject, and of no other.
void ExpectJudged(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    proto::HostFacts facts = GoodHost();
    row.spoil(&facts);
    const proto::PreflightCheck check = CheckOf(facts, row.id);
    EXPECT_EQ(check.finding(), row.finding) << check.ShortDebugString();
    const bool to_mend = row.finding == Finding::WARNING || row.finding == Finding::FATAL;
    EXPECT_EQ(check.remedy().empty(), !to_mend) << check.ShortDebugString();
    EXPECT_THAT(check.found(), Not(IsEmpty()));
    EXPECT_THAT(check.wanted(), Not(IsEmpty()));
    int others = 0;
    for (const proto::PreflightCheck& other : JudgeHost(facts, kDemand)) {
      others += other.id() != row.id && other.finding() != Finding::OK ? 1 : 0;
    }
    EXPECT_EQ(others, 0) << row.id << " changes what is said of something else";
  }
}

// Advice that cannot help is none.
TEST(Preflight, MoreConnectionsThanPortsNeedMoreHosts) {
  proto::HostFacts facts = GoodHost();
  const proto::PreflightCheck above =
      CheckOf(facts, "ip_local_port_range", {.connections = 64'513});
  EXPECT_EQ(above.finding(), Finding::FATAL);
  EXPECT_THAT(above.remedy(), HasSubstr("more hosts"));
  facts.set_first_local_port(32'768);
  const proto::PreflightCheck narrow =
      CheckOf(facts, "ip_local_port_range", {.connections = 64'512});
  EXPECT_EQ(narrow.finding(), Finding::FATAL);
  EXPECT_THAT(narrow.remedy(), HasSubstr("sysctl"));
}

TEST(Preflight, EachFactIsJudgedByItself) {
  ExpectJudged({
      {"open_files", Finding::OK, [](auto* f) { f->set_open_files(10'064); }},
      {"open_files", Finding::FATAL, [](auto* f) { f->set_open_files(10'063); }},
      {"open_files", Finding::NOT_KNOWN, [](auto* f) { f->clear_open_files(); }},
      {"ip_local_port_range", Finding::WARNING, [](auto* f) { f->set_first_local_port(32768); }},
      {"ip_local_port_range", Finding::FATAL, [](auto* f) { f->set_first_local_port(55'537); }},
      {"ip_local_port_range", Finding::FATAL, [](auto* f) { f->set_last_local_port(1); }},
      {"ip_local_port_range", Finding::NOT_KNOWN, [](auto* f) { f->clear_first_local_port(); }},
      {"tcp_tw_reuse", Finding::WARNING, [](auto* f) { f->set_tcp_tw_reuse(0); }},
      {"tcp_tw_reuse", Finding::WARNING, [](auto* f) { f->set_tcp_tw_reuse(2); }},
      {"tcp_tw_reuse", Finding::NOT_KNOWN, [](auto* f) { f->clear_tcp_tw_reuse(); }},
      {"somaxconn", Finding::OK, [](auto* f) { f->set_somaxconn(10'000); }},
      {"somaxconn", Finding::WARNING, [](auto* f) { f->set_somaxconn(9'999); }},
      {"somaxconn", Finding::NOT_KNOWN, [](auto* f) { f->clear_somaxconn(); }},
      {"cores", Finding::OK, [](auto* f) { f->set_cores(4); }},
      {"cores", Finding::WARNING, [](auto* f) { f->set_cores(3); }},
      {"cores", Finding::NOT_KNOWN, [](auto* f) { f->set_cores(0); }},
      {"governor", Finding::WARNING, [](auto* f) { f->set_governors(0, "schedutil"); }},
      {"governor", Finding::WARNING, [](auto* f) { f->add_governors("powersave"); }},
      {"governor", Finding::NOT_KNOWN, [](auto* f) { f->clear_governors(); }},
      {"turbo", Finding::WARNING, [](auto* f) { f->set_turbo(true); }},
      {"turbo", Finding::NOT_KNOWN, [](auto* f) { f->clear_turbo(); }},
      {"idle_states", Finding::OK, [](auto* f) { f->set_deepest_idle_exit_us(50); }},
      {"idle_states", Finding::WARNING, [](auto* f) { f->set_deepest_idle_exit_us(51); }},
      {"idle_states", Finding::NOT_KNOWN, [](auto* f) { f->clear_deepest_idle_exit_us(); }},
      {"smt", Finding::WARNING, [](auto* f) { f->set_smt_active(true); }},
      {"smt", Finding::NOT_KNOWN, [](auto* f) { f->clear_smt_active(); }},
      {"steal", Finding::OK, [](auto* f) { f->set_steal_share(0.01); }},
      {"steal", Finding::WARNING, [](auto* f) { f->set_steal_share(0.011); }},
      {"steal", Finding::NOT_KNOWN, [](auto* f) { f->clear_steal_share(); }},
      {"cpu_quota", Finding::OK, [](auto* f) { f->set_cpu_quota_cores(4); }},
      {"cpu_quota", Finding::WARNING, [](auto* f) { f->set_cpu_quota_cores(3.5); }},
      {"cpu_throttling", Finding::WARNING, [](auto* f) { f->set_throttled_periods(1); }},
      {"cpu_throttling", Finding::NOT_KNOWN, [](auto* f) { f->clear_throttled_periods(); }},
      {"irqbalance", Finding::WARNING, [](auto* f) { f->set_irqbalance_runs(true); }},
      {"irqbalance", Finding::NOT_KNOWN, [](auto* f) { f->clear_irqbalance_runs(); }},
      {"packet_steering", Finding::WARNING, [](auto* f) { f->add_steered_queues("eth0/rx-0"); }},
      {"clock_source", Finding::WARNING, [](auto* f) { f->set_clock_source("hpet"); }},
      {"clock_source", Finding::OK, [](auto* f) { f->set_clock_source("kvm-clock"); }},
      {"clock_source", Finding::NOT_KNOWN, [](auto* f) { f->clear_clock_source(); }},
      {"clock_synchronised", Finding::WARNING, [](auto* f) { f->set_clock_synchronised(false); }},
      {"clock_synchronised", Finding::NOT_KNOWN, [](auto* f) { f->clear_clock_synchronised(); }},
  });
}

TEST(Preflight, EachFactOfANetworkCardIsJudgedByItself) {
  ExpectJudged({
      {"interrupt_moderation", Finding::WARNING,
       [](auto* f) { f->mutable_network_cards(0)->set_adaptive_rx(true); }},
      {"interrupt_moderation", Finding::NOT_KNOWN,
       [](auto* f) { f->mutable_network_cards(0)->clear_adaptive_rx(); }},
      {"interrupt_cores", Finding::WARNING,
       [](auto* f) { f->mutable_network_cards(0)->mutable_interrupts(1)->set_cores("0-7"); }},
      {"interrupt_cores", Finding::WARNING,
       [](auto* f) { f->mutable_network_cards(0)->mutable_interrupts(1)->set_cores("0,2"); }},
      {"interrupt_cores", Finding::NOT_KNOWN,
       [](auto* f) { f->mutable_network_cards(0)->clear_interrupts(); }},
  });
}

TEST(Preflight, EveryCheckStandsOnceWhateverIsKnown) {
  const auto ids = [](const std::vector<proto::PreflightCheck>& checks) {
    std::vector<std::string> all;
    for (const proto::PreflightCheck& check : checks) all.push_back(check.id());
    return all;
  };
  const std::vector<std::string> known = ids(JudgeHost(GoodHost(), kDemand));
  EXPECT_EQ(ids(JudgeHost({}, kDemand)), known);
  EXPECT_EQ(std::set<std::string>(known.begin(), known.end()).size(), known.size());
  const std::vector<std::string> few = ids(JudgeHost(GoodHost(), {.generator = false}));
  EXPECT_THAT(few, testing::ElementsAre("open_files", "clock_source", "clock_synchronised"));
}

proto::Plan PlanOf(uint32_t agents, uint32_t connections, int64_t peak_rps) {
  proto::Plan plan;
  plan.set_agent_count(agents);
  plan.set_workers_per_agent(2);
  proto::LoadPlan& load = *plan.add_runs()->mutable_load();
  load.set_connections(connections);
  load.add_segments()->mutable_to()->set_micro_per_hour(peak_rps * 3'600'000'000);
  return plan;
}

proto::Join AgentOf(const std::string& id, double max_rate, uint64_t max_connections) {
  proto::Join join;
  join.set_agent_id(id);
  *join.mutable_facts() = GoodHost();
  join.mutable_limits()->set_max_rate(max_rate);
  join.mutable_limits()->set_max_connections(max_connections);
  return join;
}

TEST(FleetPreflight, AsksOfEachAgentItsShareAlone) {
  const AgentDemand demand = DemandOfEach(PlanOf(3, 100, 1000));
  EXPECT_EQ(demand.connections, 34U) << "the largest share";
  EXPECT_DOUBLE_EQ(demand.peak_rate, 1000.0 / 3);
}

TEST(FleetPreflight, RefusesWhatAnAgentWouldRefuse) {
  const proto::Plan plan = PlanOf(2, 100, 1000);
  const auto refusal = [&plan](double max_rate, uint64_t max_connections) {
    const std::vector<proto::Join> crew = {AgentOf("gen-1", 0, 0),
                                           AgentOf("gen-2", max_rate, max_connections)};
    return std::string(RefuseFatal(JudgeFleet(plan, crew, GoodHost())).message());
  };
  EXPECT_THAT(refusal(0, 0), IsEmpty());
  EXPECT_THAT(refusal(500, 50), IsEmpty());
  EXPECT_THAT(refusal(499, 50), AllOf(HasSubstr("agent gen-2: max_rate"), HasSubstr("500/s")));
  EXPECT_THAT(refusal(500, 49), HasSubstr("agent gen-2: max_connections"));
}

TEST(FleetPreflight, WarnsOfACeilingThatDoesNotHoldALostAgentsBeats) {
  proto::Plan plan = PlanOf(3, 100, 900);
  const auto finding = [&plan](double max_rate) {
    const proto::Preflight preflight =
        JudgeFleet(plan, {AgentOf("gen-1", max_rate, 100)}, GoodHost());
    for (const proto::PreflightCheck& check : preflight.hosts(1).checks()) {
      if (check.id() == "max_rate") return check.finding();
    }
    return Finding::NOT_KNOWN;
  };
  EXPECT_EQ(finding(300), Finding::OK) << "the run ends when an agent is lost";
  plan.set_on_loss(proto::ON_LOSS_REDISTRIBUTE);
  EXPECT_EQ(finding(300), Finding::WARNING);
  EXPECT_EQ(finding(450), Finding::OK);
  EXPECT_EQ(finding(299), Finding::FATAL);
  plan.set_agent_count(1);
  EXPECT_EQ(finding(900), Finding::OK) << "there is nobody to take anything over";
}

// A spinning worker that shares its core is stopped for as long as the other one runs.
TEST(FleetPreflight, RefusesMoreSpinningWorkersThanTheHostHasCores) {
  proto::Plan plan = PlanOf(2, 100, 1000);
  std::vector<proto::Join> crew = {AgentOf("gen-1", 0, 0), AgentOf("gen-2", 0, 0)};
  const auto refusal = [&] {
    return std::string(RefuseFatal(JudgeFleet(plan, crew, GoodHost())).message());
  };
  for (proto::Join& agent : crew) agent.mutable_facts()->set_cores(3);
  EXPECT_THAT(refusal(), IsEmpty()) << "two workers each, which sleep";
  plan.mutable_engine()->set_pacing(proto::PACING_SPIN);
  EXPECT_THAT(refusal(), AllOf(HasSubstr("agent gen-1: cores is 3, wanted at least 4"),
                               HasSubstr("agent gen-2: cores")));
  crew[1].mutable_facts()->set_host("lab-8");
  EXPECT_THAT(refusal(), IsEmpty()) << "two workers on each of two hosts";
  crew[1].mutable_facts()->set_cpu_quota_cores(1.5);
  EXPECT_THAT(refusal(),
              HasSubstr("agent gen-2: cpu_quota is 1.5 cores, wanted none, or at least 2"));
}

TEST(FleetPreflight, IsPrintedHostByHostWithRemedies) {
  std::vector<proto::Join> crew = {AgentOf("gen-1", 0, 0)};
  crew[0].mutable_facts()->set_open_files(100);
  const proto::Preflight preflight = JudgeFleet(PlanOf(1, 100, 1000), crew, GoodHost());
  EXPECT_EQ(WorstOf(preflight), Finding::FATAL);
  const std::string text = PreflightToText(preflight);
  EXPECT_THAT(text, HasSubstr("controller on lab-7\n"));
  EXPECT_THAT(text, HasSubstr("agent gen-1 on lab-7\n"));
  EXPECT_THAT(text, HasSubstr("raise the limit (ulimit -n 164"));
  EXPECT_THAT(text, HasSubstr("preflight: 1 fatal\n"));
}

}  // namespace
}  // namespace drumline
