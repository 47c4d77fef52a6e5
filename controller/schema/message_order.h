// The messages of which a document consists, each once.
//
//     for (const Descriptor* message : MessagesOf(*proto::Scenario::descriptor())) …
//
// Pure.
#ifndef CONTROLLER_SCHEMA_MESSAGE_ORDER_H_
#define CONTROLLER_SCHEMA_MESSAGE_ORDER_H_

#include <google/protobuf/descriptor.h>

#include <functional>
#include <vector>

namespace drumline {

// The root first, then what its fields lead to, in their order. Fields for which `is_leaf` holds
// lead nowhere; the entries of maps are passed through.
std::vector<const google::protobuf::Descriptor*> MessagesOf(
    const google::protobuf::Descriptor& root,
    const std::function<bool(const google::protobuf::FieldDescriptor&)>& is_leaf);

}  // namespace drumline

#endif  // CONTROLLER_SCHEMA_MESSAGE_ORDER_H_
