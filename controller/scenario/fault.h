// What is wrong with a scenario, and where.
//
//   FaultList faults("scenario.yaml");
//   faults.Add({3, 9}, "expected a duration, for example 30s");
//   for (const Fault& fault : std::move(faults).Sorted()) std::cerr << FormatFault(fault) << "\n";
//   // scenario.yaml:3:9: expected a duration, for example 30s
//
// Every fault of a file is collected before any is reported. Not thread-safe; no I/O.
#ifndef CONTROLLER_SCENARIO_FAULT_H_
#define CONTROLLER_SCENARIO_FAULT_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace drumline {

// A place in a file. Lines and columns count from 1, columns in bytes; 0:0 is the file as a whole.
struct Position {
  int line = 0;
  int column = 0;

  friend bool operator==(const Position&, const Position&) = default;
};

struct Fault {
  std::string file;
  int line = 0;
  int column = 0;
  std::string message;

  friend bool operator==(const Fault&, const Fault&) = default;
};

// `file:line:column: message`; without the position where the fault is the file's as a whole.
std::string FormatFault(const Fault& fault);

// A text of the file for use within a message: in backticks, on one line, cut where it is long;
// "an empty text" where it is empty.
std::string Quoted(absl::string_view text);

class FaultList {
 public:
  // A file with more faults than this is reported with the first ones and a note that there are
  // more.
  static constexpr size_t kMaxFaults = 200;

  explicit FaultList(std::string file) : file_(std::move(file)) {}

  void Add(Position position, std::string message);
  bool empty() const { return faults_.empty(); }

  // In the order of the file, each fault once.
  std::vector<Fault> Sorted() &&;

 private:
  std::string file_;
  std::vector<Fault> faults_;
  bool overflowed_ = false;
};

}  // namespace drumline

#endif  // CONTROLLER_SCENARIO_FAULT_H_
