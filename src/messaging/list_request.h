#pragma once

#include "base/vocabulary.h"
#include "codec/json.h"
#include "codec/schema.h"
#include "http/caller.h"
#include "messaging/catalog.h"
#include "messaging/dispatch_job/job_spec.h"
#include "store/search.h"

#include <boost/describe/class.hpp>

#include <optional>
#include <string>
#include <vector>

namespace fc::messaging {

/// A tenant to filter by: its id, or "null" for the platform.
struct ClientChoice {
    Tsid id;
};

/// What lists of events and of jobs are filtered by. Lists are given between commas or by repeating the name,
/// in the singular too. Source: README "BFF", reference 3.7 and 3.8.
struct ListMessages {
    std::vector<ClientChoice> client_ids;
    std::vector<std::string> applications;
    std::vector<std::string> subdomains;
    std::vector<std::string> aggregates;
    std::string source;   ///< part of it, in any case
    std::string subject;  ///< part of it, in any case
    std::string text;     ///< part of the subject, in any case, or the whole id
    std::string correlation_id;
    std::string message_group;
    std::optional<TimePoint> created_after;   ///< inclusive
    std::optional<TimePoint> created_before;  ///< inclusive
    Bounded<0, 1'000'000> page = 0;
    Bounded<1, 100> size = 20;
    Tsid cursor;  ///< `nextCursor` of the page before; then without a page
};
BOOST_DESCRIBE_STRUCT(
    ListMessages,
    (),
    (client_ids,
     applications,
     subdomains,
     aggregates,
     source,
     subject,
     text,
     correlation_id,
     message_group,
     created_after,
     created_before,
     page,
     size,
     cursor))

struct ListEvents : ListMessages {
    std::vector<std::string> types;
    std::string deduplication_id;
    std::optional<TimePoint> time_after;   ///< of the event's own time; inclusive
    std::optional<TimePoint> time_before;  ///< inclusive
};
BOOST_DESCRIBE_STRUCT(ListEvents, (ListMessages), (types, deduplication_id, time_after, time_before))

/// PENDING stands for every job that has not ended; QUEUED and IN_PROGRESS for those in the router's hands.
struct ListDispatchJobs : ListMessages {
    std::vector<store::JobStatus> statuses;
    std::vector<std::string> codes;
    std::vector<JobKind> kinds;
    std::vector<Tsid> subscription_ids;
    std::vector<std::string> dispatch_pool_ids;  ///< id or code
    std::optional<Tsid> event_id;
    std::optional<Tsid> bulk_operation_id;
    bool never_attempted = false;
};
BOOST_DESCRIBE_STRUCT(
    ListDispatchJobs,
    (ListMessages),
    (statuses,
     codes,
     kinds,
     subscription_ids,
     dispatch_pool_ids,
     event_id,
     bulk_operation_id,
     never_attempted))

/// What the caller may see of what it asks for: an anchor chooses among all tenants, everybody else sees the
/// client that it works for, whatever it asks. nullopt: nothing.
std::optional<store::EventQuery> query_of(const ListEvents& request, const http::Caller& caller);
/// An Error names a pool that there is not.
Result<std::optional<store::JobQuery>> query_of(
    const ListDispatchJobs& request, const http::Caller& caller, const Catalog& catalog);

store::PageRequest page_request(const ListMessages& request);

}  // namespace fc::messaging

namespace fc::codec {

template <>
struct Traits<messaging::ClientChoice> : StringTraits<messaging::ClientChoice> {
    static constexpr std::string_view schema =
        R"({"type":"string","pattern":"^([0-9A-HJKMNP-TV-Z]{13}|null)$","examples":["null"]})";
    static Fault parse(std::string_view text, messaging::ClientChoice& out) {
        if (text == "null") return out.id = {}, std::nullopt;
        if (Traits<Tsid>::parse(text, out.id)) return "must be an id of 13 characters, or null";
        return std::nullopt;
    }
    static std::string text(messaging::ClientChoice choice) {
        return choice.id ? choice.id.to_string() : "null";
    }
};

/// The names of the lists in the singular, as earlier clients write them.
template <class Request>
struct ListRules {
    static constexpr auto singulars = std::tuple{
        alias(&Request::client_ids, "clientId"),
        alias(&Request::applications, "application"),
        alias(&Request::subdomains, "subdomain"),
        alias(&Request::aggregates, "aggregate")};
    static void check(const Request& request, Faults<Request>& faults) {
        const bool fits = !request.cursor || request.page.value() == 0;
        faults.expect(fits, &Request::cursor, "must not be given together with a page");
    }
};

template <>
struct Rules<messaging::ListEvents> : ListRules<messaging::ListEvents> {
    static constexpr auto names =
        std::tuple_cat(singulars, std::tuple{alias(&messaging::ListEvents::types, "type")});
};

template <>
struct Rules<messaging::ListDispatchJobs> : ListRules<messaging::ListDispatchJobs> {
    static constexpr auto names = std::tuple_cat(
        singulars,
        std::tuple{
            alias(&messaging::ListDispatchJobs::statuses, "status"),
            alias(&messaging::ListDispatchJobs::kinds, "kind"),
            alias(&messaging::ListDispatchJobs::codes, "code"),
            alias(&messaging::ListDispatchJobs::codes, "type"),
            alias(&messaging::ListDispatchJobs::codes, "types"),
            alias(&messaging::ListDispatchJobs::subscription_ids, "subscriptionId"),
            alias(&messaging::ListDispatchJobs::dispatch_pool_ids, "dispatchPoolId")});
};

}  // namespace fc::codec
