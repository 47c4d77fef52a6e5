// The books of single requests, over all agents of a run.
//
//     const std::vector<RequestBook> requests = RequestBooksOf(run, measure);
//     BookOf(requests, "checkout")->response_time();
//
// Where the plan has one request alone, its book is that of the whole run. Pure.
#ifndef CONTROLLER_REPORT_REQUEST_BOOKS_H_
#define CONTROLLER_REPORT_REQUEST_BOOKS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "controller/report/run_result.h"
#include "core/book.h"
#include "proto/plan.pb.h"

namespace drumline {

struct RequestBook {
  // Not owned; outlives this value.
  const proto::RequestPlan* plan = nullptr;
  Book measure;
  // Beats of the measured window that would have sent it, had their agent not been lost.
  uint64_t missed = 0;
};

// By their numbers in the plan. [measure] is the book of all of them together.
std::vector<RequestBook> RequestBooksOf(const RunResult& run, const Book& measure);

// The book of the request of that name; null if there is none.
const Book* BookOf(const std::vector<RequestBook>& requests, const std::string& name);

}  // namespace drumline

#endif  // CONTROLLER_REPORT_REQUEST_BOOKS_H_
