// HostTree: the files in which Linux tells of itself, below a root that a test can replace.
//
//     const HostTree tree("/");
//     tree.Line("proc/sys/net/core/somaxconn");          // "4096"
//     tree.Names("sys/class/net");                       // {"eth0", "lo"}
//
// Reads at most kMaxHostFileBytes of a file; blocking; any thread.
#ifndef HOST_HOST_TREE_H_
#define HOST_HOST_TREE_H_

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace drumline {

inline constexpr size_t kMaxHostFileBytes = 1024 * 1024;

class HostTree {
 public:
  explicit HostTree(std::string root) : root_(std::move(root)) {}

  // Nothing if there is no such file, or it may not be read.
  std::optional<std::string> Text(const std::string& path) const;
  // Its first line, without white space at either end; nothing if that is empty.
  std::optional<std::string> Line(const std::string& path) const;
  // What a directory holds, in ascending order; empty if there is none.
  std::vector<std::string> Names(const std::string& path) const;

 private:
  const std::string root_;
};

}  // namespace drumline

#endif  // HOST_HOST_TREE_H_
