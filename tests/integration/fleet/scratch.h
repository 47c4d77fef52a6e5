// Scratch: an empty directory for one test, removed at its end; and a wait for a program's end.
#ifndef TESTS_INTEGRATION_FLEET_SCRATCH_H_
#define TESTS_INTEGRATION_FLEET_SCRATCH_H_

#include <gtest/gtest.h>
#include <poll.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace drumline {

class Scratch {
 public:
  Scratch() {
    std::string pattern = testing::TempDir() + "/fleet-XXXXXX";
    root_ = mkdtemp(pattern.data());
  }
  ~Scratch() { std::filesystem::remove_all(root_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  std::string Path(const std::string& name) const { return root_ + "/" + name; }

  std::string Read(const std::string& name) const {
    std::stringstream text;
    text << std::ifstream(Path(name)).rdbuf();
    return text.str();
  }

  // A program for /bin/sh.
  void WriteScript(const std::string& name, const std::string& text) const {
    namespace fs = std::filesystem;
    fs::create_directories(fs::path(Path(name)).parent_path());
    std::ofstream(Path(name)) << "#!/bin/sh\n" << text << "\n";
    fs::permissions(Path(name), fs::perms::owner_all);
  }

 private:
  std::string root_;
};

// True when the program that `pidfd` names has ended; false after a minute.
inline bool EndedWithinAMinute(int pidfd) {
  pollfd watched = {pidfd, POLLIN, 0};
  return poll(&watched, 1, 60'000) == 1;
}

}  // namespace drumline

#endif  // TESTS_INTEGRATION_FLEET_SCRATCH_H_
