#include "controller/certs/certs_directory.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "controller/bundle/posix_file.h"
#include "controller/certs/authority.h"

namespace drumline {
namespace {

constexpr mode_t kPublic = 0644;
constexpr mode_t kSecret = 0600;
constexpr mode_t kDirectory = 0700;

absl::Status MakeDirectory(const std::string& path) {
  if (mkdir(path.c_str(), kDirectory) == 0 || errno == EEXIST) return absl::OkStatus();
  return FileError("make", path, errno);
}

// A new file, readable from its first moment on by whom [mode] names and nobody else.
absl::Status WriteNew(const std::string& path, const std::string& text, mode_t mode) {
  const FileDescriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (!file.is_open()) return FileError("make", path, errno);
  absl::Status status = WriteAll(file, path, text);
  if (status.ok()) status = SyncFile(file, path);
  return status;
}

absl::Status WriteEnd(const std::string& directory, const Issued& issued,
                      const std::string& authority_pem) {
  absl::Status status = MakeDirectory(directory);
  if (status.ok()) status = WriteNew(directory + "/tls.key", issued.key_pem, kSecret);
  if (status.ok()) status = WriteNew(directory + "/tls.crt", issued.cert_pem, kPublic);
  if (status.ok()) status = WriteNew(directory + "/ca.crt", authority_pem, kPublic);
  return status;
}

absl::Status Claim(const std::string& directory) {
  std::error_code error;
  if (std::filesystem::exists(directory, error) &&
      (!std::filesystem::is_directory(directory, error) ||
       !std::filesystem::is_empty(directory, error))) {
    return absl::AlreadyExistsError(absl::StrCat(
        directory, " is there and not empty: nothing is overwritten; name another directory"));
  }
  std::filesystem::create_directories(directory, error);
  if (error) return FileError("make", directory, error.value());
  if (chmod(directory.c_str(), kDirectory) != 0) return FileError("protect", directory, errno);
  return absl::OkStatus();
}

}  // namespace

absl::Status MakeCertsDirectory(const CertsOrder& order) {
  if (absl::Status status = Claim(order.directory); !status.ok()) return status;
  const absl::StatusOr<Authority> authority = Authority::Create(order.now, order.length);
  if (!authority.ok()) return authority.status();
  const std::string& ca = authority->own().cert_pem;
  absl::Status status = WriteNew(order.directory + "/ca.key", authority->own().key_pem, kSecret);
  if (status.ok()) status = WriteNew(order.directory + "/ca.crt", ca, kPublic);
  std::vector<std::string> hosts = order.hosts;
  hosts.insert(hosts.end(), {"localhost", "127.0.0.1", "::1"});
  const auto issue = [&](const std::string& directory, std::vector<std::string> names,
                         Authority::Part part) {
    if (!status.ok()) return;
    const absl::StatusOr<Issued> issued =
        authority->Issue({std::move(names), part, order.now, order.length});
    status = issued.ok() ? WriteEnd(directory, *issued, ca) : issued.status();
  };
  issue(order.directory + "/controller", std::move(hosts), Authority::Part::kController);
  if (status.ok()) status = MakeDirectory(order.directory + "/agents");
  for (const std::string& agent : order.agents) {
    issue(absl::StrCat(order.directory, "/agents/", agent), {agent}, Authority::Part::kAgent);
  }
  return status;
}

}  // namespace drumline
