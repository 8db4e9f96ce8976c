#include "store/embedded/query_fits.h"

#include <algorithm>

namespace fc::store::sqlite {
namespace {

char lower(char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool equals_if_asked(const std::string& wanted, std::string_view value) {
    return wanted.empty() || wanted == value;
}

bool fits_text(const std::string& text, Tsid id, std::string_view subject) {
    return text.empty() || contains_in_any_case(subject, text) || Tsid::parse(text) == id;
}

}  // namespace

bool is_within(TimePoint time, std::optional<TimePoint> after, std::optional<TimePoint> before) {
    return (!after || time >= *after) && (!before || time <= *before);
}

bool contains_in_any_case(std::string_view text, std::string_view part) {
    const auto same = [](char left, char right) { return lower(left) == lower(right); };
    return std::search(text.begin(), text.end(), part.begin(), part.end(), same) != text.end() ||
           part.empty();
}

TypeParts parts_of(std::string_view type) {
    const auto take = [&type] {
        const auto end = type.find_first_of(":.");
        const auto part = type.substr(0, end);
        type = end == std::string_view::npos ? std::string_view() : type.substr(end + 1);
        return part;
    };
    TypeParts parts;
    parts.application = take();
    parts.subdomain = take();
    parts.aggregate = take();
    return parts;
}

bool fits(const MessageQuery& query, Tsid client_id, std::string_view type) {
    if (query.client_ids && !is_one_of(*query.client_ids, client_id)) return false;
    const auto parts = parts_of(type);
    return is_open_or_one_of(query.types, type) && is_open_or_one_of(query.applications, parts.application) &&
           is_open_or_one_of(query.subdomains, parts.subdomain) &&
           is_open_or_one_of(query.aggregates, parts.aggregate);
}

bool fits(const EventQuery& query, const EventRecord& event) {
    return fits(query, event.client_id, event.type) && contains_in_any_case(event.source, query.source) &&
           contains_in_any_case(event.subject, query.subject) &&
           equals_if_asked(query.message_group, event.message_group) &&
           equals_if_asked(query.correlation_id, event.correlation_id) &&
           equals_if_asked(query.deduplication_id, event.deduplication_id) &&
           fits_text(query.text, event.id, event.subject) &&
           is_within(event.created_at, query.created_after, query.created_before) &&
           is_within(event.time, query.time_after, query.time_before);
}

bool fits(const JobQuery& query, const JobRecord& job) {
    const auto has_status = [&](JobStatus wanted) { return stored_status(wanted) == job.status; };
    const bool is_left_out = query.pending && job.status == JobStatus::pending &&
                             !std::ranges::binary_search(*query.pending, job.id);
    return !is_left_out && (!query.client_ids || is_one_of(*query.client_ids, job.client_id)) &&
           equals_if_asked(query.message_group, job.message_group) &&
           is_within(job.created_at, query.created_after, query.created_before) &&
           (query.statuses.empty() || std::ranges::any_of(query.statuses, has_status)) &&
           is_open_or_one_of(query.owners, job.owner) && is_open_or_one_of(query.pools, job.counted_pool) &&
           (!query.event_id || job.event_id == *query.event_id) &&
           (!query.operation || job.operation == *query.operation) &&
           (!query.never_attempted || job.attempts == 0);
}

bool fits(const JobQuery& query, const JobRecord& job, const JobTexts& texts) {
    return fits(query, job.client_id, texts.type) && contains_in_any_case(texts.source, query.source) &&
           contains_in_any_case(texts.subject, query.subject) &&
           equals_if_asked(query.correlation_id, texts.correlation_id) &&
           is_open_or_one_of(query.kinds, texts.kind) && fits_text(query.text, job.id, texts.subject);
}

bool needs_texts(const JobQuery& query) {
    return !query.types.empty() || !query.applications.empty() || !query.subdomains.empty() ||
           !query.aggregates.empty() || !query.source.empty() || !query.subject.empty() ||
           !query.correlation_id.empty() || !query.kinds.empty() || !query.text.empty();
}

}  // namespace fc::store::sqlite
