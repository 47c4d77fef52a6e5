// LineReader: takes CRLF-ended lines out of a stream that arrives in pieces of any size.
//
//     LineReader reader;
//     while (!bytes.empty()) {
//       LineReader::Taken taken = reader.Take(bytes, limit);
//       bytes.remove_prefix(taken.used);
//       if (taken.result == LineReader::Result::kLine) Use(taken.line);  // without its CRLF
//       // Any result but kLine and kMore: malformed; Reset() or drop the reader.
//     }
//
// A line that lies in one piece is a view into that piece and nothing is copied; one that straddles
// pieces is assembled in the reader's own buffer, which keeps its capacity from line to line. Each
// byte is looked at about once, eight at a time, for the end of the line and for control characters
// in the same pass. The result depends on the bytes alone, never on how they were cut.
//
// A [line] is valid until the next call or until the piece goes away. Not thread-safe.
#ifndef AGENT_HTTP_LINE_READER_H_
#define AGENT_HTTP_LINE_READER_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace drumline::http {

class LineReader {
 public:
  enum class Result {
    kLine,              // [line] is complete.
    kMore,              // All bytes were used; the line is not complete yet.
    kTooLong,           // The line, its CRLF included, is longer than the limit.
    kBareCr,            // A CR that no LF follows.
    kBareLf,            // A LF that no CR precedes.
    kControlCharacter,  // NUL or another control character but the tab.
  };

  struct Taken {
    Result result;
    size_t used;
    std::string_view line;
  };

  // Forgets a line begun.
  void Reset() {
    partial_.clear();
    partial_is_stale_ = false;
  }

  // Whether a line was begun and is not complete yet.
  bool begun() const { return !partial_.empty() && !partial_is_stale_; }

  // Takes bytes up to the end of the line. [limit] is the most bytes that this line may have, its
  // CRLF included; it must be the same in all calls that contribute to a line.
  Taken Take(std::string_view bytes, size_t limit);

 private:
  Taken Continue(std::string_view bytes, size_t limit);

  std::string partial_;
  // The last line was assembled in partial_, which the next call has to clear.
  bool partial_is_stale_ = false;
};

}  // namespace drumline::http

#endif  // AGENT_HTTP_LINE_READER_H_
