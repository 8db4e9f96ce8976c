#include "messaging/event/event_api.h"

#include "codec/json.h"
#include "http/problem.h"
#include "messaging/event/cloud_event.h"
#include "resource/tenancy.h"

#include <array>

namespace fc::messaging {
namespace {

/// The one event of a request that is no batch.
Result<CreateEvent> read_event(const http::Request& request, EventForm form) {
    if (request.body().size() > http::body_bytes_default) {
        const auto limit = std::to_string(http::body_bytes_default);
        return Error{ErrorKind::too_large, "TOO_LARGE", "an event may have at most " + limit + " bytes", {}};
    }
    if (form == EventForm::cloud_binary) return read_binary_cloud_event(request);
    if (form == EventForm::cloud_structured) return read_cloud_event(request.body());
    return codec::from_json<CreateEvent>(request.body());
}

Result<Batch<CreateEvent>> read_events(const http::Request& request) {
    const auto form = form_of(request);
    if (!form) return form.error();
    if (*form == EventForm::cloud_batch) return read_cloud_events(request.body());
    return read_batch<CreateEvent>(request.body(), "events");
}

http::Response created(std::string body, int status) {
    http::Response response;
    response.status = status;
    response.body = std::move(body);
    return response;
}

constexpr http::MediaType cloud_event{
    "application/cloudevents+json",
    R"({"type":"object","required":["specversion","id","source","type"],"properties":{)"
    R"("specversion":{"const":"1.0"},"id":{"type":"string"},"source":{"type":"string"},)"
    R"("type":{"type":"string"}}})",
    R"({"specversion":"1.0","id":"42-created","source":"shop","type":"order.created",)"
    R"("data":{"orderId":"42"}})"};
constexpr http::MediaType cloud_events{
    "application/cloudevents-batch+json",
    R"({"type":"array","minItems":1,"maxItems":100,"items":{"type":"object"}})",
    R"([{"specversion":"1.0","id":"42-paid","source":"shop","type":"order.paid","data":{"orderId":"42"}}])"};

/// What makes the body the data of a CloudEvent.
constexpr std::array cloud_event_headers{
    http::HeaderField{
        "ce-specversion", R"({"const":"1.0"})", "A CloudEvent in binary form: then the body is its data."},
    http::HeaderField{"ce-id", R"({"type":"string"})", "Of a CloudEvent in binary form."},
    http::HeaderField{"ce-source", R"({"type":"string"})", "Of a CloudEvent in binary form."},
    http::HeaderField{"ce-type", R"({"type":"string"})", "Of a CloudEvent in binary form."}};

constexpr std::string_view event_example = R"({
  "type": "order.created", "source": "shop", "subject": "orders/42", "messageGroup": "order-42",
  "data": {"orderId": "42", "total": 99.9},
  "contextData": [{"key": "region", "value": "eu"}]})";
constexpr std::string_view events_example = R"({"events": [
  {"type": "order.created", "source": "shop", "data": {"orderId": "43"}},
  {"type": "order.paid", "source": "shop", "data": {"orderId": "43"}}]})";
constexpr std::string_view stored_example = R"({
  "id": "0SAS8QG3G9JKB", "specVersion": "1.0", "type": "order.created", "source": "shop",
  "subject": "orders/42", "time": "2026-01-31T10:20:30.000Z", "data": {"orderId": "42", "total": 99.9},
  "messageGroup": "order-42", "contextData": [{"key": "region", "value": "eu"}], "dispatchJobCount": 1,
  "createdAt": "2026-01-31T10:20:30.000Z"})";
constexpr std::string_view details =
    "The answer comes when the event, with a dispatch job for each subscription that wants it, is on disk: "
    "201, or 200 when its `deduplicationId` is known already. The schema of its type may refuse it. "
    "CloudEvents 1.0 are taken in structured, batch and binary form.";
constexpr std::string_view batch_details =
    "At most 100. `[...]` and `{\"events\": [...]}` are all or nothing (201); of `{\"items\": [...]}` one "
    "bad event does not fail the rest (200, with a result for each).";

}  // namespace

EventApi::EventApi(Parts parts) : parts_(parts) {
    if (!parts.catalog) return;  // only the routes are wanted, for the API document
    parts.catalog->event_types().on_change(
        [this](const EventTypePtr& before, const EventTypePtr& after) { checks_.change(before, after); });
}

http::Routes EventApi::routes() {
    http::Routes routes("/api/events", "Events");
    routes
        .post(
            "",
            "Publish an event",
            http::bind(this, &EventApi::create),
            http::Permission{"platform:messaging:event:create"})
        .sheds()
        .body_bytes_max(batch_bytes_max)
        .takes<CreateEvent>()
        .also_takes(cloud_event)
        .example(event_example)
        .gives<EventView>()
        .shows(stored_example)
        .says(details)
        .reads(resource::client_header)
        .answers_with(std::vector<int>{201, 200});
    for (const auto& field : cloud_event_headers) routes.reads(field);
    routes
        .post(
            "/batch",
            "Publish events",
            http::bind(this, &EventApi::create_batch),
            http::Permission{"platform:messaging:event:create"})
        .sheds()
        .body_bytes_max(batch_bytes_max)
        .takes<EventBatch>()
        .also_takes(cloud_events)
        .example(events_example)
        .gives<EventBatchView>()
        .gives<ItemBatchView>(200)
        .says(batch_details)
        .reads(resource::client_header)
        .answers_with(std::vector<int>{201});
    routes.get(
        "/{id}",
        "Get an event",
        http::bind(this, &EventApi::get),
        http::Permission{"platform:messaging:event:view"});
    return routes;
}

Task<std::vector<EventView>> EventApi::accept(std::vector<CreateEvent> events, Tsid client_id) {
    const Publication publication{client_id, parts_.clock->now()};
    std::vector<store::NewEvent> made;
    std::vector<EventView> views;
    made.reserve(events.size());
    views.reserve(events.size());
    for (auto& event : events) {
        auto warnings = std::move(event.warnings);
        made.push_back(make_event(std::move(event), publication, *parts_.catalog, *parts_.ids));
        views.push_back(view_of(made.back().event));
        if (!warnings.empty()) views.back().warnings = std::move(warnings);
    }
    const auto stored = co_await parts_.messages->append(std::move(made));
    for (std::size_t at = 0; at < stored.size(); ++at) {
        if (!stored[at].duplicate) continue;
        const auto twin = co_await parts_.messages->find_event(stored[at].id);
        if (twin) views[at] = view_of(*twin);
        views[at].duplicate = true;
    }
    co_return views;
}

Task<http::Response> EventApi::create(http::Request request) {
    const auto form = form_of(request);
    if (!form) co_return http::failure_response(form.error(), request);
    if (*form == EventForm::cloud_batch) co_return co_await create_batch(request);
    auto event = read_event(request, *form);
    if (!event) co_return http::failure_response(event.error(), request);
    auto client_id = resource::client_of(request);
    if (!client_id) co_return http::failure_response(client_id.error(), request);
    EventScreen screen(checks_, metrics_);
    if (auto refused = screen.refusal_of(*event)) co_return http::failure_response(*refused, request);
    std::vector<CreateEvent> events;
    events.push_back(std::move(*event));
    const auto views = co_await accept(std::move(events), *client_id);
    auto response = created(codec::to_json(views[0]), views[0].duplicate ? 200 : 201);
    response.headers.emplace_back("Location", "/api/events/" + views[0].id.to_string());
    co_return response;
}

Task<http::Response> EventApi::create_batch(http::Request request) {
    auto client_id = resource::client_of(request);
    if (!client_id) co_return http::failure_response(client_id.error(), request);
    auto batch = read_events(request);
    if (!batch) co_return http::failure_response(batch.error(), request);
    EventScreen(checks_, metrics_).screen(*batch);
    if (auto refused = refusal_of(*batch)) co_return http::failure_response(*refused, request);
    auto good = batch->take_good();
    std::vector<EventView> accepted;
    if (!good.empty()) accepted = co_await accept(std::move(good), *client_id);
    if (batch->is_item_by_item) co_return created(codec::to_json(item_results(batch->items, accepted)), 200);
    EventBatchView view;
    view.events = std::move(accepted);
    view.count = static_cast<std::int64_t>(view.events.size());
    co_return created(codec::to_json(view), 201);
}

Task<Result<EventView>> EventApi::get(http::Caller caller, EventById which) {
    const auto event = co_await parts_.messages->find_event(which.id);
    if (!event || !resource::sees(caller, event->client_id)) {
        co_return not_found("EVENT_NOT_FOUND", "there is no event " + which.id.to_string());
    }
    co_return view_of(*event);
}

}  // namespace fc::messaging
