// OpeningBook: how connections were opened over a stretch of time.
//
//     book.connect_time.Record(connect_ns);
//     total.Merge(book);
//     EncodeOpening(book, interval.mutable_opening());
//
// A value without a clock; safe from any thread as such.
#ifndef CORE_OPENING_BOOK_H_
#define CORE_OPENING_BOOK_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "core/histogram.h"
#include "proto/interval.pb.h"

namespace drumline {

struct OpeningBook {
  // From the attempt to the established TCP connection; its count is that of connections.
  Histogram connect_time;
  // From there to the end of the TLS handshake.
  Histogram tls_time;
  uint64_t failed = 0;
  // Handshakes that resumed an earlier session.
  uint64_t resumed = 0;

  void Merge(const OpeningBook& other);
  void Clear();
};

void EncodeOpening(const OpeningBook& book, proto::Opening* opening);
// InvalidArgument where the message is broken. One that was never set is an empty book.
absl::StatusOr<OpeningBook> DecodeOpening(const proto::Opening& opening);

}  // namespace drumline

#endif  // CORE_OPENING_BOOK_H_
