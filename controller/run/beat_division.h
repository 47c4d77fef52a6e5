// How the beats of a lost agent are divided among those that are left, by the room that each has
// below its own ceiling.
//
//     BeatDivision division = DivideBeats({0.25, 1.0, kRoomForAll});
//     for (const LanePart& part : division.heirs[0]) ShareOf(lane, part.part, part.parts);
//
// Where all have room for it, each has an equal share. Where not, those with less room have as much
// as they can take and the others equal shares of the rest, in parts of which there are 32 or more
// for each heir; what nobody has room for is nobody's. A share of several parts is as few parts as
// it can be, each half as long as another. The same rooms give the same division. Pure.
#ifndef CONTROLLER_RUN_BEAT_DIVISION_H_
#define CONTROLLER_RUN_BEAT_DIVISION_H_

#include <cstdint>
#include <limits>
#include <vector>

namespace drumline {

// Every [parts]-th beat of a lane, from its beat number [part] on.
struct LanePart {
  uint64_t part = 0;
  uint64_t parts = 1;

  friend bool operator==(const LanePart&, const LanePart&) = default;
};

struct BeatDivision {
  // By heir.
  std::vector<std::vector<LanePart>> heirs;
  std::vector<LanePart> nobodys;
};

inline constexpr double kRoomForAll = std::numeric_limits<double>::infinity();

// [rooms]: how much each heir has room for; 1 is all that is divided.
BeatDivision DivideBeats(const std::vector<double>& rooms);

// Of everything, what these parts are.
double ShareOfAll(const std::vector<LanePart>& parts);

}  // namespace drumline

#endif  // CONTROLLER_RUN_BEAT_DIVISION_H_
