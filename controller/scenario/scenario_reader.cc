#include "controller/scenario/scenario_reader.h"

#include <cstdio>
#include <cstdlib>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "controller/scenario/field_value.h"
#include "controller/scenario/suggestion.h"
#include "controller/scenario/text_format.h"
#include "proto/scenario.pb.h"

namespace drumline {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr int kDefaultMaxEntries = 64;
constexpr absl::string_view kEmptyMapping = "{}";

const proto::Rules& RulesOf(const FieldDescriptor& field) {
  return field.options().GetExtension(proto::rules);
}

std::vector<absl::string_view> FieldNames(const Descriptor& type) {
  std::vector<absl::string_view> names;
  names.reserve(static_cast<size_t>(type.field_count()));
  for (int i = 0; i < type.field_count(); ++i) names.push_back(type.field(i)->name());
  return names;
}

// The field of a mapping that one value in its place is; null where the mapping must be written.
const FieldDescriptor* ShortFor(const FieldDescriptor& field) {
  const std::string& name = RulesOf(field).short_for();
  return name.empty() ? nullptr : field.message_type()->FindFieldByName(name);
}

// What the file should have in the place of a whole field.
std::string DescribeField(const FieldDescriptor& field) {
  const proto::Rules& rules = RulesOf(field);
  if (field.is_map()) return "a mapping of names to values";
  if (IsSingleValue(field)) {
    return absl::StrCat(field.is_repeated() ? "a list, each element " : "",
                        DescribeExpected(field, rules));
  }
  const FieldDescriptor* value = ShortFor(field);
  return absl::StrCat(value == nullptr ? "" : DescribeExpected(*value, RulesOf(*value)),
                      value == nullptr ? "" : "; or ",
                      field.is_repeated() ? "a list of mappings" : "a mapping", " with the keys ",
                      absl::StrJoin(FieldNames(*field.message_type()), ", "));
}

// The path of the mapping within the scenario in which the key would be right; empty where there is
// none. Entries of maps and lists are not searched: they have no path of their own.
std::string FindHome(const Descriptor& type, absl::string_view key, absl::string_view path) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    // What is usually written as one value is nobody's home.
    if (field.is_repeated() || IsSingleValue(field) || ShortFor(field) != nullptr) continue;
    std::string inner = FieldPath(path, field.name());
    if (field.message_type()->FindFieldByName(std::string(key)) != nullptr) return inner;
    if (std::string home = FindHome(*field.message_type(), key, inner); !home.empty()) return home;
  }
  return {};
}

class Reader {
 public:
  // `root` is the type of the whole document.
  Reader(const Descriptor* root, GivenFields* given, FaultList* faults)
      : root_(root), given_(given), faults_(faults) {}

  void ReadMapping(const YamlNode& node, const std::string& path, Message* message) {
    for (const YamlEntry& entry : node.entries) {
      const FieldDescriptor* field = message->GetDescriptor()->FindFieldByName(entry.key);
      if (field != nullptr) ReadField(entry, *field, FieldPath(path, entry.key), message);
    }
    // After the known ones: a key that was meant to be another one is only so if that one is
    // missing.
    for (const YamlEntry& entry : node.entries) {
      const bool known = message->GetDescriptor()->FindFieldByName(entry.key) != nullptr;
      if (!known) RefuseUnknownKey(entry, path, *message->GetDescriptor());
    }
    CheckRequired(node, path, *message->GetDescriptor());
  }

 private:
  void Refuse(Position position, const std::string& path, absl::string_view message) {
    faults_->Add(position, absl::StrCat("`", path, "`: ", message));
    given_->MarkFaulty(path);
  }

  // False, and a fault, where the node has another kind than the field wants.
  bool CheckKind(const YamlNode& node, YamlKind wanted, Position key_position,
                 const std::string& path, const std::string& expected) {
    if (node.kind == wanted) return true;
    if (node.kind == YamlKind::kNull) {
      Refuse(key_position, path,
             absl::StrCat("has no value: expected ", expected, "; or remove the key"));
      return false;
    }
    Refuse(node.position, path,
           absl::StrCat("expected ", expected, "; this is ", DescribeKind(node.kind)));
    return false;
  }

  void ReadField(const YamlEntry& entry, const FieldDescriptor& field, const std::string& path,
                 Message* message) {
    given_->Add(path, entry.key_position, entry.value->position);
    if (field.is_map()) {
      ReadMap(entry, field, path, message);
    } else if (field.is_repeated()) {
      ReadList(entry, field, path, message);
    } else if (IsSingleValue(field)) {
      ReadValue(*entry.value, entry.key_position, field, RulesOf(field), path, message);
    } else if (ShortFor(field) != nullptr && entry.value->kind == YamlKind::kScalar) {
      const FieldDescriptor& value = *ShortFor(field);
      given_->Add(FieldPath(path, value.name()), entry.key_position, entry.value->position);
      ReadValue(*entry.value, entry.key_position, value, RulesOf(value), path,
                message->GetReflection()->MutableMessage(message, &field));
    } else if (CheckKind(*entry.value, YamlKind::kMap, entry.key_position, path,
                         DescribeField(field))) {
      ReadMapping(*entry.value, path, message->GetReflection()->MutableMessage(message, &field));
    }
  }

  void ReadValue(const YamlNode& node, Position key_position, const FieldDescriptor& field,
                 const proto::Rules& rules, const std::string& path, Message* message) {
    if (!CheckKind(node, YamlKind::kScalar, key_position, path, DescribeExpected(field, rules))) {
      return;
    }
    const absl::Status status = SetValue(field, rules, node.text, node.quoted, message);
    if (!status.ok()) Refuse(node.position, path, status.message());
  }

  // False, and a fault, where the list or map has more entries than its field allows.
  bool CheckEntries(size_t entries, const YamlNode& node, const FieldDescriptor& field,
                    const std::string& path) {
    const uint32_t named = RulesOf(field).max_entries();
    const size_t most = named == 0 ? kDefaultMaxEntries : named;
    if (entries <= most) return true;
    Refuse(node.position, path,
           absl::StrCat("has ", entries, " entries; at most ", most, " are allowed"));
    return false;
  }

  void ReadList(const YamlEntry& entry, const FieldDescriptor& field, const std::string& path,
                Message* message) {
    const YamlNode& node = *entry.value;
    if (!CheckKind(node, YamlKind::kList, entry.key_position, path, DescribeField(field)) ||
        !CheckEntries(node.items.size(), node, field, path)) {
      return;
    }
    for (size_t i = 0; i < node.items.size(); ++i) {
      const YamlNode& item = *node.items[i];
      const std::string item_path = ElementPath(path, static_cast<int>(i));
      given_->Add(item_path, item.position, item.position);
      if (IsSingleValue(field)) {
        ReadValue(item, item.position, field, RulesOf(field), item_path, message);
        continue;
      }
      // Also where it is faulty: elements keep their index, by which paths name them.
      Message* element = message->GetReflection()->AddMessage(message, &field);
      if (CheckKind(item, YamlKind::kMap, item.position, item_path,
                    absl::StrCat("a mapping with the keys ",
                                 absl::StrJoin(FieldNames(*field.message_type()), ", ")))) {
        ReadMapping(item, item_path, element);
      }
    }
  }

  void ReadMap(const YamlEntry& entry, const FieldDescriptor& field, const std::string& path,
               Message* message) {
    const YamlNode& node = *entry.value;
    if (!CheckKind(node, YamlKind::kMap, entry.key_position, path, DescribeField(field)) ||
        !CheckEntries(node.entries.size(), node, field, path)) {
      return;
    }
    const FieldDescriptor& value_field = *field.message_type()->map_value();
    for (const YamlEntry& item : node.entries) {
      const std::string item_path = FieldPath(path, item.key);
      given_->Add(item_path, item.key_position, item.value->position);
      if (absl::Status status = CheckFormat(RulesOf(field).key_format(), item.key); !status.ok()) {
        Refuse(item.key_position, path, status.message());
        given_->MarkFaulty(item_path);
        continue;
      }
      Message* element = message->GetReflection()->AddMessage(message, &field);
      element->GetReflection()->SetString(element, field.message_type()->map_key(), item.key);
      if (IsSingleValue(value_field)) {
        ReadValue(*item.value, item.key_position, value_field, RulesOf(field), item_path, element);
      } else if (CheckKind(
                     *item.value, YamlKind::kMap, item.key_position, item_path,
                     absl::StrCat("a mapping with the keys ",
                                  absl::StrJoin(FieldNames(*value_field.message_type()), ", ")))) {
        ReadMapping(*item.value, item_path,
                    element->GetReflection()->MutableMessage(element, &value_field));
      }
    }
  }

  // The field was meant by the entry's key: nothing that follows from its absence is worth a second
  // fault.
  void Excuse(const std::string& path, const YamlEntry& entry) {
    if (given_->Has(path)) return;
    given_->Add(path, entry.key_position, entry.value->position);
    given_->MarkFaulty(path);
  }

  void RefuseUnknownKey(const YamlEntry& entry, const std::string& path, const Descriptor& type) {
    given_->MarkUnknownKey(path);
    std::string message = absl::StrCat("unknown key ", Quoted(entry.key));
    const std::vector<absl::string_view> names = FieldNames(type);
    const absl::string_view nearest = NearestWord(entry.key, names);
    const std::string home = FindHome(*root_, entry.key, "");
    if (!nearest.empty()) {
      absl::StrAppend(&message, "; did you mean ", Quoted(nearest), "?");
      Excuse(FieldPath(path, nearest), entry);
    } else if (!home.empty() && home != path) {
      absl::StrAppend(&message, " here; it belongs under `", home, "`");
      Excuse(home, entry);
      given_->MarkUnknownKey(home);
    } else {
      absl::StrAppend(&message, "; the keys here are ", absl::StrJoin(names, ", "));
    }
    faults_->Add(entry.key_position, std::move(message));
  }

  void CheckRequired(const YamlNode& node, const std::string& path, const Descriptor& type) {
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      const std::string field_path = FieldPath(path, field.name());
      if (!RulesOf(field).required() || given_->Has(field_path)) continue;
      faults_->Add(node.position,
                   absl::StrCat("`", field_path, "` is missing: expected ", DescribeField(field)));
    }
  }

  const Descriptor* const root_;
  GivenFields* given_;
  FaultList* faults_;
};

}  // namespace

void ReadDocument(const YamlNode& root, absl::string_view what, Message* message,
                  GivenFields* given, FaultList* faults) {
  given->Add("", root.position, root.position);
  if (root.kind != YamlKind::kMap) {
    faults->Add(root.position,
                absl::StrCat(what, " is a mapping of keys to values, as in `name: echo`; this is ",
                             DescribeKind(root.kind)));
    given->MarkFaulty("");
    return;
  }
  Reader(message->GetDescriptor(), given, faults).ReadMapping(root, "", message);
  FillDefaults("", *given, message);
}

void FillDefaults(absl::string_view path, const GivenFields& given, Message* message) {
  const auto* reflection = message->GetReflection();
  const Descriptor& type = *message->GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    const proto::Rules& rules = RulesOf(field);
    const std::string field_path = FieldPath(path, field.name());
    if (field.is_map() && field.message_type()->map_value()->message_type() != nullptr) {
      for (int j = 0; j < reflection->FieldSize(*message, &field); ++j) {
        Message* entry = reflection->MutableRepeatedMessage(message, &field, j);
        const std::string key =
            entry->GetReflection()->GetString(*entry, field.message_type()->map_key());
        FillDefaults(
            FieldPath(field_path, key), given,
            entry->GetReflection()->MutableMessage(entry, field.message_type()->map_value()));
      }
      continue;
    }
    if (field.is_repeated()) {
      const int elements = IsSingleValue(field) ? 0 : reflection->FieldSize(*message, &field);
      for (int j = 0; j < elements; ++j) {
        FillDefaults(ElementPath(field_path, j), given,
                     reflection->MutableRepeatedMessage(message, &field, j));
      }
      continue;
    }
    if (!IsSingleValue(field)) {
      const bool wanted =
          rules.default_() == kEmptyMapping || reflection->HasField(*message, &field);
      if (wanted) FillDefaults(field_path, given, reflection->MutableMessage(message, &field));
      continue;
    }
    if (rules.default_().empty() || given.Has(field_path)) continue;
    const absl::Status status = SetValue(field, rules, rules.default_(), false, message);
    if (status.ok()) continue;
    std::fprintf(stderr, "scenario.proto: the default of %s: %s\n", field.full_name().c_str(),
                 std::string(status.message()).c_str());
    std::abort();
  }
}

}  // namespace drumline
