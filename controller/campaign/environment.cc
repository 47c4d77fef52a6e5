#include "controller/campaign/environment.h"

#include <openssl/evp.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <memory>
#include <thread>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace drumline {
namespace {

std::string FirstLine(const char* path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

std::string CpuModel() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    // x86 has "model name"; some others only "CPU part", which says nothing to a reader.
    if (!absl::StartsWith(line, "model name")) continue;
    const std::vector<std::string> parts = absl::StrSplit(line, absl::MaxSplits(':', 1));
    return parts.size() == 2 ? std::string(absl::StripAsciiWhitespace(parts[1])) : "";
  }
  return "";
}

}  // namespace

std::string Sha256OfFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> digest(EVP_MD_CTX_new(),
                                                                       &EVP_MD_CTX_free);
  if (!file || EVP_DigestInit_ex(digest.get(), EVP_sha256(), nullptr) != 1) return "";
  std::array<char, 64 * 1024> block;
  while (file.read(block.data(), block.size()) || file.gcount() > 0) {
    EVP_DigestUpdate(digest.get(), block.data(), static_cast<size_t>(file.gcount()));
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes;
  unsigned int size = 0;
  EVP_DigestFinal_ex(digest.get(), bytes.data(), &size);
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(bytes.data()), size));
}

proto::Environment ReadEnvironment(const std::string& label) {
  proto::Environment environment;
  environment.set_label(label);
  utsname names;
  if (uname(&names) == 0) {
    environment.set_host(names.nodename);
    environment.set_kernel(absl::StrCat(names.sysname, " ", names.release, " ", names.machine));
  }
  environment.set_cpu_model(CpuModel());
  environment.set_cores(std::thread::hardware_concurrency());
  environment.set_governor(FirstLine("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"));
  environment.set_memory_bytes(static_cast<uint64_t>(sysconf(_SC_PHYS_PAGES)) *
                               static_cast<uint64_t>(sysconf(_SC_PAGESIZE)));
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) environment.set_open_files_limit(limit.rlim_cur);
  environment.set_controller_sha256(Sha256OfFile("/proc/self/exe"));
  return environment;
}

}  // namespace drumline
