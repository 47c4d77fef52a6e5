// A book as it travels, and back again, checked.
//
//     BookCodec::Encode(book, interval.mutable_measure());
//     absl::StatusOr<Book> book = BookCodec::Decode(interval.measure());
//
// What comes from the network is held to everything that a book promises: histograms whose slots
// exist, and equations that balance. Stateless; safe from any thread.
#ifndef CORE_BOOK_CODEC_H_
#define CORE_BOOK_CODEC_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "core/book.h"
#include "proto/interval.pb.h"

namespace drumline {

class BookCodec {
 public:
  // More requests than any agent sends, and few enough that no sum of counts can wrap around and
  // balance by accident.
  static constexpr uint64_t kMaxCount = uint64_t{1} << 53;

  static void Encode(const Book& book, proto::Book* encoded);
  // Fails on a histogram that is not one, on counts above kMaxCount, on a lower bound without a
  // request that it could be of, and on books that do not balance.
  static absl::StatusOr<Book> Decode(const proto::Book& encoded);
};

}  // namespace drumline

#endif  // CORE_BOOK_CODEC_H_
