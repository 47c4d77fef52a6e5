// Builds the tree of a YAML text from yaml-cpp's events; see yaml_source.h for what is accepted.
//
// Used by yaml_source.cc alone, which also catches the one exception that is thrown here: events
// cannot be refused in any other way.
#ifndef CONTROLLER_SCENARIO_YAML_TREE_BUILDER_H_
#define CONTROLLER_SCENARIO_YAML_TREE_BUILDER_H_

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/mark.h>

#include <cstddef>
#include <deque>
#include <map>
#include <string>
#include <unordered_set>
#include <vector>

#include "absl/strings/string_view.h"
#include "controller/scenario/fault.h"
#include "controller/scenario/yaml_source.h"

namespace drumline {

// Thrown where reading on would be pointless or go beyond a limit.
struct YamlRefused {
  Position position;
  std::string message;
};

class YamlTreeBuilder : public YAML::EventHandler {
 public:
  // The source is the text that is being parsed.
  YamlTreeBuilder(absl::string_view source, FaultList* faults) : source_(source), faults_(faults) {}

  // Null where the text holds nothing but white space and comments.
  const YamlNode* root() const { return root_; }
  std::deque<YamlNode> TakeNodes() { return std::move(nodes_); }

  void OnDocumentStart(const YAML::Mark& mark) override;
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override;
  void OnSequenceEnd() override;
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override;
  void OnMapEnd() override;

 private:
  // What an anchor stands for once its node is complete.
  struct Anchored {
    const YamlNode* node = nullptr;
    size_t nodes = 0;
    int depth = 0;
  };
  // A list or mapping whose end has not been seen.
  struct Open {
    YamlNode* node = nullptr;
    YAML::anchor_t anchor = 0;
    size_t nodes_before = 0;
    int deepest = 0;
    // It stands where a key belongs.
    bool is_key = false;
    // Of a mapping: the key that waits for its value.
    bool has_key = false;
    bool key_is_usable = false;
    std::string key;
    Position key_position;
    std::unordered_set<std::string> keys;
  };

  YamlNode* Append(YamlKind kind, const YAML::Mark& mark, const std::string& tag);
  void Count(size_t nodes, Position position);
  void Place(const YamlNode* node);
  bool IsKeyNext() const;
  void RefuseKey(const YamlNode* node);
  void PlaceKey(const YamlNode* node);
  void BeginCollection(YamlNode* node, YAML::anchor_t anchor);
  void EndCollection();
  void CheckQuotesEnd(const YAML::Mark& mark) const;

  absl::string_view source_;
  FaultList* faults_;
  std::deque<YamlNode> nodes_;
  const YamlNode* root_ = nullptr;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Anchored> anchors_;
  // Nodes so far, aliases counted in full.
  size_t count_ = 0;
  bool has_document_ = false;
};

}  // namespace drumline

#endif  // CONTROLLER_SCENARIO_YAML_TREE_BUILDER_H_
