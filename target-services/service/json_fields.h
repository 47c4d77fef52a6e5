// Reads the named fields of a JSON object, as text.
//
//   constexpr std::string_view kNames[] = {"name", "price"};
//   JsonFieldReader reader(kNames);
//   if (reader.Read(body) == JsonShape::kObject) {
//     reader.field(0).kind == JsonKind::kString;     // its text is unescaped UTF-8
//     reader.field(1).kind == JsonKind::kNumber;     // its text is the number as it was written,
//   }                                                // so that no digit is lost
//
// Other fields are checked for being JSON and passed over; of a field given twice the last counts.
// Several objects in one array are read with ReadArray, which calls back for each.
//
// Ownership: the texts are the reader's, until its next Read. Threads: one; a reader keeps its
// buffers. Errors: none but the shape that was found.
#ifndef TARGET_SERVICES_SERVICE_JSON_FIELDS_H_
#define TARGET_SERVICES_SERVICE_JSON_FIELDS_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/types/span.h"

namespace drumline::target {

enum class JsonKind { kMissing, kString, kNumber, kBool, kNull, kArray, kObject };

struct JsonField {
  JsonKind kind = JsonKind::kMissing;
  // Of strings and numbers.
  std::string_view text;
};

// What the whole body is.
enum class JsonShape {
  kNoJson,
  kObject,
  kArray,
  // A string, a number, true, false or null.
  kScalar,
};

class JsonFieldReader {
 public:
  explicit JsonFieldReader(absl::Span<const std::string_view> names);
  ~JsonFieldReader();

  // The fields are those of the object, if it is one.
  JsonShape Read(std::string_view body);
  // For a body that is an array: calls `on_element` for each element, in order, while field()
  // has its fields; all are kMissing and `is_object` is false for one that is no object. Whether
  // the whole body is JSON shows only at the end, so that nothing should be done before.
  JsonShape ReadArray(std::string_view body, const std::function<void(bool is_object)>& on_element);

  // The field of that index in `names`.
  const JsonField& field(size_t index) const { return fields_[index]; }

 private:
  // Holds simdjson's types, which must not show in a header.
  struct Workspace;

  void Clear();

  const std::vector<std::string_view> names_;
  std::vector<JsonField> fields_;
  std::unique_ptr<Workspace> workspace_;
};

}  // namespace drumline::target

#endif  // TARGET_SERVICES_SERVICE_JSON_FIELDS_H_
