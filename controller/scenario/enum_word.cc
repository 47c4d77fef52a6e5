#include "controller/scenario/enum_word.h"

#include "absl/strings/ascii.h"
#include "proto/scenario.pb.h"

namespace drumline {

std::string EnumWord(const google::protobuf::EnumValueDescriptor& value) {
  const std::string& word = value.options().GetExtension(proto::word);
  if (!word.empty()) return word;
  // Each word of the type's name and an underscore after it.
  size_t prefix = value.type()->name().size() + 1;
  for (size_t i = 1; i < value.type()->name().size(); ++i) {
    if (absl::ascii_isupper(static_cast<unsigned char>(value.type()->name()[i]))) ++prefix;
  }
  return absl::AsciiStrToLower(value.name().substr(prefix));
}

}  // namespace drumline
