#include "target-services/users/user_answer.h"

#include <charconv>
#include <chrono>
#include <cstdint>

#include "target-services/http_server/json_text.h"
#include "target-services/service/timestamp.h"

namespace drumline::target {
namespace {

// The columns' order in statements.h.
enum Column : size_t { kId, kEmail, kName, kCreatedAt, kUpdatedAt };

void AppendTime(std::string_view micros, std::string& out) {
  int64_t count = 0;
  std::from_chars(micros.data(), micros.data() + micros.size(), count);
  out += '"';
  AppendTimestamp(std::chrono::microseconds(count), out);
  out += '"';
}

void AppendUser(const PgRows& rows, size_t row, std::string& out) {
  out.append(R"({"id":)").append(rows.Text(row, kId));
  out += R"(,"email":)";
  AppendJsonString(rows.Text(row, kEmail), out);
  out += R"(,"name":)";
  AppendJsonString(rows.Text(row, kName), out);
  out += R"(,"created_at":)";
  AppendTime(rows.Text(row, kCreatedAt), out);
  out += R"(,"updated_at":)";
  AppendTime(rows.Text(row, kUpdatedAt), out);
  out += '}';
}

}  // namespace

std::string UserText(const PgRows& rows, size_t row) {
  std::string text;
  AppendUser(rows, row, text);
  return text;
}

std::string UsersText(const PgRows& rows) {
  std::string text = R"({"users":[)";
  for (size_t row = 0; row < rows.size(); ++row) {
    if (row > 0) text += ',';
    AppendUser(rows, row, text);
  }
  return text += "]}";
}

std::string PageText(const PgRows& rows, const UserPage& page) {
  std::string text = UsersText(rows);
  text.pop_back();
  text.append(R"(,"page":)").append(std::to_string(page.page));
  text.append(R"(,"limit":)").append(std::to_string(page.limit));
  return text += '}';
}

}  // namespace drumline::target
