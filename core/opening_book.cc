#include "core/opening_book.h"

#include "core/histogram_codec.h"

namespace drumline {

void OpeningBook::Merge(const OpeningBook& other) {
  connect_time.Merge(other.connect_time);
  tls_time.Merge(other.tls_time);
  failed += other.failed;
  resumed += other.resumed;
}

void OpeningBook::Clear() {
  connect_time.Clear();
  tls_time.Clear();
  failed = 0;
  resumed = 0;
}

void EncodeOpening(const OpeningBook& book, proto::Opening* opening) {
  EncodeHistogram(book.connect_time, opening->mutable_connect_time());
  EncodeHistogram(book.tls_time, opening->mutable_tls_time());
  opening->set_failed(book.failed);
  opening->set_resumed(book.resumed);
}

absl::StatusOr<OpeningBook> DecodeOpening(const proto::Opening& opening) {
  OpeningBook book;
  absl::Status status = DecodeHistogramInto(opening.connect_time(), &book.connect_time);
  status.Update(DecodeHistogramInto(opening.tls_time(), &book.tls_time));
  if (!status.ok()) return status;
  if (opening.resumed() > book.tls_time.count()) {
    return absl::InvalidArgumentError("more handshakes were resumed than there were");
  }
  book.failed = opening.failed();
  book.resumed = opening.resumed();
  return book;
}

}  // namespace drumline
