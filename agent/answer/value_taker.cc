#include "agent/answer/value_taker.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "agent/answer/answer_check.h"

namespace drumline {
namespace {

bool IsSound(std::string_view value) {
  return value.size() <= ValueTaker::kMaxValueBytes &&
         std::none_of(value.begin(), value.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

}  // namespace

ValueTaker::ValueTaker(const proto::RequestPlan& request, const std::vector<std::string>& names) {
  for (const proto::TakePlan& take : request.take()) {
    const auto slot = std::find(names.begin(), names.end(), take.name());
    takes_.push_back({static_cast<size_t>(slot - names.begin()), take.pointer(), take.header()});
    (take.header().empty() ? needs_body_ : needs_head_) = true;
  }
}

bool ValueTaker::Take(http::KeptResponse* kept, JsonReader* reader,
                      std::vector<std::string>* values) const {
  if (needs_body() && (kept->truncated || !reader->Load(&kept->body))) return false;
  for (const One& take : takes_) {
    const std::optional<std::string_view> value =
        take.header.empty() ? reader->At(take.pointer) : HeaderIn(kept->head, take.header);
    if (!value || !IsSound(*value)) return false;
    if (values->size() <= take.slot) values->resize(take.slot + 1);
    (*values)[take.slot].assign(*value);
  }
  return true;
}

}  // namespace drumline
