#include "controller/page/report_page.h"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "controller/page/page_files.h"

namespace drumline {
namespace {

// The page's files are those of this program; nothing in them ends the element that they stand in.
std::string Assemble(const std::string& title, const std::string& policy, const std::string& json) {
  std::string page = absl::StrCat(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"",
      policy, "\">\n<link rel=\"icon\" href=\"data:,\">\n<title>", EscapeHtml(title), "</title>\n");
  absl::StrAppend(&page, "<style>\n", page_files::ChartStyle(), "\n", page_files::Style(),
                  "</style>\n</head>\n<body>\n<main id=\"page\"></main>\n");
  absl::StrAppend(&page, "<script type=\"application/json\" id=\"measured\">", EscapeScript(json),
                  "</script>\n<!-- the charts are drawn with uPlot:\n", page_files::ChartLicense(),
                  "-->\n<script>\n", page_files::ChartLibrary(), "\n</script>\n<script>\n",
                  page_files::Script(), "</script>\n</body>\n</html>\n");
  return page;
}

}  // namespace

std::string EscapeHtml(const std::string& text) {
  return absl::StrReplaceAll(
      text, {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}, {"'", "&#39;"}});
}

std::string EscapeScript(std::string json) {
  absl::StrReplaceAll({{"<", "\\u003c"}}, &json);
  return json;
}

std::string ReportPage(const std::string& title, boost::json::array bundles) {
  boost::json::object page;
  page["format"] = 1;
  page["bundles"] = std::move(bundles);
  return Assemble(
      title,
      "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:",
      boost::json::serialize(page));
}

std::string LivePage(const std::string& title, const LivePageOptions& options) {
  boost::json::object page;
  page["format"] = 1;
  page["bundles"] = boost::json::array();
  page["live"] = boost::json::object{{"token", options.token}, {"watch", options.watch}};
  return Assemble(title,
                  "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
                  "connect-src 'self'; img-src data:",
                  boost::json::serialize(page));
}

}  // namespace drumline
