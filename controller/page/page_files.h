// The files of controller/page/web and of the charts' library, as they were when this program was
// built; embed.py writes the definitions. Texts in UTF-8.
#ifndef CONTROLLER_PAGE_PAGE_FILES_H_
#define CONTROLLER_PAGE_PAGE_FILES_H_

#include <string>

namespace drumline::page_files {

std::string Script();
std::string Style();
std::string ChartLibrary();
std::string ChartStyle();
std::string ChartLicense();

}  // namespace drumline::page_files

#endif  // CONTROLLER_PAGE_PAGE_FILES_H_
