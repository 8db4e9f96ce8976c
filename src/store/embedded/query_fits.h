#pragma once

#include "store/search.h"

#include <string_view>

namespace fc::store::sqlite {

/// What a job shows of its event, else of itself.
struct JobTexts {
    std::string_view type;
    std::string_view source;
    std::string_view subject;
    std::string_view correlation_id;
    std::string_view kind;
};

/// Whether a row is meant by a query: the whole truth, which indexes only come close to. A job fits when it
/// fits itself and its texts do.
bool fits(const EventQuery& query, const EventRecord& event);
bool fits(const JobQuery& query, const JobRecord& job);
bool fits(const JobQuery& query, const JobRecord& job, const JobTexts& texts);
/// Whether the texts decide anything.
bool needs_texts(const JobQuery& query);

/// The first three parts of a type, between ':' or '.'.
struct TypeParts {
    std::string_view application;
    std::string_view subdomain;
    std::string_view aggregate;
};
TypeParts parts_of(std::string_view type);

/// ASCII letters in any case.
bool contains_in_any_case(std::string_view text, std::string_view part);

bool is_within(TimePoint time, std::optional<TimePoint> after, std::optional<TimePoint> before);

/// Whether the client and the type fit.
bool fits(const MessageQuery& query, Tsid client_id, std::string_view type);

template <class T, class U>
bool is_one_of(const std::vector<T>& wanted, const U& value) {
    for (const auto& each : wanted) {
        if (each == value) return true;
    }
    return false;
}
/// The same; an empty list leaves it open.
template <class T, class U>
bool is_open_or_one_of(const std::vector<T>& wanted, const U& value) {
    return wanted.empty() || is_one_of(wanted, value);
}

}  // namespace fc::store::sqlite
