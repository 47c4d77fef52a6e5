// FramingFields: what a response's header says about where its body ends and whether the connection
// stays open (RFC 9112, sections 6 and 9.3).
//
//     FramingFields fields;
//     std::string_view error = fields.Add("Content-Length", "2048");  // empty: well-formed
//     error = fields.Check(/*http_1_0=*/false);                       // after the last field
//     if (fields.chunked()) …
//
// Fields that are none of Content-Length, Transfer-Encoding and Connection are passed over after a
// comparison of their length. Errors are static texts. No allocation; not thread-safe.
#ifndef AGENT_HTTP_FRAMING_FIELDS_H_
#define AGENT_HTTP_FRAMING_FIELDS_H_

#include <cstdint>
#include <optional>
#include <string_view>

namespace drumline::http {

// A header line's name and value (without the white space around it), or why it is not one.
struct HeaderLine {
  std::string_view name;
  std::string_view value;
  std::string_view error;
};

HeaderLine SplitHeaderLine(std::string_view line);

class FramingFields {
 public:
  void Reset() { *this = FramingFields(); }

  // Returns why the field cannot be right, or nothing. [value] has no white space around it.
  std::string_view Add(std::string_view name, std::string_view value);

  // Whether the fields are right together.
  std::string_view Check(bool http_1_0) const;

  bool chunked() const { return chunked_; }
  std::optional<uint64_t> content_length() const { return content_length_; }
  // Connection: close and Connection: keep-alive were among the options named.
  bool close() const { return close_; }
  bool keep_alive() const { return keep_alive_; }

 private:
  std::string_view AddContentLength(std::string_view value);
  std::string_view AddTransferEncoding(std::string_view value);
  void AddConnection(std::string_view value);

  std::optional<uint64_t> content_length_;
  bool chunked_ = false;
  bool close_ = false;
  bool keep_alive_ = false;
};

}  // namespace drumline::http

#endif  // AGENT_HTTP_FRAMING_FIELDS_H_
