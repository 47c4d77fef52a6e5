#include "controller/report/request_books.h"

#include "core/plan.h"

namespace drumline {

std::vector<RequestBook> RequestBooksOf(const RunResult& run, const Book& measure) {
  const std::vector<const proto::RequestPlan*> plans = RequestsOf(*run.plan);
  std::vector<RequestBook> requests(plans.size());
  for (size_t i = 0; i < plans.size(); ++i) {
    requests[i].plan = plans[i];
    for (const AgentResult& agent : run.agents) {
      if (i < agent.requests.size()) requests[i].measure.Merge(agent.requests[i]);
      if (i < agent.missed_requests.size()) requests[i].missed += agent.missed_requests[i];
    }
  }
  if (plans.size() == 1) {
    requests.front().measure = measure;
    requests.front().missed = NeverCameDue(run);
  }
  return requests;
}

const Book* BookOf(const std::vector<RequestBook>& requests, const std::string& name) {
  for (const RequestBook& request : requests) {
    if (request.plan->name() == name) return &request.measure;
  }
  return nullptr;
}

}  // namespace drumline
