#include "target-services/oracle/oracle_loop.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <memory>
#include <utility>
#include <vector>

#include "target-services/http_server/http_date.h"
#include "target-services/oracle/monotonic_clock.h"

namespace drumline::target {
namespace {

constexpr int64_t kNsPerSecond = 1'000'000'000;

// The labels of http_requests_total; "/" stands for whatever path the oracle answers as such.
enum PathLabel : size_t { kAnyPath, kHealthPath, kMetricsPath, kNoPath };

std::vector<std::string> PathLabels() { return {"/", "/health", "/metrics", "other"}; }

std::vector<std::string> MethodLabels() {
  std::vector<std::string> labels;
  for (size_t i = 0; i < kMethodCount; ++i) {
    labels.emplace_back(MethodName(static_cast<Method>(i)));
  }
  return labels;
}

PathLabel PathOf(const Piece& piece) {
  switch (piece.kind) {
    case Piece::Kind::kHealth:
      return kHealthPath;
    case Piece::Kind::kMetrics:
      return kMetricsPath;
    case Piece::Kind::kRefusal:
      return kNoPath;
    default:
      return kAnyPath;
  }
}

}  // namespace

OracleLoop::OracleLoop(const OracleConfig& config, Listener listener)
    : config_(config),
      delays_(config_.delay),
      fates_(config_.fates, config_.seed),
      text_(config_),
      stops_(config_.stops),
      listener_(std::move(listener)),
      metrics_(PathLabels(), MethodLabels(), /*threads=*/1),
      recorder_(metrics_.recorder(0)) {}

absl::Status OracleLoop::Open() {
  absl::Status status = poller_.Open();
  if (status.ok() && !poller_.WatchListener(listener_.socket(), kListener)) {
    status = absl::UnavailableError("epoll_ctl: the listening socket is refused");
  }
  return status;
}

void OracleLoop::Run() {
  while (!Finished()) {
    GiveWhatIsDue();
    const int64_t now_ns = MonotonicNs();
    if (now_ns >= next_tick_ns_) Tick(now_ns);
    for (const epoll_event& event : poller_.Wait(WaitUntil(now_ns))) {
      StandStill();
      Take(event);
      GiveWhatIsDue();
    }
  }
}

int64_t OracleLoop::WaitUntil(int64_t now_ns) const {
  if (config_.spin && last_request_ns_ > 0 && now_ns - last_request_ns_ < kSpinNs) return 0;
  return std::min({due_.next_due_ns(), next_stop_.begin_ns, next_tick_ns_});
}

int64_t OracleLoop::StandStill() {
  const int64_t now_ns = MonotonicNs();
  if (now_ns < next_stop_.begin_ns) return now_ns;
  // Whoever wants the service to end does not wait for the end of a stop: a signal ends the sleep,
  // and its event, which comes next, all stops.
  const bool asked_to_end = poller_.SleepUntil(next_stop_.end_ns);
  if (!asked_to_end) books_.Stopped(next_stop_.end_ns - next_stop_.begin_ns);
  const int64_t after_ns = MonotonicNs();
  next_stop_ = stops_.NextStop(after_ns);
  return after_ns;
}

void OracleLoop::Take(const epoll_event& event) {
  constexpr uint32_t kAtEnd = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
  const uint64_t name = event.data.u64;
  if (name == kListener) return AcceptClients();
  if (name == Poller::kSignal) return BeginDrain();
  OracleConnection* connection = connections_.Find(name);
  if (connection != nullptr && (event.events & EPOLLOUT) != 0 && connection->blocked()) {
    FlushHeld(name, *connection);
    connection = connections_.Find(name);
  }
  if (connection == nullptr) return;
  TakeInput(name, *connection, (event.events & kAtEnd) != 0);
}

void OracleLoop::AcceptClients() {
  for (int i = 0; i < kMostReads; ++i) {
    const int socket = listener_.Accept();
    if (socket >= 0) {
      AddClient(socket);
      continue;
    }
    if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED) return;
    // Out of file descriptors, most likely: to try again at once would spin, so a tick does it.
    poller_.Forget(listener_.socket());
    accept_paused_ = true;
    return;
  }
}

void OracleLoop::AddClient(int socket) {
  if (connections_.size() >= config_.max_connections) {
    recorder_.ConnectionRefused();
    close(socket);
    return;
  }
  const uint64_t name =
      connections_.Add(std::make_unique<OracleConnection>(socket, config_.limits, MonotonicNs()));
  recorder_.ConnectionAccepted();
  // What has come already is told, too.
  if (!poller_.Watch(socket, name)) Close(name);
}

void OracleLoop::TakeInput(uint64_t name, OracleConnection& connection, bool to_the_end) {
  if (connection.lingering) {
    if (!connection.Discard()) Close(name);
    return;
  }
  if (due_.size() >= config_.max_waiting) {
    books_.Overloaded();
    return Close(name);
  }
  for (int reads = 0; !connection.ended && !connection.closing; ++reads) {
    connection.paused = connection.pending >= config_.max_pipelined;
    if (connection.paused) return;
    if (reads == kMostReads) return poller_.Rearm(connection.socket(), name);
    bool full = false;
    const Arrival arrival = connection.Read(&full);
    if (arrival.count < 0) return errno == EAGAIN || errno == EINTR ? void() : Close(name);
    if (arrival.count == 0) {
      connection.ended = true;
      return GoOn(name, connection);
    }
    if (!arrival.stamped) books_.Unstamped();
    TakeRequests(name, connection);
    if (!full && !to_the_end) return;
  }
}

void OracleLoop::TakeRequests(uint64_t name, OracleConnection& connection) {
  InputBuffer& input = connection.input;
  RequestParser& parser = connection.parser;
  size_t begin = 0;
  ParseState state = ParseState::kComplete;
  while (state == ParseState::kComplete && begin < input.size() && !connection.closing &&
         connection.pending < config_.max_pipelined) {
    char* message = input.bytes() + begin;
    const size_t size = input.size() - begin;
    state = parser.Advance(message, size);
    if (state == ParseState::kComplete) {
      TakeRequest(name, connection, parser.request(message));
      begin += parser.consumed();
      parser.Reset();
      connection.said_continue = false;
    } else if (state == ParseState::kRefused) {
      Refuse(name, connection);
    } else if (parser.awaits_continue(size) && !connection.said_continue) {
      connection.said_continue = true;
      Piece piece;
      piece.connection = name;
      piece.kind = Piece::Kind::kContinue;
      Add(piece, connection.arrived_ns, connection);
    }
  }
  input.Drop(begin);
}

void OracleLoop::TakeRequest(uint64_t name, OracleConnection& connection, const Request& request) {
  Piece piece;
  piece.connection = name;
  piece.method = request.method();
  piece.close = !request.keep_alive();
  piece.name_keep_alive = request.minor_version() == 0;
  piece.arrived_ns = connection.arrived_ns;
  connection.closing = piece.close;
  const bool metrics = request.path() == "/metrics";
  if (request.method() == Method::kOther) {
    piece.kind = Piece::Kind::kRefusal;
    piece.status = 501;
    piece.text = "method: not implemented by this server";
  } else if (!metrics && request.path() != "/health") {
    return Number(piece, connection);
  } else if (request.method() == Method::kGet || request.method() == Method::kHead) {
    piece.kind = metrics ? Piece::Kind::kMetrics : Piece::Kind::kHealth;
  } else {
    piece.kind = Piece::Kind::kRefusal;
    piece.status = 405;
    piece.text = "method: this path takes GET, HEAD";
  }
  Add(piece, connection.arrived_ns, connection);
}

void OracleLoop::Number(Piece piece, OracleConnection& connection) {
  const uint64_t number = numbered_++;
  books_.Numbered();
  last_request_ns_ = MonotonicNs();
  if (!stops_.begun()) {
    stops_.Begin(connection.arrived_ns);
    next_stop_ = stops_.NextStop(last_request_ns_);
  }
  piece.delay_ns = delays_.DelayNs(number);
  piece.fate = fates_.FateOf(number);
  if (piece.fate == Fate::kError) piece.status = config_.error_status;
  const int64_t due_ns = stops_.ClearFrom(piece.arrived_ns + piece.delay_ns);
  if (config_.slow_body_ns == 0 || piece.fate != Fate::kOk) {
    return Add(piece, due_ns, connection);
  }
  piece.kind = Piece::Kind::kFirst;
  Add(piece, due_ns, connection);
  piece.kind = Piece::Kind::kSecond;
  piece.delay_ns += config_.slow_body_ns;
  Add(piece, stops_.ClearFrom(connection.last_due_ns + config_.slow_body_ns), connection);
}

void OracleLoop::Refuse(uint64_t name, OracleConnection& connection) {
  const RequestParser& parser = connection.parser;
  Piece piece;
  piece.connection = name;
  piece.kind = Piece::Kind::kRefusal;
  piece.method = parser.knows_path() ? parser.head().method : Method::kOther;
  piece.status = RefusalStatus(parser.refusal());
  piece.text = RefusalText(parser.refusal());
  piece.close = true;
  piece.arrived_ns = connection.arrived_ns;
  connection.closing = true;
  Add(piece, connection.arrived_ns, connection);
}

void OracleLoop::Add(const Piece& piece, int64_t due_ns, OracleConnection& connection) {
  Piece added = piece;
  added.due_ns = std::max(due_ns, connection.last_due_ns);
  connection.last_due_ns = added.due_ns;
  ++connection.pending;
  due_.Add(added.due_ns, added);
}

void OracleLoop::GiveWhatIsDue() {
  for (int64_t now_ns = StandStill(); due_.next_due_ns() <= now_ns; now_ns = StandStill()) {
    Give(due_.Take(), now_ns);
  }
}

void OracleLoop::Give(const Piece& piece, int64_t now_ns) {
  OracleConnection* connection = connections_.Find(piece.connection);
  if (connection == nullptr || connection->finished) {
    if (piece.numbered() && piece.last()) books_.Unsent();
    return;
  }
  // Before it is sent, so that whoever has the answer finds it counted.
  if (piece.last()) Record(piece, now_ns);
  connection->progress_ns = now_ns;
  if (connection->blocked() || !connection->held.empty()) {
    connection->held.push_back(piece);
    return;
  }
  Send(piece, *connection);
}

void OracleLoop::Record(const Piece& piece, int64_t now_ns) {
  const int64_t made_ns = now_ns - piece.arrived_ns;
  if (piece.numbered()) {
    books_.Answered(piece.fate, piece.delay_ns, made_ns, now_ns - piece.due_ns);
    if (piece.fate == Fate::kReset) return;
  }
  recorder_.Record(PathOf(piece), static_cast<size_t>(piece.method), piece.status,
                   std::chrono::nanoseconds(made_ns));
}

void OracleLoop::Send(const Piece& piece, OracleConnection& connection) {
  const uint64_t name = piece.connection;
  --connection.pending;
  if (piece.fate == Fate::kReset) {
    connection.ResetWhenClosed();
    return Close(name);
  }
  // While draining, only the last of the requests received may say that the connection ends.
  const bool last_of_drain =
      draining_ && piece.last() && connection.pending == 0 && connection.input.size() == 0;
  const bool close = piece.last() && (piece.close || last_of_drain);
  std::string head;
  const std::string page = piece.kind == Piece::Kind::kMetrics ? RenderMetrics() : "";
  const std::string_view body = text_.Compose(piece, date_, close || piece.close, page, head);
  connection.finished = close || piece.fate == Fate::kTruncated;
  if (connection.Send(head, body) == OracleConnection::Sending::kBroken) return Close(name);
  GoOn(name, connection);
}

void OracleLoop::FlushHeld(uint64_t name, OracleConnection& connection) {
  const OracleConnection::Sending sending = connection.Flush();
  if (sending == OracleConnection::Sending::kBroken) return Close(name);
  if (sending == OracleConnection::Sending::kBlocked) return;
  connection.progress_ns = MonotonicNs();
  while (!connection.held.empty() && !connection.blocked()) {
    const Piece piece = connection.held.front();
    connection.held.pop_front();
    Send(piece, connection);
    if (connections_.Find(name) == nullptr) return;
  }
  GoOn(name, connection);
}

void OracleLoop::GoOn(uint64_t name, OracleConnection& connection) {
  if (connection.blocked()) return;
  if (connection.finished && !connection.lingering) return BeginLinger(name, connection);
  const bool nothing_left = connection.pending == 0;
  if (nothing_left && (connection.ended || (draining_ && connection.input.size() == 0))) {
    return Close(name);
  }
  if (!connection.paused || connection.pending >= config_.max_pipelined) return;
  connection.paused = false;
  TakeRequests(name, connection);
  TakeInput(name, connection, /*to_the_end=*/true);
}

std::string OracleLoop::RenderMetrics() const {
  constexpr uint64_t kOtherFiles = 7;  // The standard three, listener, epoll, signals, statm.
  PrometheusText text;
  books_.Render(text);
  metrics_.Render(text);
  RenderOwnUsage(usage_.Read(connections_.size() + kOtherFiles), text);
  return text.text();
}

void OracleLoop::BeginLinger(uint64_t name, OracleConnection& connection) {
  connection.lingering = true;
  connection.input.Drop(connection.input.size());
  connection.progress_ns = MonotonicNs();
  if (connection.ended || !connection.EndSending() || !connection.Discard()) Close(name);
}

void OracleLoop::Close(uint64_t name) {
  connections_.Remove(name);
  recorder_.ConnectionClosed();
}

void OracleLoop::Tick(int64_t now_ns) {
  next_tick_ns_ = now_ns + kTickNs;
  if (now_ns >= date_until_ns_) {
    date_ = HttpDate(std::time(nullptr));
    date_until_ns_ = now_ns + kNsPerSecond;
  }
  if (accept_paused_ && !draining_) {
    accept_paused_ = !poller_.WatchListener(listener_.socket(), kListener);
  }
  Sweep(now_ns);
}

void OracleLoop::Sweep(int64_t now_ns) {
  const bool drain_over = draining_ && now_ns >= drain_until_ns_;
  const size_t share = drain_over ? connections_.places() : connections_.places() / kSweepTicks + 1;
  for (size_t i = 0; i < share && connections_.places() > 0; ++i) {
    next_swept_ = (next_swept_ + 1) % connections_.places();
    const uint64_t name = connections_.NameAt(next_swept_);
    if (name == ConnectionTable::kNoName) continue;
    const OracleConnection& connection = *connections_.Find(name);
    const int64_t since_ns = now_ns - connection.progress_ns;
    const bool lingered = connection.lingering && since_ns >= config_.linger_timeout_ns;
    const bool idle = connection.pending == 0 || connection.blocked();
    const bool stalled = idle && since_ns >= config_.stall_timeout_ns;
    if (drain_over || lingered || stalled) Close(name);
  }
}

void OracleLoop::BeginDrain() {
  draining_ = true;
  drain_until_ns_ = MonotonicNs() + config_.drain_timeout_ns;
  poller_.LetSignalsThrough();
  stops_.Cancel();
  next_stop_ = {};
  // Clients whose connection the kernel made already may have sent a request with it.
  for (int socket = listener_.Accept(); socket >= 0; socket = listener_.Accept()) AddClient(socket);
  listener_.Close();
  for (size_t place = 0; place < connections_.places(); ++place) {
    const uint64_t name = connections_.NameAt(place);
    if (name == ConnectionTable::kNoName) continue;
    TakeInput(name, *connections_.Find(name), /*to_the_end=*/true);
    if (OracleConnection* connection = connections_.Find(name)) GoOn(name, *connection);
  }
}

}  // namespace drumline::target
