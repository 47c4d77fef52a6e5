// Writes a schema or the reference to standard output.
//
//     write_schema DESCRIPTORS scenario|environment|report|reference
//
// DESCRIPTORS is what `protoc --include_source_info --descriptor_set_out` wrote.
#include <cstdio>
#include <string>

#include "controller/bundle/posix_file.h"
#include "controller/schema/comments.h"
#include "controller/schema/report_schema.h"
#include "controller/schema/scenario_schema.h"
#include "proto/environment.pb.h"
#include "proto/report.pb.h"
#include "proto/scenario.pb.h"

namespace drumline {
namespace {

constexpr int kExitWrongInput = 2;
constexpr int64_t kMaxDescriptorBytes = int64_t{64} << 20;

std::string Written(const std::string& kind, const Comments& comments) {
  if (kind == "scenario") {
    return YamlSchema(*proto::Scenario::descriptor(), comments, "A Drumline scenario");
  }
  if (kind == "environment") {
    return YamlSchema(*proto::EnvironmentFile::descriptor(), comments, "A Drumline environment");
  }
  if (kind == "report") return ReportSchema(*proto::Report::descriptor(), comments);
  if (kind == "reference") return YamlReference(*proto::Scenario::descriptor(), comments);
  return "";
}

int Main(const std::string& path, const std::string& kind) {
  const absl::StatusOr<std::string> bytes = ReadWholeFile(path, kMaxDescriptorBytes);
  const absl::StatusOr<Comments> comments =
      bytes.ok() ? Comments::Parse(*bytes) : absl::StatusOr<Comments>(bytes.status());
  if (!comments.ok()) {
    std::fprintf(stderr, "write_schema: %s\n", std::string(comments.status().message()).c_str());
    return kExitWrongInput;
  }
  const std::string text = Written(kind, *comments);
  std::fputs(text.c_str(), stdout);
  return text.empty() ? kExitWrongInput : 0;
}

}  // namespace
}  // namespace drumline

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: write_schema DESCRIPTORS scenario|environment|report|reference\n", stderr);
    return drumline::kExitWrongInput;
  }
  return drumline::Main(argv[1], argv[2]);
}
