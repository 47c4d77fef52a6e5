#include "tests/unit/target_services/random_echo_body.h"

#include <algorithm>
#include <string_view>
#include <vector>

namespace drumline::target {
namespace {

using Random = std::mt19937_64;

bool Chance(Random& random, uint64_t one_in) { return random() % one_in == 0; }

template <typename List>
auto Pick(Random& random, const List& list) {
  return std::string(list[random() % std::size(list)]);
}

std::string Space(Random& random) {
  constexpr std::string_view kSpaces[] = {" ", "\t", "\n", "\r", "  \r\n\t"};
  return Chance(random, 6) ? Pick(random, kSpaces) : "";
}

std::string Text(Random& random) {
  constexpr std::string_view kGood[] = {"a",         "bc",        "é",
                                        "€",         "🥁",      R"(\n)",
                                        R"(\")",     R"(\\)",     R"(\/)",
                                        R"(\b\f)",   R"(\r\t)",   R"(\u0000)",
                                        R"(\u001f)", R"(\u00e9)", R"(\u20AC)",
                                        "\x7f",      "/",         R"(\ud83e\udd41)",
                                        R"(\uFFFF)", R"(\ue000)", R"(\udbff\udfff)"};
  constexpr std::string_view kBad[] = {R"(\ud800)",
                                       R"(\udc00)",
                                       R"(\ud800\u0041)",
                                       R"(\ud800\ud800)",
                                       R"(\x41)",
                                       R"(\u12)",
                                       R"(\u00g0)",
                                       R"(\U0041)",
                                       "\x01",
                                       "\n",
                                       "\xff",
                                       "\xc3",
                                       "\xed\xa0\x80",
                                       "\xc0\x80",
                                       "\xf4\x90\x80\x80",
                                       "\x80",
                                       "\\",
                                       R"(\'))"};
  std::string text = "\"";
  for (uint64_t i = random() % 6; i > 0; --i) text += Pick(random, kGood);
  if (Chance(random, 60)) text += Pick(random, kBad);
  // Longer than the blocks in which parsers look at text.
  if (Chance(random, 10)) text.append(random() % 80, 'x');
  return text + "\"";
}

std::string Number(Random& random) {
  constexpr std::string_view kNumbers[] = {"0",
                                           "1",
                                           "-1",
                                           "-0",
                                           "0.0",
                                           "-0.0",
                                           "1e3",
                                           "1E+3",
                                           "2.5e-3",
                                           "0e0",
                                           "1e308",
                                           "0e999",
                                           "0.00e+5000",
                                           "0e999999999",
                                           "1e-999999999",
                                           "1e0000000001",
                                           "1e-400",
                                           "18446744073709551615",
                                           "9223372036854775807",
                                           "9223372036854775808",
                                           "-9223372036854775808",
                                           "123456789.000000001",
                                           "0.1234567890123456789012345678901234567890",
                                           "1000000000000000000000.0"};
  constexpr std::string_view kBad[] = {"01",
                                       "-",
                                       "+1",
                                       "1.",
                                       ".5",
                                       "1e",
                                       "1e+",
                                       "0x10",
                                       "1_000",
                                       "--1",
                                       "NaN",
                                       "Infinity",
                                       "-01",
                                       "1e400",
                                       "-1e400",
                                       "1e99999999999999999999",
                                       "0e9999999999",
                                       "1e-9999999999",
                                       "1e2147483648",
                                       "0e-99999999999999999999999",
                                       "18446744073709551616",
                                       "-9223372036854775809",
                                       "100000000000000000000000000000000",
                                       "1.2.3",
                                       "00",
                                       "1a"};
  if (Chance(random, 60)) return Pick(random, kBad);
  return Chance(random, 3) ? std::to_string(random() >> (random() % 64)) : Pick(random, kNumbers);
}

std::string Value(Random& random, int levels);

std::string Array(Random& random, int levels) {
  std::string text = "[" + Space(random);
  for (uint64_t i = random() % 4; i > 0; --i) {
    text += Value(random, levels - 1) + Space(random);
    if (i > 1) text += "," + Space(random);
  }
  return text + "]";
}

std::string Object(Random& random, int levels) {
  std::string text = "{" + Space(random);
  for (uint64_t i = random() % 4; i > 0; --i) {
    text += Text(random) + Space(random) + ":" + Space(random) + Value(random, levels - 1);
    if (i > 1) text += "," + Space(random);
  }
  return text + "}";
}

// Around the deepest that is taken.
std::string Nest(Random& random) {
  const size_t depth = 62 + random() % 6;
  const bool objects = Chance(random, 2);
  std::string text;
  for (size_t i = 0; i < depth; ++i) text += objects ? R"({"k":)" : "[";
  text += objects || Chance(random, 2) ? "1" : "";
  return text + std::string(depth, objects ? '}' : ']');
}

std::string Value(Random& random, int levels) {
  constexpr std::string_view kWords[] = {"true", "false", "null"};
  constexpr std::string_view kBadWords[] = {"tru",       "True", "nul", "nulll", "truefalse",
                                            "undefined", "",     "'a'", "//",    "/* */"};
  const uint64_t kind = random() % 10;
  if (Chance(random, 100)) return Pick(random, kBadWords);
  if (Chance(random, 50)) return Nest(random);
  if (kind < 2 && levels > 0) return Array(random, levels);
  if (kind < 4 && levels > 0) return Object(random, levels);
  if (kind < 6) return Number(random);
  if (kind < 7) return Pick(random, kWords);
  return Text(random);
}

std::string Metadata(Random& random) {
  std::string text = "[" + Space(random);
  for (uint64_t i = random() % 4; i > 0; --i) {
    text += Chance(random, 40) ? Value(random, 2) : Text(random);
    if (i > 1) text += Space(random) + ",";
  }
  return text + "]";
}

std::string Fields(Random& random) {
  constexpr std::string_view kOddKeys[] = {"x", "Id", "id ", "", "user-agent", "metadata2"};
  std::vector<std::string> fields;
  const auto add = [&](const std::string& key, const std::string& value) {
    fields.push_back(key + Space(random) + ":" + Space(random) +
                     (Chance(random, 30) ? Value(random, 3) : value));
  };
  do {
    if (!Chance(random, 40))
      add(Chance(random, 10) ? R"("\u0069d")" : R"("id")", std::to_string(random()));
    if (!Chance(random, 40)) add(R"("user_agent")", Text(random));
    if (!Chance(random, 40)) add(R"("metadata")", Metadata(random));
    if (Chance(random, 2)) add("\"" + Pick(random, kOddKeys) + "\"", Value(random, 3));
    if (Chance(random, 10)) add(Text(random), Value(random, 3));
  } while (Chance(random, 30));  // Once more: fields given twice.
  std::shuffle(fields.begin(), fields.end(), random);
  std::string text;
  for (const std::string& field : fields) {
    if (!text.empty()) text += Space(random) + "," + Space(random);
    text += field;
  }
  return text;
}

// Cuts, repeats, removes or inserts somewhere.
void Damage(Random& random, std::string& body) {
  constexpr std::string_view kPieces[] = {
      "{",    "}",    "[", "]", ",", ":", "\"", "\\", "0", "-", ".", "null", "\xef\xbb\xbf",
      "\x1a", "\x0c", "é", " ", "e"};
  if (body.empty()) return;
  const size_t at = random() % body.size();
  const size_t size = 1 + random() % 4;
  switch (random() % 5) {
    case 0:
      body.resize(at);
      break;
    case 1:
      body.erase(at, size);
      break;
    case 2:
      body.insert(at, body.substr(at, size * 4));
      break;
    case 3:
      body[at] = static_cast<char>(random());
      break;
    default:
      body.insert(at, Pick(random, kPieces));
  }
}

}  // namespace

std::string RandomEchoBody(Random& random) {
  constexpr std::string_view kTails[] = {"{}", "x", ",",    "}",
                                         "\"", "0", "\xff", std::string_view("\0", 1)};
  if (Chance(random, 200)) return Value(random, 3);
  std::string body = Space(random) + "{" + Space(random) + Fields(random) + Space(random) + "}";
  body += Space(random);
  if (Chance(random, 50)) body += Pick(random, kTails);
  if (Chance(random, 4)) Damage(random, body);
  return body;
}

}  // namespace drumline::target
