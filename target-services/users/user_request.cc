#include "target-services/users/user_request.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "target-services/http_server/ascii_text.h"
#include "target-services/service/query_text.h"
#include "target-services/service/utf8.h"

namespace drumline::target {
namespace {

constexpr std::string_view kNames[] = {"email", "name"};
constexpr size_t kEmail = 0;
constexpr size_t kName = 1;

constexpr size_t kMaxLocalChars = 64;
constexpr size_t kMaxLabelChars = 63;
constexpr size_t kMaxIdDigits = 18;

constexpr const char* kEmailForm = "email: expected an address such as ada@example.org";
constexpr const char* kNameForm = "name: expected 2 to 100 characters, none a control character";
constexpr const char* kObjectForm = "body: expected one JSON object with \"email\" and \"name\"";
constexpr const char* kArrayForm =
    "body: expected a JSON array of 1 to 100 objects with \"email\" and \"name\"";

bool IsLetterOrDigit(char c) { return IsDigit(c) || (ToLower(c) >= 'a' && ToLower(c) <= 'z'); }

// Words of these characters with dots between them.
bool IsLocalPart(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-/=?^_`{|}~";
  if (text.empty() || text.size() > kMaxLocalChars || text.back() == '.') return false;
  char before = '.';
  for (char c : text) {
    if (c == '.' ? before == '.' : !IsLetterOrDigit(c) && kMarks.find(c) == kMarks.npos) {
      return false;
    }
    before = c;
  }
  return true;
}

bool IsLabel(std::string_view text) {
  return !text.empty() && text.size() <= kMaxLabelChars && text.front() != '-' &&
         text.back() != '-' && std::all_of(text.begin(), text.end(), [](char c) {
           return IsLetterOrDigit(c) || c == '-';
         });
}

bool IsDomain(std::string_view text) {
  if (text.find('.') == text.npos) return false;
  while (true) {
    const size_t dot = std::min(text.find('.'), text.size());
    if (!IsLabel(text.substr(0, dot))) return false;
    if (dot == text.size()) return true;
    text.remove_prefix(dot + 1);
  }
}

bool IsName(std::string_view text) {
  const size_t chars = CountChars(text);
  return chars >= kMinNameChars && chars <= kMaxNameChars &&
         std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

void AddFault(const std::string& place, const char* fault, std::string& faults) {
  if (!faults.empty()) faults += "; ";
  faults.append(place).append(fault);
}

// `place` goes before the names of fields, as in [3].
UserFields CheckFields(const JsonFieldReader& reader, bool both, const std::string& place,
                       std::string& faults) {
  UserFields user;
  const JsonField& email = reader.field(kEmail);
  if (email.kind != JsonKind::kMissing || both) {
    absl::StatusOr<std::string> read = email.kind == JsonKind::kString
                                           ? ReadEmail(email.text)
                                           : absl::InvalidArgumentError(kEmailForm);
    if (read.ok()) {
      user.email = *std::move(read);
    } else {
      AddFault(place, kEmailForm, faults);
    }
  }
  const JsonField& name = reader.field(kName);
  if (name.kind != JsonKind::kMissing || both) {
    if (name.kind == JsonKind::kString && IsName(name.text)) {
      user.name = std::string(name.text);
    } else {
      AddFault(place, kNameForm, faults);
    }
  }
  return user;
}

absl::StatusOr<uint64_t> ReadNumber(std::string_view query, const char* name, uint64_t otherwise,
                                    uint64_t max) {
  const absl::Status refused = absl::InvalidArgumentError(
      std::string(name) + ": expected a number from 1 to " + std::to_string(max));
  const absl::StatusOr<std::optional<std::string>> text = QueryValue(query, name);
  if (!text.ok()) return refused;
  if (!text->has_value()) return otherwise;
  uint64_t number = 0;
  const char* const end = (*text)->data() + (*text)->size();
  const auto result = std::from_chars((*text)->data(), end, number);
  if (result.ec != std::errc() || result.ptr != end || number < 1 || number > max) return refused;
  return number;
}

}  // namespace

UserReader::UserReader() : fields_(kNames) {}

absl::StatusOr<UserFields> UserReader::Read(std::string_view body) {
  if (fields_.Read(body) != JsonShape::kObject) return absl::InvalidArgumentError(kObjectForm);
  std::string faults;
  UserFields user = CheckFields(fields_, /*both=*/true, "", faults);
  if (!faults.empty()) return absl::InvalidArgumentError(faults);
  return user;
}

absl::StatusOr<UserFields> UserReader::ReadChange(std::string_view body) {
  if (fields_.Read(body) != JsonShape::kObject) return absl::InvalidArgumentError(kObjectForm);
  std::string faults;
  UserFields user = CheckFields(fields_, /*both=*/false, "", faults);
  if (!faults.empty()) return absl::InvalidArgumentError(faults);
  if (!user.email && !user.name) {
    return absl::InvalidArgumentError("body: expected \"email\" or \"name\" or both");
  }
  return user;
}

absl::StatusOr<std::vector<UserFields>> UserReader::ReadBatch(std::string_view body) {
  std::vector<UserFields> users;
  std::string faults;
  size_t count = 0;
  const JsonShape shape = fields_.ReadArray(body, [&](bool is_object) {
    const std::string place = "[" + std::to_string(count) + "].";
    if (++count > kMaxBatchUsers) return;
    if (is_object) {
      users.push_back(CheckFields(fields_, /*both=*/true, place, faults));
    } else {
      AddFault(place.substr(0, place.size() - 1), ": expected a JSON object", faults);
    }
  });
  if (shape != JsonShape::kArray || count == 0 || count > kMaxBatchUsers) {
    return absl::InvalidArgumentError(kArrayForm);
  }
  if (!faults.empty()) return absl::InvalidArgumentError(faults);
  return users;
}

absl::StatusOr<UserPage> ReadPage(std::string_view query) {
  const absl::StatusOr<uint64_t> page = ReadNumber(query, "page", 1, kMaxPage);
  const absl::StatusOr<uint64_t> limit =
      ReadNumber(query, "limit", kDefaultPageUsers, kMaxPageUsers);
  if (page.ok() && limit.ok()) return UserPage{*page, *limit};
  std::string faults;
  for (const absl::Status& status : {page.status(), limit.status()}) {
    if (!status.ok()) AddFault("", std::string(status.message()).c_str(), faults);
  }
  return absl::InvalidArgumentError(faults);
}

absl::StatusOr<std::string> ReadUserId(std::string_view text) {
  const bool digits = std::all_of(text.begin(), text.end(), IsDigit);
  text.remove_prefix(std::min(text.find_first_not_of('0'), text.size()));
  if (digits && !text.empty() && text.size() <= kMaxIdDigits) return std::string(text);
  return absl::InvalidArgumentError("id: expected a number from 1 on");
}

absl::StatusOr<std::string> ReadEmail(std::string_view text) {
  const size_t at = text.find('@');
  if (text.size() > kMaxEmailChars || at == text.npos || !IsLocalPart(text.substr(0, at)) ||
      !IsDomain(text.substr(at + 1))) {
    return absl::InvalidArgumentError(kEmailForm);
  }
  std::string email(text);
  std::transform(email.begin(), email.end(), email.begin(), ToLower);
  return email;
}

}  // namespace drumline::target
