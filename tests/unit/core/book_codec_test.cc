// Books on the wire: what is written comes back, and whatever was bent on the way is refused.
#include "core/book_codec.h"

#include <limits>
#include <string>

#include "core/histogram.h"
#include "core/histogram_codec.h"
#include "google/protobuf/message.h"
#include "gtest/gtest.h"

namespace drumline {
namespace {

// Something of everything, and something left open at both ends.
Book FullBook() {
  Book book;
  book.set_before({4, 3});
  for (int i = 0; i < 20; ++i) book.Due();
  for (int i = 0; i < 12; ++i) book.Sent(1'000 + i, 2'000 + i);
  book.Refused();
  book.Unsent(7'000'000);
  for (Outcome outcome : {Outcome::kOk, Outcome::kOk, Outcome::kBadStatus, Outcome::kBadBody}) {
    book.Answered(outcome, 50'000, 48'000);
  }
  book.Unanswered(Outcome::kTimeout, 8'000'000, 7'000'000);
  book.Unanswered(Outcome::kCensored, 6'000'000, 5'000'000);
  book.Broken(Outcome::kReset);
  book.Broken(Outcome::kProtocolError);
  book.set_after({10, 7});
  book.AddBytesSent(1'234);
  book.AddBytesReceived(5'678);
  return book;
}

proto::Book Encoded(const Book& book) {
  proto::Book encoded;
  BookCodec::Encode(book, &encoded);
  return encoded;
}

TEST(BookCodec, ReadsWhatItWrites) {
  const Book book = FullBook();
  ASSERT_TRUE(book.CheckBalance().ok()) << book.CheckBalance();
  const proto::Book encoded = Encoded(book);
  const absl::StatusOr<Book> decoded = BookCodec::Decode(encoded);
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(decoded->ledger(), book.ledger());
  EXPECT_EQ(decoded->before(), book.before());
  EXPECT_EQ(decoded->after(), book.after());
  EXPECT_EQ(decoded->response_time(), book.response_time());
  EXPECT_EQ(decoded->service_time(), book.service_time());
  EXPECT_EQ(decoded->send_lag(), book.send_lag());
  EXPECT_EQ(decoded->generator_lag(), book.generator_lag());
  EXPECT_EQ(decoded->lower_bound_min_ns(), 6'000'000);
  EXPECT_EQ(decoded->service_lower_bound_min_ns(), 5'000'000);
  EXPECT_EQ(decoded->bytes_sent(), 1'234u);
  EXPECT_EQ(decoded->bytes_received(), 5'678u);
  EXPECT_EQ(Encoded(*decoded).SerializeAsString(), encoded.SerializeAsString());
}

TEST(BookCodec, TheLedgersFieldsAreNotMixedUp) {
  // Different counts for all, so that two fields that were swapped would show.
  const proto::Book encoded = [] {
    Book book;
    uint64_t count = 0;
    for (size_t i = 0; i < kOutcomeCount; ++i) {
      for (++count; count % 2 == 0; ++count) {
      }
      for (uint64_t k = 0; k < count; ++k) {
        book.Due();
        const auto outcome = static_cast<Outcome>(i);
        if (outcome == Outcome::kUnsent) {
          book.Unsent(1);
        } else if (outcome == Outcome::kRefused) {
          book.Refused();
        } else {
          book.Sent(0, 0);
          if (IsAnswered(outcome)) book.Answered(outcome, 1, 1);
          if (IsLowerBound(outcome)) book.Unanswered(outcome, 1, 1);
          if (!IsAnswered(outcome) && !IsLowerBound(outcome)) book.Broken(outcome);
        }
      }
    }
    return Encoded(book);
  }();
  EXPECT_EQ(encoded.ok(), 1u);
  EXPECT_EQ(encoded.bad_status(), 3u);
  EXPECT_EQ(encoded.bad_body(), 5u);
  EXPECT_EQ(encoded.timeout(), 7u);
  EXPECT_EQ(encoded.refused(), 9u);
  EXPECT_EQ(encoded.reset(), 11u);
  EXPECT_EQ(encoded.protocol_error(), 13u);
  EXPECT_EQ(encoded.censored(), 15u);
  EXPECT_EQ(encoded.unsent(), 17u);
  EXPECT_EQ(encoded.scheduled(), 81u);
  EXPECT_EQ(encoded.sent(), 64u);
  EXPECT_TRUE(BookCodec::Decode(encoded).ok());
}

TEST(BookCodec, AnEmptyMessageIsAnEmptyBook) {
  const absl::StatusOr<Book> book = BookCodec::Decode(proto::Book());
  ASSERT_TRUE(book.ok()) << book.status();
  EXPECT_EQ(book->ledger(), Ledger());
}

// Every number of the message but the three that stand for themselves, one more or one less.
TEST(BookCodec, RefusesEachCountThatIsOffByOne) {
  const proto::Book sound = Encoded(FullBook());
  const auto* descriptor = proto::Book::descriptor();
  int tried = 0;
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const auto* field = descriptor->field(i);
    if (field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_UINT64) continue;
    const std::string& name = field->name();
    if (name == "bytes_sent" || name == "bytes_received" || name == "skipped") continue;
    for (uint64_t step : {uint64_t{1}, std::numeric_limits<uint64_t>::max()}) {
      proto::Book bent = sound;
      const auto* reflection = bent.GetReflection();
      reflection->SetUInt64(&bent, field, reflection->GetUInt64(bent, field) + step);
      EXPECT_FALSE(BookCodec::Decode(bent).ok()) << field->name() << " + " << step;
      ++tried;
    }
  }
  EXPECT_EQ(tried, 2 * 15);
}

TEST(BookCodec, RefusesHistogramsThatDoNotAgreeWithTheLedger) {
  for (auto mutable_histogram :
       {&proto::Book::mutable_response_time, &proto::Book::mutable_service_time,
        &proto::Book::mutable_send_lag, &proto::Book::mutable_generator_lag}) {
    proto::Book one_more = Encoded(FullBook());
    proto::HistogramCounts* counts = (one_more.*mutable_histogram)();
    counts->set_counts(0, counts->counts(0) + 1);
    EXPECT_FALSE(BookCodec::Decode(one_more).ok());
    proto::Book gone = Encoded(FullBook());
    (gone.*mutable_histogram)()->Clear();
    EXPECT_FALSE(BookCodec::Decode(gone).ok());
    proto::Book broken = Encoded(FullBook());
    (broken.*mutable_histogram)()->add_slot_steps(1);
    EXPECT_FALSE(BookCodec::Decode(broken).ok());
    // A value out of range is one of the values that the ledger asks for, not one besides.
    proto::Book besides = Encoded(FullBook());
    (besides.*mutable_histogram)()->set_out_of_range(1);
    EXPECT_FALSE(BookCodec::Decode(besides).ok());
  }
}

TEST(BookCodec, RefusesCountsThatOnlyBalanceBecauseTheyWrapAround) {
  proto::Book wrapped;
  wrapped.set_waiting_before(1);
  wrapped.set_scheduled(std::numeric_limits<uint64_t>::max());
  EXPECT_FALSE(BookCodec::Decode(wrapped).ok());
  wrapped.Clear();
  wrapped.set_in_flight_before(uint64_t{1} << 63);
  wrapped.set_in_flight_after(uint64_t{1} << 63);
  EXPECT_FALSE(BookCodec::Decode(wrapped).ok());
}

TEST(BookCodec, RefusesALowerBoundOfNothingAndNoLowerBoundOfSomething) {
  proto::Book none = Encoded(FullBook());
  none.set_lower_bound_min_ns(0);
  EXPECT_FALSE(BookCodec::Decode(none).ok());
  none.set_lower_bound_min_ns(-1);
  EXPECT_FALSE(BookCodec::Decode(none).ok());
  proto::Book of_nothing;
  of_nothing.set_lower_bound_min_ns(5);
  EXPECT_FALSE(BookCodec::Decode(of_nothing).ok());
}

TEST(BookCodec, ALowerBoundOfServiceTimesIsOfRequestsThatWereSent) {
  proto::Book unsent;
  unsent.set_scheduled(1);
  unsent.set_unsent(1);
  unsent.set_lower_bound_min_ns(5);
  Histogram waited;
  waited.Record(5);
  EncodeHistogram(waited, unsent.mutable_response_time());
  EXPECT_TRUE(BookCodec::Decode(unsent).ok());
  unsent.set_service_lower_bound_min_ns(5);
  EXPECT_FALSE(BookCodec::Decode(unsent).ok());
  proto::Book negative = Encoded(FullBook());
  negative.set_service_lower_bound_min_ns(-1);
  EXPECT_FALSE(BookCodec::Decode(negative).ok());
  proto::Book old = Encoded(FullBook());
  old.clear_service_lower_bound_min_ns();
  EXPECT_TRUE(BookCodec::Decode(old).ok()) << "bundles from before it was kept";
}

}  // namespace
}  // namespace drumline
