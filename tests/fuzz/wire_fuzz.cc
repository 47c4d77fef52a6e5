// Any bytes that come over the wire: from an agent, intervals that are refused without a trace or
// counted, and then balance; from a controller, slices that are refused or can be worked with. The
// first byte chooses; an agent's bytes are taken as one message that comes twice, so that both the
// first and the repeated one are met.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "agent/own_limits.h"
#include "controller/run/run_totals.h"
#include "core/plan.h"
#include "proto/agent_link.pb.h"

namespace {

using drumline::RunTotals;

constexpr char kRun[] = "run";

void Require(bool condition) {
  if (!condition) std::abort();
}

void RequireBalance(const RunTotals& totals) {
  for (const auto& [agent, sums] : totals.agents()) {
    Require(sums.warmup.CheckBalance().ok());
    Require(sums.measure.CheckBalance().ok());
  }
}

void FromAgent(const uint8_t* bytes, size_t size) {
  drumline::proto::FromAgent message;
  if (!message.ParseFromArray(bytes, static_cast<int>(size)) || !message.has_interval()) return;
  drumline::proto::Interval interval = message.interval();
  RunTotals totals(kRun);
  if (interval.run_id() != kRun) {
    Require(!totals.Add(interval).ok());
    Require(totals.agents().empty());
    interval.set_run_id(kRun);
  }
  const auto first = totals.Add(interval);
  if (!first.ok()) {
    Require(totals.agents().empty());
    return;
  }
  Require(first->news && totals.agents().size() == 1);
  RequireBalance(totals);
  const uint64_t scheduled = totals.agents().begin()->second.measure.ledger().scheduled();
  const auto again = totals.Add(interval);
  Require(again.ok() && !again->news);
  Require(totals.agents().begin()->second.intervals == 1);
  Require(totals.agents().begin()->second.measure.ledger().scheduled() == scheduled);
  // The next one with the same counts is taken only if it begins where this one ended.
  interval.set_number(interval.number() + 1);
  interval.set_begin_ns(interval.end_ns());
  if (!totals.Add(interval).ok()) Require(totals.agents().begin()->second.intervals == 1);
  RequireBalance(totals);
}

void FromController(const uint8_t* bytes, size_t size) {
  drumline::proto::ToAgent message;
  if (!message.ParseFromArray(bytes, static_cast<int>(size)) || !message.has_arm()) return;
  const drumline::proto::Slice& slice = message.arm().slice();
  drumline::OwnLimits limits;
  limits.max_rate = 1;
  limits.max_connections = 1;
  const boost::asio::ip::tcp::endpoint loopback(boost::asio::ip::make_address("127.0.0.1"), 80);
  const bool allowed = CheckLimits(limits, slice, loopback).ok();
  if (!drumline::CheckSlice(slice).ok()) return;
  // What both let through keeps to the ceilings.
  if (!allowed) return;
  uint64_t connections = 0;
  for (const drumline::proto::WorkerSlice& worker : slice.workers()) {
    connections += worker.connections();
  }
  const double share = drumline::ShareOfBeats(slice);
  Require(drumline::PlannedPeak(slice, share) <= 1.000001 && connections <= 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  if (size == 0) return 0;
  if (bytes[0] % 2 == 0) {
    FromAgent(bytes + 1, size - 1);
  } else {
    FromController(bytes + 1, size - 1);
  }
  return 0;
}
