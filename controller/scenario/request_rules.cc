#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "controller/scenario/payload_file.h"
#include "controller/scenario/rule_context.h"
#include "controller/scenario/scalar.h"

namespace drumline {
namespace {

constexpr absl::string_view kBody = "request.body";
constexpr absl::string_view kBodyFile = "request.body.file";

bool HasNoBody(const std::string& method) { return method == "GET" || method == "HEAD"; }

// The size of one payload file; -1 after a fault.
int64_t CheckFile(const RuleContext& context, const std::string& file) {
  const absl::StatusOr<int64_t> bytes =
      PayloadFileBytes(ResolvePayloadPath(context.directory, file));
  if (bytes.ok()) return *bytes;
  context.faults->Add(
      context.given->ValueAt(kBodyFile),
      absl::StrCat("`request.body.file`: ", Quoted(file), " ", bytes.status().message(),
                   " (names are relative to the scenario's directory)"));
  return -1;
}

// A {payload} file is there for each value of the matrix, with the size that its name promises.
void CheckPayloadFiles(const RuleContext& context, const std::string& file) {
  if (!context.Has("matrix.payload")) {
    if (context.given->HasUnknownKey("matrix") || !context.IsSound("matrix")) return;
    context.faults->Add(context.given->ValueAt(kBodyFile),
                        absl::StrCat("`request.body.file`: ", Quoted(file),
                                     " has {payload} in its name, but there is no matrix.payload: "
                                     "write `matrix: {payload: [256B, 1KiB]}` or name one file"));
    return;
  }
  if (!context.IsSound("matrix.payload")) return;
  for (const proto::Bytes& size : context.scenario->matrix().payload()) {
    const std::string name = SubstitutePayload(file, size.text());
    const int64_t bytes = CheckFile(context, name);
    if (bytes < 0 || bytes == size.bytes()) continue;
    context.faults->Add(context.given->ValueAt(kBodyFile),
                        absl::StrCat("`request.body.file`: ", Quoted(name), " has ", bytes,
                                     " bytes; matrix.payload promises ", size.bytes()));
  }
}

void CheckBody(const RuleContext& context) {
  const auto named = context.Named(kBody, {"file", "inline", "size"});
  if (named.size() > 1) {
    context.Refuse(
        FieldPath(kBody, named.back()),
        absl::StrCat("`request.body` has ", absl::StrJoin(named, " and "), ": keep one of them"));
    return;
  }
  if (named.empty()) {
    if (context.given->HasUnknownKey(kBody) || !context.IsSound(kBody)) return;
    context.Refuse(kBody,
                   "`request.body` is empty: write {file: NAME}, {inline: TEXT} or {size: "
                   "1KiB}, or remove it");
    return;
  }
  if (!context.IsSound(kBody)) return;
  const proto::Body& body = context.scenario->request().body();
  if (named.front() == "inline" && body.inline_().empty()) {
    context.Refuse("request.body.inline",
                   "`request.body.inline` is empty: remove `body` to send none");
  } else if (named.front() == "file" && NamesPayload(body.file())) {
    CheckPayloadFiles(context, body.file());
  } else if (named.front() == "file") {
    CheckFile(context, body.file());
  }
}

void CheckMethod(const RuleContext& context) {
  const std::string& method = context.scenario->request().method();
  if (!context.IsSound("request.method") || !HasNoBody(method)) return;
  const absl::string_view what_to_do =
      context.Has("request.method") ? "" : " (the method where none is named)";
  if (context.Has(kBody)) {
    context.Refuse(kBody, absl::StrCat("`request.body`: ", method, what_to_do,
                                       " has no body: write `method: POST`, or remove `body`"));
  } else if (context.Has("matrix.payload")) {
    context.Refuse("matrix.payload",
                   absl::StrCat("`matrix.payload` varies the request's body, and ", method,
                                what_to_do, " has none: write `method: POST`, or remove it"));
  }
  if (method == "HEAD" && context.Has("request.expect.body_contains")) {
    context.Refuse("request.expect.body_contains",
                   "`request.expect.body_contains`: the reply to HEAD has no body: remove it, or "
                   "write `method: GET`");
  }
}

// Names that differ in case alone are one header, and YAML does not know it.
void CheckHeaders(const RuleContext& context) {
  std::map<std::string, std::string> seen;
  for (const auto& [name, value] :
       std::map<std::string, std::string>(context.scenario->request().headers().begin(),
                                          context.scenario->request().headers().end())) {
    const auto [first, added] = seen.emplace(absl::AsciiStrToLower(name), name);
    if (added) continue;
    context.Refuse(FieldPath("request.headers", name),
                   absl::StrCat("`request.headers`: ", Quoted(name), " and ", Quoted(first->second),
                                " are the same header: remove one"));
  }
}

}  // namespace

void CheckRequest(const RuleContext& context) {
  if (!context.Has("request") || !context.scenario->has_request()) return;
  CheckHeaders(context);
  CheckMethod(context);
  if (context.Has(kBody)) CheckBody(context);
}

}  // namespace drumline
