#include "controller/page/bundle_page.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "controller/bundle/bundle_reader.h"
#include "controller/bundle/posix_file.h"
#include "controller/page/page_json.h"
#include "controller/page/report_page.h"
#include "controller/page/run_timeline.h"

namespace drumline {
namespace {

// What a bundle holds of its runs besides intervals, by run id.
struct Beside {
  std::map<std::string, proto::RunRecord> records;
  std::map<std::string, std::vector<proto::Scrape>> scrapes;
};

absl::StatusOr<Beside> ReadBeside(const BundleReader& reader) {
  Beside beside;
  absl::Status status = reader
                            .ForEachRunRecord([&beside](const proto::RunRecord& record) {
                              beside.records[record.run_id()] = record;
                              return absl::OkStatus();
                            })
                            .status();
  status.Update(reader
                    .ForEachScrape([&beside](const proto::Scrape& scrape) {
                      beside.scrapes[scrape.run_id()].push_back(scrape);
                      return absl::OkStatus();
                    })
                    .status());
  if (!status.ok()) return status;
  return beside;
}

// One run's timeline is kept at a time: a bundle's intervals lie run by run.
class RunsReader {
 public:
  RunsReader(const proto::Plan& plan, Beside beside) : plan_(plan), beside_(std::move(beside)) {}

  void Add(const proto::Interval& interval) {
    if (!timeline_ || timeline_->plan().run_id() != interval.run_id()) {
      Close();
      for (const proto::RunPlan& run : plan_.runs()) {
        if (run.run_id() != interval.run_id()) continue;
        timeline_.emplace(run, ColumnsFor(static_cast<size_t>(plan_.runs_size())));
        break;
      }
    }
    // One that is no good is named by the report; the charts do without.
    if (timeline_) timeline_->Add(interval).IgnoreError();
  }

  boost::json::array Runs() {
    Close();
    return std::move(runs_);
  }

 private:
  void Close() {
    if (!timeline_) return;
    const std::string& run_id = timeline_->plan().run_id();
    runs_.emplace_back(RunToJson(*timeline_, beside_.records[run_id], beside_.scrapes[run_id]));
    timeline_.reset();
  }

  const proto::Plan& plan_;
  Beside beside_;
  std::optional<RunTimeline> timeline_;
  boost::json::array runs_;
};

absl::StatusOr<boost::json::object> ReadBundle(const std::string& path,
                                               const proto::Report& report) {
  const absl::StatusOr<BundleReader> reader = BundleReader::Open(path);
  if (!reader.ok()) return reader.status();
  absl::StatusOr<Beside> beside = ReadBeside(*reader);
  if (!beside.ok()) return beside.status();
  RunsReader runs(reader->plan(), *std::move(beside));
  const absl::Status status = reader
                                  ->ForEachInterval([&runs](const proto::Interval& interval) {
                                    runs.Add(interval);
                                    return absl::OkStatus();
                                  })
                                  .status();
  if (!status.ok()) return status;
  return BundleToJson(path, reader->scenario(), report, runs.Runs());
}

absl::Status WritePage(const std::string& path, const std::string& title,
                       std::vector<boost::json::object> bundles) {
  boost::json::array all;
  for (boost::json::object& bundle : bundles) all.emplace_back(std::move(bundle));
  return WriteFileAtomically(path, ReportPage(title, std::move(all)));
}

}  // namespace

absl::Status WriteReportPage(const std::string& bundle_path, const proto::Report& report) {
  absl::StatusOr<boost::json::object> bundle = ReadBundle(bundle_path, report);
  if (!bundle.ok()) return bundle.status();
  return WritePage(absl::StrCat(bundle_path, "/", kReportPageFile),
                   absl::StrCat(report.name(), " · Drumline"), {*std::move(bundle)});
}

absl::StatusOr<std::string> WriteOverlayPage(const ReportedBundle& bundle,
                                             const ReportedBundle& over) {
  absl::StatusOr<boost::json::object> first = ReadBundle(bundle.path, bundle.report);
  if (!first.ok()) return first.status();
  absl::StatusOr<boost::json::object> second = ReadBundle(over.path, over.report);
  if (!second.ok()) return second.status();
  const std::string path = absl::StrCat(bundle.path, "/", kOverlayPageFile);
  const absl::Status status = WritePage(
      path, absl::StrCat(bundle.report.name(), " and ", over.report.name(), " · Drumline"),
      {*std::move(first), *std::move(second)});
  if (!status.ok()) return status;
  return path;
}

}  // namespace drumline
