// AllowList: the only targets that this agent will ever send load to, whoever asks.
//
//     absl::StatusOr<AllowList> allowed = AllowList::Parse({"10.0.1.0/24:8080", "192.168.7.4"});
//     if (!allowed->Allows(address, port) && !allowed->AllowsName(host, port)) …
//
// An entry is ADDRESS[/PREFIX][:PORT] or NAME[:PORT]; an IPv6 address with a port stands in
// brackets. Without a prefix it is one address, without a port any port. A name allows a target
// that is called by that name, at whatever address this machine's own resolver gives for it; one
// that is called by its address needs an entry with the address. The default is loopback.
// Immutable; safe from any thread.
#ifndef AGENT_ALLOW_LIST_H_
#define AGENT_ALLOW_LIST_H_

#include <boost/asio/ip/address.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace drumline {

class AllowList {
 public:
  // Loopback, any port.
  AllowList();
  static absl::StatusOr<AllowList> Parse(const std::vector<std::string>& entries);

  bool Allows(const boost::asio::ip::address& address, uint16_t port) const;
  // Case does not count in [name].
  bool AllowsName(absl::string_view name, uint16_t port) const;
  // "web:80 is not on this agent's allow-list (10.0.0.0/8)".
  std::string RefusalOf(absl::string_view host, uint16_t port) const;
  // Each entry as it was written.
  std::vector<std::string> Entries() const;
  // As a person would write it, for messages.
  std::string ToString() const;

 private:
  struct Entry {
    boost::asio::ip::address network;
    int prefix = 0;
    uint16_t port = 0;  // 0: any
    std::string text;
    // Not empty: the entry is of this name, in small letters, and has no address.
    std::string name = {};
  };

  static absl::StatusOr<Entry> ParseEntry(absl::string_view text);
  static bool AtPort(const Entry& entry, uint16_t port) {
    return entry.port == 0 || entry.port == port;
  }

  std::vector<Entry> entries_;
};

}  // namespace drumline

#endif  // AGENT_ALLOW_LIST_H_
