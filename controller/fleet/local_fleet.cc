#include "controller/fleet/local_fleet.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"

namespace drumline {

namespace asio = boost::asio;

struct LocalFleet::Member {
  explicit Member(asio::io_context* loop) : deadline(*loop) {}

  // Calls it, once.
  void ReportListening(absl::StatusOr<uint16_t> port) {
    deadline.cancel();
    if (const OnListening report = std::exchange(on_listening, nullptr)) report(std::move(port));
  }

  std::string id;
  std::string log_path;
  std::unique_ptr<Child> child;
  // Of a service that has not said yet where it listens.
  OnListening on_listening;
  asio::steady_timer deadline;
  // Empty where a death is expected.
  OnDeath on_death;
  // Of a service that was asked to end.
  std::function<void()> on_ended;
};

namespace {

// The port of a line `listening on HOST:PORT`.
std::optional<uint16_t> PortOf(const std::string& line) {
  constexpr std::string_view kBeginning = "listening on ";
  const size_t colon = line.rfind(':');
  uint32_t port = 0;
  if (!line.starts_with(kBeginning) || colon == std::string::npos ||
      !absl::SimpleAtoi(line.substr(colon + 1), &port) || port == 0 || port > 65535) {
    return std::nullopt;
  }
  return static_cast<uint16_t>(port);
}

std::string TailWords(const std::string& tail, const std::string& log_path) {
  if (tail.empty()) return absl::StrCat("; it wrote nothing to ", log_path);
  return absl::StrCat("; the end of ", log_path, ":\n    ",
                      absl::StrReplaceAll(tail, {{"\n", "\n    "}}));
}

}  // namespace

std::string LocalFleet::Death::Words() const {
  return absl::StrCat(id, " ", reason, TailWords(log_tail, log_path));
}

LocalFleet::LocalFleet(asio::io_context* loop, Options options)
    : loop_(loop), options_(std::move(options)) {}

LocalFleet::~LocalFleet() = default;

absl::StatusOr<std::string> LocalFleet::PathOf(Binary binary) const {
  if (!options_.controller_path.empty()) return FindBinary(binary, options_.controller_path);
  const absl::StatusOr<std::string> controller = OwnExecutable();
  if (!controller.ok()) return controller.status();
  return FindBinary(binary, *controller);
}

absl::Status LocalFleet::Launch(const std::shared_ptr<Member>& member, Binary binary,
                                std::vector<std::string> arguments) {
  absl::StatusOr<std::string> path = PathOf(binary);
  if (!path.ok()) return path.status();
  member->log_path = absl::StrCat(options_.log_dir, "/", member->id, ".log");
  const std::weak_ptr<Member> weak = member;
  Child::Order order{*std::move(path), std::move(arguments), member->log_path, nullptr};
  if (member->on_listening) {
    order.on_stdout_line = [this, weak](std::string_view line) {
      if (const auto locked = weak.lock()) OnServiceLine(locked, std::string(line));
    };
  }
  absl::StatusOr<std::unique_ptr<Child>> child =
      Child::Start(loop_, std::move(order), [this, weak](const Child::Exit& exit) {
        if (const auto locked = weak.lock()) OnExit(locked, exit);
      });
  if (!child.ok()) return child.status();
  member->child = *std::move(child);
  return absl::OkStatus();
}

absl::Status LocalFleet::LaunchService(const std::shared_ptr<Member>& member,
                                       const Service& service) {
  const std::optional<Binary> binary = ServiceBinary(service.name);
  if (!binary.has_value()) {
    return absl::InvalidArgumentError(absl::StrCat("no service is called `", service.name, "`"));
  }
  std::vector<std::string> arguments = {"--port", "0", "--threads", absl::StrCat(service.threads)};
  arguments.insert(arguments.end(), service.arguments.begin(), service.arguments.end());
  return Launch(member, *binary, std::move(arguments));
}

std::string LocalFleet::StartService(const Service& service, OnListening on_listening,
                                     OnDeath on_death) {
  auto member = std::make_shared<Member>(loop_);
  members_.push_back(member);
  member->id = absl::StrCat(service.name, "-", ++services_started_);
  member->on_listening = std::move(on_listening);
  member->on_death = std::move(on_death);
  const std::weak_ptr<Member> weak = member;
  const absl::Status started = LaunchService(member, service);
  if (!started.ok()) {
    asio::post(*loop_, [this, weak, started] {
      const auto locked = weak.lock();
      if (!locked) return;
      Remove(locked);
      locked->ReportListening(started);
    });
    return member->id;
  }
  member->deadline.expires_after(options_.listen_deadline);
  member->deadline.async_wait([this, weak](const boost::system::error_code& error) {
    const auto locked = weak.lock();
    if (!error && locked) OnListenDeadline(locked);
  });
  return member->id;
}

void LocalFleet::EndService(const std::string& id, std::function<void()> on_ended) {
  const auto found = std::find_if(members_.begin(), members_.end(),
                                  [&id](const auto& member) { return member->id == id; });
  if (found == members_.end() || (*found)->child == nullptr) return Post(std::move(on_ended));
  (*found)->on_death = nullptr;
  (*found)->on_ended = std::move(on_ended);
  (*found)->child->Terminate(options_.grace);
}

void LocalFleet::OnServiceLine(const std::shared_ptr<Member>& member, const std::string& line) {
  if (const std::optional<uint16_t> port = PortOf(line)) member->ReportListening(*port);
}

void LocalFleet::OnListenDeadline(const std::shared_ptr<Member>& member) {
  // It may have listened while this handler was queued.
  if (!member->on_listening) return;
  member->on_death = nullptr;
  member->child->Terminate(options_.grace);
  member->ReportListening(absl::DeadlineExceededError(
      absl::StrCat(member->id, " did not say where it listens within ",
                   absl::FormatDuration(absl::FromChrono(options_.listen_deadline)),
                   "; its log is ", member->log_path)));
}

absl::Status LocalFleet::StartAgents(uint32_t count, const std::string& controller,
                                     const std::vector<std::string>& allow,
                                     const OnDeath& on_death) {
  const size_t before = members_.size();
  for (uint32_t i = 0; i < count; ++i) {
    auto member = std::make_shared<Member>(loop_);
    member->id = AgentId(agents_started_++);
    member->on_death = on_death;
    std::vector<std::string> arguments = {"--controller", controller, "--id", member->id};
    for (const std::string& entry : allow) arguments.insert(arguments.end(), {"--allow", entry});
    if (absl::Status status = Launch(member, Binary::kAgent, std::move(arguments)); !status.ok()) {
      members_.resize(before);
      return status;
    }
    members_.push_back(std::move(member));
  }
  return absl::OkStatus();
}

void LocalFleet::OnExit(const std::shared_ptr<Member>& member, const Child::Exit& exit) {
  Remove(member);
  if (member->on_ended) Post(std::exchange(member->on_ended, nullptr));
  if (on_stopped_) {
    if (!members_.empty()) return;
    const auto report = std::exchange(on_stopped_, nullptr);
    return report();
  }
  if (member->on_listening) {
    member->ReportListening(absl::UnavailableError(
        absl::StrCat(member->id, " ", exit.reason, " before it said where it listens",
                     TailWords(exit.log_tail, member->log_path))));
  } else if (member->on_death) {
    member->on_death({member->id, exit.reason, exit.log_tail, member->log_path});
  }
}

void LocalFleet::Stop(std::function<void()> on_stopped) {
  on_stopped_ = std::move(on_stopped);
  // Services that were never launched have nothing to wait for.
  std::erase_if(members_, [this](const std::shared_ptr<Member>& member) {
    if (member->on_listening) {
      Post([report = std::exchange(member->on_listening, nullptr)] {
        report(absl::CancelledError("the fleet was stopped"));
      });
    }
    return member->child == nullptr;
  });
  for (const auto& member : members_) {
    member->deadline.cancel();
    member->child->Terminate(options_.grace);
  }
  if (!members_.empty()) return;
  Post(std::exchange(on_stopped_, nullptr));
}

void LocalFleet::Post(std::function<void()> call) {
  asio::post(*loop_, [call = std::move(call), alive = std::weak_ptr(alive_)] {
    if (!alive.expired()) call();
  });
}

void LocalFleet::Remove(const std::shared_ptr<Member>& member) { std::erase(members_, member); }

}  // namespace drumline
