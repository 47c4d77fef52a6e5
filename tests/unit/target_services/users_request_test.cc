// What the users service takes for a user, a page, an id and an address; and the small parts of its
// way to the database.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <chrono>
#include <string>
#include <vector>

#include "target-services/users/backoff.h"
#include "target-services/users/pg_status.h"
#include "target-services/users/statements.h"
#include "target-services/users/user_request.h"

namespace drumline::target {
namespace {

std::string EmailOf(const std::string& text) {
  const absl::StatusOr<std::string> email = ReadEmail(text);
  return email.ok() ? *email : "refused";
}

TEST(UserEmailTest, TakesAddressesInLowerCase) {
  EXPECT_EQ(EmailOf("ada@example.org"), "ada@example.org");
  EXPECT_EQ(EmailOf("Ada.Lovelace+x@Sub.Example.ORG"), "ada.lovelace+x@sub.example.org");
  EXPECT_EQ(EmailOf("a@b.c"), "a@b.c");
  EXPECT_EQ(EmailOf("!#$%&'*+-/=?^_`{|}~@x-1.de"), "!#$%&'*+-/=?^_`{|}~@x-1.de");
  const std::string local(64, 'l');
  const std::string label(63, 'd');
  EXPECT_EQ(EmailOf(local + "@" + label + ".de"), local + "@" + label + ".de");
  const std::string longest = local + "@" + label + "." + label + "." + std::string(61, 'e');
  ASSERT_EQ(longest.size(), kMaxEmailChars);
  EXPECT_EQ(EmailOf(longest), longest);
  EXPECT_EQ(EmailOf(longest + "e"), "refused");
}

TEST(UserEmailTest, RefusesWhatIsNone) {
  for (const std::string& text : {std::string(),
                                  std::string("@"),
                                  std::string("a@"),
                                  std::string("@b.c"),
                                  std::string("a@b"),
                                  std::string("a@b."),
                                  std::string("a@.b"),
                                  std::string("a@b..c"),
                                  std::string("a@b@c.d"),
                                  std::string(".a@b.c"),
                                  std::string("a.@b.c"),
                                  std::string("a..b@c.d"),
                                  std::string("a b@c.d"),
                                  std::string("a@b c.d"),
                                  std::string("a@-b.c"),
                                  std::string("a@b-.c"),
                                  std::string("a@b_c.d"),
                                  std::string("\"a\"@b.c"),
                                  std::string("é@b.c"),
                                  std::string("a@é.c"),
                                  std::string("a\n@b.c"),
                                  std::string("a@b.c\n"),
                                  std::string("a\0@b.c", 6),
                                  std::string(65, 'l') + "@b.c",
                                  "a@" + std::string(64, 'd') + ".c"}) {
    EXPECT_EQ(EmailOf(text), "refused") << text;
  }
}

std::string WithName(const std::string& name) {
  return boost::json::serialize(boost::json::object{{"email", "a@b.c"}, {"name", name}});
}

TEST(UserReaderTest, NamesAreCountedInCharacters) {
  UserReader reader;
  std::string wide;
  for (size_t i = 0; i < kMaxNameChars; ++i) wide += "🥁";
  for (const std::string& name : {std::string("Al"), std::string("éé"), wide, std::string("' ")}) {
    const absl::StatusOr<UserFields> user = reader.Read(WithName(name));
    ASSERT_TRUE(user.ok()) << user.status();
    EXPECT_EQ(user->name, name);
  }
  for (const std::string& name :
       {std::string(), std::string("A"), std::string("é"), wide + "a", std::string("a\nb"),
        std::string("a\0b", 3), std::string("ab\x7f")}) {
    EXPECT_FALSE(reader.Read(WithName(name)).ok()) << name;
  }
}

TEST(UserReaderTest, AChangeKeepsWhatIsNotGiven) {
  UserReader reader;
  const absl::StatusOr<UserFields> change = reader.ReadChange(R"({"email":"A@b.c","age":7})");
  ASSERT_TRUE(change.ok());
  EXPECT_EQ(change->email, "a@b.c");
  EXPECT_EQ(change->name, std::nullopt);
  EXPECT_FALSE(reader.ReadChange(R"({"age":7})").ok());
  EXPECT_FALSE(reader.ReadChange(R"({"email":"a@b.c","name":"A"})").ok());
  EXPECT_FALSE(reader.ReadChange("[]").ok());
}

TEST(UserReaderTest, ABatchHasALimit) {
  UserReader reader;
  for (size_t count : {size_t{0}, size_t{1}, kMaxBatchUsers, kMaxBatchUsers + 1}) {
    std::string body = "[";
    for (size_t i = 0; i < count; ++i) body += (i > 0 ? "," : "") + WithName("Name");
    const absl::StatusOr<std::vector<UserFields>> users = reader.ReadBatch(body + "]");
    EXPECT_EQ(users.ok(), count > 0 && count <= kMaxBatchUsers) << count;
    EXPECT_EQ(users.ok() ? users->size() : count, count);
  }
  EXPECT_FALSE(reader.ReadBatch("[" + WithName("Name") + "],").ok());
  EXPECT_FALSE(reader.ReadBatch(WithName("Name")).ok());
}

TEST(UserPageTest, NumbersAreHeldToTheirLimits) {
  const absl::StatusOr<UserPage> page = ReadPage("");
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(page->page, 1U);
  EXPECT_EQ(page->limit, kDefaultPageUsers);
  EXPECT_EQ(ReadPage("limit=100&page=1000000")->limit, 100U);
  EXPECT_EQ(ReadPage("page=%31%32")->page, 12U);
  for (const char* query :
       {"page=", "page", "page=0", "page=-1", "page=+1", "page=1.0", "page=1x", "page=1000001",
        "page=99999999999999999999", "limit=0", "limit=101", "limit=%4"}) {
    EXPECT_FALSE(ReadPage(query).ok()) << query;
  }
}

TEST(UserIdTest, IsANumberThatABigintHolds) {
  EXPECT_EQ(*ReadUserId("1"), "1");
  EXPECT_EQ(*ReadUserId("007"), "7");
  EXPECT_EQ(*ReadUserId("999999999999999999"), "999999999999999999");
  for (const char* text : {"", "0", "00", "-1", "+1", "1.0", "x", "1x", "1000000000000000000"}) {
    EXPECT_FALSE(ReadUserId(text).ok()) << text;
  }
}

TEST(StatementsTest, ArraysAreQuoted) {
  EXPECT_EQ(ArrayLiteral({}), "{}");
  EXPECT_EQ(ArrayLiteral({"a", "b c", "", "NULL"}), R"({"a","b c","","NULL"})");
  EXPECT_EQ(ArrayLiteral({R"(\"{},)"}), R"({"\\\"{},"})");
}

TEST(BackoffTest, DoublesUpToItsLimit) {
  using std::chrono::milliseconds;
  Backoff backoff(milliseconds(50), milliseconds(500));
  for (int round = 0; round < 2; ++round) {
    for (int expected : {50, 100, 200, 400, 500, 500, 500}) {
      EXPECT_EQ(backoff.Next(), milliseconds(expected));
    }
    backoff.Reset();
  }
}

TEST(PgStatusTest, SaysWhetherAnotherTryMayHelp) {
  EXPECT_EQ(CodeOfSqlState("23505"), absl::StatusCode::kAlreadyExists);
  for (const char* state : {"", "08006", "25006", "40P01", "53300", "57014", "57P01", "57P03"}) {
    EXPECT_EQ(CodeOfSqlState(state), absl::StatusCode::kUnavailable) << state;
  }
  for (const char* state : {"23514", "42P01", "22021", "XX000"}) {
    EXPECT_EQ(CodeOfSqlState(state), absl::StatusCode::kInternal) << state;
  }
}

}  // namespace
}  // namespace drumline::target
