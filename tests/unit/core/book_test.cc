#include "core/book.h"

#include "gtest/gtest.h"

namespace drumline {
namespace {

// A request of each kind of ending; nothing is left open.
Book OneOfEach() {
  Book book;
  for (size_t i = 0; i < kOutcomeCount; ++i) {
    book.Due();
    const auto outcome = static_cast<Outcome>(i);
    if (outcome == Outcome::kUnsent) {
      book.Unsent(900);
    } else if (outcome == Outcome::kRefused) {
      book.Refused();
    } else {
      book.Sent(1, 2);
      if (IsAnswered(outcome)) {
        book.Answered(outcome, 100, 98);
      } else if (IsLowerBound(outcome)) {
        book.Unanswered(outcome, 500, 498);
      } else {
        book.Broken(outcome);
      }
    }
  }
  return book;
}

TEST(Book, BalancesWithOneOfEachOutcome) {
  const Book book = OneOfEach();
  EXPECT_TRUE(book.CheckBalance().ok()) << book.CheckBalance();
  EXPECT_TRUE(book.ledger().CheckClosed().ok());
  // ok, bad_status, bad_body; timeout, censored; and unsent, which has no service time.
  EXPECT_EQ(book.response_time().count(), 6u);
  EXPECT_EQ(book.service_time().count(), 5u);
  EXPECT_EQ(book.send_lag().count(), 7u);
  EXPECT_EQ(book.generator_lag().count(), 7u);
  EXPECT_EQ(book.lower_bound_min_ns(), 500);
  EXPECT_EQ(book.service_lower_bound_min_ns(), 498);
  EXPECT_EQ(book.out_of_range(), 0u);
}

TEST(Book, ALowerBoundOfNoTimeIsOneNanosecond) {
  Book book;
  book.Due();
  book.Unsent(0);
  EXPECT_EQ(book.lower_bound_min_ns(), 1);
  EXPECT_EQ(book.service_lower_bound_min_ns(), 0) << "it was never sent";
  book.Due();
  book.Sent(5, 5);
  book.Unanswered(Outcome::kCensored, 5, 0);
  EXPECT_EQ(book.service_lower_bound_min_ns(), 1);
}

TEST(Book, AValueOutOfRangeIsCountedAndNotLost) {
  Book book;
  book.Due();
  book.Sent(-1, Histogram::kHighestNs + 1);
  book.Answered(Outcome::kOk, Histogram::kHighestNs + 1, Histogram::kHighestNs);
  EXPECT_EQ(book.out_of_range(), 3u);
  EXPECT_TRUE(book.CheckBalance().ok());
}

TEST(Book, EachCountWithoutItsTimesIsFound) {
  // What a worker with a fault could leave out: the event without its value.
  for (size_t i = 0; i < kOutcomeCount; ++i) {
    Book book = OneOfEach();
    Book broken;
    broken.Due();
    const auto outcome = static_cast<Outcome>(i);
    if (outcome == Outcome::kRefused || outcome == Outcome::kReset ||
        outcome == Outcome::kProtocolError) {
      // These have no times; one that claims some is as wrong.
      broken.Sent(1, 1);
      broken.Answered(outcome, 5, 5);
    } else if (outcome == Outcome::kUnsent) {
      broken.Broken(outcome);
    } else {
      broken.Sent(1, 1);
      broken.Broken(outcome);
    }
    EXPECT_TRUE(broken.ledger().CheckClosed().ok()) << kOutcomeNames[i];
    EXPECT_FALSE(broken.CheckBalance().ok()) << kOutcomeNames[i];
    book.Merge(broken);
    EXPECT_FALSE(book.CheckBalance().ok()) << kOutcomeNames[i];
  }
}

TEST(Book, MergesBooksOfTheSameTime) {
  Book a = OneOfEach();
  a.AddBytesSent(10);
  a.AddBytesReceived(20);
  a.set_before({1, 2});
  a.set_after({1, 2});
  Book b = OneOfEach();
  b.AddBytesSent(1);
  b.AddBytesReceived(2);
  b.Due();
  b.Unsent(70);
  b.set_before({3, 0});
  b.set_after({3, 0});
  a.Merge(b);
  EXPECT_TRUE(a.CheckBalance().ok()) << a.CheckBalance();
  EXPECT_EQ(a.ledger().scheduled(), 19u);
  EXPECT_EQ(a.before(), (Carry{4, 2}));
  EXPECT_EQ(a.after(), (Carry{4, 2}));
  EXPECT_EQ(a.bytes_sent(), 11u);
  EXPECT_EQ(a.bytes_received(), 22u);
  EXPECT_EQ(a.lower_bound_min_ns(), 70);
  EXPECT_EQ(a.service_lower_bound_min_ns(), 498);
}

TEST(Book, MergingWithOneThatHasNoLowerBoundKeepsTheBound) {
  Book book = OneOfEach();
  book.Merge(Book());
  EXPECT_EQ(book.lower_bound_min_ns(), 500);
  EXPECT_EQ(book.service_lower_bound_min_ns(), 498);
  Book empty;
  empty.Merge(OneOfEach());
  EXPECT_EQ(empty.lower_bound_min_ns(), 500);
  EXPECT_EQ(empty.service_lower_bound_min_ns(), 498);
}

TEST(Book, AppendsOnlyWhatFollows) {
  Book first;
  first.Due();
  first.Due();
  first.Sent(1, 1);
  first.set_after({1, 1});
  ASSERT_TRUE(first.CheckBalance().ok());
  Book next;
  next.set_before({1, 1});
  next.Sent(5, 5);
  next.Answered(Outcome::kOk, 9, 8);
  next.Answered(Outcome::kOk, 9, 8);
  ASSERT_TRUE(next.CheckBalance().ok());

  for (const Carry& wrong : {Carry{0, 1}, Carry{2, 1}, Carry{1, 0}, Carry{1, 2}}) {
    Book stranger = next;
    stranger.set_before(wrong);
    Book before = first;
    EXPECT_FALSE(first.Append(stranger).ok());
    EXPECT_EQ(first.ledger(), before.ledger());
    EXPECT_EQ(first.send_lag(), before.send_lag());
    EXPECT_EQ(first.after(), before.after());
  }
  ASSERT_TRUE(first.Append(next).ok());
  EXPECT_TRUE(first.ledger().CheckClosed().ok());
  EXPECT_TRUE(first.CheckBalance().ok());
  EXPECT_EQ(first.response_time().count(), 2u);
}

TEST(Book, IsAsNewAfterClear) {
  Book book = OneOfEach();
  book.AddBytesSent(1);
  book.AddBytesReceived(1);
  book.set_before({1, 1});
  book.set_after({1, 1});
  book.Clear();
  const Book fresh;
  EXPECT_EQ(book.ledger(), fresh.ledger());
  EXPECT_EQ(book.before(), fresh.before());
  EXPECT_EQ(book.after(), fresh.after());
  EXPECT_EQ(book.response_time(), fresh.response_time());
  EXPECT_EQ(book.service_time(), fresh.service_time());
  EXPECT_EQ(book.send_lag(), fresh.send_lag());
  EXPECT_EQ(book.generator_lag(), fresh.generator_lag());
  EXPECT_EQ(book.lower_bound_min_ns(), 0);
  EXPECT_EQ(book.service_lower_bound_min_ns(), 0);
  EXPECT_EQ(book.bytes_sent() + book.bytes_received(), 0u);
}

}  // namespace
}  // namespace drumline
