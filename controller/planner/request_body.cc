#include "controller/planner/request_body.h"

#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "core/template.h"

namespace drumline {
namespace {

constexpr char kPlaceholder[] = "{payload}";

absl::StatusOr<std::string> ReadBody(const std::string& path) {
  // A directory can be opened, too, and looks like an empty file.
  std::error_code error;
  const bool regular = std::filesystem::is_regular_file(path, error);
  const uintmax_t size = regular ? std::filesystem::file_size(path, error) : 0;
  std::ifstream file(path, std::ios::binary);
  if (!regular || error || !file) {
    return absl::NotFoundError(absl::StrCat("the body ", path, " cannot be read"));
  }
  if (size > static_cast<uintmax_t>(kMaxBodyBytes)) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "the body ", path, " has ", size, " bytes; at most ", kMaxBodyBytes, " are allowed"));
  }
  std::string body(size, '\0');
  file.read(body.data(), static_cast<std::streamsize>(size));
  if (static_cast<uintmax_t>(file.gcount()) != size) {
    return absl::NotFoundError(absl::StrCat("the body ", path, " cannot be read to its end"));
  }
  return body;
}

}  // namespace

bool IsTemplate(const proto::Body& body) {
  return !body.template_().empty() || Template::Looks(body.inline_());
}

std::string MadeBody(int64_t bytes) {
  const std::string head = R"({"id":1,"user_agent":"drumline","metadata":[")";
  const std::string tail = R"("]})";
  const size_t frame = head.size() + tail.size();
  const auto wanted = static_cast<size_t>(bytes);
  return absl::StrCat(head, std::string(wanted > frame ? wanted - frame : 0, 'x'), tail);
}

absl::StatusOr<std::string> BodyOf(const proto::Body& body, const proto::Bytes* payload,
                                   const std::string& directory) {
  const bool by_name = absl::StrContains(body.file(), kPlaceholder);
  if (payload != nullptr && !by_name && !IsTemplate(body)) return MadeBody(payload->bytes());
  if (!body.file().empty()) {
    const std::string name =
        payload == nullptr ? body.file()
                           : absl::StrReplaceAll(body.file(), {{kPlaceholder, payload->text()}});
    return ReadBody((std::filesystem::path(directory) / name).string());
  }
  if (!body.template_().empty()) {
    return ReadBody((std::filesystem::path(directory) / body.template_()).string());
  }
  if (body.has_size()) return MadeBody(body.size().bytes());
  return body.inline_();
}

}  // namespace drumline
