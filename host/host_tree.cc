#include "host/host_tree.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace drumline {

std::optional<std::string> HostTree::Text(const std::string& path) const {
  std::ifstream file(absl::StrCat(root_, "/", path), std::ios::binary);
  std::string text(kMaxHostFileBytes, '\0');
  if (!file.read(text.data(), static_cast<std::streamsize>(text.size())) && !file.eof()) {
    return std::nullopt;
  }
  text.resize(static_cast<size_t>(file.gcount()));
  return text;
}

std::optional<std::string> HostTree::Line(const std::string& path) const {
  const std::optional<std::string> text = Text(path);
  if (!text) return std::nullopt;
  std::string line(absl::StripAsciiWhitespace(text->substr(0, text->find('\n'))));
  if (line.empty()) return std::nullopt;
  return line;
}

std::vector<std::string> HostTree::Names(const std::string& path) const {
  std::error_code error;
  std::vector<std::string> names;
  std::filesystem::directory_iterator entry(absl::StrCat(root_, "/", path), error);
  while (!error && entry != std::filesystem::directory_iterator()) {
    names.push_back(entry->path().filename().string());
    entry.increment(error);
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace drumline
