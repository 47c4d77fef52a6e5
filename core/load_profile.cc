#include "core/load_profile.h"

#include <algorithm>
#include <cmath>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace drumline {
namespace {

absl::Status CheckSegment(const LoadProfile::Segment& segment, size_t index) {
  for (Rate rate : {segment.from, segment.to}) {
    if (rate.micro_per_hour() < 0 || rate.micro_per_hour() > Rate::kMaxMicroPerHour) {
      return absl::InvalidArgumentError(absl::StrCat(
          "segment ", index, ": the rate ", rate.per_second(), "/s is not between 0/s and ",
          Rate::MicroPerHour(Rate::kMaxMicroPerHour).per_second(), "/s"));
    }
  }
  if (segment.length_ns < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("segment ", index, ": the length ", segment.length_ns, " ns is negative"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<LoadProfile> LoadProfile::Create(const std::vector<Segment>& segments) {
  if (segments.size() > kMaxSegments) {
    return absl::InvalidArgumentError(
        absl::StrCat(segments.size(), " segments; at most ", kMaxSegments, " are allowed"));
  }
  LoadProfile profile;
  for (size_t i = 0; i < segments.size(); ++i) {
    const Segment& segment = segments[i];
    if (absl::Status status = CheckSegment(segment, i); !status.ok()) return status;
    if (segment.length_ns == 0) continue;
    if (segment.length_ns > kMaxLengthNs - profile.length_ns_) {
      return absl::InvalidArgumentError(
          absl::StrCat("the segments are longer than ", kMaxLengthNs, " ns altogether"));
    }
    Piece piece{segment.from, segment.to, profile.length_ns_, segment.length_ns, profile.units_, 0};
    // Twice the trapezoid's area, so that it is a whole number.
    piece.units = (static_cast<Units>(piece.from.micro_per_hour()) +
                   static_cast<Units>(piece.to.micro_per_hour())) *
                  static_cast<Units>(piece.length_ns);
    profile.length_ns_ += piece.length_ns;
    profile.units_ += piece.units;
    profile.pieces_.push_back(piece);
  }
  return profile;
}

uint64_t LoadProfile::beats() const {
  // Beats 0, 1, 2 … while k units lie below the whole: rounded up.
  return static_cast<uint64_t>((units_ + kUnitsPerBeat - 1) / kUnitsPerBeat);
}

uint64_t LoadProfile::BeatsBefore(int64_t instant_ns) const {
  if (instant_ns <= 0) return 0;
  if (instant_ns >= length_ns_) return beats();
  // By bisection over the beats themselves, so that this and InstantOfBeat can never disagree.
  uint64_t low = 0;
  uint64_t high = beats();
  while (low < high) {
    const uint64_t middle = low + (high - low) / 2;
    size_t hint = 0;
    if (InstantOfBeat(middle, &hint) < instant_ns) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

double LoadProfile::RatePerSecondAt(int64_t instant_ns) const {
  for (const Piece& piece : pieces_) {
    if (instant_ns < piece.begin_ns || instant_ns >= piece.begin_ns + piece.length_ns) continue;
    const double share =
        static_cast<double>(instant_ns - piece.begin_ns) / static_cast<double>(piece.length_ns);
    return piece.from.per_second() + (piece.to.per_second() - piece.from.per_second()) * share;
  }
  return 0;
}

int64_t LoadProfile::OffsetInHold(const Piece& piece, Units units) {
  const Units twice_rate = 2 * static_cast<Units>(piece.from.micro_per_hour());
  return static_cast<int64_t>(units / twice_rate);
}

// Solves from x + (to − from) x² / (2 length) = units / 2 for x by the form of the quadratic
// formula that does not cancel: x = units / (from + sqrt(from² + slope units)).
int64_t LoadProfile::OffsetInRamp(const Piece& piece, Units units) {
  const auto from = static_cast<long double>(piece.from.micro_per_hour());
  const auto to = static_cast<long double>(piece.to.micro_per_hour());
  const auto length = static_cast<long double>(piece.length_ns);
  const auto amount = static_cast<long double>(units);
  const long double root = std::sqrt(std::max(0.0L, from * from + (to - from) / length * amount));
  if (from + root <= 0) return 0;
  const long double offset = amount / (from + root);
  return std::min(static_cast<int64_t>(offset), piece.length_ns - 1);
}

int64_t LoadProfile::InstantOfUnits(Units units, size_t* hint) const {
  size_t i = *hint < pieces_.size() && pieces_[*hint].units_before <= units ? *hint : 0;
  while (i < pieces_.size() && units >= pieces_[i].units_before + pieces_[i].units) ++i;
  *hint = i;
  if (i == pieces_.size()) return length_ns_;
  const Piece& piece = pieces_[i];
  const Units within = units - piece.units_before;
  return piece.begin_ns +
         (piece.from == piece.to ? OffsetInHold(piece, within) : OffsetInRamp(piece, within));
}

int64_t LoadProfile::InstantOfBeat(uint64_t beat, size_t* hint) const {
  return InstantOfUnits(static_cast<Units>(beat) * kUnitsPerBeat, hint);
}

int64_t LoadProfile::InstantOfPosition(double position, size_t* hint) const {
  if (position <= 0) return InstantOfUnits(0, hint);
  const double whole = std::floor(position);
  const auto fraction = static_cast<Units>((position - whole) * static_cast<double>(kUnitsPerBeat));
  return InstantOfUnits(static_cast<Units>(whole) * kUnitsPerBeat + fraction, hint);
}

}  // namespace drumline
