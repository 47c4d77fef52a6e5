// The comments of the contract's .proto files, which are its documentation: what the editor shows
// beside a key, and what the reference says of it.
//
//     absl::StatusOr<Comments> comments = Comments::Parse(bytes);   // protoc --include_source_info
//     comments->Of("drumline.proto.Scenario.name");                 // "Names the bundle and …"
//
// Immutable; any thread.
#ifndef CONTROLLER_SCHEMA_COMMENTS_H_
#define CONTROLLER_SCHEMA_COMMENTS_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"

namespace drumline {

class Comments {
 public:
  // `bytes` is a serialized FileDescriptorSet with its source info.
  static absl::StatusOr<Comments> Parse(const std::string& bytes);

  // The comment above a message, a field, an enumeration or one of its values, by its full name
  // (a value's is that of its enumeration, a dot and the value's name); its lines are joined. Empty
  // if there is none.
  std::string Of(const std::string& full_name) const;

 private:
  std::map<std::string, std::string> comments_;
};

}  // namespace drumline

#endif  // CONTROLLER_SCHEMA_COMMENTS_H_
