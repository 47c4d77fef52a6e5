// The document that the api service answers: always exactly 1,024 bytes.
//
//   {"id":7,"name":"item 7","description":"A document for a load test. A document for …",
//    "timestamp":"2023-11-14T22:13:20.000042Z",
//    "metadata":{"version":"1.0","source":"drumline-api","tags":["load","test"]}}
//
// (on one line). The size comes out exact because `description` is a sentence that is repeated and
// cut where the document is full: it takes whatever the other fields leave of kApiDocumentBytes,
// which is more than 700 bytes for any id. The timestamp is RFC 3339 in UTC with microseconds, and
// so of one length from year 0 to 9999.
#ifndef TARGET_SERVICES_API_API_DOCUMENT_H_
#define TARGET_SERVICES_API_API_DOCUMENT_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace drumline::target {

inline constexpr size_t kApiDocumentBytes = 1'024;

// Appends the document to `out`. `now` is the time since the epoch.
void AppendApiDocument(uint64_t id, std::chrono::microseconds now, std::string& out);

}  // namespace drumline::target

#endif  // TARGET_SERVICES_API_API_DOCUMENT_H_
