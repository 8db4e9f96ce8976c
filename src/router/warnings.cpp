#include "router/warnings.h"

#include "base/encoding.h"
#include "base/random.h"

#include <algorithm>
#include <cctype>
#include <iterator>

namespace fc::router {

namespace {

/// A random UUID (RFC 9562 version 4).
std::string new_id() {
    std::string bytes = random_bytes(16);
    bytes[6] = static_cast<char>((bytes[6] & 0x0f) | 0x40);
    bytes[8] = static_cast<char>((bytes[8] & 0x3f) | 0x80);
    std::string id = to_hex(bytes);
    for (const std::size_t dash : {8, 13, 18, 23}) id.insert(dash, 1, '-');
    return id;
}

}  // namespace

std::optional<Severity> parse_severity(std::string_view text) {
    std::string upper;
    for (const char c : text) upper += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    if (upper == "INFO") return Severity::info;
    if (upper == "WARN" || upper == "WARNING") return Severity::warning;
    if (upper == "ERROR") return Severity::error;
    if (upper == "CRITICAL") return Severity::critical;
    return std::nullopt;
}

void Warnings::add(Draft draft, TimePoint now) {
    const auto same = std::ranges::find_if(warnings_, [&](const Warning& warning) {
        return !warning.acknowledged && warning.category == draft.category &&
               warning.source == draft.source && warning.message == draft.message;
    });
    Warning warning;
    if (same != warnings_.end()) {
        warning = std::move(*same);
        warnings_.erase(same);
        ++warning.count;
    } else {
        warning.id = new_id();
        warning.category = std::move(draft.category);
        warning.message = std::move(draft.message);
        warning.source = std::move(draft.source);
    }
    warning.severity = draft.severity;
    warning.timestamp = now;
    warnings_.push_front(std::move(warning));
    if (warnings_.size() > warnings_max) warnings_.pop_back();
}

std::vector<Warning> Warnings::unacknowledged() const {
    std::vector<Warning> found;
    const auto is_open = [](const Warning& warning) { return !warning.acknowledged; };
    std::ranges::copy_if(warnings_, std::back_inserter(found), is_open);
    return found;
}

std::vector<Warning> Warnings::of_severity(Severity severity) const {
    std::vector<Warning> found;
    const auto is_such = [severity](const Warning& warning) { return warning.severity == severity; };
    std::ranges::copy_if(warnings_, std::back_inserter(found), is_such);
    return found;
}

bool Warnings::acknowledge(std::string_view id) {
    const auto found = std::ranges::find(warnings_, id, &Warning::id);
    if (found == warnings_.end()) return false;
    found->acknowledged = true;
    return true;
}

void Warnings::acknowledge_old(TimePoint now) {
    for (Warning& warning : warnings_) {
        if (now - warning.timestamp >= acknowledged_after) warning.acknowledged = true;
    }
}

void Warnings::clear_older_than(TimePoint limit) {
    std::erase_if(warnings_, [limit](const Warning& warning) { return warning.timestamp < limit; });
}

}  // namespace fc::router
