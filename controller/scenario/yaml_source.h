// A YAML text as a tree of nodes that know where they stand. Wraps yaml-cpp.
//
//   FaultList faults("scenario.yaml");
//   std::optional<YamlDocument> document = ParseYaml(text, &faults);
//   if (document) Read(document->root());
//
// Only the part of YAML that a scenario needs is taken: one document of mappings, lists and
// scalars, anchors and aliases. Tags, merge keys and keys that are not texts are faults. The text
// is judged before yaml-cpp sees it (size, UTF-8, control characters), and every limit below is
// kept while it is parsed, so that no input makes it run long, deep or large. No exception leaves
// ParseYaml.
//
// The nodes belong to the document and live as long as it does, wherever it is moved. An alias is
// the very node of its anchor. Immutable once parsed, hence safe to read from any thread.
#ifndef CONTROLLER_SCENARIO_YAML_SOURCE_H_
#define CONTROLLER_SCENARIO_YAML_SOURCE_H_

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "controller/scenario/fault.h"

namespace drumline {

inline constexpr size_t kMaxSourceBytes = 1 << 20;
// Levels of lists and mappings within each other, aliases followed.
inline constexpr int kMaxYamlDepth = 32;
// Nodes of the document, aliases followed: an alias counts as all that its anchor holds.
inline constexpr size_t kMaxYamlNodes = 100'000;

enum class YamlKind { kNull, kScalar, kList, kMap };

struct YamlNode;

struct YamlEntry {
  std::string key;
  Position key_position;
  const YamlNode* value = nullptr;
};

struct YamlNode {
  YamlKind kind = YamlKind::kNull;
  Position position;
  // A scalar's text, and whether it was written in quotes or as a block.
  std::string text;
  bool quoted = false;
  // A list's elements.
  std::vector<const YamlNode*> items;
  // A mapping's entries in the order of the file; no key stands twice.
  std::vector<YamlEntry> entries;
};

// "a list", "a mapping", "a text", "nothing": for messages.
absl::string_view DescribeKind(YamlKind kind);

class YamlDocument {
 public:
  YamlDocument(std::deque<YamlNode> nodes, const YamlNode* root)
      : nodes_(std::move(nodes)), root_(root) {}
  // A deque may allocate when it is moved from.
  YamlDocument(YamlDocument&&) = default;  // NOLINT(performance-noexcept-move-constructor)
  YamlDocument& operator=(YamlDocument&&) =
      default;  // NOLINT(performance-noexcept-move-constructor)
  // A copy would point into the original.
  YamlDocument(const YamlDocument&) = delete;
  YamlDocument& operator=(const YamlDocument&) = delete;

  const YamlNode& root() const { return *root_; }

 private:
  std::deque<YamlNode> nodes_;
  const YamlNode* root_;
};

// The document, or nothing where the text cannot be read at all. Faults that leave a document to be
// judged further (a key given twice, say) are added to *faults as well.
std::optional<YamlDocument> ParseYaml(absl::string_view text, FaultList* faults);

}  // namespace drumline

#endif  // CONTROLLER_SCENARIO_YAML_SOURCE_H_
