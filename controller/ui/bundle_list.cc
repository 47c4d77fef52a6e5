#include "controller/ui/bundle_list.h"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <filesystem>
#include <fstream>
#include <functional>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace drumline {
namespace {

namespace fs = std::filesystem;

// The verdict is the fourth field of report.json.
constexpr size_t kBeginningBytes = 4096;

std::string BeginningOf(const fs::path& path) {
  std::array<char, kBeginningBytes> bytes = {};
  std::ifstream file(path, std::ios::binary);
  file.read(bytes.data(), bytes.size());
  return {bytes.data(), static_cast<size_t>(file.gcount())};
}

// The string after the first `"name": "` in the text; empty if there is none.
std::string FirstString(const std::string& text, const std::string& name) {
  const std::string before = absl::StrCat("\"", name, "\": \"");
  const size_t begin = text.find(before);
  if (begin == std::string::npos) return "";
  const size_t from = begin + before.size();
  return text.substr(from, text.find('"', from) - from);
}

// Bundles are named NAME-YYYYMMDDThhmmssZ: by the time at the end, then by name.
std::pair<std::string, std::string> Age(const std::string& name) {
  constexpr size_t kTimeLength = 16;
  const size_t at = name.rfind('T');
  if (at == std::string::npos || at < 8) return {"", name};
  return {name.substr(at - 8, kTimeLength), name};
}

}  // namespace

std::string ListBundles(const std::string& results_directory) {
  std::vector<std::pair<std::string, std::string>> found;
  std::error_code error;
  for (fs::directory_iterator entry(results_directory, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code none;
    if (!fs::exists(entry->path() / "plan.json", none)) continue;
    found.push_back(Age(entry->path().filename().string()));
  }
  std::sort(found.begin(), found.end(), std::greater<>());
  if (found.size() > kMostBundlesListed) found.resize(kMostBundlesListed);
  boost::json::array list;
  for (const auto& [time, name] : found) {
    const fs::path bundle = fs::path(results_directory) / name;
    const std::string beginning = BeginningOf(bundle / "report.json");
    std::error_code none;
    list.push_back(boost::json::object{{"name", name},
                                       {"validity", FirstString(beginning, "validity")},
                                       {"slo", FirstString(beginning, "slo")},
                                       {"page", fs::exists(bundle / "report.html", none)}});
  }
  return boost::json::serialize(list);
}

}  // namespace drumline
