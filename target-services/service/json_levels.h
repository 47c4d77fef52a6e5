// How deep JSON may be nested, for all services.
#ifndef TARGET_SERVICES_SERVICE_JSON_LEVELS_H_
#define TARGET_SERVICES_SERVICE_JSON_LEVELS_H_

namespace drumline::target {

// The value of a field of the outermost object has level 0, the elements of an array in it level 1.
inline constexpr int kMaxJsonLevels = 64;

}  // namespace drumline::target

#endif  // TARGET_SERVICES_SERVICE_JSON_LEVELS_H_
