#include "controller/planner/tls_files.h"

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"

namespace drumline {
namespace {

absl::StatusOr<std::string> ReadPem(const std::string& name, const std::string& directory) {
  if (name.empty()) return std::string();
  const std::string path = std::filesystem::path(directory) / name;
  std::ifstream file(path, std::ios::binary);
  std::string text(kMaxTlsFileBytes + 1, '\0');
  // A directory can be opened, too, but not read.
  if (!file || !file.read(text.data(), static_cast<std::streamsize>(text.size())).eof()) {
    if (!file.is_open() || file.gcount() == 0) {
      return absl::NotFoundError(absl::StrCat(path, " cannot be read"));
    }
    return absl::ResourceExhaustedError(
        absl::StrCat(path, " has more than ", kMaxTlsFileBytes, " bytes"));
  }
  text.resize(static_cast<size_t>(file.gcount()));
  return text;
}

}  // namespace

absl::StatusOr<proto::TlsPlan> TlsPlanOf(const proto::Target& target, const ParsedUrl& url,
                                         const std::string& directory) {
  const absl::StatusOr<std::string> ca = ReadPem(target.tls().ca(), directory);
  const absl::StatusOr<std::string> cert = ReadPem(target.tls().cert(), directory);
  const absl::StatusOr<std::string> key = ReadPem(target.tls().key(), directory);
  for (const auto* file : {&ca, &cert, &key}) {
    if (!file->ok()) return file->status();
  }
  proto::TlsPlan plan;
  plan.set_authorities(*ca);
  plan.set_certificate(*cert);
  plan.set_private_key(*key);
  const std::string& name = target.tls().server_name();
  plan.set_server_name(name.empty() ? url.host : name);
  // A target without a `tls` mapping has the defaults of one.
  plan.set_verify(!target.has_tls() || target.tls().verify());
  plan.set_resumption(!target.has_tls() || target.tls().resumption());
  return plan;
}

}  // namespace drumline
