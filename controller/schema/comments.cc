#include "controller/schema/comments.h"

#include <google/protobuf/descriptor.pb.h>

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace drumline {
namespace {

using google::protobuf::DescriptorProto;
using google::protobuf::EnumDescriptorProto;
using google::protobuf::FileDescriptorProto;
using Path = std::vector<int>;
// What stands above the declaration at each path (see SourceCodeInfo in descriptor.proto).
using ByPath = std::map<Path, std::string>;

Path Under(Path path, int field, int index) {
  path.push_back(field);
  path.push_back(index);
  return path;
}

// One line, without the comment signs; an empty line in the source stays a break.
std::string Joined(const std::string& comment) {
  std::string text;
  bool new_paragraph = false;
  for (const absl::string_view raw : absl::StrSplit(comment, '\n')) {
    const absl::string_view line = absl::StripAsciiWhitespace(raw);
    if (line.empty()) {
      new_paragraph = !text.empty();
      continue;
    }
    if (!text.empty()) text += new_paragraph ? "\n\n" : " ";
    new_paragraph = false;
    absl::StrAppend(&text, line);
  }
  return text;
}

class Walk {
 public:
  Walk(const ByPath& by_path, std::map<std::string, std::string>* comments)
      : by_path_(by_path), comments_(comments) {}

  void File(const FileDescriptorProto& file) {
    for (int i = 0; i < file.message_type_size(); ++i) {
      Message(file.message_type(i), file.package(),
              Under({}, FileDescriptorProto::kMessageTypeFieldNumber, i));
    }
    for (int i = 0; i < file.enum_type_size(); ++i) {
      Enum(file.enum_type(i), file.package(),
           Under({}, FileDescriptorProto::kEnumTypeFieldNumber, i));
    }
  }

 private:
  void Note(const std::string& name, const Path& path) {
    const auto found = by_path_.find(path);
    if (found != by_path_.end()) (*comments_)[name] = found->second;
  }

  void Message(const DescriptorProto& message, const std::string& scope, const Path& path) {
    const std::string name = absl::StrCat(scope, ".", message.name());
    Note(name, path);
    for (int i = 0; i < message.field_size(); ++i) {
      Note(absl::StrCat(name, ".", message.field(i).name()),
           Under(path, DescriptorProto::kFieldFieldNumber, i));
    }
    for (int i = 0; i < message.nested_type_size(); ++i) {
      Message(message.nested_type(i), name,
              Under(path, DescriptorProto::kNestedTypeFieldNumber, i));
    }
    for (int i = 0; i < message.enum_type_size(); ++i) {
      Enum(message.enum_type(i), name, Under(path, DescriptorProto::kEnumTypeFieldNumber, i));
    }
  }

  void Enum(const EnumDescriptorProto& type, const std::string& scope, const Path& path) {
    const std::string name = absl::StrCat(scope, ".", type.name());
    Note(name, path);
    for (int i = 0; i < type.value_size(); ++i) {
      Note(absl::StrCat(name, ".", type.value(i).name()),
           Under(path, EnumDescriptorProto::kValueFieldNumber, i));
    }
  }

  const ByPath& by_path_;
  std::map<std::string, std::string>* const comments_;
};

}  // namespace

absl::StatusOr<Comments> Comments::Parse(const std::string& bytes) {
  google::protobuf::FileDescriptorSet set;
  if (!set.ParseFromString(bytes)) {
    return absl::InvalidArgumentError("not a set of file descriptors, as protoc writes them");
  }
  Comments comments;
  for (const FileDescriptorProto& file : set.file()) {
    ByPath by_path;
    for (const auto& location : file.source_code_info().location()) {
      if (location.leading_comments().empty()) continue;
      by_path[Path(location.path().begin(), location.path().end())] =
          Joined(location.leading_comments());
    }
    Walk(by_path, &comments.comments_).File(file);
  }
  return comments;
}

std::string Comments::Of(const std::string& full_name) const {
  const auto found = comments_.find(full_name);
  return found == comments_.end() ? "" : found->second;
}

}  // namespace drumline
