// The lines of a report for a terminal: a label at the left, tables whose columns are as wide as
// they must be, and lists that go on below their beginning.
//
//     Labelled("ledger", Wrap(words, " + ", kIndent, width))
//     Table({{"agent", "share"}, {"a1", "50 %"}})
//
// Pure.
#ifndef CONTROLLER_REPORT_TEXT_LAYOUT_H_
#define CONTROLLER_REPORT_TEXT_LAYOUT_H_

#include <cstddef>
#include <string>
#include <vector>

namespace drumline {

inline constexpr size_t kLabelWidth = 15;
// Where a section's text begins.
inline constexpr size_t kIndent = kLabelWidth + 2;

using Row = std::vector<std::string>;

// "  label          first line": what a section's lines begin with.
std::string Labelled(const std::string& label, const std::string& text);

// Columns as wide as their widest cell; the first one to the left, the others to the right. Rows
// are equally long, and there is one at least.
std::string Table(const std::vector<Row>& rows);
// The same with a last column of words, which stand to the left and go on below where the line
// would be wider than `width`.
std::string TableWithWords(const std::vector<Row>& rows, size_t width);

// What white space separates.
std::vector<std::string> Words(const std::string& text);

}  // namespace drumline

#endif  // CONTROLLER_REPORT_TEXT_LAYOUT_H_
