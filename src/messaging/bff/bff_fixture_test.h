#pragma once

#include "messaging/bff/debug_api.h"
#include "messaging/bff/job_bff_api.h"
#include "resource/api_fixture_test.h"

#include <algorithm>
#include <map>

/// For tests of the BFF: its routes over a store of events that have one job each.
namespace fc::messaging::testing {

inline constexpr Tsid shop{77};
inline constexpr Tsid other{78};

/// Knows where jobs are, and does nothing to them.
class KnownPlaces : public JobControl {
public:
    LiveJob live(Tsid job) const override {
        const auto found = places.find(job);
        return found == places.end() ? LiveJob{} : LiveJob{.place = found->second};
    }
    std::vector<Tsid> live_jobs(const store::JobQuery& query) const override {
        std::vector<Tsid> found;
        for (const auto& [job, place] : places) {
            const auto status = live_status(job);
            if (status && std::ranges::find(query.statuses, *status) != query.statuses.end())
                found.push_back(job);
        }
        return found;
    }
    Task<Result<store::JobRecord>> retry(Tsid, store::Resend) override { co_return refused(); }
    Task<Result<store::JobRecord>> cancel(Tsid, std::string) override { co_return refused(); }
    std::map<Tsid, LiveJob::Place> places;

private:
    static Error refused() { return conflict("REFUSED", "not in this test"); }
};

struct BffTest : resource::testing::ApiFixture {
    void SetUp() override {
        run(catalog.load());
        auto routes = events.routes();
        routes.add(jobs.routes());
        routes.add(debug.routes());
        serve(std::move(routes));
    }
    /// An event with one job; both of that tenant.
    store::NewEvent add(Tsid client_id, std::string type = "shop:orders:order:created") {
        clock.advance(Millis{5});
        store::NewEvent made;
        auto& event = made.event;
        event.id = ids.next();
        event.client_id = client_id;
        event.type = std::move(type);
        event.source = "checkout";
        event.subject = "order-1";
        event.time = event.created_at = clock.now();
        event.data = R"({"n":1})";
        event.job_count = 1;
        auto& job = made.jobs.emplace_back();
        job.id = ids.next();
        job.event_id = event.id;
        job.owner = Tsid{5};
        job.client_id = client_id;
        job.counted_pool = catalog.default_pool()->id;
        job.created_at = job.updated_at = job.next_attempt_at = event.created_at;
        std::vector<store::NewEvent> one{made};
        run(store().messages().append(std::move(one)));
        return made;
    }
    /// How many rows a list says there are; -1 when it is refused.
    std::string total(const std::string& target) {
        const auto answer = send("GET", target);
        const auto at = answer.body.find("\"totalItems\":");
        if (answer.status != 200 || at == std::string::npos) return answer.body;
        return answer.body.substr(at + 13, answer.body.find(',', at) - at - 13);
    }

    Catalog catalog{store().documents(), clock, ids};
    KnownPlaces control;
    BffParts parts{&store().messages(), &store().search(), &control, &catalog, &clock};
    EventBffApi events{parts};
    JobBffApi jobs{parts};
    DebugApi debug{parts};
};

}  // namespace fc::messaging::testing
