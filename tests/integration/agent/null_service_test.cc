// The null service by itself, and as what an agent's load goes to.
#include "agent/null_service/null_service.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <ctime>
#include <memory>
#include <string>
#include <utility>

#include "agent/armed_run.h"
#include "agent/clock.h"
#include "core/book_codec.h"
#include "core/plan.h"

namespace drumline {
namespace {

using boost::asio::ip::tcp;

constexpr char kAnswer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

// All that comes in answer to [bytes] until the other side has nothing more to say.
std::string Ask(const NullService& service, const std::string& bytes) {
  boost::asio::io_context loop;
  tcp::socket socket(loop);
  socket.connect(service.endpoint());
  boost::asio::write(socket, boost::asio::buffer(bytes));
  socket.shutdown(tcp::socket::shutdown_send);
  std::string answers;
  boost::system::error_code error;
  boost::asio::read(socket, boost::asio::dynamic_buffer(answers), error);
  return answers;
}

std::string Times(const std::string& text, int count) {
  std::string all;
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

TEST(NullService, AnswersEachRequestOnce) {
  auto service = NullService::Start(kAnswer);
  ASSERT_TRUE(service.ok()) << service.status();
  const std::string get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  const std::string post = "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n\r\n\r\nx";
  EXPECT_EQ(Ask(**service, get), kAnswer);
  EXPECT_EQ(Ask(**service, Times(get + post, 500)), Times(kAnswer, 1000));
  EXPECT_EQ(Ask(**service, post + get.substr(0, 20)), kAnswer) << "the second never came whole";
  EXPECT_EQ(Ask(**service, "POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n"), "");
  // More than the kernel's buffers hold: the rest waits for the reader.
  auto large = NullService::Start(std::string(1'000'000, 'x'));
  ASSERT_TRUE(large.ok());
  EXPECT_EQ(Ask(**large, Times(get, 20)).size(), 20'000'000u);
}

TEST(NullService, RefusesAnswersThatAreNone) {
  EXPECT_FALSE(NullService::Start("").ok());
  EXPECT_FALSE(NullService::Start(std::string(NullService::kMaxAnswerBytes + 1, 'x')).ok());
}

// A closed loop of so many requests.
proto::Slice SliceOnItself(uint64_t requests, uint32_t workers) {
  proto::RunPlan run;
  run.set_run_id("001-calibration-r1");
  proto::LoadPlan& load = *run.mutable_load();
  load.set_closed_loop(true);
  load.set_connections(16);
  load.set_requests(requests);
  load.set_drain_ns(5'000'000'000);
  run.mutable_request()->set_method("POST");
  run.mutable_request()->set_body("hello");
  run.mutable_request()->set_expect_status(200);
  run.mutable_request()->set_timeout_ns(5'000'000'000);
  proto::Slice slice = SliceOf(run, {.agent = 0, .agents = 1, .workers = workers});
  slice.set_authority("null");
  slice.mutable_null_service()->set_answer(kAnswer);
  return slice;
}

TEST(NullService, CarriesAWholeRunWithinTheAgent) {
  boost::asio::io_context loop;
  std::shared_ptr<ArmedRun> run;
  // Neither the allow-list nor the ceiling of rate is about what stays in the program.
  OwnLimits limits{.allow_list = *AllowList::Parse({"10.0.0.0/8"})};
  limits.max_rate = 1;
  auto created = ArmedRun::Create(SliceOnItself(3'000, 2), "agent", limits, &loop,
                                  {.ready =
                                       [&run](const absl::Status& status) {
                                         EXPECT_TRUE(status.ok()) << status;
                                         run->Begin(MonotonicNowNs());
                                       },
                                   .progressed =
                                       [&] {
                                         if (run->finished()) loop.stop();
                                       }});
  ASSERT_TRUE(created.ok()) << created.status();
  run = *std::move(created);
  const auto work = boost::asio::make_work_guard(loop);
  run->Launch();
  loop.run();
  Book measure;
  for (const proto::Interval* interval : run->collector()->TakeUnsent()) {
    const auto decoded = BookCodec::Decode(interval->measure());
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_TRUE(measure.Append(*decoded).ok());
  }
  EXPECT_EQ(measure.ledger().Count(Outcome::kOk), 3'000u);
  EXPECT_TRUE(measure.ledger().CheckClosed().ok());
}

TEST(NullService, ConnectionsAreBoundedAllTheSame) {
  boost::asio::io_context loop;
  OwnLimits limits;
  limits.max_connections = 15;
  EXPECT_EQ(ArmedRun::Create(SliceOnItself(1, 1), "agent", limits, &loop, {}).status().code(),
            absl::StatusCode::kPermissionDenied);
}

// Of this program's open files, for as long as the object lives.
class FileLimit {
 public:
  FileLimit() { getrlimit(RLIMIT_NOFILE, &before_); }
  ~FileLimit() { setrlimit(RLIMIT_NOFILE, &before_); }
  FileLimit(const FileLimit&) = delete;
  FileLimit& operator=(const FileLimit&) = delete;

  void Set(rlim_t files) const {
    const rlimit limit{files, before_.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
  }

 private:
  rlimit before_{};
};

TEST(NullService, ItsOwnDescriptorsCountToo) {
  const proto::Slice slice = SliceOnItself(1, 2);
  const uint64_t enough = 2 * 16 + ArmedRun::kSpareDescriptors +
                          2 * (ArmedRun::kDescriptorsOfEngine + NullService::kDescriptors);
  boost::asio::io_context loop;
  const FileLimit files;
  files.Set(enough);
  EXPECT_TRUE(ArmedRun::Create(slice, "agent", {}, &loop, {}).ok());
  files.Set(enough - 1);
  EXPECT_EQ(ArmedRun::Create(slice, "agent", {}, &loop, {}).status().code(),
            absl::StatusCode::kResourceExhausted);
}

// CPU time of this whole program.
std::chrono::nanoseconds CpuTime() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

// It used to ask again and again, at the cost of a core.
TEST(NullService, WithoutAFreeDescriptorItRestsAndThenGoesOn) {
  auto service = NullService::Start(kAnswer);
  ASSERT_TRUE(service.ok()) << service.status();
  boost::asio::io_context loop;
  tcp::socket socket(loop, tcp::v4());
  const FileLimit files;
  // The next descriptor would be this one.
  const int next = dup(0);
  close(next);
  files.Set(static_cast<rlim_t>(next));
  // The kernel takes the connection, and the service cannot.
  socket.connect((*service)->endpoint());
  boost::asio::write(socket, boost::asio::buffer(std::string("GET / HTTP/1.1\r\n\r\n")));
  const std::chrono::nanoseconds before = CpuTime();
  pollfd readable{socket.native_handle(), POLLIN, 0};
  constexpr std::chrono::milliseconds kWatched{500};
  EXPECT_EQ(poll(&readable, 1, static_cast<int>(kWatched.count())), 0) << "there is no answer yet";
  EXPECT_LT(CpuTime() - before, kWatched / 10);
  files.Set(static_cast<rlim_t>(next) + 10);
  std::string answer(sizeof(kAnswer) - 1, '\0');
  boost::asio::read(socket, boost::asio::buffer(answer));
  EXPECT_EQ(answer, kAnswer);
}

}  // namespace
}  // namespace drumline
