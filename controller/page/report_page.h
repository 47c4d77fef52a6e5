// The report as a page: one file that needs nothing else, with the script and the charts' library
// in it, which this program was built with.
//
//     std::string html = ReportPage(title, {bundle_json});
//
// What comes from a bundle stands in the page as JSON in which no `<` is left, and the script only
// ever makes text of it, so that no name can become markup. A policy in the page forbids it any
// access to the network. Pure.
#ifndef CONTROLLER_PAGE_REPORT_PAGE_H_
#define CONTROLLER_PAGE_REPORT_PAGE_H_

#include <boost/json/array.hpp>
#include <string>

namespace drumline {

// [bundles] as BundleToJson makes them: the page shows the first, and draws the others over it.
std::string ReportPage(const std::string& title, boost::json::array bundles);

struct LivePageOptions {
  // What the page shows when it asks for the run to be stopped.
  std::string token = {};
  // Whether there is something to watch, besides the list of bundles.
  bool watch = false;
};

// The page that shows a run as it goes; it asks the server that it came from (see controller/ui).
std::string LivePage(const std::string& title, const LivePageOptions& options);

// `&`, `<`, `>` and both quotes as entities.
std::string EscapeHtml(const std::string& text);
// JSON that may stand within a <script> element.
std::string EscapeScript(std::string json);

}  // namespace drumline

#endif  // CONTROLLER_PAGE_REPORT_PAGE_H_
