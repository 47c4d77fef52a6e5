// What `controller help` prints, made of the table of commands.
//
//     std::fputs(HelpText(FindCommand("run")).c_str(), stdout);
//
// No line is wider than 80 columns; the text of a command fits 24 lines. Pure.
#ifndef CONTROLLER_HELP_TEXT_H_
#define CONTROLLER_HELP_TEXT_H_

#include <string>

#include "controller/command_table.h"

namespace drumline {

// The list of commands if `row` is null.
std::string HelpText(const CommandRow* row);

}  // namespace drumline

#endif  // CONTROLLER_HELP_TEXT_H_
