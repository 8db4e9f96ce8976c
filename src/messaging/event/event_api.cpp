#include "messaging/event/event_api.h"

#include "codec/json.h"
#include "http/problem.h"
#include "resource/tenancy.h"

namespace fc::messaging {
namespace {

constexpr std::size_t batch_items_max = 100;
constexpr std::size_t batch_bytes_max = 16U << 20U;

Error batch_size_error(const std::string& pointer, const std::string& detail) {
    return invalid("VALIDATION_FAILED", "the batch is not acceptable", {{pointer, detail}});
}

/// nullopt when a batch of that many items is acceptable.
std::optional<Error> check_count(std::size_t count, const std::string& pointer) {
    if (count == 0) return batch_size_error(pointer, "must have at least 1 item");
    if (count <= batch_items_max) return std::nullopt;
    return batch_size_error(
        pointer,
        "must have at most " + std::to_string(batch_items_max) + " items, has " + std::to_string(count));
}

/// The events under `pointer`, with every fault of every one.
Result<std::vector<CreateEvent>> read_events(codec::JsonValue array, const std::string& pointer) {
    std::vector<FieldError> faults;
    std::vector<CreateEvent> events;
    const codec::Place root{faults};
    const codec::Place list{root, "events"};
    codec::Traits<std::vector<CreateEvent>>::read(array, events, pointer.empty() ? root : list);
    if (!faults.empty()) return codec::validation_failed(std::move(faults));
    if (auto refused = check_count(events.size(), pointer)) return *refused;
    return events;
}

/// All that is wrong with one item, in one line.
std::string text_of(const Error& error) {
    std::string text;
    for (const auto& fault : error.fields)
        text += (text.empty() ? "" : "; ") + (fault.pointer + " ") + fault.detail;
    return text.empty() ? error.detail : text;
}

http::Response created(std::string body, int status) {
    http::Response response;
    response.status = status;
    response.body = std::move(body);
    return response;
}

}  // namespace

http::Routes EventApi::routes() {
    http::Routes routes("/api/events", "Events");
    routes
        .post(
            "",
            "Publish an event",
            http::bind(this, &EventApi::create),
            http::Permission{"messaging:event:create"})
        .takes<CreateEvent>()
        .gives<EventView>()
        .answers_with(std::vector<int>{201, 200});
    routes
        .post(
            "/batch",
            "Publish up to 100 events",
            http::bind(this, &EventApi::create_batch),
            http::Permission{"messaging:event:create"})
        .body_bytes_max(batch_bytes_max)
        .gives<EventBatchView>()
        .answers_with(std::vector<int>{201});
    routes.get(
        "/{id}", "Get an event", http::bind(this, &EventApi::get), http::Permission{"messaging:event:read"});
    return routes;
}

Task<std::vector<EventView>> EventApi::accept(std::vector<CreateEvent> events, Tsid client_id) {
    const Publication publication{client_id, parts_.clock->now()};
    std::vector<store::NewEvent> made;
    std::vector<EventView> views;
    made.reserve(events.size());
    views.reserve(events.size());
    for (auto& event : events) {
        made.push_back(make_event(std::move(event), publication, *parts_.catalog, *parts_.ids));
        views.push_back(view_of(made.back().event));
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
    auto event = codec::from_json<CreateEvent>(request.body());
    if (!event) co_return http::failure_response(event.error(), request);
    auto client_id = resource::client_of(request);
    if (!client_id) co_return http::failure_response(client_id.error(), request);
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
    const auto document = codec::JsonDocument::parse(request.body());
    if (!document) co_return http::failure_response(document.error(), request);
    const auto root = document->root();
    if (const auto items = root.find("items"); items.is_array()) {
        std::vector<Result<CreateEvent>> read;
        for (auto item = items.first(); item.exists() && read.size() <= batch_items_max;
             item = items.after(item)) {
            read.push_back(codec::from_json_value<CreateEvent>(item));
        }
        if (auto refused = check_count(read.size(), "/items"))
            co_return http::failure_response(*refused, request);
        co_return co_await item_by_item(std::move(read), *client_id);
    }
    const bool is_bare = root.is_array();
    const auto list = is_bare ? root : root.find("events");
    if (!list.exists()) {
        const auto missing = batch_size_error("/events", "is required");
        co_return http::failure_response(missing, request);
    }
    auto events = read_events(list, is_bare ? "" : "/events");
    if (!events) co_return http::failure_response(events.error(), request);
    co_return co_await all_or_nothing(std::move(*events), *client_id);
}

Task<http::Response> EventApi::all_or_nothing(std::vector<CreateEvent> events, Tsid client_id) {
    EventBatchView view;
    view.events = co_await accept(std::move(events), client_id);
    view.count = static_cast<std::int64_t>(view.events.size());
    co_return created(codec::to_json(view), 201);
}

Task<http::Response> EventApi::item_by_item(std::vector<Result<CreateEvent>> items, Tsid client_id) {
    std::vector<CreateEvent> good;
    for (auto& item : items) {
        if (item) good.push_back(std::move(*item));
    }
    std::vector<EventView> accepted;
    if (!good.empty()) accepted = co_await accept(std::move(good), client_id);
    ItemBatchView view;
    std::size_t next = 0;
    for (const auto& item : items) {
        auto& result = view.results.emplace_back();
        if (item) {
            const auto& event = accepted[next++];
            result.id = event.id;
            result.status = event.duplicate ? "DUPLICATE" : "CREATED";
            continue;
        }
        result.status = "ERROR";
        result.error = text_of(item.error());
    }
    co_return created(codec::to_json(view), 200);
}

Task<Result<EventView>> EventApi::get(http::Caller caller, EventById which) {
    const auto event = co_await parts_.messages->find_event(which.id);
    if (!event || !resource::sees(caller, event->client_id)) {
        co_return not_found("EVENT_NOT_FOUND", "there is no event " + which.id.to_string());
    }
    co_return view_of(*event);
}

}  // namespace fc::messaging
