#pragma once

#include "http/routes.h"
#include "messaging/bulk/bulk_runner.h"
#include "resource/paging.h"

#include <boost/describe/class.hpp>

#include <optional>
#include <vector>

namespace fc::messaging {

struct StartBulk {
    BulkKind kind = BulkKind::retry;
    BulkFilter filter;
    bool all = false;                  ///< instead of a filter: everything that the kind is for
    BulkRate rate_per_minute = 6'000;  ///< jobs changed, at most
    bool dry_run = false;
};
BOOST_DESCRIBE_STRUCT(StartBulk, (), (kind, filter, all, rate_per_minute, dry_run))

/// Sends a subscription the events that it would have got, had it been there.
struct Backfill {
    Id<Subscription> id;
    TimePoint from;               ///< of the events' creation; inclusive
    std::optional<TimePoint> to;  ///< inclusive; nullopt: now
    BulkRate rate_per_minute = 6'000;
    bool dry_run = true;
};
BOOST_DESCRIBE_STRUCT(Backfill, (), (id, from, to, rate_per_minute, dry_run))

/// What was started, or would be.
struct StartedBulk {
    bool dry_run = false;
    std::int64_t matched = 0;  ///< jobs that will be changed or made
    bool matched_is_exact = true;
    std::vector<Tsid> sample;  ///< ids of the first jobs, for REPLAY of the first events
    std::optional<BulkSummary> operation;
};
BOOST_DESCRIBE_STRUCT(StartedBulk, (), (dry_run, matched, matched_is_exact, sample, operation))

struct ListBulkOperations : resource::ListRequest {
    std::optional<BulkKind> kind;
    std::optional<BulkState> state;
    std::optional<Tsid> client_id;
};
BOOST_DESCRIBE_STRUCT(ListBulkOperations, (resource::ListRequest), (kind, state, client_id))

struct BulkOperationById {
    Id<BulkOperation> id;
};
BOOST_DESCRIBE_STRUCT(BulkOperationById, (), (id))

/// `/api/bulk-operations`, and `/api/subscriptions/{id}/backfill`.
class BulkApi {
public:
    struct Parts {
        BulkRunner* runner;
        const Catalog* catalog;
        store::Search* search;
        const Clock* clock;
    };
    explicit BulkApi(Parts parts) : parts_(parts) {}
    http::Routes routes();

private:
    using OperationPage = http::Page<BulkSummary, "bulkOperations">;
    using Started = http::Answer<StartedBulk>;

    Task<Result<Started>> start(http::Request request, StartBulk body);
    Task<Result<Started>> backfill(http::Caller caller, Backfill body);
    OperationPage list(http::Caller caller, ListBulkOperations query) const;
    Result<BulkSummary> get(http::Caller caller, BulkOperationById which) const;
    Task<Result<void>> remove(http::Caller caller, BulkOperationById which);

    /// The handler of a route that follows a rule.
    auto follow(Result<void> (*rule)(BulkOperation&, TimePoint));
    Task<Result<BulkSummary>> change(
        http::Caller caller, Tsid id, Result<void> (*rule)(BulkOperation&, TimePoint));
    Task<Result<Started>> count_and_start(BulkOperation operation, bool dry_run);
    Task<> remove_oldest(Tsid client_id);
    /// With ids instead of the codes of its filter. VALIDATION_FAILED for what the caller may not name.
    Task<Result<BulkOperation>> resolve(http::Caller caller, BulkOperation operation);
    Task<bool> names_subscription(http::Caller caller, BulkKind kind, Tsid client_id, Tsid id);
    /// The pool's id.
    Task<std::optional<Tsid>> find_pool(http::Caller caller, Tsid client_id, std::string id_or_code);
    Task<bool> has_jobs(Tsid client_id, store::JobQuery query);
    BulkSummary view(const BulkOperation& operation) const;

    Parts parts_;
};

}  // namespace fc::messaging

namespace fc::codec {

template <>
struct Rules<messaging::StartBulk> {
    static constexpr auto required = std::tuple{&messaging::StartBulk::kind};
    static void check(const messaging::StartBulk& body, Faults<messaging::StartBulk>& faults);
};

template <>
struct Rules<messaging::Backfill> {
    static constexpr auto required = std::tuple{&messaging::Backfill::from};
    static void check(const messaging::Backfill& body, Faults<messaging::Backfill>& faults);
};

}  // namespace fc::codec
