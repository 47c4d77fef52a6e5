// FakeHost: a tree of files such as a machine's /proc and /sys, with the values that a test wants.
//
//     FakeHost host("lab");
//     host.Write("proc/sys/net/core/somaxconn", "4096\n");
//     ReadHostFacts(host.tree());
//
// The directory goes with the object.
#ifndef TESTS_UNIT_HOST_FAKE_HOST_H_
#define TESTS_UNIT_HOST_FAKE_HOST_H_

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "host/host_tree.h"

namespace drumline {

class FakeHost {
 public:
  explicit FakeHost(const std::string& name) : root_(testing::TempDir() + "/host-" + name) {
    std::filesystem::remove_all(root_);
    std::filesystem::create_directories(root_);
  }
  ~FakeHost() { std::filesystem::remove_all(root_); }
  FakeHost(const FakeHost&) = delete;
  FakeHost& operator=(const FakeHost&) = delete;

  void Write(const std::string& path, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(root_ + "/" + path).parent_path());
    std::ofstream(root_ + "/" + path) << text;
  }
  // For each of [cores] cores; the path begins behind "cpuN/".
  void WriteCores(int cores, const std::string& path, const std::string& text) const {
    for (int i = 0; i < cores; ++i) {
      Write("sys/devices/system/cpu/cpu" + std::to_string(i) + "/" + path, text);
    }
  }
  HostTree tree() const { return HostTree(root_); }

 private:
  const std::string root_;
};

}  // namespace drumline

#endif  // TESTS_UNIT_HOST_FAKE_HOST_H_
