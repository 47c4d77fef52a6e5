// A rendered request is what RenderRequest makes of a plan with the values in their places.
#include "agent/http/request_template.h"

#include <string>
#include <vector>

#include "agent/answer/answer_check.h"
#include "agent/http/request_text.h"
#include "gtest/gtest.h"

namespace drumline::http {
namespace {

constexpr char kAuthority[] = "10.0.0.1:80";

proto::FeedRows Users() {
  proto::FeedRows rows;
  rows.set_name("users");
  rows.add_columns("email");
  rows.set_total_rows(1);
  rows.add_values("ann@example.com");
  return rows;
}

proto::RequestPlan Plan(const std::string& path, const std::string& header,
                        const std::string& body) {
  proto::RequestPlan plan;
  plan.set_name("create");
  plan.set_method("POST");
  plan.set_path(path);
  proto::Header& named = *plan.add_headers();
  named.set_name("x-user");
  named.set_value(header);
  plan.set_body(body);
  return plan;
}

std::string Render(const proto::RequestPlan& plan, uint64_t beat) {
  const proto::FeedRows rows = Users();
  const std::vector<FeedTable> feeds = {FeedTable(rows, 1)};
  const absl::StatusOr<RequestTemplate> made =
      RequestTemplate::Create(plan, kAuthority, {{{"users", {"email"}}}, {}}, {&rows}, 1);
  EXPECT_TRUE(made.ok()) << made.status();
  std::string scratch = "left over";
  std::string text = "left over, too";
  made->Render({.position = beat, .feeds = &feeds}, &scratch, &text);
  return text;
}

TEST(RequestTemplate, IsThePlanWithItsValues) {
  proto::RequestPlan plan =
      Plan("/users/{{seq}}", "{{users.email}}", R"({"email":"{{users.email}}","n":{{seq}}})");
  plan.set_templated_head(true);
  plan.set_templated_body(true);
  for (uint64_t beat : {0, 7, 123'456}) {
    const std::string n = std::to_string(beat);
    const proto::RequestPlan filled =
        Plan("/users/" + n, "ann@example.com", R"({"email":"ann@example.com","n":)" + n + "}");
    EXPECT_EQ(Render(plan, beat), RenderRequest(filled, kAuthority, filled.path()));
  }
}

TEST(RequestTemplate, LeavesAloneWhatIsNoTemplate) {
  proto::RequestPlan plan = Plan("/u/{{seq}}", "x", "{{not a template}}");
  plan.set_templated_head(true);
  const proto::RequestPlan filled = Plan("/u/5", "x", "{{not a template}}");
  EXPECT_EQ(Render(plan, 5), RenderRequest(filled, kAuthority, filled.path()));
}

TEST(RequestTemplate, RefusesValuesThatWouldBreakTheHead) {
  proto::FeedRows rows = Users();
  rows.set_values(0, "a\r\nx-evil: 1");
  proto::RequestPlan plan = Plan("/", "{{users.email}}", "");
  plan.set_templated_head(true);
  EXPECT_FALSE(
      RequestTemplate::Create(plan, kAuthority, {{{"users", {"email"}}}, {}}, {&rows}, 1).ok());
  plan = Plan("/", "x", "{{users.email}}");
  plan.set_templated_body(true);
  EXPECT_TRUE(
      RequestTemplate::Create(plan, kAuthority, {{{"users", {"email"}}}, {}}, {&rows}, 1).ok());
}

TEST(CheckRequest, LooksAtATemplatesPathWithoutItsPlaces) {
  proto::RequestPlan plan = Plan("/u/{{random 1 2}}", "x", "");
  EXPECT_FALSE(CheckRequest(plan, kAuthority, plan.path()).ok());
  plan.set_templated_head(true);
  EXPECT_TRUE(CheckRequest(plan, kAuthority, plan.path()).ok());
  EXPECT_FALSE(CheckRequest(plan, kAuthority, "/u/{{seq}} x").ok());
}

// ---- what the answer is held to ----

struct Answer {
  int status = 200;
  std::string head = {};
  std::string body = {};
  bool truncated = false;
};

Outcome Judge(const proto::RequestPlan& plan, const Answer& answer) {
  const AnswerCheck check(plan, /*searches=*/true);
  KeptResponse kept;
  kept.head = answer.head;
  kept.body = answer.body;
  kept.truncated = answer.truncated;
  JsonReader reader;
  return check.Judge(answer.status, true, &kept, &reader);
}

TEST(AnswerCheck, TakesAnyOfItsStatuses) {
  proto::RequestPlan plan;
  for (auto [first, last] : {std::pair(201u, 201u), std::pair(400u, 499u)}) {
    proto::StatusRange& range = *plan.add_expect_statuses();
    range.set_first(first);
    range.set_last(last);
  }
  for (const auto& [status, right] : std::vector<std::pair<int, bool>>{{200, false},
                                                                       {201, true},
                                                                       {202, false},
                                                                       {399, false},
                                                                       {400, true},
                                                                       {499, true},
                                                                       {500, false}}) {
    EXPECT_EQ(Judge(plan, {.status = status}), right ? Outcome::kOk : Outcome::kBadStatus)
        << status;
  }
}

TEST(AnswerCheck, ComparesHeadersInAnyCase) {
  proto::RequestPlan plan;
  plan.set_expect_status(200);
  proto::Header& expected = *plan.add_expect_headers();
  expected.set_name("content-type");
  expected.set_value("application/json");
  EXPECT_EQ(Judge(plan, {.head = "A: b\nContent-Type:  application/json \n"}), Outcome::kOk);
  EXPECT_EQ(Judge(plan, {.head = "Content-Type: text/plain\n"}), Outcome::kBadBody);
  EXPECT_EQ(Judge(plan, {.head = "A: b\n"}), Outcome::kBadBody);
  EXPECT_EQ(Judge(plan, {.status = 500, .head = "A: b\n"}), Outcome::kBadStatus);
}

TEST(AnswerCheck, ComparesValuesAtJsonPointers) {
  const std::string body =
      R"( {"a/b": {"~": "x\u00e4\"y"}, "list": [1, 2.50, null, true], "": "empty", "o": {}} )";
  const std::vector<std::tuple<std::string, std::string, bool>> cases = {
      {"/a~1b/~0", "x\xc3\xa4\"y", true},
      {"/list/0", "1", true},
      {"/list/1", "2.50", true},
      {"/list/1", "2.5", false},
      {"/list/2", "null", true},
      {"/list/3", "true", true},
      {"/list/4", "1", false},
      {"/none", "", false},
      {"/o", "{}", false},
      {"", "x", false}};
  for (const auto& [pointer, value, right] : cases) {
    proto::RequestPlan plan;
    plan.set_expect_status(200);
    proto::JsonEquals& equals = *plan.add_expect_json();
    equals.set_pointer(pointer);
    equals.set_value(value);
    EXPECT_EQ(Judge(plan, {.body = body}), right ? Outcome::kOk : Outcome::kBadBody)
        << pointer << " = " << value;
    EXPECT_EQ(Judge(plan, {.body = body, .truncated = true}), Outcome::kBadBody);
    EXPECT_EQ(Judge(plan, {.body = "no json"}), Outcome::kBadBody);
  }
}

TEST(AnswerCheck, ReadsADocumentThatIsOneValue) {
  proto::RequestPlan plan;
  plan.set_expect_status(200);
  plan.add_expect_json()->set_value("ok");
  EXPECT_EQ(Judge(plan, {.body = "\"ok\""}), Outcome::kOk);
  EXPECT_EQ(Judge(plan, {.body = "\"no\""}), Outcome::kBadBody);
}

TEST(AnswerCheck, SearchesTheBodyWhereItIsAskedTo) {
  proto::RequestPlan plan;
  plan.set_expect_status(200);
  plan.set_expect_body_contains("hello");
  EXPECT_EQ(Judge(plan, {.body = "say hello"}), Outcome::kOk);
  EXPECT_EQ(Judge(plan, {.body = "say hell"}), Outcome::kBadBody);
  EXPECT_FALSE(AnswerCheck(plan, /*searches=*/false).needs_body());
}

}  // namespace
}  // namespace drumline::http
