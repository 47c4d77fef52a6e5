#include "agent/host_facts.h"

#include <openssl/evp.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <fstream>
#include <memory>
#include <random>
#include <thread>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "host/host_facts.h"

namespace drumline {
namespace {

std::string Sha256OfFile(const char* path) {
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

uint64_t DrawIncarnation() {
  std::random_device device;
  return (static_cast<uint64_t>(device()) << 32U) | device();
}

}  // namespace

proto::Join DescribeSelf(const std::string& agent_id) {
  proto::Join self;
  self.set_agent_id(agent_id);
  self.set_cores(std::thread::hardware_concurrency());
  self.set_pid(static_cast<uint32_t>(getpid()));
  self.set_incarnation(DrawIncarnation());
  self.set_binary_sha256(Sha256OfFile("/proc/self/exe"));
  utsname names;
  if (uname(&names) == 0) {
    self.set_host(names.nodename);
    self.set_kernel(absl::StrCat(names.sysname, " ", names.release, " ", names.machine));
  }
  *self.mutable_facts() = ReadOwnHostFacts();
  return self;
}

}  // namespace drumline
