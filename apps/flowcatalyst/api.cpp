#include "api.h"

namespace fc::app {

namespace {

/// The paths under which the SDKs and the user interfaces of earlier editions look for the same.
void add_aliases(http::Routes& routes) {
    routes.alias("/api/dispatch-jobs", "/api/dispatch/jobs");
    routes.alias("/api/admin/platform/subscriptions", "/api/subscriptions");
    routes.alias("/api/admin/platform/dispatch-pools", "/api/dispatch-pools");
    routes.alias("/api/admin", "/api/admin/platform");
    routes.alias("/bff", "/api/bff");
    routes.alias("/api/health", "/q/health");
}

}  // namespace

Api::Api(const Parts& parts)
    : events_({parts.messages, parts.catalog, parts.clock, parts.ids}),
      event_types_(parts.catalog),
      jobs_(
          {parts.messages,
           parts.search,
           parts.scheduler,
           parts.catalog,
           parts.clock,
           parts.ids,
           parts.egress}),
      subscriptions_({parts.catalog, parts.messages, parts.egress, parts.clock}),
      trials_({parts.catalog, parts.messages, parts.clock, parts.ids}),
      pools_({parts.catalog, parts.messages}),
      event_lists_({parts.messages, parts.search, parts.scheduler, parts.catalog, parts.clock}),
      job_lists_({parts.messages, parts.search, parts.scheduler, parts.catalog, parts.clock}),
      debug_({parts.messages, parts.search, parts.scheduler, parts.catalog, parts.clock}),
      explanations_({parts.messages, parts.search, parts.scheduler, parts.catalog, parts.clock}),
      bulk_({parts.bulk, parts.catalog, parts.search, parts.clock}),
      dashboard_({parts.search, parts.catalog, parts.clock, parts.breakers, parts.pool_loads}),
      verification_(parts.messages),
      processing_(parts.scheduler, parts.app_key) {}

http::Routes Api::routes(const metrics::Registry& registry) {
    http::Routes routes;
    routes.add(events_.routes());
    routes.add(event_types_.routes());
    routes.add(subscriptions_.routes());
    routes.add(trials_.routes());
    routes.add(pools_.routes());
    routes.add(jobs_.routes());
    routes.add(event_lists_.routes());
    routes.add(job_lists_.routes());
    routes.add(debug_.routes());
    routes.add(explanations_.routes());
    routes.add(bulk_.routes());
    routes.add(dashboard_.routes());
    routes.add(verification_.routes());
    routes.add(processing_.routes());
    routes.add(health_.routes());
    routes.add(http::metrics_routes(registry, http::open_to_all));
    add_aliases(routes);
    return routes;
}

std::string api_document() {
    const metrics::Registry registry;
    Api api({});
    return http::openapi_document(api.routes(registry).all(), api_info());
}

}  // namespace fc::app
