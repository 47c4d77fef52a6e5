// One run in virtual time: the controller's own RunMachine, and the agents' own sessions in
// simulated processes behind a network that delays, breaks, redials and now and then reaches
// somebody else; and the rules that must hold whatever happens.
//
//     SimulatedRun run(seed);
//     run.CarryOut();
//     EXPECT_THAT(run.violations(), IsEmpty()) << run.story();
//
// Every third seed is gentle: delays, duplicates and short breaks, which must not be seen in the
// outcome at all.
#ifndef TESTS_SIMULATION_RUN_MACHINE_SIMULATED_RUN_H_
#define TESTS_SIMULATION_RUN_MACHINE_SIMULATED_RUN_H_

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "controller/run/run_machine.h"
#include "controller/run/run_totals.h"
#include "proto/report.pb.h"
#include "tests/simulation/run_machine/simulated_agent.h"
#include "tests/simulation/run_machine/virtual_time.h"

namespace drumline {

class SimulatedRun {
 public:
  explicit SimulatedRun(uint64_t seed);

  // Until some time after the machine is done, or for five minutes.
  void CarryOut();

  bool gentle() const { return gentle_; }
  const RunMachine& machine() const { return *machine_; }
  const std::vector<std::string>& violations() const { return violations_; }
  std::string story() const;
  // Broken streams, deaths, faulty agents, a full disk, a dead target, a stop.
  int faults() const { return faults_; }
  // Intervals that agents made, and those of them that were acknowledged to them.
  uint64_t produced() const;
  uint64_t acknowledged() const;
  // Whether it was seen that nobody's beats were forgotten after a takeover.
  bool takeover_checked() const { return takeovers_checked_ > 0; }
  // Whether the heirs had too little room for a lost agent's beats.
  bool beats_were_nobodys() const { return beats_were_nobodys_; }

 private:
  // Who is reached: its controller, another one, or somebody who never says who it is.
  enum class FarEnd { kController, kStranger, kMute };

  // An agent's streams; they are numbered, and the newest may be broken.
  struct Line {
    std::unique_ptr<SimulatedAgent> agent;
    int number = 1;
    bool up = true;
    // Of this stream: who answers it, the first word, and the intervals that were said on it.
    FarEnd far_end = FarEnd::kController;
    bool spoken = false;
    uint64_t offered = 0;
    // What is said upwards from this instant on is lost, by stream.
    std::map<int, int64_t> lost_from_ns;
    int64_t last_up_ns = 0;
    int64_t last_down_ns = 0;
    // The newest stream that the controller knows, and whether it believes in it.
    int known = 1;
    bool believed = true;
    // No process of that name lives.
    bool gone = false;
    // Of the process that joined last.
    uint64_t incarnation = 1;
    int64_t lease_at_ns = 0;
    int64_t start_agent_ns = 0;
    std::set<uint64_t> persisted;
  };

  void PlanLoad();
  void AddAgent(int index, uint32_t agents);
  void PlanTrouble();
  void PlanBreaks(const std::string& id);

  int64_t Delay();
  void SayUp(const std::string& id, const proto::FromAgent& message);
  void Welcome(const std::string& id);
  void MeetStranger(const std::string& id);
  void CheckFirstWord(const std::string& id, const proto::FromAgent& message);
  void CheckOrder(const std::string& id, const proto::FromAgent& message);
  void CheckStranger(const std::string& id, const proto::FromAgent& message);
  void SayDown(const std::string& id, const proto::ToAgent& message);
  void Break(const std::string& id, int64_t length_ns, FarEnd next = FarEnd::kController);
  void Redial(const std::string& id);
  void HangUp(const std::string& id);
  void EndStream(const std::string& id, int64_t redial_after_ns);
  void Leave(const std::string& id);
  void Kill(const std::string& id, bool noticed);
  void Restart(const std::string& id);

  void HearJoin(const std::string& id, const proto::Join& join);
  void Hear(const std::string& id, const proto::FromAgent& message);
  bool TellsOfAnOverrun(const proto::Interval& interval) const;
  void Do(const Commands& commands, const std::string& because);
  void Persist(const proto::Interval& interval, absl::Status* kept);
  void CheckSend(const std::string& id, const proto::ToAgent& message);
  void CheckLeases();
  void SetTimer();
  void OnTimer(int64_t generation);

  void CheckEnd();
  void CheckAgent(const std::string& id, const Line& line, const proto::AgentRecord& record);
  void CheckGentleEnd();
  void CheckBeats();
  void CheckReport();
  void CheckRestOfBeats(const proto::RunReport& report);
  bool IsNobodys(uint64_t number, int64_t start_ns) const;
  bool HasBeatsThatAreNobodys() const;
  RunTotals TotalsOfBundle(int64_t cut_ns) const;
  bool SaysSo(const std::string& part) const;
  bool HasFault(const std::string& part) const;
  void Violate(const std::string& what);
  void Tell(const std::string& what);

  const uint64_t seed_;
  Dice dice_;
  const bool gentle_;
  Timeline timeline_;
  proto::RunPlan plan_;
  RunMachine::Limits limits_;
  std::map<std::string, Line> lines_;
  // What the disk holds.
  std::vector<proto::Interval> bundle_;
  std::unique_ptr<RunMachine> machine_;
  int64_t begun_at_ns_ = 0;
  // So many intervals still fit on the disk.
  int64_t storage_holds_ = 1'000'000;
  bool storage_failed_ = false;
  bool was_done_ = false;
  int64_t timer_ = 0;
  int takeovers_checked_ = 0;
  bool beats_were_nobodys_ = false;
  int faults_ = 0;
  std::vector<std::string> violations_;
  std::vector<std::string> story_;
};

}  // namespace drumline

#endif  // TESTS_SIMULATION_RUN_MACHINE_SIMULATED_RUN_H_
