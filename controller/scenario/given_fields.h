// Which fields a scenario file names, where they stand in it, and which of them are faulty.
//
// A field is named by its path from the scenario: `load.rate`, `load.stages[2].over`,
// `targets.dom.url`; the empty path is the scenario itself. proto3 cannot tell a field that was
// left out from one that was given its default; this can. Not thread-safe while it is filled.
#ifndef CONTROLLER_SCENARIO_GIVEN_FIELDS_H_
#define CONTROLLER_SCENARIO_GIVEN_FIELDS_H_

#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "controller/scenario/fault.h"

namespace drumline {

// `parent.name`, or `name` where the parent is the scenario itself.
std::string FieldPath(absl::string_view parent, absl::string_view name);
// `parent[index]`.
std::string ElementPath(absl::string_view parent, int index);

class GivenFields {
 public:
  void Add(absl::string_view path, Position key, Position value);
  // The field's value, or something in it, has a fault that has been reported.
  void MarkFaulty(absl::string_view path);
  // The mapping at the path has a key that is none of the language's.
  void MarkUnknownKey(absl::string_view path);
  // Everything at and below `from` is also known as at and below `to`.
  void CopyTree(absl::string_view from, absl::string_view to);

  // The file names the field.
  bool Has(absl::string_view path) const;
  // Nothing at, above or below the field has been reported: its value may be relied upon. True of
  // fields that the file does not name and that have their default.
  bool IsSound(absl::string_view path) const;
  bool HasUnknownKey(absl::string_view path) const;
  // Where the field's key stands; for a field that is not named, where the nearest one around it
  // is.
  Position KeyAt(absl::string_view path) const;
  // The same for the value.
  Position ValueAt(absl::string_view path) const;

 private:
  struct Place {
    Position key;
    Position value;
    bool faulty = false;
    bool unknown_key = false;
  };

  const Place& Nearest(absl::string_view path) const;

  std::map<std::string, Place, std::less<>> places_;
};

}  // namespace drumline

#endif  // CONTROLLER_SCENARIO_GIVEN_FIELDS_H_
