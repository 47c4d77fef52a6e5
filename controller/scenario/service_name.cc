#include "controller/scenario/service_name.h"

#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"

namespace drumline {

// SERVICE_ECHO → echo.
std::string ServiceName(proto::Service service) {
  constexpr absl::string_view kPrefix = "SERVICE_";
  return absl::AsciiStrToLower(proto::Service_Name(service).substr(kPrefix.size()));
}

}  // namespace drumline
