// Carries a campaign out for the person at the terminal: the screen, the live page and the page of
// metrics while it lasts, Ctrl-C and SIGTERM, the report when it is over.
//
//     int exit_code = 0;
//     std::optional<Campaign::Result> result = CarryOutCampaign(line, std::move(input),
//     &exit_code);
//
// Has a loop of its own and returns when the campaign has ended.
#ifndef CONTROLLER_CAMPAIGN_COMMAND_H_
#define CONTROLLER_CAMPAIGN_COMMAND_H_

#include <optional>

#include "controller/campaign/campaign.h"
#include "controller/cli.h"

namespace drumline {

// Nothing, with the error printed and the exit code in [exit_code], if nothing was measured.
std::optional<Campaign::Result> CarryOutCampaign(const CommandLine& line, Campaign::Input input,
                                                 int* exit_code);

}  // namespace drumline

#endif  // CONTROLLER_CAMPAIGN_COMMAND_H_
