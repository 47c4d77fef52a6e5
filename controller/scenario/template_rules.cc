// The rules of feeds and of templates: files that can be read, names that there are.
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "controller/scenario/feed_file.h"
#include "controller/scenario/payload_file.h"
#include "controller/scenario/rule_context.h"
#include "controller/scenario/suggestion.h"
#include "core/feed_table.h"
#include "core/template.h"

namespace drumline {
namespace {

// Line and column of a byte in a text, from 1.
Position PlaceIn(absl::string_view text, size_t offset) {
  Position place{1, 1};
  for (const char c : text.substr(0, offset)) {
    place = c == '\n' ? Position{place.line + 1, 1} : Position{place.line, place.column + 1};
  }
  return place;
}

std::string Words(const TemplateFault& fault) {
  if (fault.word.empty()) return fault.message;
  const std::vector<absl::string_view> known(fault.candidates.begin(), fault.candidates.end());
  const absl::string_view nearest = NearestWord(fault.word, known);
  if (!nearest.empty()) {
    return absl::StrCat(fault.message, " ", Quoted(fault.word), "; did you mean ", Quoted(nearest),
                        "?");
  }
  return absl::StrCat(fault.message, " ", Quoted(fault.word),
                      known.empty() ? "" : absl::StrCat("; there is ", absl::StrJoin(known, ", ")));
}

class TemplateRules {
 public:
  explicit TemplateRules(const RuleContext& context) : context_(context) {}

  void CheckFeeds() {
    size_t bytes = 0;
    const std::map<std::string, proto::Feed> feeds(context_.scenario->feeds().begin(),
                                                   context_.scenario->feeds().end());
    for (const auto& [name, feed] : feeds) {
      const std::string path = FieldPath(FieldPath("feeds", name), "file");
      // Of a feed that cannot be read no column is known, and nothing is said about its templates.
      if (!context_.Has(path) || !context_.IsSound(path)) {
        sound_ = false;
        continue;
      }
      const absl::StatusOr<FeedContent> content =
          ReadFeed(ResolvePayloadPath(context_.directory, feed.file()));
      if (!content.ok()) {
        sound_ = false;
        context_.faults->Add(
            context_.given->ValueAt(path),
            absl::StrCat("`", path, "`: ", Quoted(feed.file()), " ", content.status().message()));
        continue;
      }
      names_.feeds.push_back({name, content->columns});
      for (const std::string& value : content->values) bytes += value.size();
    }
    if (bytes > kMaxFeedBytes) {
      context_.Refuse("feeds", absl::StrCat("`feeds` hold ", bytes, " bytes together; at most ",
                                            kMaxFeedBytes, " are allowed"));
    }
  }

  void CheckRequest(const proto::Request& request, const std::string& path, bool first_step) {
    if (first_step) names_.taken.clear();
    CheckText(FieldPath(path, "path"), request.path());
    for (const auto& [name, value] : request.headers()) {
      CheckText(FieldPath(FieldPath(path, "headers"), name), value);
    }
    const std::string body = FieldPath(path, "body");
    CheckText(FieldPath(body, "inline"), request.body().inline_());
    CheckFile(FieldPath(body, "template"), request.body().template_());
    // For the steps that follow.
    for (const auto& [name, take] : request.take()) names_.taken.push_back(name);
  }

 private:
  std::vector<TemplateFault> FaultsOf(absl::string_view text) const {
    std::vector<TemplateFault> faults;
    if (sound_) Template::Parse({text.data(), text.size()}, names_, 0, &faults);
    return faults;
  }

  // Where the scenario quotes or folds a text, its own columns are not the file's.
  void CheckText(const std::string& path, const std::string& text) {
    if (!context_.IsSound(path)) return;
    for (const TemplateFault& fault : FaultsOf(text)) {
      context_.faults->Add(
          context_.given->ValueAt(path),
          absl::StrCat("`", path, "`: at its character ", fault.offset + 1, ", ", Words(fault)));
    }
  }

  void CheckFile(const std::string& path, const std::string& file) {
    if (file.empty() || !context_.IsSound(path)) return;
    const absl::StatusOr<std::string> text =
        ReadPayload(ResolvePayloadPath(context_.directory, file));
    if (!text.ok()) return;
    for (const TemplateFault& fault : FaultsOf(*text)) {
      const Position place = PlaceIn(*text, fault.offset);
      context_.faults->Add(context_.given->ValueAt(path),
                           absl::StrCat("`", path, "`: ", file, ":", place.line, ":", place.column,
                                        ": ", Words(fault)));
    }
  }

  const RuleContext& context_;
  TemplateNames names_;
  // The names of all feeds and their columns are known.
  bool sound_ = true;
};

}  // namespace

void CheckTemplates(const RuleContext& context) {
  TemplateRules rules(context);
  rules.CheckFeeds();
  for (const PlacedRequest& placed : RequestsOf(context)) {
    rules.CheckRequest(*placed.request, placed.path, placed.first_step);
  }
}

}  // namespace drumline
