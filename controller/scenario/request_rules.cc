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

bool HasNoBody(const std::string& method) { return method == "GET" || method == "HEAD"; }

// The rules of one request, wherever it stands in the scenario.
class RequestRules {
 public:
  RequestRules(const RuleContext& context, const proto::Request& request, std::string path)
      : context_(context),
        request_(request),
        path_(std::move(path)),
        body_(Path("body")),
        body_file_(FieldPath(body_, "file")) {}

  void Check() {
    CheckHeaders();
    CheckMethod();
    CheckExpect();
    if (context_.Has(body_)) CheckBody();
  }

 private:
  std::string Path(absl::string_view name) const { return FieldPath(path_, name); }

  // The size of one file that holds a body; -1 after a fault at the field that names it.
  int64_t CheckFile(const std::string& field, const std::string& file) {
    const absl::StatusOr<int64_t> bytes =
        PayloadFileBytes(ResolvePayloadPath(context_.directory, file));
    if (bytes.ok()) return *bytes;
    context_.faults->Add(
        context_.given->ValueAt(field),
        absl::StrCat("`", field, "`: ", Quoted(file), " ", bytes.status().message(),
                     " (names are relative to the scenario's directory)"));
    return -1;
  }

  // A {payload} file is there for each value of the matrix, with the size that its name promises.
  void CheckPayloadFiles(const std::string& file) {
    if (!context_.Has("matrix.payload")) {
      if (context_.given->HasUnknownKey("matrix") || !context_.IsSound("matrix")) return;
      context_.faults->Add(
          context_.given->ValueAt(body_file_),
          absl::StrCat("`", body_file_, "`: ", Quoted(file),
                       " has {payload} in its name, but there is no matrix.payload: "
                       "write `matrix: {payload: [256B, 1KiB]}` or name one file"));
      return;
    }
    if (!context_.IsSound("matrix.payload")) return;
    for (const proto::Bytes& size : context_.scenario->matrix().payload()) {
      const std::string name = SubstitutePayload(file, size.text());
      const int64_t bytes = CheckFile(body_file_, name);
      if (bytes < 0 || bytes == size.bytes()) continue;
      context_.faults->Add(context_.given->ValueAt(body_file_),
                           absl::StrCat("`", body_file_, "`: ", Quoted(name), " has ", bytes,
                                        " bytes; matrix.payload promises ", size.bytes()));
    }
  }

  void CheckBody() {
    const auto named = context_.Named(body_, {"file", "inline", "size", "template"});
    if (named.size() > 1) {
      context_.Refuse(
          FieldPath(body_, named.back()),
          absl::StrCat("`", body_, "` has ", absl::StrJoin(named, " and "), ": keep one of them"));
      return;
    }
    if (named.empty()) {
      if (context_.given->HasUnknownKey(body_) || !context_.IsSound(body_)) return;
      context_.Refuse(body_, absl::StrCat("`", body_,
                                          "` is empty: write {file: NAME}, {inline: TEXT} or "
                                          "{size: 1KiB}, or remove it"));
      return;
    }
    if (!context_.IsSound(body_)) return;
    const proto::Body& body = request_.body();
    if (named.front() == "inline" && body.inline_().empty()) {
      const std::string path = FieldPath(body_, "inline");
      context_.Refuse(path, absl::StrCat("`", path, "` is empty: remove `body` to send none"));
    } else if (named.front() == "file" && NamesPayload(body.file())) {
      CheckPayloadFiles(body.file());
    } else if (named.front() == "file") {
      CheckFile(body_file_, body.file());
    } else if (named.front() == "template") {
      CheckFile(FieldPath(body_, "template"), body.template_());
    }
  }

  void CheckMethod() {
    const std::string& method = request_.method();
    if (!context_.IsSound(Path("method")) || !HasNoBody(method)) return;
    const absl::string_view what_to_do =
        context_.Has(Path("method")) ? "" : " (the method where none is named)";
    if (context_.Has(body_)) {
      context_.Refuse(body_, absl::StrCat("`", body_, "`: ", method, what_to_do,
                                          " has no body: write `method: POST`, or remove `body`"));
    } else if (context_.Has("matrix.payload") && path_ == "request") {
      context_.Refuse("matrix.payload",
                      absl::StrCat("`matrix.payload` varies the request's body, and ", method,
                                   what_to_do, " has none: write `method: POST`, or remove it"));
    }
    for (const absl::string_view name : {"body_contains", "json"}) {
      const std::string path = FieldPath(Path("expect"), name);
      if (method != "HEAD" || !context_.Has(path)) continue;
      context_.Refuse(path, absl::StrCat("`", path,
                                         "`: the reply to HEAD has no body: remove it, or "
                                         "write `method: GET`"));
    }
  }

  void CheckExpect() {
    const std::string status = FieldPath(Path("expect"), "status");
    const std::string statuses = FieldPath(Path("expect"), "statuses");
    if (!context_.Has(statuses)) return;
    if (context_.Has(status)) {
      context_.Refuse(status, absl::StrCat("`", status,
                                           "` and `statuses` say the same thing: keep "
                                           "one of them"));
    } else if (context_.IsSound(statuses) && request_.expect().statuses().empty()) {
      context_.Refuse(statuses,
                      absl::StrCat("`", statuses, "` is empty: no status would be right"));
    }
  }

  // Names that differ in case alone are one header, and YAML does not know it.
  void CheckHeaders() {
    std::map<std::string, std::string> seen;
    for (const auto& [name, value] :
         std::map<std::string, std::string>(request_.headers().begin(), request_.headers().end())) {
      const auto [first, added] = seen.emplace(absl::AsciiStrToLower(name), name);
      if (added) continue;
      context_.Refuse(FieldPath(Path("headers"), name),
                      absl::StrCat("`", Path("headers"), "`: ", Quoted(name), " and ",
                                   Quoted(first->second), " are the same header: remove one"));
    }
  }

  const RuleContext& context_;
  const proto::Request& request_;
  const std::string path_;
  const std::string body_;
  const std::string body_file_;
};

}  // namespace

void CheckRequest(const RuleContext& context) {
  CheckMix(context);
  for (const PlacedRequest& placed : RequestsOf(context)) {
    RequestRules(context, *placed.request, placed.path).Check();
  }
  CheckTemplates(context);
}

}  // namespace drumline
