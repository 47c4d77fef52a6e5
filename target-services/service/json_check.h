// Whether what an on-demand parser passes over is JSON at all.
//
//   simdjson::ondemand::value value = …;
//   if (!IsJson(value, /*level=*/0)) ... the body is refused ...
//
// An on-demand parser takes no look at what nobody asks for, so that a body with a fault there
// would be taken. These look at everything: syntax, UTF-8 and escapes of all strings, and numbers,
// which have to fit 64 bits (integers exactly, others as a finite double).
//
// For .cc files alone: simdjson's types do not belong into a header.
#ifndef TARGET_SERVICES_SERVICE_JSON_CHECK_H_
#define TARGET_SERVICES_SERVICE_JSON_CHECK_H_

#include <simdjson.h>

#include "target-services/service/json_levels.h"

namespace drumline::target {

// `level` is that of the value; beyond kMaxJsonLevels nothing is JSON here.
bool IsJson(simdjson::ondemand::value value, int level);
// `level` is that of the object itself.
bool IsJsonObject(simdjson::ondemand::object object, int level);

// Nothing but white space is left behind what was read.
bool IsAtEnd(simdjson::ondemand::document& document);

}  // namespace drumline::target

#endif  // TARGET_SERVICES_SERVICE_JSON_CHECK_H_
