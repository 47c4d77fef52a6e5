#include "host/network_cards.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace drumline {
namespace {

constexpr char kInterfaces[] = "sys/class/net";

std::vector<uint32_t> NumbersAmong(const std::vector<std::string>& names) {
  std::vector<uint32_t> numbers;
  for (const std::string& name : names) {
    uint32_t number = 0;
    if (absl::SimpleAtoi(name, &number)) numbers.push_back(number);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

// Those that the card's PCI device has (of virtio, the device around it), or else those that bear
// the interface's name.
std::vector<uint32_t> NumbersOf(const HostTree& tree, const std::string& interface) {
  const std::string device = absl::StrCat(kInterfaces, "/", interface, "/device");
  for (const char* directory : {"/msi_irqs", "/../msi_irqs"}) {
    std::vector<uint32_t> numbers = NumbersAmong(tree.Names(device + directory));
    if (!numbers.empty()) return numbers;
  }
  return InterruptsOf(tree.Text("proc/interrupts").value_or(""), interface);
}

}  // namespace

std::vector<uint32_t> InterruptsOf(absl::string_view proc_interrupts, absl::string_view interface) {
  std::vector<uint32_t> numbers;
  for (const absl::string_view line : absl::StrSplit(proc_interrupts, '\n')) {
    const std::vector<absl::string_view> words =
        absl::StrSplit(line, absl::ByAnyChar(" \t,"), absl::SkipEmpty());
    uint32_t number = 0;
    if (words.empty() || !absl::EndsWith(words[0], ":") ||
        !absl::SimpleAtoi(absl::StripSuffix(words[0], ":"), &number)) {
      continue;
    }
    const bool named = std::any_of(words.begin() + 1, words.end(), [&](absl::string_view word) {
      return absl::ConsumePrefix(&word, interface) && (word.empty() || word[0] == '-');
    });
    if (named) numbers.push_back(number);
  }
  return numbers;
}

std::vector<proto::NetworkCard> ReadNetworkCards(const HostTree& tree) {
  std::vector<proto::NetworkCard> cards;
  for (const std::string& interface : tree.Names(kInterfaces)) {
    if (tree.Names(absl::StrCat(kInterfaces, "/", interface, "/device")).empty()) continue;
    proto::NetworkCard& card = cards.emplace_back();
    card.set_name(interface);
    for (const uint32_t number : NumbersOf(tree, interface)) {
      const std::string path = absl::StrCat("proc/irq/", number);
      // Where it goes, or where it may go, if the kernel tells only that.
      std::optional<std::string> cores = tree.Line(path + "/effective_affinity_list");
      if (!cores) cores = tree.Line(path + "/smp_affinity_list");
      if (!cores || card.interrupts_size() >= kMaxInterrupts) continue;
      proto::Interrupt& interrupt = *card.add_interrupts();
      interrupt.set_number(number);
      interrupt.set_cores(*std::move(cores));
    }
  }
  return cards;
}

void AskModeration(proto::NetworkCard* card) {
  ifreq request = {};
  if (card->name().size() >= sizeof(request.ifr_name)) return;
  const int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (any < 0) return;
  std::memcpy(request.ifr_name, card->name().data(), card->name().size());
  ethtool_coalesce coalesce = {};
  coalesce.cmd = ETHTOOL_GCOALESCE;
  request.ifr_data = reinterpret_cast<char*>(&coalesce);
  if (ioctl(any, SIOCETHTOOL, &request) == 0) {
    card->set_adaptive_rx(coalesce.use_adaptive_rx_coalesce != 0);
    card->set_rx_usecs(coalesce.rx_coalesce_usecs);
  }
  close(any);
}

}  // namespace drumline
