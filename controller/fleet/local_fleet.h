// LocalFleet: agents and target services as children of the controller, on this machine.
//
//     LocalFleet fleet(&loop, {.log_dir = bundle + "/logs"});
//     fleet.StartService({"echo", 2}, [&](absl::StatusOr<uint16_t> port) { … }, on_death);
//     absl::Status started = fleet.StartAgents(4, "127.0.0.1:7070", {"127.0.0.0/8"}, on_death);
//     fleet.Stop([&] { loop.stop(); });
//
// Agents are agent-1, agent-2 …, services echo-1, echo-2 …; each writes to <log_dir>/<id>.log. No
// child outlives the controller, however the controller ends (see spawn.h).
//
// Belongs to the loop's thread, which must be the main thread. Callbacks come from the loop, never
// from within a call, and not after the fleet is destroyed; destroying it kills what still runs.
#ifndef CONTROLLER_FLEET_LOCAL_FLEET_H_
#define CONTROLLER_FLEET_LOCAL_FLEET_H_

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "controller/fleet/binaries.h"
#include "controller/fleet/child.h"

namespace drumline {

class LocalFleet {
 public:
  struct Options {
    // Must exist.
    std::string log_dir;
    // Beside which the other programs are found (see binaries.h); empty: the program that runs.
    std::string controller_path;
    // Within which a service must say where it listens.
    std::chrono::nanoseconds listen_deadline = std::chrono::seconds(10);
    // Between SIGTERM and SIGKILL.
    std::chrono::nanoseconds grace = std::chrono::seconds(5);
  };

  // A target service to start.
  struct Service {
    std::string name;
    uint32_t threads = 1;
    // Beyond its port and its threads.
    std::vector<std::string> arguments = {};
  };

  // A child that ended without being asked to.
  struct Death {
    std::string id;
    // "killed by signal 9".
    std::string reason;
    std::string log_tail;
    std::string log_path;

    // All of it in words, over several lines if there is a tail.
    std::string Words() const;
  };
  using OnDeath = std::function<void(const Death&)>;
  using OnListening = std::function<void(absl::StatusOr<uint16_t>)>;

  LocalFleet(boost::asio::io_context* loop, Options options);
  LocalFleet(const LocalFleet&) = delete;
  LocalFleet& operator=(const LocalFleet&) = delete;
  ~LocalFleet();

  // `on_listening` is called once: with the port, or with the reason why there is none
  // (InvalidArgument: no such service; FailedPrecondition: its program is not there; Unavailable:
  // it could not be started or ended before it listened; DeadlineExceeded; Cancelled by Stop). A
  // death after the port was given is told to `on_death`.
  // Returns the service's id.
  std::string StartService(const Service& service, OnListening on_listening, OnDeath on_death);

  // Ends the service of that id; its death is not told. `on_ended` is called when it is gone, which
  // may be at once.
  void EndService(const std::string& id, std::function<void()> on_ended);

  // The id of the agent that is started as number [index] from 0.
  static std::string AgentId(size_t index) { return "agent-" + std::to_string(index + 1); }

  // All of them or none. `controller` is HOST:PORT; each entry of `allow` is handed on as --allow.
  absl::Status StartAgents(uint32_t count, const std::string& controller,
                           const std::vector<std::string>& allow, const OnDeath& on_death);

  // Ends all children; `on_stopped` is called when none is left. Deaths are not told any more.
  // Nothing may be started until then.
  void Stop(std::function<void()> on_stopped);

 private:
  struct Member;

  absl::StatusOr<std::string> PathOf(Binary binary) const;
  absl::Status Launch(const std::shared_ptr<Member>& member, Binary binary,
                      std::vector<std::string> arguments);
  absl::Status LaunchService(const std::shared_ptr<Member>& member, const Service& service);
  void OnServiceLine(const std::shared_ptr<Member>& member, const std::string& line);
  void OnListenDeadline(const std::shared_ptr<Member>& member);
  void OnExit(const std::shared_ptr<Member>& member, const Child::Exit& exit);
  void Remove(const std::shared_ptr<Member>& member);
  // Calls it from the loop, unless the fleet is gone by then.
  void Post(std::function<void()> call);

  boost::asio::io_context* const loop_;
  const Options options_;
  std::vector<std::shared_ptr<Member>> members_;
  std::function<void()> on_stopped_;
  uint32_t agents_started_ = 0;
  uint32_t services_started_ = 0;
  // Ends with the fleet; for handlers that are queued then.
  const std::shared_ptr<const char> alive_ = std::make_shared<const char>();
};

}  // namespace drumline

#endif  // CONTROLLER_FLEET_LOCAL_FLEET_H_
