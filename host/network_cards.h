// The network cards of a machine, and how they interrupt it.
//
//     std::vector<proto::NetworkCard> cards = ReadNetworkCards(HostTree("/"));
//     for (proto::NetworkCard& card : cards) AskModeration(&card);     // of this very machine
//
// Interfaces without a device behind them (lo, veth, bridges) are no cards. What a card or its
// driver does not tell stays absent.
#ifndef HOST_NETWORK_CARDS_H_
#define HOST_NETWORK_CARDS_H_

#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "host/host_tree.h"
#include "proto/preflight.pb.h"

namespace drumline {

// More interrupts of one card are left out.
inline constexpr int kMaxInterrupts = 1024;

// By files alone: names and interrupts.
std::vector<proto::NetworkCard> ReadNetworkCards(const HostTree& tree);

// The numbers of the lines of /proc/interrupts that name [interface] or one of its queues:
// "eth0", "eth0-TxRx-3".
std::vector<uint32_t> InterruptsOf(absl::string_view proc_interrupts, absl::string_view interface);

// What the driver says of interrupt moderation (ETHTOOL_GCOALESCE), where it says anything.
void AskModeration(proto::NetworkCard* card);

}  // namespace drumline

#endif  // HOST_NETWORK_CARDS_H_
