#include "controller/scenario/yaml_tree_builder.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace drumline {
namespace {

constexpr absl::string_view kMergeKey = "<<";

// yaml-cpp counts from 0.
Position ToPosition(const YAML::Mark& mark) { return {mark.line + 1, mark.column + 1}; }

// yaml-cpp's names for a plain scalar and for one in quotes; any other tag was written by the user.
bool IsImplicitTag(const std::string& tag) { return tag.empty() || tag == "?" || tag == "!"; }

}  // namespace

void YamlTreeBuilder::OnDocumentStart(const YAML::Mark& mark) {
  if (has_document_) {
    throw YamlRefused{ToPosition(mark),
                      "the scenario ends before this; a file holds one document: remove what "
                      "follows, or give it a file of its own"};
  }
  has_document_ = true;
}

void YamlTreeBuilder::OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) {
  const YamlNode* node = Append(YamlKind::kNull, mark, "");
  if (anchor != 0) anchors_[anchor] = {node, 1, 0};
  Place(node);
}

void YamlTreeBuilder::OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) {
  const auto found = anchors_.find(anchor);
  if (found == anchors_.end()) {
    throw YamlRefused{ToPosition(mark), "this alias stands within the very node it repeats"};
  }
  const Anchored& anchored = found->second;
  Count(anchored.nodes, ToPosition(mark));
  const int depth = static_cast<int>(open_.size()) + anchored.depth;
  if (depth > kMaxYamlDepth) {
    throw YamlRefused{ToPosition(mark),
                      absl::StrCat("nested more than ", kMaxYamlDepth, " levels deep")};
  }
  if (!open_.empty()) open_.back().deepest = std::max(open_.back().deepest, anchored.depth);
  const YamlKind kind = anchored.node->kind;
  if (IsKeyNext() && (kind == YamlKind::kList || kind == YamlKind::kMap)) {
    RefuseKey(anchored.node);
  }
  Place(anchored.node);
}

void YamlTreeBuilder::OnScalar(const YAML::Mark& mark, const std::string& tag,
                               YAML::anchor_t anchor, const std::string& value) {
  YamlNode* node = Append(YamlKind::kScalar, mark, tag);
  node->text = value;
  node->quoted = tag == "!";
  if (node->quoted) CheckQuotesEnd(mark);
  if (anchor != 0) anchors_[anchor] = {node, 1, 0};
  Place(node);
}

void YamlTreeBuilder::OnSequenceStart(const YAML::Mark& mark, const std::string& tag,
                                      YAML::anchor_t anchor, YAML::EmitterStyle::value) {
  YamlNode* node = Append(YamlKind::kList, mark, tag);
  BeginCollection(node, anchor);
}

void YamlTreeBuilder::OnSequenceEnd() { EndCollection(); }

void YamlTreeBuilder::OnMapStart(const YAML::Mark& mark, const std::string& tag,
                                 YAML::anchor_t anchor, YAML::EmitterStyle::value) {
  YamlNode* node = Append(YamlKind::kMap, mark, tag);
  BeginCollection(node, anchor);
}

void YamlTreeBuilder::OnMapEnd() { EndCollection(); }

YamlNode* YamlTreeBuilder::Append(YamlKind kind, const YAML::Mark& mark, const std::string& tag) {
  const Position position = ToPosition(mark);
  Count(1, position);
  if (!IsImplicitTag(tag)) {
    faults_->Add(position,
                 absl::StrCat("the tag ", Quoted(tag), " has no meaning in a scenario: remove it"));
  }
  YamlNode& node = nodes_.emplace_back();
  node.kind = kind;
  node.position = position;
  return &node;
}

void YamlTreeBuilder::Count(size_t nodes, Position position) {
  count_ += nodes;
  if (count_ > kMaxYamlNodes) {
    throw YamlRefused{position, absl::StrCat("the file has more than ", kMaxYamlNodes,
                                             " values, aliases written out")};
  }
}

void YamlTreeBuilder::Place(const YamlNode* node) {
  if (open_.empty()) {
    root_ = node;
    return;
  }
  Open& parent = open_.back();
  if (parent.node->kind == YamlKind::kList) {
    parent.node->items.push_back(node);
    return;
  }
  if (!parent.has_key) {
    PlaceKey(node);
    return;
  }
  parent.has_key = false;
  if (!parent.key_is_usable) return;
  parent.node->entries.push_back({std::move(parent.key), parent.key_position, node});
}

bool YamlTreeBuilder::IsKeyNext() const {
  return !open_.empty() && open_.back().node->kind == YamlKind::kMap && !open_.back().has_key;
}

void YamlTreeBuilder::RefuseKey(const YamlNode* node) {
  faults_->Add(node->position, absl::StrCat("a key is a text; this is ", DescribeKind(node->kind)));
}

void YamlTreeBuilder::PlaceKey(const YamlNode* node) {
  Open& parent = open_.back();
  parent.has_key = true;
  parent.key_is_usable = false;
  parent.key = node->text;
  parent.key_position = node->position;
  if (node->kind == YamlKind::kNull) {
    RefuseKey(node);
  } else if (node->kind != YamlKind::kScalar) {
    // Refused at its end: one that never ends is no key but has lost its bracket.
  } else if (node->text == kMergeKey && !node->quoted) {
    faults_->Add(node->position, "merge keys (`<<`) are not supported: write the keys out");
  } else if (!parent.keys.insert(node->text).second) {
    faults_->Add(node->position, absl::StrCat("the key ", Quoted(node->text),
                                              " stands twice in this mapping: remove one of them"));
  } else {
    parent.key_is_usable = true;
  }
}

void YamlTreeBuilder::BeginCollection(YamlNode* node, YAML::anchor_t anchor) {
  if (open_.size() >= static_cast<size_t>(kMaxYamlDepth)) {
    throw YamlRefused{node->position,
                      absl::StrCat("nested more than ", kMaxYamlDepth, " levels deep")};
  }
  Open open;
  open.node = node;
  open.anchor = anchor;
  open.nodes_before = count_ - 1;
  open.is_key = IsKeyNext();
  Place(node);
  open_.push_back(std::move(open));
}

void YamlTreeBuilder::EndCollection() {
  const Open closed = std::move(open_.back());
  open_.pop_back();
  if (closed.is_key) RefuseKey(closed.node);
  const int depth = closed.deepest + 1;
  if (!open_.empty()) open_.back().deepest = std::max(open_.back().deepest, depth);
  if (closed.anchor != 0) {
    anchors_[closed.anchor] = {closed.node, count_ - closed.nodes_before, depth};
  }
}

// yaml-cpp 0.7 takes the end of the file for the end of the quotes.
void YamlTreeBuilder::CheckQuotesEnd(const YAML::Mark& mark) const {
  size_t at = static_cast<size_t>(mark.pos);
  // The mark of an anchored scalar is its anchor's; block scalars have no quotes.
  while (at < source_.size() && source_[at] == '&') {
    at = source_.find_first_of(" \t\r\n", at);
    at = source_.find_first_not_of(" \t\r\n", at);
  }
  if (at >= source_.size()) return;
  const char quote = source_[at];
  if (quote != '"' && quote != '\'') return;
  for (++at; at < source_.size(); ++at) {
    if (quote == '"' && source_[at] == '\\') {
      ++at;
    } else if (source_[at] == quote) {
      if (quote == '"' || at + 1 >= source_.size() || source_[at + 1] != quote) return;
      ++at;
    }
  }
  throw YamlRefused{ToPosition(mark), absl::StrCat("these quotes (", absl::string_view(&quote, 1),
                                                   ") are never closed")};
}

}  // namespace drumline
