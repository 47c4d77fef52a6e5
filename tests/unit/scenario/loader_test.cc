// Every right form is accepted and means what it should; see malformed_test.cc for the wrong ones.
#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "controller/scenario/field_value.h"
#include "controller/scenario/scenario_loader.h"
#include "core/plan.h"

namespace drumline {
namespace {

constexpr char kHead[] = "name: x\ntarget: {service: echo}\nrequest: {method: POST}\n";
constexpr char kLeast[] =
    "name: x\ntarget: {service: echo}\nrequest: {}\nload: {rate: 1k/s}\nmeasure: 10s\n";
constexpr int64_t kSecond = 1'000'000'000;

LoadedScenario Load(const std::string& text, const std::string& directory = ".") {
  LoadResult result = LoadScenarioText(text, "test", directory);
  if (auto* faults = std::get_if<std::vector<Fault>>(&result)) {
    for (const Fault& fault : *faults) ADD_FAILURE() << FormatFault(fault);
    return {};
  }
  return std::get<LoadedScenario>(std::move(result));
}

void WriteFile(const std::string& path, const std::string& content) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path, std::ios::binary) << content;
}

// Section 4 of the design, word for word.
constexpr char kDesignExample[] = R"(name: echo-100k
environment: bare-metal-xeon       # or aws-c7g: hosts, cores and price, in configs/environments/
targets:
  zero-copy: {url: "http://10.0.1.10:8080/echo", metrics: "http://10.0.1.10:8080/metrics"}
  dom:       {url: "http://10.0.1.11:8080/echo", metrics: "http://10.0.1.11:8080/metrics"}
request:
  method: POST
  headers: {content-type: application/json}
  body: {file: payloads/echo-1k.json}
  expect: {status: 200}
  timeout: 5s
load:
  rate: 100k/s
  arrivals: constant               # or poisson (seeded)
  connections: 10000
warmup: 5m
measure: 30m
repeats: 3
order: interleaved
agents: {count: 4, on_loss: invalidate, max_send_lag: "p99.9 < 1ms"}
matrix: {payload: [256B, 512B, 1KiB]}
slo: [p99 < 100ms, errors < 0.1%]
)";

TEST(LoadScenario, TheExampleOfTheDesign) {
  const std::string directory = testing::TempDir() + "/design";
  WriteFile(directory + "/payloads/echo-1k.json", "{}");
  WriteFile(directory + "/scenario.yaml", kDesignExample);
  LoadResult result = LoadScenario(directory + "/scenario.yaml");
  ASSERT_TRUE(std::holds_alternative<LoadedScenario>(result))
      << FormatFault(std::get<std::vector<Fault>>(result)[0]);
  const LoadedScenario& loaded = std::get<LoadedScenario>(result);
  const proto::Scenario& scenario = loaded.scenario;
  EXPECT_EQ(loaded.source_text, kDesignExample);
  EXPECT_EQ(loaded.directory, directory);
  EXPECT_EQ(scenario.targets().at("dom").url(), "http://10.0.1.11:8080/echo");
  EXPECT_EQ(scenario.request().headers().at("content-type"), "application/json");
  EXPECT_EQ(scenario.request().timeout().ns(), 5 * kSecond);
  EXPECT_EQ(scenario.load().rate().micro_per_hour(), 360'000'000'000'000);
  EXPECT_EQ(scenario.load().arrivals(), proto::ARRIVALS_CONSTANT);
  EXPECT_EQ(scenario.load().connections(), 10'000u);
  EXPECT_EQ(scenario.warmup().ns(), 300 * kSecond);
  EXPECT_EQ(scenario.measure().ns(), 1800 * kSecond);
  EXPECT_EQ(scenario.order(), proto::ORDER_INTERLEAVED);
  EXPECT_EQ(scenario.agents().max_send_lag().quantile(), 0.999);
  ASSERT_EQ(scenario.matrix().payload_size(), 3);
  EXPECT_EQ(scenario.matrix().payload(2).bytes(), 1024);
  EXPECT_EQ(scenario.matrix().payload(2).text(), "1KiB");
  ASSERT_EQ(scenario.slo_size(), 2);
  EXPECT_EQ(scenario.slo(1).metric(), "errors");
  EXPECT_EQ(scenario.slo(1).limit(), 0.001);
}

TEST(LoadScenario, DefaultsAreFilledIn) {
  const proto::Scenario scenario = Load(kLeast).scenario;
  EXPECT_EQ(scenario.warmup().ns(), 0);
  EXPECT_TRUE(scenario.has_warmup());
  EXPECT_EQ(scenario.drain().ns(), 5 * kSecond);
  EXPECT_EQ(scenario.pause().ns(), kSecond);
  EXPECT_EQ(scenario.repeats().count(), 1u);
  EXPECT_EQ(scenario.order(), proto::ORDER_INTERLEAVED);
  EXPECT_EQ(scenario.seed(), 1u);
  EXPECT_EQ(scenario.agents().count(), 1u);
  EXPECT_EQ(scenario.agents().workers(), 1u);
  EXPECT_EQ(scenario.agents().on_loss(), proto::ON_LOSS_INVALIDATE);
  EXPECT_EQ(scenario.agents().max_send_lag().limit(), 10e6);
  EXPECT_EQ(scenario.agents().pacing(), proto::PACING_PRECISE);
  EXPECT_EQ(scenario.agents().tick().ns(), 250'000);
  EXPECT_EQ(scenario.agents().engine(), proto::ENGINE_CHOICE_AUTO);
  EXPECT_EQ(scenario.request().name(), "request");
  EXPECT_EQ(scenario.request().method(), "GET");
  EXPECT_EQ(scenario.request().expect().status(), 200u);
  EXPECT_EQ(scenario.request().timeout().ns(), 5 * kSecond);
  EXPECT_FALSE(scenario.request().has_body());
  EXPECT_EQ(scenario.load().arrivals(), proto::ARRIVALS_CONSTANT);
  EXPECT_EQ(scenario.load().connections(), 64u);
  EXPECT_FALSE(scenario.has_cluster());
  EXPECT_FALSE(scenario.has_matrix());
  EXPECT_EQ(scenario.targets().at("echo").threads(), 1u);
}

TEST(LoadScenario, EachPacingAndEngineHasItsWord) {
  const std::pair<const char*, proto::Pacing> pacings[] = {{"precise", proto::PACING_PRECISE},
                                                           {"coalesced", proto::PACING_COALESCED},
                                                           {"spin", proto::PACING_SPIN}};
  for (const auto& [word, pacing] : pacings) {
    const std::string text = absl::StrCat(kLeast, "agents: {pacing: ", word, "}\n");
    EXPECT_EQ(Load(text).scenario.agents().pacing(), pacing) << word;
  }
  const std::pair<const char*, proto::EngineChoice> engines[] = {
      {"auto", proto::ENGINE_CHOICE_AUTO},
      {"epoll", proto::ENGINE_CHOICE_EPOLL},
      {"io_uring", proto::ENGINE_CHOICE_IO_URING}};
  for (const auto& [word, engine] : engines) {
    const std::string text = absl::StrCat(kLeast, "agents: {engine: ", word, "}\n");
    EXPECT_EQ(Load(text).scenario.agents().engine(), engine) << word;
  }
}

TEST(LoadScenario, ATickGoesWithCoalescedPacing) {
  for (const auto& [tick, ns] : {std::pair("50us", kMinTickNs), std::pair("1ms", kMaxTickNs)}) {
    const proto::Agents agents =
        Load(absl::StrCat(kLeast, "agents: {pacing: coalesced, tick: ", tick, "}\n"))
            .scenario.agents();
    EXPECT_EQ(agents.tick().ns(), ns) << "scenario.proto and the agents differ";
  }
}

TEST(LoadScenario, ALoneTargetIsFiledUnderAName) {
  const LoadedScenario service = Load(kLeast);
  EXPECT_FALSE(service.scenario.has_target());
  ASSERT_EQ(service.scenario.targets_size(), 1);
  EXPECT_EQ(service.scenario.targets().at("echo").service(), proto::SERVICE_ECHO);
  EXPECT_EQ(service.given.ValueAt("targets.echo.service"), (Position{2, 19}));

  const LoadedScenario url =
      Load("name: x\ntarget: {url: \"http://h\"}\nrequest: {}\nload: {rate: 1/s}\nmeasure: 1s\n");
  EXPECT_EQ(url.scenario.targets().at("target").url(), "http://h");
}

TEST(LoadScenario, TwoStartedServices) {
  const proto::Scenario scenario =
      Load(
          "name: x\ntargets: {a: {service: echo}, b.c: {service: echo, threads: 4}}\n"
          "request: {}\nload: {rate: 1/s}\nmeasure: 1s\n")
          .scenario;
  EXPECT_EQ(scenario.targets().at("a").threads(), 1u);
  EXPECT_EQ(scenario.targets().at("b.c").threads(), 4u);
}

TEST(LoadScenario, AServiceIsCalledAsItsProgramIs) {
  const LoadedScenario loaded =
      Load("name: x\ntarget: {service: echo-dom}\nrequest: {}\nload: {rate: 1/s}\nmeasure: 1s\n");
  EXPECT_EQ(loaded.scenario.targets().at("echo-dom").service(), proto::SERVICE_ECHO_DOM);
}

TEST(LoadScenario, AStartedServiceHasArguments) {
  const LoadedScenario loaded = Load(
      "name: x\ntarget: {service: oracle, args: [--delay, \"fixed:2ms\", --seed=7]}\n"
      "request: {}\nload: {rate: 1/s}\nmeasure: 1s\n");
  const proto::Target& target = loaded.scenario.targets().at("oracle");
  EXPECT_EQ(target.service(), proto::SERVICE_ORACLE);
  ASSERT_EQ(target.args_size(), 3);
  EXPECT_EQ(target.args(0), "--delay");
  EXPECT_EQ(target.args(1), "fixed:2ms");
  EXPECT_EQ(target.args(2), "--seed=7");
}

TEST(LoadScenario, ClosedLoops) {
  const std::string head = kHead;
  const proto::Scenario by_time = Load(head + "load: {concurrency: 10}\nmeasure: 30s\n").scenario;
  EXPECT_EQ(by_time.load().concurrency(), 10u);
  EXPECT_EQ(by_time.load().connections(), 0u);
  EXPECT_EQ(by_time.load().requests(), 0u);
  EXPECT_EQ(by_time.measure().ns(), 30 * kSecond);
  const proto::Scenario by_count =
      Load(head + "load: {concurrency: 10, requests: 1M}\nwarmup: 1s\n").scenario;
  EXPECT_EQ(by_count.load().requests(), 1'000'000u);
  EXPECT_FALSE(by_count.has_measure());
}

TEST(LoadScenario, StagesMakeTheMeasuredWindow) {
  const std::string stages =
      "load:\n  stages:\n    - {to: 2k/s, over: 30s}\n    - {hold: 1m}\n"
      "    - {burst: 5k/s, for: 5s}\n    - {to: 1k/s}\n    - {hold: 1s}\n";
  const proto::Scenario scenario = Load(kHead + stages).scenario;
  EXPECT_EQ(scenario.measure().ns(), 96 * kSecond);
  EXPECT_EQ(scenario.load().stages_size(), 5);
  EXPECT_EQ(scenario.load().stages(2).for_().ns(), 5 * kSecond);
  EXPECT_FALSE(scenario.load().stages(3).has_over());
  EXPECT_EQ(Load(kHead + stages + "measure: 1m36s\n").scenario.measure().ns(), 96 * kSecond);
  const std::string with_rate = absl::StrReplaceAll(stages, {{"load:\n", "load:\n  rate: 1/s\n"}});
  EXPECT_EQ(Load(kHead + with_rate + "warmup: 2s\n").scenario.warmup().ns(), 2 * kSecond);
}

TEST(LoadScenario, Bodies) {
  const std::string head = "name: x\ntarget: {service: echo}\nload: {rate: 1/s}\nmeasure: 1s\n";
  EXPECT_EQ(Load(head + "request: {method: PUT, body: {inline: '{\"a\": 1}'}}\n")
                .scenario.request()
                .body()
                .inline_(),
            "{\"a\": 1}");
  EXPECT_EQ(Load(head + "request: {method: POST, body: {size: 1KiB}}\n")
                .scenario.request()
                .body()
                .size()
                .bytes(),
            1024);
  const std::string directory = testing::TempDir() + "/bodies";
  WriteFile(directory + "/64B-64B.txt", std::string(64, 'a'));
  WriteFile(directory + "/empty", "");
  Load(head +
           "request: {method: POST, body: {file: \"{payload}-{payload}.txt\"}}\n"
           "matrix: {payload: [64B]}\n",
       directory);
  Load(head + "request: {method: POST, body: {file: empty}}\n", directory);
  Load(head + "request: {method: POST, body: {file: " + directory + "/empty}}\n", "/elsewhere");
}

TEST(LoadScenario, PayloadFilesOfSixteenMebibytesAndNoMore) {
  const std::string directory = testing::TempDir() + "/sizes";
  WriteFile(directory + "/most", "");
  WriteFile(directory + "/more", "");
  std::filesystem::resize_file(directory + "/most", 16 << 20);
  std::filesystem::resize_file(directory + "/more", (16 << 20) + 1);
  const std::string head =
      "name: x\ntarget: {service: echo}\nload: {rate: 1/s}\nmeasure: 1s\n"
      "request: {method: POST, body: {file: ";
  Load(head + "most}}\n", directory);
  LoadResult result = LoadScenarioText(head + "more}}\n", "test", directory);
  const auto& faults = std::get<std::vector<Fault>>(result);
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_THAT(faults[0].message, testing::HasSubstr("larger than 16 MiB"));
}

TEST(LoadScenario, ClusterAtALoopbackAddress) {
  const std::string head =
      "name: x\ntarget: {url: \"http://h\"}\nrequest: {}\nload: {rate: 1/s}\nmeasure: 1s\n";
  for (const std::string listen : {"127.0.0.1:7070", "localhost:0", "\"[::1]:7070\""}) {
    const proto::Scenario scenario = Load(head + "cluster: {listen: " + listen + "}\n").scenario;
    EXPECT_EQ(scenario.cluster().wait().ns(), 60 * kSecond);
  }
}

TEST(LoadScenario, OtherWaysToWriteTheSame) {
  const std::string plain = Load(kLeast).scenario.SerializeAsString();
  for (const std::string text : {
           "{name: x, target: {service: echo}, request: {}, load: {rate: 1k/s}, measure: 10s}",
           "\xEF\xBB\xBFname: x\ntarget: {service: echo}\nrequest: {}\nload: {rate: 1k/s}\n"
           "measure: 10s",
           "name: x\r\ntarget:\r\n  service: echo\r\nrequest: {}\r\nload:\r\n  rate: 1k/s\r\n"
           "measure: 10s\r\n",
           "---\nname: 'x'\ntarget: {\"service\": echo}\nrequest: {}\nload: {rate: \"1k/s\"}\n"
           "measure: '10s'\n...\n",
           "name: &n x\ntarget: {service: echo}\nrequest: {}\nload: {rate: 60k/m}\n"
           "measure: 0m10s\n",
           "# a comment\nmeasure: 10000ms # another\nload: {rate: 1000/s}\nrequest: {}\n"
           "target: {service: echo}\nname: x\n",
       }) {
    EXPECT_EQ(Load(text).scenario.SerializeAsString(), plain) << text;
  }
  // An alias stands for what its anchor names.
  EXPECT_EQ(Load(std::string(kLeast) + "drain: &d 3s\npause: *d\n").scenario.pause().ns(),
            3 * kSecond);
}

TEST(LoadScenario, TextsAreKeptAsTheyAre) {
  const LoadedScenario loaded =
      Load(std::string(kLeast) + "description: \"Größe \\u00e4 'x' # no comment\"\n");
  EXPECT_EQ(loaded.scenario.description(), "Größe ä 'x' # no comment");
  EXPECT_EQ(Load(std::string(kLeast) + "description: 007\n").scenario.description(), "007");
  EXPECT_EQ(Load(std::string(kLeast) + "description: \"~\"\n").scenario.description(), "~");
  EXPECT_EQ(Load(std::string(kLeast) + "seed: 18446744073709551615\n").scenario.seed(),
            18446744073709551615u);
}

TEST(LoadScenario, Sha256IsThatOfTheFile) {
  // From `printf 'name: x\n…' | sha256sum`.
  EXPECT_EQ(Load(kLeast).sha256,
            "bc87f7f75967625ae5a01ae90c63d169b5837d92c23b7d34b5afc1c2d4f3fd15");
}

TEST(LoadScenario, PositionsAreKnownAfterwards) {
  const LoadedScenario loaded = Load(kLeast);
  EXPECT_TRUE(loaded.given.Has("load.rate"));
  EXPECT_FALSE(loaded.given.Has("load.connections"));
  EXPECT_EQ(loaded.given.ValueAt("load.rate"), (Position{4, 14}));
  EXPECT_EQ(loaded.given.KeyAt("load.rate"), (Position{4, 8}));
  EXPECT_EQ(loaded.given.KeyAt("load.connections"), (Position{4, 1}));
  EXPECT_EQ(loaded.given.KeyAt("cluster.listen"), (Position{1, 1}));
}

// scenario.proto itself: each field is of a kind that the loader knows, and each of its defaults,
// limits and examples is a right value of the field.
void CheckRules(const google::protobuf::Descriptor& type) {
  using google::protobuf::FieldDescriptor;
  const auto* factory = google::protobuf::MessageFactory::generated_factory();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    const proto::Rules& rules = field.options().GetExtension(proto::rules);
    SCOPED_TRACE(field.full_name());
    const FieldDescriptor& value = field.is_map() ? *field.message_type()->map_value() : field;
    if (!IsSingleValue(value)) {
      CheckRules(*value.message_type());
      continue;
    }
    EXPECT_TRUE(value.cpp_type() == FieldDescriptor::CPPTYPE_STRING ||
                value.cpp_type() == FieldDescriptor::CPPTYPE_BOOL ||
                value.cpp_type() == FieldDescriptor::CPPTYPE_UINT32 ||
                value.cpp_type() == FieldDescriptor::CPPTYPE_UINT64 ||
                value.cpp_type() == FieldDescriptor::CPPTYPE_ENUM ||
                value.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE);
    if (field.is_map()) continue;
    std::unique_ptr<google::protobuf::Message> message(
        const_cast<google::protobuf::MessageFactory*>(factory)->GetPrototype(&type)->New());
    for (const std::string& text : {rules.default_(), rules.min(), rules.max(), rules.example()}) {
      if (text.empty()) continue;
      const absl::Status status = SetValue(field, rules, text, false, message.get());
      EXPECT_TRUE(status.ok()) << text << ": " << status;
    }
    const bool counts = value.cpp_type() != FieldDescriptor::CPPTYPE_STRING &&
                        value.cpp_type() != FieldDescriptor::CPPTYPE_ENUM;
    EXPECT_EQ(counts && rules.example().empty(), false) << "an example is missing";
  }
}

TEST(ScenarioProto, RulesAreRight) { CheckRules(*proto::Scenario::descriptor()); }

}  // namespace
}  // namespace drumline
