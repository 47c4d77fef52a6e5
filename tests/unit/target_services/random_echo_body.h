// Bodies for the echo services, by chance: right ones, ones with a fault, and ones that are hardly
// JSON. They favour what two parsers may disagree about: escapes, surrogates, bytes that are no
// UTF-8, numbers at the edge of what fits, depth at the edge of what is allowed, white space,
// fields given twice, and cuts, insertions and deletions anywhere.
//
//   std::mt19937_64 random(seed);
//   std::string body = RandomEchoBody(random);
#ifndef TESTS_UNIT_TARGET_SERVICES_RANDOM_ECHO_BODY_H_
#define TESTS_UNIT_TARGET_SERVICES_RANDOM_ECHO_BODY_H_

#include <random>
#include <string>

namespace drumline::target {

std::string RandomEchoBody(std::mt19937_64& random);

}  // namespace drumline::target

#endif  // TESTS_UNIT_TARGET_SERVICES_RANDOM_ECHO_BODY_H_
