#include "tests/unit/agent_http/reference_parser.h"

#include <cctype>
#include <set>
#include <vector>

namespace drumline::http {
namespace {

// Thrown where the first implementation would want more bytes, or refuse those it has.
struct Incomplete {};
struct Refused {};

void Require(bool condition) {
  if (!condition) throw Refused();
}

std::string Lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

std::string Trim(const std::string& text) {
  const size_t first = text.find_first_not_of(" \t");
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::vector<std::string> SplitList(const std::string& text) {
  std::vector<std::string> elements(1);
  for (const char c : text) {
    if (c == ',') {
      elements.emplace_back();
    } else {
      elements.back() += c;
    }
  }
  for (std::string& element : elements) element = Trim(element);
  return elements;
}

bool AllIn(const std::string& text, const std::string& characters) {
  return text.find_first_not_of(characters) == std::string::npos;
}

const char kDigits[] = "0123456789";
const char kToken[] =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ!#$%&'*+-.^_`|~";

// A decimal number without leading zeros is too large exactly if it is longer than the limit's, or
// as long and greater in the order of the alphabet.
uint64_t Decimal(std::string digits) {
  Require(!digits.empty() && AllIn(digits, kDigits));
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
  const std::string limit = "18446744073709551615";
  Require(digits.size() < limit.size() || (digits.size() == limit.size() && digits <= limit));
  return std::stoull(digits);
}

struct Header {
  int status = 0;
  bool http_1_0 = false;
  std::set<std::string> connection;
  std::vector<std::string> transfer_encodings;
  std::set<uint64_t> content_lengths;
};

class Reference {
 public:
  Reference(const std::string& bytes, const ResponseParser::Limits& limits)
      : bytes_(bytes), limits_(limits) {}

  // Throws Incomplete or Refused.
  void Parse(bool head_request, bool closed, ReferenceOutcome* outcome) {
    Header header = ReadHeader();
    for (uint32_t interim = 0; header.status < 200; ++interim) {
      Require(header.status != 101 && interim < limits_.max_interim_responses);
      header = ReadHeader();
    }
    outcome->status = header.status;
    outcome->keep_alive = header.connection.count("close") == 0 &&
                          (!header.http_1_0 || header.connection.count("keep-alive") > 0);
    if (head_request || header.status == 204 || header.status == 304) {
      // No body.
    } else if (!header.transfer_encodings.empty()) {
      outcome->body = ReadChunks();
    } else if (!header.content_lengths.empty()) {
      outcome->body = ReadContent(*header.content_lengths.begin());
    } else {
      outcome->body = bytes_.substr(at_);
      outcome->keep_alive = false;
      at_ = bytes_.size();
      Require(outcome->body.size() <= limits_.max_body_bytes);
      if (!closed) throw Incomplete();
    }
    outcome->consumed = at_;
  }

 private:
  // A line without its CRLF, of at most [room] bytes with it.
  std::string ReadLine(size_t room) {
    std::string line;
    for (;; ++at_) {
      if (at_ == bytes_.size()) throw Incomplete();
      const char c = bytes_[at_];
      Require(line.size() < room);
      if (!line.empty() && line.back() == '\r') {
        Require(c == '\n');
        ++at_;
        line.pop_back();
        return line;
      }
      Require(c == '\r' || c == '\t' || (c & 0x80) != 0 || (c >= ' ' && c != 0x7f));
      line += c;
    }
  }

  std::string ReadHeaderLine() {
    const size_t begin = at_;
    std::string line = ReadLine(std::min(limits_.max_line_bytes, header_room_));
    header_room_ -= at_ - begin;
    return line;
  }

  static void SplitField(const std::string& line, std::string* name, std::string* value) {
    const size_t colon = line.find(':');
    Require(colon != std::string::npos);
    *name = line.substr(0, colon);
    *value = Trim(line.substr(colon + 1));
    Require(!name->empty() && AllIn(*name, kToken));
    *name = Lower(*name);
  }

  Header ReadHeader() {
    Header header;
    const std::string line = ReadHeaderLine();
    Require(line.size() >= 12 && line.substr(0, 7) == "HTTP/1." &&
            AllIn(line.substr(7, 1), kDigits) && line[8] == ' ');
    Require(AllIn(line.substr(9, 3), kDigits) && (line.size() == 12 || line[12] == ' '));
    header.http_1_0 = line[7] == '0';
    header.status = std::stoi(line.substr(9, 3));
    Require(header.status >= 100);
    for (std::string field = ReadHeaderLine(); !field.empty(); field = ReadHeaderLine()) {
      std::string name;
      std::string value;
      SplitField(field, &name, &value);
      if (name == "connection") {
        for (const std::string& option : SplitList(value)) header.connection.insert(Lower(option));
      }
      if (name == "transfer-encoding") header.transfer_encodings.push_back(Lower(value));
      if (name == "content-length") {
        for (const std::string& one : SplitList(value)) header.content_lengths.insert(Decimal(one));
      }
      // At once, and not at the header's end, which may never come.
      Require(header.content_lengths.size() <= 1);
      Require(header.transfer_encodings.empty() ||
              header.transfer_encodings == std::vector<std::string>{"chunked"});
    }
    Require(header.transfer_encodings.empty() ||
            (header.content_lengths.empty() && !header.http_1_0));
    return header;
  }

  std::string ReadContent(uint64_t length) {
    Require(length <= limits_.max_body_bytes);
    if (length > bytes_.size() - at_) throw Incomplete();
    at_ += length;
    return bytes_.substr(at_ - length, length);
  }

  std::string ReadChunks() {
    std::string body;
    size_t extensions = 0;
    while (true) {
      const std::string line = ReadLine(limits_.max_line_bytes);
      const size_t digits = std::min(line.find_first_not_of("0123456789abcdefABCDEF"), line.size());
      Require(digits >= 1 && digits <= 16);
      const std::string extension = line.substr(digits);
      Require(extension.empty() || Trim(extension).substr(0, 1) == ";");
      extensions += extension.size();
      Require(extensions <= limits_.max_chunk_extension_bytes);
      const uint64_t size = std::stoull(line.substr(0, digits), nullptr, 16);
      if (size == 0) break;
      Require(size <= limits_.max_body_bytes && body.size() <= limits_.max_body_bytes - size);
      body += ReadContent(size);
      Require(ReadLine(limits_.max_line_bytes).empty());
    }
    for (std::string line = ReadHeaderLine(); !line.empty(); line = ReadHeaderLine()) {
      std::string name;
      std::string value;
      SplitField(line, &name, &value);
    }
    return body;
  }

  const std::string& bytes_;
  const ResponseParser::Limits& limits_;
  size_t at_ = 0;
  size_t header_room_ = limits_.max_header_bytes;
};

}  // namespace

ReferenceOutcome ReferenceParse(const std::string& bytes, bool head_request, bool closed,
                                const ResponseParser::Limits& limits) {
  ReferenceOutcome outcome;
  try {
    Reference(bytes, limits).Parse(head_request, closed, &outcome);
    outcome.state = ParseState::kComplete;
  } catch (const Incomplete&) {
    outcome.state = closed ? ParseState::kError : ParseState::kNeedMore;
  } catch (const Refused&) {
    outcome.state = ParseState::kError;
  }
  return outcome;
}

}  // namespace drumline::http
