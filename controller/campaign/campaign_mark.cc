#include "controller/campaign/campaign_mark.h"

#include <algorithm>
#include <filesystem>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "controller/bundle/posix_file.h"

namespace drumline {
namespace {

constexpr size_t kMaxKeyChars = 200;
constexpr int64_t kMaxMarkBytes = 4096;

std::string MarkPath(const std::string& results_directory, const std::string& key) {
  return absl::StrCat(results_directory, "/", key, ".campaign");
}

bool IsPlainName(const std::string& name) {
  const auto plain = [](char c) {
    return absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.';
  };
  return !name.empty() && name.size() <= kMaxKeyChars && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), plain);
}

}  // namespace

absl::StatusOr<std::optional<std::string>> ReadMark(const std::string& results_directory,
                                                    const std::string& key) {
  if (!IsPlainName(key)) {
    return absl::InvalidArgumentError(
        absl::StrCat("`", key, "` is no name for a campaign: write letters, digits, - and _"));
  }
  const std::string mark = MarkPath(results_directory, key);
  std::error_code error;
  if (!std::filesystem::exists(mark, error)) return std::nullopt;
  const absl::StatusOr<std::string> text = ReadWholeFile(mark, kMaxMarkBytes);
  if (!text.ok()) return text.status();
  const std::string name(absl::StripAsciiWhitespace(*text));
  const std::string bundle = absl::StrCat(results_directory, "/", name);
  if (!IsPlainName(name) || !std::filesystem::is_directory(bundle, error)) {
    return absl::NotFoundError(absl::StrCat(mark, " names the bundle `", name,
                                            "`, which is not there; remove that file to begin "
                                            "anew"));
  }
  return bundle;
}

absl::Status WriteMark(const std::string& results_directory, const std::string& key,
                       const std::string& bundle_path) {
  return WriteFileAtomically(
      MarkPath(results_directory, key),
      absl::StrCat(std::filesystem::path(bundle_path).filename().string(), "\n"));
}

}  // namespace drumline
