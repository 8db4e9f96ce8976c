#pragma once

#include "base/error.h"
#include "codec/json.h"
#include "store/records.h"
#include "store/repository.h"

#include <array>
#include <string>
#include <string_view>

namespace fc::cli {

/// One line of an export: an entity, or an event.
struct TransferLine {
    std::string kind;  ///< the name of the entity's collection, or "event"
    RawJson content;
};
BOOST_DESCRIBE_STRUCT(TransferLine, (), (kind, content))

inline constexpr std::string_view event_kind = "event";
/// What is exported, in an order in which nothing refers to what comes later.
inline constexpr std::array<const char*, 3> entity_kinds{"event_types", "dispatch_pools", "subscriptions"};

/// Without `secrets` a subscription's signing secret and headers are left out.
std::string to_line(const std::string& collection, const store::Document& entity, bool secrets);
std::string to_line(const store::EventRecord& event);

/// What the line says; INVALID_LINE names what is wrong with it.
Result<TransferLine> parse_line(std::string_view line);
Result<store::EventRecord> event_of(const TransferLine& line);
/// A subscription without a signing secret gets a new one.
Result<store::Document> entity_of(const TransferLine& line);

}  // namespace fc::cli

template <>
struct fc::codec::Rules<fc::cli::TransferLine> {
    static constexpr auto required =
        std::tuple{&fc::cli::TransferLine::kind, &fc::cli::TransferLine::content};
};
