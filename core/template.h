// Template: a text with places that each beat fills in, compiled once and rendered without
// allocation.
//
//     std::vector<TemplateFault> faults;
//     const auto path = Template::Parse("/users/{{random 1 100}}?q={{users.email}}", names, seed,
//                                       &faults);
//     path.Render({.position = beat, .feeds = feeds}, &buffer);      // appends
//
// What may stand between {{ and }}, with blanks around it:
//
//     seq            the beat's number in the plan, from 0; no two beats of a run have the same
//     uuid           a UUID (RFC 9562, version 4) that depends on the seed and the beat
//     random A B     a whole number from A to B, both included; each place draws its own
//     FEED.COLUMN    of the row that the beat has in that feed (core/feed_table.h)
//     NAME           what an earlier step of the flow took from its answer
//     "TEXT"         TEXT itself, so that {{"{{"}} is how {{ is written
//
// Everything else is text, a lone }} included. What a place renders depends on the seed, the place
// and the beat's number alone: any number of agents and workers send the same requests.
// Immutable once parsed; safe from any thread.
#ifndef CORE_TEMPLATE_H_
#define CORE_TEMPLATE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/feed_table.h"
#include "core/random.h"

namespace drumline {

// What the places of a template may name.
struct TemplateNames {
  struct Feed {
    std::string name;
    std::vector<std::string> columns;
  };
  std::vector<Feed> feeds;
  // Values of earlier steps, by their slots.
  std::vector<std::string> taken;
};

struct TemplateFault {
  // Where in the text, in bytes from 0.
  size_t offset = 0;
  // What is wrong, as the rest of a sentence.
  std::string message;
  // Where a name is not known: the name, and those that are.
  std::string word;
  std::vector<std::string> candidates;
};

class Template {
 public:
  static constexpr size_t kMaxPlaces = 256;
  // Numbers of `random` lie between −2^53 and 2^53, as those of JSON do.
  static constexpr int64_t kMaxNumber = int64_t{1} << 53;

  struct Input {
    uint64_t position = 0;
    // By the order of TemplateNames.
    const std::vector<FeedTable>* feeds = nullptr;
    const std::vector<std::string>* taken = nullptr;
  };

  // How values are put into the text: as they are, or with what cannot stand in a request's path
  // and query percent-encoded (RFC 3986, 2.1): controls, blanks, #, and bytes beyond ASCII.
  enum class Escape { kNone, kPath };

  // Of an empty text.
  Template() = default;
  // Appends what is wrong to [faults]; what was parsed is of no use then.
  static Template Parse(std::string_view text, const TemplateNames& names, uint64_t seed,
                        std::vector<TemplateFault>* faults);
  // Whether there is a place in it, or what looks like one.
  static bool Looks(std::string_view text) { return text.find("{{") != std::string_view::npos; }

  // Appends. Allocates only where [out] has no room for it.
  void Render(const Input& input, Escape escape, std::string* out) const;

  // Whether it takes a value from the feed of this number.
  bool UsesFeed(size_t feed) const;
  // Whether it renders the same for every beat.
  bool constant() const;

 private:
  friend class TemplateParser;

  enum class Kind { kText, kSeq, kUuid, kRandom, kFeed, kTaken };

  struct Piece {
    Kind kind = Kind::kText;
    std::string text;
    int64_t low = 0;
    uint64_t span = 0;  // how many numbers there are from low on
    size_t feed = 0;    // of kFeed; of kTaken the slot
    size_t column = 0;
    RandomSequence random{0};
  };

  std::vector<Piece> pieces_;
};

}  // namespace drumline

#endif  // CORE_TEMPLATE_H_
