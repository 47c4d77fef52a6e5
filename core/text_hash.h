// A hash of a text that is the same on every machine and in every version, unlike the standard
// library's: FNV-1a (Fowler, Noll, Vo; 64 bits). For seeds, not for security.
//
//     RandomSequence random(seed + TextHash("users"));
#ifndef CORE_TEXT_HASH_H_
#define CORE_TEXT_HASH_H_

#include <cstdint>
#include <string_view>

namespace drumline {

constexpr uint64_t TextHash(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

}  // namespace drumline

#endif  // CORE_TEXT_HASH_H_
