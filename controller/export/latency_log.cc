#include "controller/export/latency_log.h"

#include <fcntl.h>
#include <zlib.h>

#include <cerrno>
#include <cstdio>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "controller/bundle/posix_file.h"
#include "core/hdr_encoding.h"

namespace drumline {
namespace {

constexpr uint32_t kCompressedCookie = 0x1c849304 | 0x10;
constexpr double kNsPerS = 1e9;
// The log's own unit for the largest value of a line.
constexpr double kNsPerMs = 1e6;

// Wall clocks of the runs' starts, by run id; those that are not known are left out.
using Starts = std::map<std::string, int64_t>;

absl::StatusOr<Starts> ReadStarts(const BundleReader& reader) {
  Starts starts;
  const auto end = reader.ForEachRunRecord([&starts](const proto::RunRecord& record) {
    if (record.started_unix_ns() != 0) starts[record.run_id()] = record.started_unix_ns();
    return absl::OkStatus();
  });
  if (!end.ok()) return end.status();
  return starts;
}

int64_t FirstOf(const Starts& starts) {
  int64_t first = 0;
  for (const auto& [run_id, start] : starts) {
    if (first == 0 || start < first) first = start;
  }
  return first;
}

// Writes to a file of another name, which Close gives its own.
class LogWriter {
 public:
  static absl::StatusOr<LogWriter> Create(std::string path) {
    std::string part = absl::StrCat(path, ".part");
    absl::StatusOr<FileDescriptor> file = OpenFile(part, O_WRONLY | O_CREAT | O_TRUNC);
    if (!file.ok()) return file.status();
    return LogWriter(std::move(path), std::move(part), *std::move(file));
  }
  absl::Status Write(absl::string_view text) { return WriteAll(file_, part_, text); }
  absl::Status Close() {
    if (absl::Status status = SyncFile(file_, part_); !status.ok()) return status;
    if (std::rename(part_.c_str(), path_.c_str()) != 0) return FileError("write", path_, errno);
    return absl::OkStatus();
  }

 private:
  LogWriter(std::string path, std::string part, FileDescriptor file)
      : path_(std::move(path)), part_(std::move(part)), file_(std::move(file)) {}

  std::string path_;
  std::string part_;
  FileDescriptor file_;
};

std::string Line(const Stretch& stretch, int64_t run_start_ns, absl::string_view what,
                 const Histogram& histogram) {
  if (histogram.empty()) return "";
  return absl::StrFormat("Tag=%s:%s,%.3f,%.3f,%.3f,%s\n", stretch.run_id, what,
                         static_cast<double>(run_start_ns + stretch.begin_ns) / kNsPerS,
                         static_cast<double>(stretch.end_ns - stretch.begin_ns) / kNsPerS,
                         static_cast<double>(histogram.max_ns()) / kNsPerMs,
                         CompressedHistogram(histogram));
}

}  // namespace

std::string LatencyLogHead(int64_t started_unix_ns) {
  const double seconds = static_cast<double>(started_unix_ns) / kNsPerS;
  const std::string date = absl::FormatTime(
      "%Y-%m-%d%ET%H:%M:%SZ", absl::FromUnixNanos(started_unix_ns), absl::UTCTimeZone());
  return absl::StrFormat(
      "#[Latencies in nanoseconds, written by Drumline]\n"
      "#[Histogram log format version 1.3]\n"
      "#[StartTime: %.3f (seconds since epoch), %s]\n"
      "#[BaseTime: %.3f (seconds since epoch)]\n"
      "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\","
      "\"Interval_Compressed_Histogram\"\n",
      seconds, date, seconds);
}

std::string CompressedHistogram(const Histogram& histogram) {
  const std::string bytes = EncodeHdrV2(histogram);
  uLongf size = compressBound(bytes.size());
  std::string deflated(size, '\0');
  // It fails only where the room is too small, and compressBound says how much is enough.
  compress(reinterpret_cast<Bytef*>(deflated.data()), &size,
           reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
  deflated.resize(size);
  std::string envelope;
  AppendBigEndian(kCompressedCookie, &envelope);
  AppendBigEndian(static_cast<uint32_t>(deflated.size()), &envelope);
  return absl::Base64Escape(envelope + deflated);
}

std::string LatencyLogLines(const Stretch& stretch, int64_t run_start_ns) {
  return absl::StrCat(Line(stretch, run_start_ns, "response_time", stretch.measure.response_time()),
                      Line(stretch, run_start_ns, "service_time", stretch.measure.service_time()),
                      Line(stretch, run_start_ns, "send_lag", stretch.measure.send_lag()));
}

absl::Status WriteLatencyLog(const BundleReader& reader) {
  const absl::StatusOr<Starts> starts = ReadStarts(reader);
  if (!starts.ok()) return starts.status();
  absl::StatusOr<LogWriter> log =
      LogWriter::Create(absl::StrCat(reader.path(), "/", kLatencyLogFile));
  if (!log.ok()) return log.status();
  const int64_t base_ns = FirstOf(*starts);
  absl::Status status = log->Write(LatencyLogHead(base_ns));
  if (!status.ok()) return status;
  StretchMerger merger(StretchMerger::Fleet::kMerged, [&](const Stretch& stretch) {
    const auto start = starts->find(stretch.run_id);
    return log->Write(
        LatencyLogLines(stretch, start == starts->end() ? 0 : start->second - base_ns));
  });
  const auto end = reader.ForEachInterval(
      [&merger](const proto::Interval& interval) { return merger.Add(interval); });
  if (!end.ok()) return end.status();
  status = merger.Finish();
  return status.ok() ? log->Close() : status;
}

}  // namespace drumline
