#include "controller/schema/message_order.h"

#include <algorithm>

namespace drumline {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

std::vector<const Descriptor*> MessagesOf(
    const Descriptor& root, const std::function<bool(const FieldDescriptor&)>& is_leaf) {
  std::vector<const Descriptor*> messages = {&root};
  for (size_t at = 0; at < messages.size(); ++at) {
    const Descriptor& message = *messages[at];
    for (int i = 0; i < message.field_count(); ++i) {
      const FieldDescriptor* field = message.field(i);
      if (field->is_map()) field = field->message_type()->map_value();
      const bool leads = field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !is_leaf(*field);
      if (!leads) continue;
      const Descriptor* next = field->message_type();
      if (std::find(messages.begin(), messages.end(), next) == messages.end()) {
        messages.push_back(next);
      }
    }
  }
  return messages;
}

}  // namespace drumline
