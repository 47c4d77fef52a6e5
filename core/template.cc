#include "core/template.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace drumline {
namespace {

constexpr std::string_view kOpen = "{{";
constexpr std::string_view kClose = "}}";
constexpr std::string_view kBlanks = " \t\r\n";

std::string_view Trim(std::string_view text) {
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::vector<std::string_view> Words(std::string_view text) {
  std::vector<std::string_view> words;
  for (text = Trim(text); !text.empty(); text = Trim(text)) {
    words.push_back(text.substr(0, text.find_first_of(kBlanks)));
    text.remove_prefix(words.back().size());
  }
  return words;
}

std::optional<int64_t> WholeNumber(std::string_view text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || number > Template::kMaxNumber || number < -Template::kMaxNumber) {
    return std::nullopt;
  }
  return number;
}

template <typename Number>
void AppendNumber(Number number, std::string* out) {
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out->append(digits.data(), static_cast<size_t>(end - digits.data()));
}

constexpr char kHex[] = "0123456789abcdef";

// RFC 9562, 4 and 5.4: version and variant in their places, everything else random.
void AppendUuid(const RandomSequence& random, uint64_t position, std::string* out) {
  const std::array<uint64_t, 2> bits = {
      (random.BitsAt(2 * position) & ~uint64_t{0xf000}) | uint64_t{0x4000},
      (random.BitsAt(2 * position + 1) & ~(uint64_t{3} << 62)) | (uint64_t{2} << 62)};
  for (int digit = 0; digit < 32; ++digit) {
    if (digit == 8 || digit == 12 || digit == 16 || digit == 20) out->push_back('-');
    const uint64_t half = bits[static_cast<size_t>(digit / 16)];
    out->push_back(kHex[half >> (60 - 4 * (digit % 16)) & 15]);
  }
}

void AppendValue(std::string_view value, Template::Escape escape, std::string* out) {
  if (escape == Template::Escape::kNone) {
    out->append(value);
    return;
  }
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7f && c != '#') {
      out->push_back(c);
    } else {
      out->push_back('%');
      out->push_back("0123456789ABCDEF"[byte >> 4]);
      out->push_back("0123456789ABCDEF"[byte & 15]);
    }
  }
}

}  // namespace

class TemplateParser {
 public:
  TemplateParser(const TemplateNames& names, uint64_t seed, std::vector<TemplateFault>* faults)
      : names_(names), seeds_(seed), faults_(faults) {}

  Template Parse(std::string_view text) {
    size_t at = 0;
    while (at < text.size()) {
      const size_t open = text.find(kOpen, at);
      AddText(text.substr(at, open - at));
      if (open == std::string_view::npos) break;
      const size_t close = EndOfPlace(text, open + kOpen.size());
      if (close == std::string_view::npos) {
        Refuse(open, "`{{` is never closed by `}}`");
        break;
      }
      const std::string_view inside = text.substr(open + kOpen.size(), close - open - 2);
      AddPlace(Trim(inside),
               open + kOpen.size() + std::min(inside.find_first_not_of(kBlanks), inside.size()));
      at = close + kClose.size();
    }
    return std::move(result_);
  }

 private:
  using Piece = Template::Piece;
  using Kind = Template::Kind;

  // A literal may have braces in it.
  static size_t EndOfPlace(std::string_view text, size_t from) {
    const size_t first = text.find_first_not_of(kBlanks, from);
    if (first != std::string_view::npos && text[first] == '"') {
      const size_t quote = text.find('"', first + 1);
      if (quote != std::string_view::npos) from = quote + 1;
    }
    return text.find(kClose, from);
  }

  void Refuse(size_t offset, std::string message, std::string_view word = {},
              std::vector<std::string> candidates = {}) {
    faults_->push_back({offset, std::move(message), std::string(word), std::move(candidates)});
  }

  void AddText(std::string_view text) {
    if (text.empty()) return;
    if (result_.pieces_.empty() || result_.pieces_.back().kind != Kind::kText) {
      result_.pieces_.emplace_back();
    }
    result_.pieces_.back().text.append(text);
  }

  // Each place draws from a sequence of its own.
  Piece& Add(Kind kind) {
    Piece& piece = result_.pieces_.emplace_back();
    piece.kind = kind;
    piece.random = RandomSequence(seeds_.BitsAt(places_));
    return piece;
  }

  void AddPlace(std::string_view inside, size_t offset) {
    if (++places_ > Template::kMaxPlaces) {
      if (places_ == Template::kMaxPlaces + 1) Refuse(offset, "has more than 256 places");
      return;
    }
    const std::vector<std::string_view> words = Words(inside);
    if (words.empty()) return Refuse(offset, "`{{}}` names nothing");
    if (inside.front() == '"') return AddLiteral(inside, offset);
    if (words[0] == "random") return AddRandom(words, offset);
    if (words.size() > 1) {
      return Refuse(offset, "`{{" + std::string(inside) + "}}` is more than one word");
    }
    if (words[0] == "seq") {
      Add(Kind::kSeq);
    } else if (words[0] == "uuid") {
      Add(Kind::kUuid);
    } else {
      AddName(words[0], offset);
    }
  }

  void AddLiteral(std::string_view inside, size_t offset) {
    if (inside.size() < 2 || inside.find('"', 1) != inside.size() - 1) {
      return Refuse(offset, "a text in quotes ends with its second quote, and nothing follows it");
    }
    AddText(inside.substr(1, inside.size() - 2));
  }

  void AddRandom(const std::vector<std::string_view>& words, size_t offset) {
    const auto low = words.size() == 3 ? WholeNumber(words[1]) : std::nullopt;
    const auto high = words.size() == 3 ? WholeNumber(words[2]) : std::nullopt;
    if (!low || !high) {
      return Refuse(offset, "`random` wants two whole numbers, for example {{random 1 100}}");
    }
    if (*low > *high) {
      return Refuse(offset, "`random` wants the smaller number first: there is none from " +
                                std::to_string(*low) + " to " + std::to_string(*high));
    }
    Piece& piece = Add(Kind::kRandom);
    piece.low = *low;
    piece.span = static_cast<uint64_t>(*high - *low) + 1;
  }

  void AddName(std::string_view name, size_t offset) {
    const size_t dot = name.find('.');
    if (dot != std::string_view::npos) {
      return AddColumn(name.substr(0, dot), name.substr(dot + 1), offset, dot + 1);
    }
    const auto slot = std::find(names_.taken.begin(), names_.taken.end(), name);
    if (slot != names_.taken.end()) {
      Add(Kind::kTaken).feed = static_cast<size_t>(slot - names_.taken.begin());
      return;
    }
    std::vector<std::string> known = {"seq", "uuid", "random"};
    known.insert(known.end(), names_.taken.begin(), names_.taken.end());
    Refuse(offset, "nothing is named", name, std::move(known));
  }

  void AddColumn(std::string_view feed_name, std::string_view column_name, size_t offset,
                 size_t column_at) {
    std::vector<std::string> known;
    for (size_t i = 0; i < names_.feeds.size(); ++i) {
      const TemplateNames::Feed& feed = names_.feeds[i];
      known.push_back(feed.name);
      if (feed.name != feed_name) continue;
      const auto column = std::find(feed.columns.begin(), feed.columns.end(), column_name);
      if (column == feed.columns.end()) {
        return Refuse(offset + column_at, "no column is named", column_name, feed.columns);
      }
      Piece& piece = Add(Kind::kFeed);
      piece.feed = i;
      piece.column = static_cast<size_t>(column - feed.columns.begin());
      return;
    }
    Refuse(offset, "no feed is named", feed_name, std::move(known));
  }

  const TemplateNames& names_;
  const RandomSequence seeds_;
  std::vector<TemplateFault>* const faults_;
  uint64_t places_ = 0;
  Template result_;
};

Template Template::Parse(std::string_view text, const TemplateNames& names, uint64_t seed,
                         std::vector<TemplateFault>* faults) {
  return TemplateParser(names, seed, faults).Parse(text);
}

void Template::Render(const Input& input, Escape escape, std::string* out) const {
  for (const Piece& piece : pieces_) {
    switch (piece.kind) {
      case Kind::kText:
        out->append(piece.text);
        break;
      case Kind::kSeq:
        AppendNumber(input.position, out);
        break;
      case Kind::kUuid:
        AppendUuid(piece.random, input.position, out);
        break;
      case Kind::kRandom: {
        // Lemire's multiplication: the bias is below 2^-10 even for the widest span.
        const auto wide = static_cast<unsigned __int128>(piece.random.BitsAt(input.position));
        AppendNumber(piece.low + static_cast<int64_t>(wide * piece.span >> 64), out);
        break;
      }
      case Kind::kFeed:
        AppendValue((*input.feeds)[piece.feed].ValueAt(input.position, piece.column), escape, out);
        break;
      case Kind::kTaken:
        AppendValue((*input.taken)[piece.feed], escape, out);
        break;
    }
  }
}

bool Template::UsesFeed(size_t feed) const {
  return std::any_of(pieces_.begin(), pieces_.end(), [feed](const Piece& piece) {
    return piece.kind == Kind::kFeed && piece.feed == feed;
  });
}

bool Template::constant() const {
  return std::all_of(pieces_.begin(), pieces_.end(),
                     [](const Piece& piece) { return piece.kind == Kind::kText; });
}

}  // namespace drumline
