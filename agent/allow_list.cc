#include "agent/allow_list.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace drumline {
namespace {

using boost::asio::ip::address;

// The address as bits, so that IPv4 and IPv6 are compared alike.
std::vector<uint8_t> BytesOf(const address& value) {
  if (value.is_v4()) {
    const auto bytes = value.to_v4().to_bytes();
    return {bytes.begin(), bytes.end()};
  }
  const auto bytes = value.to_v6().to_bytes();
  return {bytes.begin(), bytes.end()};
}

bool SamePrefix(const address& a, const address& b, int prefix) {
  const std::vector<uint8_t> left = BytesOf(a);
  const std::vector<uint8_t> right = BytesOf(b);
  if (left.size() != right.size()) return false;
  for (int bit = 0; bit < prefix; ++bit) {
    const auto byte = static_cast<size_t>(bit / 8);
    const int mask = 0x80 >> (bit % 8);
    if (((left[byte] ^ right[byte]) & mask) != 0) return false;
  }
  return true;
}

// Splits "[::1]:80", "10.0.0.0/8:80" and "::1" into the part before the port and the port's text,
// if there is one.
std::pair<absl::string_view, std::optional<absl::string_view>> SplitPort(absl::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == absl::string_view::npos) return {text, std::nullopt};
  const bool bare_v6 = text.find(':') != colon && text.front() != '[';
  const size_t bracket = text.rfind(']');
  const bool within_brackets = bracket != absl::string_view::npos && bracket > colon;
  if (bare_v6 || within_brackets) return {text, std::nullopt};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

// Digits alone: no sign, no blanks.
bool ParseNumber(absl::string_view text, int highest, int* number) {
  const bool digits = !text.empty() && std::all_of(text.begin(), text.end(),
                                                   [](char c) { return c >= '0' && c <= '9'; });
  return digits && absl::SimpleAtoi(text, number) && *number <= highest;
}

// A host's name as the resolver takes it. What ends in digits alone is an address gone wrong.
bool IsHostName(absl::string_view text) {
  constexpr size_t kLongestName = 253;
  constexpr size_t kLongestLabel = 63;
  if (text.size() > kLongestName) return false;
  const std::vector<absl::string_view> labels = absl::StrSplit(text, '.');
  const auto sound = [](absl::string_view label) {
    return !label.empty() && label.size() <= kLongestLabel && label.front() != '-' &&
           std::all_of(label.begin(), label.end(),
                       [](char c) { return absl::ascii_isalnum(c) || c == '-'; });
  };
  return std::all_of(labels.begin(), labels.end(), sound) &&
         !std::all_of(labels.back().begin(), labels.back().end(), absl::ascii_isdigit);
}

}  // namespace

AllowList::AllowList() {
  entries_ = {{boost::asio::ip::make_address("127.0.0.0"), 8, 0, "127.0.0.0/8"},
              {boost::asio::ip::make_address("::1"), 128, 0, "::1"}};
}

absl::StatusOr<AllowList::Entry> AllowList::ParseEntry(absl::string_view text) {
  const auto wrong = [text] {
    return absl::InvalidArgumentError(
        absl::StrCat("`", text,
                     "` is neither ADDRESS[/PREFIX][:PORT] nor NAME[:PORT], for "
                     "example 10.0.1.0/24:8080 or target.lab:8080"));
  };
  Entry entry;
  entry.text = std::string(text);
  if (text.empty()) return wrong();
  auto [host, port] = SplitPort(text);
  int port_number = 0;
  if (port && (!ParseNumber(*port, 65535, &port_number) || port_number == 0)) return wrong();
  entry.port = static_cast<uint16_t>(port_number);
  std::optional<absl::string_view> prefix;
  if (const size_t slash = host.find('/'); slash != absl::string_view::npos) {
    prefix = host.substr(slash + 1);
    host = host.substr(0, slash);
  }
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  boost::system::error_code error;
  entry.network = boost::asio::ip::make_address(std::string(host), error);
  if (error) {
    if (prefix || !IsHostName(host)) return wrong();
    entry.name = absl::AsciiStrToLower(host);
    return entry;
  }
  const int bits = entry.network.is_v4() ? 32 : 128;
  entry.prefix = bits;
  if (prefix && !ParseNumber(*prefix, bits, &entry.prefix)) return wrong();
  return entry;
}

absl::StatusOr<AllowList> AllowList::Parse(const std::vector<std::string>& entries) {
  AllowList list;
  list.entries_.clear();
  for (const std::string& text : entries) {
    absl::StatusOr<Entry> entry = ParseEntry(text);
    if (!entry.ok()) return entry.status();
    list.entries_.push_back(*std::move(entry));
  }
  return list;
}

bool AllowList::Allows(const address& candidate, uint16_t port) const {
  return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    return entry.name.empty() && AtPort(entry, port) &&
           SamePrefix(entry.network, candidate, entry.prefix);
  });
}

bool AllowList::AllowsName(absl::string_view name, uint16_t port) const {
  const std::string wanted = absl::AsciiStrToLower(name);
  return !wanted.empty() && std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    return entry.name == wanted && AtPort(entry, port);
  });
}

std::vector<std::string> AllowList::Entries() const {
  std::vector<std::string> texts;
  for (const Entry& entry : entries_) texts.push_back(entry.text);
  return texts;
}

std::string AllowList::RefusalOf(absl::string_view host, uint16_t port) const {
  return absl::StrCat(host, ":", port, " is not on this agent's allow-list (", ToString(), ")");
}

std::string AllowList::ToString() const {
  return absl::StrJoin(entries_, ", ",
                       [](std::string* out, const Entry& entry) { out->append(entry.text); });
}

}  // namespace drumline
