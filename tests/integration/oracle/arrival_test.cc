// Arrivals as the kernel tells them, over loopback.
#include "target-services/oracle/arrival.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "target-services/oracle/listener.h"
#include "target-services/oracle/monotonic_clock.h"

namespace drumline::target {
namespace {

constexpr int64_t kMs = 1'000'000;

class ArrivalTest : public testing::Test {
 protected:
  void SetUp() override {
    absl::StatusOr<Listener> listener = Listener::Open("127.0.0.1", 0);
    ASSERT_TRUE(listener.ok()) << listener.status();
    const std::string address = listener->address();
    sockaddr_in place{};
    place.sin_family = AF_INET;
    place.sin_port =
        htons(static_cast<uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    client_ = socket(AF_INET, SOCK_STREAM, 0);
    ASSERT_EQ(connect(client_, reinterpret_cast<sockaddr*>(&place), sizeof(place)), 0);
    server_ = listener->Accept();
    ASSERT_GE(server_, 0);
  }
  void TearDown() override {
    close(client_);
    close(server_);
  }
  void AwaitReadable() const {
    pollfd readable{.fd = server_, .events = POLLIN, .revents = 0};
    ASSERT_EQ(poll(&readable, 1, -1), 1);
  }

  int client_ = -1;
  int server_ = -1;
};

TEST_F(ArrivalTest, ALateReaderLearnsWhenTheBytesCame) {
  char space[64];
  const int64_t before_ns = MonotonicNs();
  ASSERT_EQ(send(client_, "abc", 3, 0), 3);
  AwaitReadable();
  const int64_t there_ns = MonotonicNs();
  while (MonotonicNs() < there_ns + 5 * kMs) {
  }
  const Arrival arrival = ReadWithArrival(server_, space, sizeof(space));
  EXPECT_EQ(arrival.count, 3);
  EXPECT_TRUE(arrival.stamped);
  // The two clocks are read one after the other: what lies between belongs to neither.
  EXPECT_GE(arrival.at_ns, before_ns - kMs);
  EXPECT_LE(arrival.at_ns, there_ns);
}

TEST_F(ArrivalTest, OfSeveralPacketsTheLastOnesTimeIsTold) {
  char space[64];
  ASSERT_EQ(send(client_, "abc", 3, 0), 3);
  AwaitReadable();
  const int64_t between_ns = MonotonicNs();
  while (MonotonicNs() < between_ns + 5 * kMs) {
  }
  const int64_t second_ns = MonotonicNs();
  ASSERT_EQ(send(client_, "def", 3, 0), 3);
  // Not readable only now: wait for all of it.
  while (recv(server_, space, sizeof(space), MSG_PEEK) != 6) {
  }
  const Arrival arrival = ReadWithArrival(server_, space, sizeof(space));
  EXPECT_EQ(arrival.count, 6);
  EXPECT_GE(arrival.at_ns, second_ns - kMs);
}

TEST_F(ArrivalTest, NothingAndTheEndAreTold) {
  char space[8];
  EXPECT_EQ(ReadWithArrival(server_, space, sizeof(space)).count, -1);
  EXPECT_EQ(errno, EAGAIN);
  shutdown(client_, SHUT_WR);
  AwaitReadable();
  EXPECT_EQ(ReadWithArrival(server_, space, sizeof(space)).count, 0);
}

TEST(ListenerTest, WhatCannotBeListenedOnIsNamed) {
  EXPECT_TRUE(absl::IsInvalidArgument(Listener::Open("256.1.1.1.1", 0).status()));
  const absl::StatusOr<Listener> first = Listener::Open("127.0.0.1", 0);
  const std::string address = first->address();
  const auto port = static_cast<uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
  const absl::Status taken = Listener::Open("127.0.0.1", port).status();
  EXPECT_TRUE(absl::IsUnavailable(taken));
  EXPECT_NE(std::string(taken.message()).find(std::to_string(port)), std::string::npos) << taken;
}

}  // namespace
}  // namespace drumline::target
