#include "controller/campaign/run_driver.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>
#include <utility>

#include "controller/campaign/clock.h"

namespace drumline {
namespace {

std::set<std::string> NamesOf(const std::map<std::string, proto::Slice>& slices) {
  std::set<std::string> names;
  for (const auto& [agent_id, slice] : slices) names.insert(agent_id);
  return names;
}

}  // namespace

RunMachine::Limits RunDriver::LimitsOf(const proto::Plan& plan) {
  RunMachine::Limits limits;
  if (plan.on_loss() != proto::ON_LOSS_UNSPECIFIED) limits.on_loss = plan.on_loss();
  if (plan.validity().has_max_start_skew()) {
    limits.start_skew_ns = plan.validity().max_start_skew().ns();
  }
  return limits;
}

RunDriver::RunDriver(boost::asio::io_context* loop, AgentLinkService* service, Bundle* bundle,
                     const proto::RunPlan& plan, const std::map<std::string, proto::Slice>& slices,
                     const RunMachine::Limits& limits, const std::optional<MetricsSource>& metrics,
                     std::function<void()> on_started)
    : service_(service),
      bundle_(bundle),
      plan_(plan),
      on_started_(std::move(on_started)),
      machine_(plan, slices, limits),
      loop_(loop),
      timer_(*loop),
      over_(loop),
      agents_(NamesOf(slices)) {
  if (!metrics) return;
  scraper_.emplace(
      loop, *metrics, Scraper::Options{},
      [this](proto::Scrape scrape) { OnScrape(std::move(scrape)); }, &MonotonicNowNs);
}

boost::asio::awaitable<void> RunDriver::Run() {
  if (scraper_) scraper_->Start();
  Do(machine_.Begin(MonotonicNowNs()));
  co_await over_.Wait();
  timer_.cancel();
  if (scraper_) scraper_->Stop();
}

boost::asio::awaitable<std::optional<proto::Scrape>> ReadOnce(boost::asio::io_context* loop,
                                                              MetricsSource source) {
  Gate read(loop);
  std::optional<proto::Scrape> first;
  Scraper scraper(
      loop, std::move(source), Scraper::Options{},
      [&](proto::Scrape scrape) {
        if (!first) first = std::move(scrape);
        read.Open();
      },
      &MonotonicNowNs);
  scraper.Start();
  co_await read.Wait();
  co_return first;
}

void RunDriver::Do(const Commands& commands) {
  absl::Status kept;
  for (const Command& command : commands) {
    if (const auto* send = std::get_if<SendCommand>(&command)) {
      // What was not kept is not acknowledged; the rest is said all the same.
      if (!kept.ok() && send->message.has_ack()) continue;
      if (commit_pending_) {
        unsaid_.push_back(*send);
      } else {
        service_->Send(send->agent_id, send->message);
      }
    } else {
      kept.Update(Persist(std::get<PersistCommand>(command).interval));
    }
  }
  if (!kept.ok()) {
    Do(machine_.OnStorageFailed(kept));
    return;
  }
  NoteStart();
  TellNewWords();
  if (machine_.done()) {
    if (!commit_pending_) over_.Open();
    return;
  }
  SetTimer();
  if (machine_.ready() && on_ready_) std::exchange(on_ready_, nullptr)();
}

void RunDriver::TellNewWords() {
  if (!on_words_) return;
  const proto::RunRecord& record = machine_.outcome().record;
  while (told_notes_ < record.notes_size()) on_words_(record.notes(told_notes_++));
  while (told_faults_ < record.faults_size()) on_words_(record.faults(told_faults_++));
}

void RunDriver::StartAt(int64_t start_ns) { Do(machine_.StartAt(start_ns, MonotonicNowNs())); }

absl::Status RunDriver::Persist(const proto::Interval& interval) {
  absl::Status status = bundle_->AppendInterval(interval);
  if (!status.ok()) return status;
  if (on_interval_) untold_.push_back(interval);
  // Behind all that waits on the loop already.
  if (!std::exchange(commit_pending_, true)) {
    boost::asio::post(*loop_, [this] { Commit(); });
  }
  return absl::OkStatus();
}

void RunDriver::Commit() {
  const absl::Status kept = bundle_->Sync();
  commit_pending_ = false;
  const std::vector<SendCommand> unsaid = std::exchange(unsaid_, {});
  const std::vector<proto::Interval> untold = std::exchange(untold_, {});
  for (const SendCommand& send : unsaid) {
    if (kept.ok() || !send.message.has_ack()) service_->Send(send.agent_id, send.message);
  }
  if (!kept.ok()) {
    Do(machine_.OnStorageFailed(kept));
    return;
  }
  for (const proto::Interval& interval : untold) on_interval_(interval);
  if (machine_.done()) over_.Open();
}

void RunDriver::NoteStart() {
  if (!machine_.started() || started_unix_ns_ != 0) return;
  const int64_t until_start_ns = machine_.start_ns() - MonotonicNowNs();
  started_unix_ns_ = std::chrono::duration_cast<std::chrono::nanoseconds>(
                         std::chrono::system_clock::now().time_since_epoch())
                         .count() +
                     until_start_ns;
  std::vector<proto::Scrape> early;
  early.swap(early_scrapes_);
  for (proto::Scrape& scrape : early) KeepScrape(std::move(scrape));
  on_started_();
}

void RunDriver::OnScrape(proto::Scrape scrape) {
  if (machine_.done()) return;
  if (machine_.started()) {
    KeepScrape(std::move(scrape));
  } else if (early_scrapes_.size() < kMostEarlyScrapes) {
    // When the start is not known yet, neither is the instant from it.
    early_scrapes_.push_back(std::move(scrape));
  }
}

void RunDriver::KeepScrape(proto::Scrape scrape) {
  scrape.set_run_id(plan_.run_id());
  scrape.set_target(plan_.target());
  scrape.set_at_ns(scrape.at_ns() - machine_.start_ns());
  if (absl::Status status = bundle_->AppendScrape(scrape); !status.ok()) {
    Do(machine_.OnStorageFailed(status));
  }
  if (on_scrape_) on_scrape_(scrape);
  scrapes_.push_back(std::move(scrape));
}

void RunDriver::SetTimer() {
  timer_.expires_at(SteadyInstant(machine_.wake_at_ns()));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) Do(machine_.OnTick(MonotonicNowNs()));
  });
}

void RunDriver::OnJoined(const proto::Join& join) {
  Do(machine_.OnRejoined(join.agent_id(), MonotonicNowNs()));
}

void RunDriver::OnSaid(const std::string& agent_id, const proto::FromAgent& message,
                       int64_t received_ns) {
  switch (message.message_case()) {
    case proto::FromAgent::kPong:
      Do(machine_.OnPong(agent_id, message.pong(), received_ns));
      return;
    case proto::FromAgent::kArmed:
      Do(machine_.OnArmed(agent_id, message.armed(), received_ns));
      return;
    case proto::FromAgent::kInterval: {
      // The stream says who speaks, not the message.
      std::optional<proto::Interval> renamed;
      if (message.interval().agent_id() != agent_id) {
        renamed = message.interval();
        renamed->set_agent_id(agent_id);
      }
      const proto::Interval& interval = renamed ? *renamed : message.interval();
      Do(machine_.OnInterval(interval, received_ns));
      if (abort_watch_) Watch(interval);
      return;
    }
    case proto::FromAgent::kFinished:
      Do(machine_.OnFinished(agent_id, message.finished(), received_ns));
      return;
    case proto::FromAgent::kRefused:
      // A refusal of an earlier run may have been on its way for long.
      if (message.refused().run_id() == plan_.run_id()) {
        Do(machine_.OnRefused(agent_id, message.refused().reason(), received_ns));
      }
      return;
    case proto::FromAgent::kProbed:
    case proto::FromAgent::kJoin:
    case proto::FromAgent::MESSAGE_NOT_SET:
      return;
  }
}

void RunDriver::AbortWhen(std::vector<proto::Bound> conditions) {
  abort_watch_.emplace(std::move(conditions), agents_.size());
}

void RunDriver::Watch(const proto::Interval& interval) {
  const std::string hopeless = abort_watch_->Add(interval);
  if (hopeless.empty() || machine_.done()) return;
  aborted_ = hopeless;
  Stop(hopeless);
}

void RunDriver::OnLeft(const std::string& agent_id) {
  Do(machine_.OnDisconnected(agent_id, MonotonicNowNs()));
}

void RunDriver::OnLost(const std::string& agent_id, const std::string& how) {
  Do(machine_.OnLost(agent_id, how, MonotonicNowNs()));
}

void RunDriver::OnDied(const std::string& agent_id, const std::string& how) {
  Do(machine_.OnDied(agent_id, how, MonotonicNowNs()));
}

void RunDriver::OnTargetDied(const std::string& how) { Do(machine_.OnTargetDied(how)); }

void RunDriver::Stop(const std::string& reason) {
  const bool stopped_before = !machine_.record().interrupted().empty();
  const int64_t now_ns = MonotonicNowNs();
  Do(machine_.Stop(reason));
  // One whose load has ended by itself is not ended by it.
  if (stopped_before || machine_.record().interrupted().empty() || !machine_.started()) return;
  stopped_at_ns_ = std::max<int64_t>(now_ns - machine_.start_ns(), 0);
}

}  // namespace drumline
