// What the command line says of the live page: `--ui HOST:PORT` on a run, and `controller ui DIR`.
#ifndef CONTROLLER_UI_COMMAND_H_
#define CONTROLLER_UI_COMMAND_H_

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "controller/cli.h"
#include "controller/ui/live_page.h"
#include "proto/plan.pb.h"

namespace drumline {

// Null where the line does not ask for it. InvalidArgument if the address is none, Unavailable if
// it cannot be listened on.
absl::StatusOr<std::unique_ptr<LivePageHost>> OpenLivePage(boost::asio::io_context* loop,
                                                           const CommandLine& line,
                                                           const proto::Plan& plan,
                                                           std::function<void()> stop);

// Shows the bundles of a directory until Ctrl-C. Returns the program's exit code.
int UiCommand(const CommandLine& line);

}  // namespace drumline

#endif  // CONTROLLER_UI_COMMAND_H_
