// Histograms as HdrHistogram's own tools read them: its V2 encoding, uncompressed.
//
//     std::string bytes = EncodeHdrV2(histogram);
//
// The layout (Java: org.HdrHistogram, AbstractHistogram and ZigZagEncoding), all numbers
// big-endian:
//
//     int32   cookie, 0x1c849303 with 0x10 for words of 64 bits
//     int32   length of the counts in bytes
//     int32   normalizing index offset, 0
//     int32   significant digits, 3
//     int64   lowest discernible value, 1 ns
//     int64   highest trackable value, Histogram::kHighestNs
//     double  conversion ratio, 1
//     counts of the slots from 0 to the last that is not empty, each a ZigZag LEB128 of at most 9
//     bytes; −n stands for n empty slots in a row, n > 1
//
// The slots are HdrHistogram's own (see core/histogram.h), so that nothing is converted. Exact
// extremes do not travel: a reader takes the bounds of the outermost slots for them. Pure.
#ifndef CORE_HDR_ENCODING_H_
#define CORE_HDR_ENCODING_H_

#include <cstdint>
#include <string>

#include "core/histogram.h"

namespace drumline {

std::string EncodeHdrV2(const Histogram& histogram);

// The words of the encoding: ZigZag (0, −1, 1, −2 … as 0, 1, 2, 3 …), then seven bits a byte, the
// lowest first, the eighth bit set on all but the last; a ninth byte holds eight bits.
void AppendZigZag(int64_t value, std::string* bytes);

// A big-endian number of 32 bits, for whoever puts the encoding into an envelope.
void AppendBigEndian(uint32_t value, std::string* bytes);

}  // namespace drumline

#endif  // CORE_HDR_ENCODING_H_
