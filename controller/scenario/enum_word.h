// The words of the scenario language for the values of its enumerations.
//
//     EnumWord(proto::ON_LOSS_INVALIDATE)       // "invalidate"
//     EnumWord(proto::ENGINE_CHOICE_IO_URING)   // "io_uring"
//     EnumWord(proto::SERVICE_ECHO_DOM)         // "echo-dom", which its option `word` says
//
// Pure functions.
#ifndef CONTROLLER_SCENARIO_ENUM_WORD_H_
#define CONTROLLER_SCENARIO_ENUM_WORD_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/generated_enum_reflection.h>

#include <string>

namespace drumline {

// The value's name in small letters, without the prefix that proto style asks for: ON_LOSS_ for the
// values of OnLoss; or its option `word`, where it has one.
std::string EnumWord(const google::protobuf::EnumValueDescriptor& value);

// The same of a generated enumerator. Empty for the value 0, which stands for none, and for one
// that the enumeration does not have.
template <typename Enum>
std::string EnumWord(Enum value) {
  const auto* descriptor =
      google::protobuf::GetEnumDescriptor<Enum>()->FindValueByNumber(static_cast<int>(value));
  return descriptor == nullptr || value == 0 ? std::string() : EnumWord(*descriptor);
}

}  // namespace drumline

#endif  // CONTROLLER_SCENARIO_ENUM_WORD_H_
