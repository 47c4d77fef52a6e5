// What is read of a machine, against trees of files that were made for the purpose.
#include "host/host_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/network_cards.h"
#include "tests/unit/host/fake_host.h"

namespace drumline {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// A server of one's own, set up as it should be.
TEST(HostFacts, OfBareMetal) {
  const FakeHost host("metal");
  host.Write("proc/sys/net/ipv4/ip_local_port_range", "1024\t65535\n");
  host.Write("proc/sys/net/ipv4/tcp_tw_reuse", "1\n");
  host.Write("proc/sys/net/core/somaxconn", "65535\n");
  host.WriteCores(12, "cpufreq/scaling_governor", "performance\n");
  host.WriteCores(12, "cpuidle/state0/latency", "0\n");
  host.WriteCores(12, "cpuidle/state1/latency", "2\n");
  host.WriteCores(12, "cpuidle/state2/latency", "133\n");
  host.WriteCores(12, "cpuidle/state2/disable", "1\n");
  host.Write("sys/devices/system/cpu/intel_pstate/no_turbo", "1\n");
  host.Write("sys/devices/system/cpu/smt/active", "0\n");
  host.Write("sys/devices/system/clocksource/clocksource0/current_clocksource", "tsc\n");
  host.Write("proc/stat", "cpu  100 0 100 700 0 0 50 50 40 0\ncpu0 1 2 3 4 5 6 7 8 9 10\n");
  host.Write("proc/1/comm", "systemd\n");
  host.Write("proc/77/comm", "irqbalance-not\n");
  host.Write("proc/self/cgroup", "0::/system.slice/agent.service\n");
  host.Write("sys/fs/cgroup/system.slice/agent.service/cpu.max", "max 100000\n");
  host.Write("sys/fs/cgroup/system.slice/agent.service/cpu.stat",
             "usage_usec 5\nnr_periods 0\nnr_throttled 0\n");
  host.Write("sys/class/net/eth0/queues/rx-0/rps_cpus", "000\n");
  host.Write("sys/class/net/eth0/queues/tx-0/xps_cpus", "fff\n");
  host.Write("sys/class/net/eth0/device/vendor", "0x1d0f\n");
  host.Write("sys/class/net/eth0/device/msi_irqs/101", "msix\n");
  host.Write("sys/class/net/eth0/device/msi_irqs/99", "msix\n");
  host.Write("sys/class/net/lo/mtu", "65536\n");
  host.Write("proc/irq/99/effective_affinity_list", "10\n");
  host.Write("proc/irq/99/smp_affinity_list", "0-11\n");
  host.Write("proc/irq/101/smp_affinity_list", "0-11\n");
  const proto::HostFacts facts = ReadHostFacts(host.tree());
  ASSERT_EQ(facts.network_cards_size(), 1) << "loopback has no device";
  EXPECT_EQ(facts.network_cards(0).name(), "eth0");
  ASSERT_EQ(facts.network_cards(0).interrupts_size(), 2);
  EXPECT_EQ(facts.network_cards(0).interrupts(0).number(), 99U);
  EXPECT_EQ(facts.network_cards(0).interrupts(0).cores(), "10") << "where it really goes";
  EXPECT_EQ(facts.network_cards(0).interrupts(1).cores(), "0-11");
  EXPECT_EQ(facts.cores(), 12U);
  EXPECT_EQ(facts.first_local_port(), 1024U);
  EXPECT_EQ(facts.last_local_port(), 65535U);
  EXPECT_EQ(facts.tcp_tw_reuse(), 1U);
  EXPECT_EQ(facts.somaxconn(), 65535U);
  EXPECT_THAT(facts.governors(), ElementsAre("performance"));
  EXPECT_EQ(facts.deepest_idle_exit_us(), 2U) << "a state that is disabled does not count";
  EXPECT_TRUE(facts.has_turbo());
  EXPECT_FALSE(facts.turbo());
  EXPECT_TRUE(facts.has_smt_active());
  EXPECT_FALSE(facts.smt_active());
  EXPECT_EQ(facts.clock_source(), "tsc");
  EXPECT_DOUBLE_EQ(facts.steal_share(), 0.05) << "guests' time is part of user's";
  EXPECT_TRUE(facts.has_irqbalance_runs());
  EXPECT_FALSE(facts.irqbalance_runs());
  EXPECT_FALSE(facts.has_cpu_quota_cores());
  EXPECT_TRUE(facts.has_throttled_periods());
  EXPECT_EQ(facts.throttled_periods(), 0U);
  EXPECT_THAT(facts.steered_queues(), IsEmpty());
}

// A container of a cloud's with all that can be wrong.
TEST(HostFacts, OfAContainer) {
  const FakeHost host("container");
  host.WriteCores(2, "cpufreq/scaling_governor", "powersave\n");
  host.Write("sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "performance\n");
  host.Write("sys/devices/system/cpu/cpufreq/boost", "1\n");
  host.Write("proc/4711/comm", "irqbalance\n");
  host.Write("proc/self/cgroup", "5:cpu,cpuacct:/pod1\n3:memory:/other\n0::/\n");
  host.Write("sys/fs/cgroup/cpu,cpuacct/pod1/cpu.cfs_quota_us", "150000\n");
  host.Write("sys/fs/cgroup/cpu,cpuacct/pod1/cpu.cfs_period_us", "100000\n");
  host.Write("sys/fs/cgroup/cpu,cpuacct/pod1/cpu.stat", "nr_periods 9\nnr_throttled 7\n");
  host.Write("sys/class/net/eth0/queues/rx-0/rps_cpus", "00000000,00000000\n");
  host.Write("sys/class/net/eth0/queues/rx-1/rps_cpus", "00000000,00000003\n");
  // A card of which sysfs shows no interrupts.
  host.Write("sys/class/net/eth0/device/vendor", "0x1af4\n");
  host.Write("proc/interrupts", " 9: 0 eth0\n");
  host.Write("proc/irq/9/smp_affinity_list", "0-1\n");
  const proto::HostFacts facts = ReadHostFacts(host.tree());
  ASSERT_EQ(facts.network_cards_size(), 1);
  ASSERT_EQ(facts.network_cards(0).interrupts_size(), 1);
  EXPECT_EQ(facts.network_cards(0).interrupts(0).cores(), "0-1");
  EXPECT_EQ(facts.cores(), 2U) << "cpufreq is not a core";
  EXPECT_THAT(facts.governors(), ElementsAre("performance", "powersave"));
  EXPECT_TRUE(facts.turbo());
  EXPECT_TRUE(facts.irqbalance_runs());
  EXPECT_DOUBLE_EQ(facts.cpu_quota_cores(), 1.5);
  EXPECT_EQ(facts.throttled_periods(), 7U);
  EXPECT_THAT(facts.steered_queues(), ElementsAre("eth0/rx-1"));
}

TEST(NetworkCards, InterruptsAreFoundByTheNameOfTheInterfaceOrItsQueues) {
  constexpr char kInterrupts[] =
      "           CPU0       CPU1\n"
      "  1:          9          0   IO-APIC   1-edge      i8042\n"
      " 24:          0      12345   PCI-MSI 524288-edge      eth1-TxRx-0\n"
      " 25:      54321          0   PCI-MSI 524289-edge      eth1-TxRx-1\n"
      " 26:          1          0   PCI-MSI 524290-edge      eth1\n"
      " 27:          1          0   IO-APIC   5-fasteoi   usb1, eth1\n"
      " 28:          1          0   PCI-MSI 524291-edge      eth10-TxRx-0\n"
      "NMI:          0          0   Non-maskable interrupts eth1\n"
      "ERR:          0\n"
      "eth1\n";
  EXPECT_THAT(InterruptsOf(kInterrupts, "eth1"), ElementsAre(24, 25, 26, 27));
  EXPECT_THAT(InterruptsOf(kInterrupts, "eth10"), ElementsAre(28));
  EXPECT_THAT(InterruptsOf(kInterrupts, "eth0"), IsEmpty());
  EXPECT_THAT(InterruptsOf("", "eth0"), IsEmpty());
}

TEST(NetworkCards, AnInterfaceThatIsNotThereHasNoModeration) {
  proto::NetworkCard card;
  card.set_name("no-such-card");
  AskModeration(&card);
  EXPECT_FALSE(card.has_adaptive_rx());
  card.set_name("a-name-that-is-longer-than-any-may-be");
  AskModeration(&card);
  EXPECT_FALSE(card.has_adaptive_rx());
}

TEST(HostFacts, WhatIsNotThereIsAbsentAndNonsenseIsToo) {
  const FakeHost nothing("nothing");
  EXPECT_EQ(ReadHostFacts(nothing.tree()).ByteSizeLong(), 0U);
  const FakeHost nonsense("nonsense");
  nonsense.Write("proc/sys/net/ipv4/ip_local_port_range", "1024\n");
  nonsense.Write("proc/sys/net/core/somaxconn", "many\n");
  nonsense.Write("proc/sys/net/ipv4/tcp_tw_reuse", "\n");
  nonsense.Write("proc/stat", "intr 1 2 3 4 5 6 7 8 9\n");
  nonsense.Write("proc/self/cgroup", "0:\n:::\n");
  nonsense.Write("sys/devices/system/cpu/cpuX/cpufreq/scaling_governor", "x\n");
  EXPECT_EQ(ReadHostFacts(nonsense.tree()).ByteSizeLong(), 0U)
      << ReadHostFacts(nonsense.tree()).ShortDebugString();
}

TEST(HostFacts, OfThisMachine) {
  const proto::HostFacts facts = ReadOwnHostFacts();
  EXPECT_FALSE(facts.host().empty());
  EXPECT_GT(facts.cores(), 0U);
  EXPECT_GT(facts.open_files(), 0U);
}

}  // namespace
}  // namespace drumline
