// Characters of UTF-8 text that is known to be valid.
#ifndef TARGET_SERVICES_SERVICE_UTF8_H_
#define TARGET_SERVICES_SERVICE_UTF8_H_

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace drumline::target {

// Code points: all bytes but those that continue one.
inline size_t CountChars(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

}  // namespace drumline::target

#endif  // TARGET_SERVICES_SERVICE_UTF8_H_
