#pragma once

#include "messaging/dispatch_job/job_view.h"
#include "messaging/event/event.h"
#include "messaging/list_page.h"
#include "store/search.h"

#include <boost/describe/class.hpp>

#include <optional>
#include <string>
#include <vector>

namespace fc::messaging {

/// What an event says of its type, for rows of events and of jobs.
struct TypeView {
    std::optional<std::string> application;
    std::optional<std::string> subdomain;
    std::optional<std::string> aggregate;
};
BOOST_DESCRIBE_STRUCT(TypeView, (), (application, subdomain, aggregate))

/// An event in a list. Source: reference 3.7.
struct BffEvent : EventView, TypeView {
    std::int64_t data_length = 0;  ///< bytes
    std::int64_t duplicates = 0;
    TimePoint projected_at;  ///< since when lists show it: there is no copy that could lag behind
};
BOOST_DESCRIBE_STRUCT(BffEvent, (EventView, TypeView), (data_length, duplicates, projected_at))

/// A dispatch job in a list. Source: reference 3.8.
struct BffJob : JobView, TypeView {
    std::optional<std::string> subscription_name;
    std::optional<std::string> dispatch_pool_code;
    bool is_completed = false;
    bool is_terminal = false;
    TimePoint projected_at;
};
BOOST_DESCRIBE_STRUCT(
    BffJob,
    (JobView, TypeView),
    (subscription_name, dispatch_pool_code, is_completed, is_terminal, projected_at))

/// With its data, whatever its size.
BffEvent bff_event(const store::EventRecord& event);
/// Longer data is left out, so that a page stays small.
constexpr std::int64_t row_data_bytes_max = 16 * 1'024;
BffEvent bff_event_row(const store::EventRecord& event);

/// `status` is the live one; `event` may be null.
BffJob bff_job(
    const store::JobRecord& job,
    store::JobStatus status,
    const store::EventRecord* event,
    const Catalog& catalog);

}  // namespace fc::messaging
