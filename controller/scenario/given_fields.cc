#include "controller/scenario/given_fields.h"

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace drumline {
namespace {

// The path of what holds the field; false at the scenario itself.
bool GoUp(absl::string_view* path) {
  if (path->empty()) return false;
  const size_t end = path->find_last_of(".[");
  *path = end == absl::string_view::npos ? absl::string_view() : path->substr(0, end);
  return true;
}

bool IsBelow(absl::string_view path, absl::string_view parent) {
  if (parent.empty()) return !path.empty();
  return path.size() > parent.size() && absl::StartsWith(path, parent) &&
         (path[parent.size()] == '.' || path[parent.size()] == '[');
}

}  // namespace

std::string FieldPath(absl::string_view parent, absl::string_view name) {
  return parent.empty() ? std::string(name) : absl::StrCat(parent, ".", name);
}

std::string ElementPath(absl::string_view parent, int index) {
  return absl::StrCat(parent, "[", index, "]");
}

void GivenFields::Add(absl::string_view path, Position key, Position value) {
  Place& place = places_[std::string(path)];
  place.key = key;
  place.value = value;
}

void GivenFields::MarkFaulty(absl::string_view path) {
  const auto found = places_.find(path);
  if (found != places_.end()) found->second.faulty = true;
}

void GivenFields::MarkUnknownKey(absl::string_view path) {
  const auto found = places_.find(path);
  if (found != places_.end()) found->second.unknown_key = true;
}

void GivenFields::CopyTree(absl::string_view from, absl::string_view to) {
  std::vector<std::pair<std::string, Place>> copies;
  for (auto it = places_.lower_bound(from); it != places_.end(); ++it) {
    if (!absl::StartsWith(it->first, from)) break;
    if (it->first != from && !IsBelow(it->first, from)) continue;
    copies.emplace_back(absl::StrCat(to, it->first.substr(from.size())), it->second);
  }
  for (auto& [path, place] : copies) places_.insert_or_assign(std::move(path), place);
}

bool GivenFields::Has(absl::string_view path) const { return places_.contains(path); }

bool GivenFields::IsSound(absl::string_view path) const {
  for (auto it = places_.lower_bound(path); it != places_.end(); ++it) {
    if (!absl::StartsWith(it->first, path)) break;
    if (it->second.faulty && (it->first == path || IsBelow(it->first, path))) return false;
  }
  for (absl::string_view above = path; GoUp(&above);) {
    const auto found = places_.find(above);
    if (found != places_.end() && found->second.faulty) return false;
  }
  return true;
}

bool GivenFields::HasUnknownKey(absl::string_view path) const {
  const auto found = places_.find(path);
  return found != places_.end() && found->second.unknown_key;
}

Position GivenFields::KeyAt(absl::string_view path) const { return Nearest(path).key; }

Position GivenFields::ValueAt(absl::string_view path) const { return Nearest(path).value; }

const GivenFields::Place& GivenFields::Nearest(absl::string_view path) const {
  static const Place kWhole{};
  do {
    const auto found = places_.find(path);
    if (found != places_.end()) return found->second;
  } while (GoUp(&path));
  return kWhole;
}

}  // namespace drumline
