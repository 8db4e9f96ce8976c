#include "messaging/event/event.h"

#include "base/encoding.h"
#include "http/message.h"
#include "messaging/delivery/payload.h"
#include "messaging/texts.h"

namespace fc::messaging {
namespace {

std::optional<std::string> unless_empty(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
}

void take_data(CreateEvent& request, store::EventRecord& event) {
    if (request.data_content_type != http::json_type)
        event.content_type = std::move(request.data_content_type);
    if (request.data_base64) {
        event.data_kind = store::DataKind::binary;
        event.data = from_base64(*request.data_base64).value();
    } else if (request.data_kind) {
        event.data_kind = *request.data_kind;
        event.data = std::move(request.data.text);
    } else {
        event.data_kind = is_text(request.data) ? store::DataKind::text : store::DataKind::json;
        event.data = delivered_bytes(std::move(request.data));
    }
}

}  // namespace

store::JobRecord job_for(
    const Subscription& subscription,
    const store::EventRecord& event,
    const Catalog& catalog,
    TsidGenerator& ids) {
    store::JobRecord job;
    job.id = ids.next();
    job.event_id = event.id;
    job.owner = subscription.id;
    const auto pool = catalog.find_pool(subscription.dispatch_pool_id);
    job.counted_pool = pool ? pool->id : catalog.default_pool()->id;
    job.client_id = subscription.client_id;
    job.message_group = event.message_group;
    job.mode = subscription.mode;
    job.created_at = event.created_at;
    job.updated_at = event.created_at;
    job.next_attempt_at = event.created_at + seconds{subscription.delay_seconds.value()};
    return job;
}

store::EventRecord event_of(CreateEvent request, Publication publication, Tsid id) {
    store::EventRecord event;
    event.id = id;
    event.client_id = publication.client_id;
    event.type = request.type.text();
    event.source = request.source.text();
    event.subject = std::move(request.subject);
    event.spec_version = std::move(request.spec_version);
    event.time = request.time.value_or(publication.now);
    take_data(request, event);
    event.correlation_id = std::move(request.correlation_id);
    event.causation_id = std::move(request.causation_id);
    event.deduplication_id = std::move(request.deduplication_id);
    event.message_group = std::move(request.message_group);
    if (!request.context_data.empty()) event.context_data.text = codec::to_json(request.context_data);
    event.created_at = publication.now;
    return event;
}

store::NewEvent make_event(
    CreateEvent request, Publication publication, const Catalog& catalog, TsidGenerator& ids) {
    store::NewEvent made;
    made.event = event_of(std::move(request), publication, ids.next());
    auto& event = made.event;
    for (const auto& subscription : catalog.match(event)) {
        made.jobs.push_back(job_for(*subscription, event, catalog, ids));
    }
    event.job_count = static_cast<std::int64_t>(made.jobs.size());
    return made;
}

bool is_of_event(const store::JobRecord& job) {
    return job.origin == store::JobOrigin::match || job.origin == store::JobOrigin::replay;
}

EventView view_of(const store::EventRecord& event) {
    EventView view;
    view.id = event.id;
    view.spec_version = event.spec_version;
    view.type = event.type;
    view.source = event.source;
    view.subject = unless_empty(event.subject);
    view.time = event.time;
    if (event.data_kind == store::DataKind::binary)
        view.data_base64 = to_base64(event.data);
    else
        view.data.text = data_as_json(event);
    view.data_content_type = unless_empty(event.content_type);
    view.correlation_id = unless_empty(event.correlation_id);
    view.causation_id = unless_empty(event.causation_id);
    view.deduplication_id = unless_empty(event.deduplication_id);
    view.message_group = unless_empty(event.message_group);
    view.context_data = event.context_data;
    view.client_id = event.client_id;
    view.dispatch_job_count = event.job_count;
    view.created_at = event.created_at;
    return view;
}

}  // namespace fc::messaging

namespace fc::codec {

void Rules<messaging::CreateEvent>::check(
    const messaging::CreateEvent& event, Faults<messaging::CreateEvent>& faults) {
    constexpr std::size_t data_bytes_max = std::size_t{1} << 20U;
    using messaging::CreateEvent;
    const auto source = messaging::fault_of_text(event.source.text());
    faults.expect(!source, &CreateEvent::source, source.value_or(""));
    messaging::check_texts(
        event,
        faults,
        {&CreateEvent::spec_version,
         &CreateEvent::subject,
         &CreateEvent::correlation_id,
         &CreateEvent::causation_id,
         &CreateEvent::deduplication_id,
         &CreateEvent::message_group,
         &CreateEvent::data_content_type});
    faults.expect(event.data.text.size() <= data_bytes_max, &CreateEvent::data, "must be at most 1 MiB");
    if (!event.data_base64) return;
    const auto bytes = from_base64(*event.data_base64);
    faults.expect(bytes.has_value(), &CreateEvent::data_base64, "must be base 64 with padding (RFC 4648)");
    faults.expect(
        !bytes || bytes->size() <= data_bytes_max, &CreateEvent::data_base64, "must be at most 1 MiB");
    faults.expect(event.data.text.empty(), &CreateEvent::data_base64, "must not be there beside data");
}

}  // namespace fc::codec
