#include "controller/report/text_layout.h"

#include <algorithm>
#include <iterator>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "controller/format/columns.h"

namespace drumline {
namespace {

std::vector<size_t> WidthsOf(const std::vector<Row>& rows) {
  std::vector<size_t> widths(rows.front().size());
  for (const Row& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], DisplayWidth(row[i]));
  }
  return widths;
}

std::string Cells(const Row& row, const std::vector<size_t>& widths) {
  std::string text = absl::StrCat("  ", PadRight(row[0], std::max(widths[0] + 2, kLabelWidth)));
  for (size_t i = 1; i < row.size(); ++i) {
    absl::StrAppend(&text, i == 1 ? "" : "  ", PadLeft(row[i], widths[i]));
  }
  return text;
}

}  // namespace

std::string Labelled(const std::string& label, const std::string& text) {
  return absl::StrCat("  ", PadRight(label, kLabelWidth), text, "\n");
}

std::string Table(const std::vector<Row>& rows) {
  std::string text;
  const std::vector<size_t> widths = WidthsOf(rows);
  for (const Row& row : rows) absl::StrAppend(&text, Cells(row, widths), "\n");
  return text;
}

std::string TableWithWords(const std::vector<Row>& rows, size_t width) {
  std::vector<Row> cells = rows;
  for (Row& row : cells) row.pop_back();
  const std::vector<size_t> widths = WidthsOf(cells);
  std::string text;
  for (size_t i = 0; i < rows.size(); ++i) {
    const std::string begin = Cells(cells[i], widths) + "  ";
    absl::StrAppend(&text, begin, Wrap(Words(rows[i].back()), " ", DisplayWidth(begin), width),
                    "\n");
  }
  return text;
}

std::vector<std::string> Words(const std::string& text) {
  std::istringstream in(text);
  return {std::istream_iterator<std::string>(in), std::istream_iterator<std::string>()};
}

}  // namespace drumline
