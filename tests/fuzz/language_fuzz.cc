// Any text is a template or has faults, and a table or has none: never a crash or a hang. What is
// accepted keeps its promises.
//
//   bazel build --config=fuzz //tests/fuzz:language_fuzz
//   cp -r tests/fuzz/corpus/language /tmp/corpus
//   bazel-bin/tests/fuzz/language_fuzz -max_total_time=60 /tmp/corpus
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "controller/scenario/feed_file.h"
#include "core/template.h"

namespace drumline {
namespace {

void Require(bool condition) {
  if (!condition) std::abort();
}

void CheckTemplate(std::string_view text) {
  proto::FeedRows rows;
  rows.set_name("users");
  rows.add_columns("email");
  rows.set_total_rows(1);
  rows.add_values("a@b.c");
  const std::vector<FeedTable> feeds = {FeedTable(rows, 1)};
  const std::vector<std::string> taken = {"7"};
  std::vector<TemplateFault> faults;
  const Template parsed = Template::Parse(text, {{{"users", {"email"}}}, {"id"}}, 1, &faults);
  for (const TemplateFault& fault : faults) {
    Require(fault.offset <= text.size() && !fault.message.empty());
  }
  if (!faults.empty()) return;
  std::string out;
  parsed.Render({.position = 1, .feeds = &feeds, .taken = &taken}, Template::Escape::kNone, &out);
  if (!Template::Looks(text)) Require(out == text);
  std::string path;
  parsed.Render({.position = 1, .feeds = &feeds, .taken = &taken}, Template::Escape::kPath, &path);
  Require(path == out);  // none of these values has a character to escape
}

void CheckTable(const absl::StatusOr<FeedContent>& feed) {
  if (!feed.ok()) {
    Require(!feed.status().message().empty());
    return;
  }
  Require(!feed->columns.empty() && feed->rows() > 0);
  Require(feed->values.size() == feed->rows() * feed->columns.size());
}

}  // namespace
}  // namespace drumline

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const char* text = reinterpret_cast<const char*>(bytes);
  drumline::CheckTemplate({text, size});
  drumline::CheckTable(drumline::ParseCsv({text, size}));
  drumline::CheckTable(drumline::ParseJsonLines({text, size}));
  return 0;
}
