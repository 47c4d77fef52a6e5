// A book as it travels, and back again, checked.
//
//     BookCodec::Encode(book, interval.mutable_measure());
//     absl::StatusOr<Book> book = BookCodec::Decode(interval.measure());
//
// What comes from the network is held to everything that a book promises: histograms whose slots
// exist, and equations that balance. Stateless; safe from any thread.
#ifndef CORE_BOOK_CODEC_H_
#define CORE_BOOK_CODEC_H_

#include "absl/status/statusor.h"
#include "core/book.h"
#include "proto/interval.pb.h"

namespace drumline {

class BookCodec {
 public:
  static void Encode(const Book& book, proto::Book* encoded);
  // Fails on a histogram that is not one, and on books that do not balance.
  static absl::StatusOr<Book> Decode(const proto::Book& encoded);
};

}  // namespace drumline

#endif  // CORE_BOOK_CODEC_H_
