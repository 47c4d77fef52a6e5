#include "controller/scrape/scraper.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "controller/scrape/beat.h"
#include "controller/scrape/local_reading.h"
#include "controller/scrape/metrics_client.h"
#include "controller/scrape/page_reading.h"

namespace drumline {

namespace asio = boost::asio;

namespace {

// libstdc++'s steady clock is CLOCK_MONOTONIC.
std::chrono::steady_clock::time_point SteadyInstant(int64_t monotonic_ns) {
  return std::chrono::steady_clock::time_point(std::chrono::nanoseconds(monotonic_ns));
}

constexpr char kProc[] = "/proc";
constexpr char kCgroups[] = "/sys/fs/cgroup";

}  // namespace

struct Scraper::State {
  State(asio::io_context* loop, MetricsSource source, Options options, OnScrape on_scrape,
        std::function<int64_t()> now_ns)
      : loop(loop),
        source(std::move(source)),
        options(options),
        on_scrape(std::move(on_scrape)),
        now_ns(std::move(now_ns)),
        client(loop, this->source.url, options.max_bytes, this->source.tls),
        beat(*loop) {}

  static asio::awaitable<void> Run(std::shared_ptr<State> state);
  asio::awaitable<proto::Scrape> ReadOnce();
  asio::awaitable<proto::Scrape> ReadPage();
  proto::Scrape ReadHere();
  void DeliverMissed(int64_t due_ns);

  asio::io_context* const loop;
  const MetricsSource source;
  const Options options;
  const OnScrape on_scrape;
  const std::function<int64_t()> now_ns;
  MetricsClient client;
  asio::steady_timer beat;
  bool stopped = false;
};

asio::awaitable<void> Scraper::State::Run(std::shared_ptr<State> state) {
  const int64_t interval_ns = state->options.interval.count();
  const int64_t start_ns = state->now_ns();
  int64_t last = -1;
  int64_t elapsed_ns = 0;
  while (!state->stopped) {
    const BeatStep step = NextBeat(interval_ns, last, elapsed_ns);
    for (int64_t missed = last + 1; missed < step.number && !state->stopped; ++missed) {
      state->DeliverMissed(start_ns + missed * interval_ns);
    }
    last = step.number;
    state->beat.expires_at(SteadyInstant(start_ns + step.number * interval_ns));
    if (state->stopped) co_return;
    co_await state->beat.async_wait(asio::as_tuple(asio::use_awaitable));
    if (state->stopped) co_return;
    proto::Scrape scrape = co_await state->ReadOnce();
    if (state->stopped) co_return;
    state->on_scrape(std::move(scrape));
    elapsed_ns = state->now_ns() - start_ns;
  }
}

asio::awaitable<proto::Scrape> Scraper::State::ReadOnce() {
  proto::Scrape scrape;
  // Not with `?:`: gcc 12 destroys the result of a co_await in it twice.
  if (source.is_page()) {
    scrape = co_await ReadPage();
  } else {
    scrape = ReadHere();
  }
  scrape.set_source(source.Words());
  co_return scrape;
}

proto::Scrape Scraper::State::ReadHere() {
  proto::Scrape scrape;
  scrape.set_at_ns(now_ns());
  const absl::Status status = source.kind == MetricsSource::Kind::kPid
                                  ? ReadPid(source.pid, kProc, &scrape)
                                  : ReadCgroup(source.cgroup, kCgroups, &scrape);
  if (!status.ok()) scrape.set_gap(std::string(status.message()));
  return scrape;
}

asio::awaitable<proto::Scrape> Scraper::State::ReadPage() {
  int64_t begin_ns = now_ns();
  const auto deadline = SteadyInstant(begin_ns + options.timeout.count());
  // Connecting is not part of the exchange: the target reads its figures when it is asked.
  std::function<void()> on_sending = [this, &begin_ns] { begin_ns = now_ns(); };
  proto::Scrape scrape;
  try {
    const absl::StatusOr<std::string> page = co_await client.Fetch(deadline, on_sending);
    if (page.ok()) {
      ReadMetricsPage(source, *page, &scrape);
    } else {
      scrape.set_gap(std::string(page.status().message()));
    }
  } catch (const std::exception& error) {
    scrape.set_gap(absl::StrCat("not read: ", error.what()));
  }
  scrape.set_at_ns(begin_ns + (now_ns() - begin_ns) / 2);
  co_return scrape;
}

void Scraper::State::DeliverMissed(int64_t due_ns) {
  proto::Scrape scrape;
  scrape.set_source(source.Words());
  scrape.set_at_ns(due_ns);
  scrape.set_gap("missed: the controller was busy when the reading was due");
  on_scrape(std::move(scrape));
}

Scraper::Scraper(asio::io_context* loop, MetricsSource source, Options options, OnScrape on_scrape,
                 std::function<int64_t()> now_ns)
    : state_(std::make_shared<State>(loop, std::move(source), options, std::move(on_scrape),
                                     std::move(now_ns))) {}

Scraper::~Scraper() { Stop(); }

void Scraper::Start() {
  asio::co_spawn(*state_->loop, State::Run(state_), [](const std::exception_ptr& error) {
    // What can throw is caught in ReadOnce; the rest is a bug of ours.
    if (error) std::terminate();
  });
}

void Scraper::Stop() {
  if (state_->stopped) return;
  state_->stopped = true;
  state_->beat.cancel();
  state_->client.Close();
}

}  // namespace drumline
