// The open connections, under names that outlive them: a name whose connection is gone finds
// nothing, even if another one has its place.
//
//   uint64_t name = table.Add(std::make_unique<OracleConnection>(…));
//   if (OracleConnection* connection = table.Find(name)) …
//   table.Remove(name);
//
// A name is a place and how often the place was given out. Ownership: owns the connections. Pure;
// one thread.
#ifndef TARGET_SERVICES_ORACLE_CONNECTION_TABLE_H_
#define TARGET_SERVICES_ORACLE_CONNECTION_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "target-services/oracle/oracle_connection.h"

namespace drumline::target {

class ConnectionTable {
 public:
  // No connection has it.
  static constexpr uint64_t kNoName = ~uint64_t{0};

  uint64_t Add(std::unique_ptr<OracleConnection> connection) {
    if (free_.empty()) {
      free_.push_back(static_cast<uint32_t>(places_.size()));
      places_.emplace_back();
    }
    const uint32_t place = free_.back();
    free_.pop_back();
    places_[place].connection = std::move(connection);
    ++size_;
    return NameOf(place);
  }
  OracleConnection* Find(uint64_t name) {
    const auto place = static_cast<uint32_t>(name);
    const bool there = place < places_.size() && NameOf(place) == name;
    return there ? places_[place].connection.get() : nullptr;
  }
  void Remove(uint64_t name) {
    const auto place = static_cast<uint32_t>(name);
    places_[place].connection.reset();
    ++places_[place].life;
    free_.push_back(place);
    --size_;
  }

  size_t size() const { return size_; }
  // Places from 0 on, in use or not; kNoName for one that is not.
  size_t places() const { return places_.size(); }
  uint64_t NameAt(size_t place) const {
    return places_[place].connection ? NameOf(static_cast<uint32_t>(place)) : kNoName;
  }

 private:
  struct Place {
    std::unique_ptr<OracleConnection> connection;
    uint32_t life = 0;
  };

  uint64_t NameOf(uint32_t place) const {
    return static_cast<uint64_t>(places_[place].life) << 32 | place;
  }

  std::vector<Place> places_;
  std::vector<uint32_t> free_;
  size_t size_ = 0;
};

}  // namespace drumline::target

#endif  // TARGET_SERVICES_ORACLE_CONNECTION_TABLE_H_
