// A bundle's intervals as CSV, a row for each second of each run: what spreadsheets, R and pandas
// read.
//
//     absl::Status status = WriteIntervalTable(reader, StretchMerger::Fleet::kMerged, stdout);
//
// The columns are in kColumns of interval_table.cc and in docs/exports.md. Counts are of all
// requests of the second, warm-up included (phase says which rows are warm-up); quantiles are of
// those that ended in it. Times are microseconds and seconds, as the names say; an empty cell means
// that nothing was measured.
#ifndef CONTROLLER_EXPORT_INTERVAL_TABLE_H_
#define CONTROLLER_EXPORT_INTERVAL_TABLE_H_

#include <cstdio>
#include <string>

#include "absl/status/status.h"
#include "controller/bundle/bundle_reader.h"
#include "controller/export/stretch_merger.h"
#include "proto/plan.pb.h"

namespace drumline {

// With its line feed, as each row.
std::string IntervalTableHead();
std::string IntervalTableRow(const Stretch& stretch, const proto::RunPlan& run);

// Where the bundle is damaged: the rows before the damage, then DATA_LOSS that names it.
absl::Status WriteIntervalTable(const BundleReader& reader, StretchMerger::Fleet fleet,
                                std::FILE* stream);

}  // namespace drumline

#endif  // CONTROLLER_EXPORT_INTERVAL_TABLE_H_
