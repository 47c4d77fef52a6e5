#include "controller/scenario/yaml_source.h"

#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "controller/scenario/yaml_tree_builder.h"

namespace drumline {
namespace {

constexpr absl::string_view kByteOrderMark = "\xEF\xBB\xBF";

// yaml-cpp's words, and what they mean to somebody who does not write parsers.
constexpr std::array<std::pair<absl::string_view, absl::string_view>, 8> kMeanings = {{
    {"illegal map value",
     "a `:` where no key can end: check the indentation, and quote a text that contains `: `"},
    {"end of map not found", "this does not belong to the mapping above: check the indentation"},
    {"end of sequence not found", "this does not belong to the list above: check the indentation"},
    {"end of map flow not found", "a mapping opened with `{` is not closed with `}`"},
    {"end of sequence flow not found", "a list opened with `[` is not closed with `]`"},
    {"unknown token", "a text cannot start with this character: put it in quotes"},
    {"illegal block entry", "a list item (`- `) cannot stand here"},
    {"the referenced anchor is not defined", "this alias names an anchor that is not defined"},
}};

// The bytes of the character at the front of the text; 0 where it is not UTF-8.
size_t Utf8Length(absl::string_view text) {
  const auto byte = [text](size_t index) { return static_cast<unsigned char>(text[index]); };
  const size_t length = byte(0) < 0x80   ? 1
                        : byte(0) < 0xC2 ? 0
                        : byte(0) < 0xE0 ? 2
                        : byte(0) < 0xF0 ? 3
                        : byte(0) < 0xF5 ? 4
                                         : 0;
  if (length > text.size()) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  // Overlong forms, surrogates and what lies beyond Unicode.
  if (byte(0) == 0xE0 && byte(1) < 0xA0) return 0;
  if (byte(0) == 0xED && byte(1) > 0x9F) return 0;
  if (byte(0) == 0xF0 && byte(1) < 0x90) return 0;
  if (byte(0) == 0xF4 && byte(1) > 0x8F) return 0;
  return length;
}

bool IsForbiddenControl(char byte) {
  const unsigned char code = static_cast<unsigned char>(byte);
  return (code < 0x20 && code != '\t' && code != '\n' && code != '\r') || code == 0x7F;
}

// The first character that no text file has, as a fault.
bool CheckCharacters(absl::string_view text, FaultList* faults) {
  Position position{1, 1};
  while (!text.empty()) {
    const size_t length = Utf8Length(text);
    if (length == 0) {
      faults->Add(position, "the file is not UTF-8 from here on: save it as UTF-8");
      return false;
    }
    if (IsForbiddenControl(text.front())) {
      faults->Add(position, absl::StrFormat("a control character (0x%02x) in the file: remove it",
                                            static_cast<unsigned char>(text.front())));
      return false;
    }
    position.column += static_cast<int>(length);
    if (text.front() == '\n') position = {position.line + 1, 1};
    text.remove_prefix(length);
  }
  return true;
}

// A tab in the indentation of the line (counted from 1) or the one before, where there is one.
std::optional<Position> FindTabIndent(absl::string_view text, int last_line) {
  size_t begin = 0;
  for (int line = 1; line <= last_line && begin <= text.size(); ++line) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    const absl::string_view content = text.substr(begin, end - begin);
    const size_t first = std::min(content.find_first_not_of(" \t"), content.size());
    const size_t tab = content.substr(0, first).find('\t');
    if (tab != absl::string_view::npos && line >= last_line - 1) {
      return Position{line, static_cast<int>(tab) + 1};
    }
    begin = end + 1;
  }
  return std::nullopt;
}

void AddParserFault(absl::string_view text, const YAML::ParserException& error, FaultList* faults) {
  // Without a mark the parser speaks of the whole.
  const Position position =
      error.mark.is_null() ? Position{1, 1} : Position{error.mark.line + 1, error.mark.column + 1};
  if (const auto tab = FindTabIndent(text, position.line)) {
    faults->Add(*tab, "a tab in the indentation: YAML takes spaces only");
    return;
  }
  absl::string_view message = error.msg;
  for (const auto& [words, meaning] : kMeanings) {
    if (message == words) message = meaning;
  }
  faults->Add(position, absl::StrCat("this is not YAML: ", message));
}

}  // namespace

absl::string_view DescribeKind(YamlKind kind) {
  switch (kind) {
    case YamlKind::kNull:
      return "nothing";
    case YamlKind::kScalar:
      return "a single value";
    case YamlKind::kList:
      return "a list";
    case YamlKind::kMap:
      return "a mapping";
  }
  return "";
}

std::optional<YamlDocument> ParseYaml(absl::string_view text, FaultList* faults) {
  if (text.size() > kMaxSourceBytes) {
    faults->Add({}, absl::StrCat("the file is larger than 1 MiB (", kMaxSourceBytes,
                                 " bytes), the most that a scenario may have"));
    return std::nullopt;
  }
  text = absl::StripPrefix(text, kByteOrderMark);
  if (!CheckCharacters(text, faults)) return std::nullopt;
  YamlTreeBuilder builder(text, faults);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    // The second call finds the end, or refuses a second document in its first event. It must not
    // be repeated: yaml-cpp 0.7 does not move on from a stray `,` and would return for ever.
    if (parser.HandleNextDocument(builder)) parser.HandleNextDocument(builder);
  } catch (const YamlRefused& refused) {
    faults->Add(refused.position, refused.message);
    return std::nullopt;
  } catch (const YAML::ParserException& error) {
    AddParserFault(text, error, faults);
    return std::nullopt;
  } catch (const std::exception& error) {
    // yaml-cpp converts numbers within escapes by streams and containers that may throw as well.
    faults->Add({}, absl::StrCat("this is not YAML: ", error.what()));
    return std::nullopt;
  }
  if (builder.root() == nullptr) {
    faults->Add({1, 1}, "the file is empty; a scenario starts with its name, as in `name: echo`");
    return std::nullopt;
  }
  return YamlDocument(builder.TakeNodes(), builder.root());
}

}  // namespace drumline
