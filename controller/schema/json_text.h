// JSON as people read it: two blanks a level, keys in the order in which they were put in.
//
//     boost::json::object schema;
//     schema["type"] = "object";
//     std::string text = IndentedJson(schema);
//
// Pure.
#ifndef CONTROLLER_SCHEMA_JSON_TEXT_H_
#define CONTROLLER_SCHEMA_JSON_TEXT_H_

#include <boost/json.hpp>
#include <string>

namespace drumline {

// With a line feed at its end.
std::string IndentedJson(const boost::json::value& value);

}  // namespace drumline

#endif  // CONTROLLER_SCHEMA_JSON_TEXT_H_
