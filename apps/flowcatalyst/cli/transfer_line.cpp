#include "flowcatalyst/cli/transfer_line.h"

#include "base/encoding.h"
#include "messaging/delivery/signing.h"
#include "messaging/dispatch_pool/dispatch_pool.h"
#include "messaging/subscription/subscription.h"

#include <algorithm>

namespace fc::cli {

/// An event as a line has it. `data` is text of any kind; binary data is in base 64.
struct EventLine {
    Tsid id;
    Tsid client_id;
    std::string type;
    std::string source;
    std::string subject;
    std::string spec_version;
    TimePoint time;
    store::DataKind data_kind = store::DataKind::json;
    std::string data;
    bool is_base64 = false;
    std::string content_type;
    std::string correlation_id;
    std::string causation_id;
    std::string deduplication_id;
    std::string message_group;
    RawJson context_data;
    TimePoint created_at;
};
BOOST_DESCRIBE_STRUCT(
    EventLine,
    (),
    (id,
     client_id,
     type,
     source,
     subject,
     spec_version,
     time,
     data_kind,
     data,
     is_base64,
     content_type,
     correlation_id,
     causation_id,
     deduplication_id,
     message_group,
     context_data,
     created_at))

/// What every stored entity has.
struct EntityHead {
    Tsid id;
    Tsid client_id;
    Code code;
};
BOOST_DESCRIBE_STRUCT(EntityHead, (), (id, client_id, code))

}  // namespace fc::cli

template <>
struct fc::codec::Rules<fc::cli::EventLine> {
    using E = fc::cli::EventLine;
    static constexpr auto required = std::tuple{&E::id, &E::type, &E::created_at};
};

template <>
struct fc::codec::Rules<fc::cli::EntityHead> {
    static constexpr auto required = std::tuple{&fc::cli::EntityHead::id, &fc::cli::EntityHead::code};
};

namespace fc::cli {
namespace {

using messaging::DispatchPool;
using messaging::Subscription;

/// Line breaks in JSON are white space: those of a text are escaped.
std::string in_one_line(std::string json) {
    std::ranges::replace_if(json, [](char c) { return c == '\n' || c == '\r'; }, ' ');
    return json;
}

std::string to_line(std::string_view kind, std::string content) {
    return in_one_line(codec::to_json(TransferLine{std::string(kind), RawJson{std::move(content)}}));
}

template <class T>
Result<store::Document> document_of(const T& entity) {
    using Collection = store::Collection<T>;
    return store::Document{
        entity.id,
        Collection::client(entity),
        Collection::code(entity),
        codec::to_json(entity, codec::Reveal::yes)};
}

template <class T>
Result<store::Document> read_entity(const std::string& json) {
    auto entity = codec::from_json<T>(json);
    if (!entity) return entity.error();
    if constexpr (std::is_same_v<T, Subscription>) {
        if (entity->signing_secret.empty()) entity->signing_secret = messaging::new_signing_secret();
    }
    return document_of(*entity);
}

}  // namespace

std::string to_line(const std::string& collection, const store::Document& entity, bool secrets) {
    if (secrets || collection != store::Collection<Subscription>::name)
        return to_line(collection, entity.text);
    auto subscription = codec::from_json<Subscription>(entity.text).value();
    subscription.signing_secret = Secret();
    subscription.previous_secret = Secret();
    subscription.previous_secret_expires_at = std::nullopt;
    subscription.headers.clear();
    return to_line(collection, codec::to_json(subscription));
}

std::string to_line(const store::EventRecord& event) {
    EventLine line;
    line.id = event.id;
    line.client_id = event.client_id;
    line.type = event.type;
    line.source = event.source;
    line.subject = event.subject;
    line.spec_version = event.spec_version;
    line.time = event.time;
    line.data_kind = event.data_kind;
    line.is_base64 = !is_valid_utf8(event.data);
    line.data = line.is_base64 ? to_base64(event.data) : event.data;
    line.content_type = event.content_type;
    line.correlation_id = event.correlation_id;
    line.causation_id = event.causation_id;
    line.deduplication_id = event.deduplication_id;
    line.message_group = event.message_group;
    line.context_data = event.context_data;
    line.created_at = event.created_at;
    return to_line(event_kind, codec::to_json(line));
}

Result<TransferLine> parse_line(std::string_view line) {
    return codec::from_json<TransferLine>(line);
}

Result<store::EventRecord> event_of(const TransferLine& line) {
    auto read = codec::from_json<EventLine>(line.content.text);
    if (!read) return read.error();
    auto data = read->is_base64 ? from_base64(read->data) : std::optional(std::move(read->data));
    if (!data) return invalid("INVALID_LINE", "/content/data must be base 64");
    store::EventRecord event;
    event.id = read->id;
    event.client_id = read->client_id;
    event.type = std::move(read->type);
    event.source = std::move(read->source);
    event.subject = std::move(read->subject);
    event.spec_version = std::move(read->spec_version);
    event.time = read->time;
    event.data_kind = read->data_kind;
    event.data = std::move(*data);
    event.content_type = std::move(read->content_type);
    event.correlation_id = std::move(read->correlation_id);
    event.causation_id = std::move(read->causation_id);
    event.deduplication_id = std::move(read->deduplication_id);
    event.message_group = std::move(read->message_group);
    event.context_data = std::move(read->context_data);
    event.created_at = read->created_at;
    return event;
}

Result<store::Document> entity_of(const TransferLine& line) {
    const auto& json = line.content.text;
    if (line.kind == store::Collection<Subscription>::name) return read_entity<Subscription>(json);
    if (line.kind == store::Collection<DispatchPool>::name) return read_entity<DispatchPool>(json);
    if (std::ranges::find(entity_kinds, line.kind) == entity_kinds.end())
        return invalid("INVALID_LINE", "/kind \"" + line.kind + "\" is not known");
    const auto head = codec::from_json<EntityHead>(json);
    if (!head) return head.error();
    return store::Document{head->id, head->client_id, head->code.text(), json};
}

}  // namespace fc::cli
