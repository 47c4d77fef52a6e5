// JsonReader: single values of a JSON document, by JSON pointer (RFC 6901).
//
//     JsonReader reader;
//     std::string body = R"({"user": {"id": 7, "name": "Ann"}})";
//     if (reader.Load(&body)) {
//       reader.At("/user/id");      // "7"
//       reader.At("/user/name");    // "Ann": a string's characters, without quotes and escapes
//       reader.At("/user");         // nothing: neither a string nor a number, true, false or null
//     }
//
// Only what is asked for is parsed (simdjson's on-demand interface), so that a fault behind it goes
// unnoticed. Buffers grow to the largest document and are used again. Not thread-safe.
#ifndef AGENT_ANSWER_JSON_READER_H_
#define AGENT_ANSWER_JSON_READER_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace drumline {

class JsonReader {
 public:
  JsonReader();
  ~JsonReader();

  // The document is kept by the caller, unchanged for as long as At is called; its memory may be
  // enlarged beyond its end. False if it is not JSON.
  bool Load(std::string* document);

  // The value as text: a string's characters; a number, true, false or null as it is written.
  // Nothing where the document has no such value there. Good until the next call.
  std::optional<std::string_view> At(std::string_view pointer);

 private:
  // simdjson's headers are large.
  struct Parser;

  const std::unique_ptr<Parser> parser_;
};

}  // namespace drumline

#endif  // AGENT_ANSWER_JSON_READER_H_
