#pragma once

#include "base/time.h"

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fc::router {

enum class Severity { info, warning, error, critical };

/// "WARN" of older producers is `warning`; any case; nullopt when unknown.
std::optional<Severity> parse_severity(std::string_view text);

/// What an operator should know. The same text from the same source again, not yet acknowledged, is counted,
/// not repeated.
struct Warning {
    std::string id;
    std::string
        category;  ///< upper case, of a fixed set: MALFORMED_MESSAGE, CONFIGURATION, ROUTING, POOL_LIMIT, ...
    Severity severity = Severity::warning;
    std::string message;
    TimePoint timestamp{};  ///< of the latest
    std::string source;
    bool acknowledged = false;
    std::uint64_t count = 1;
};

/// The latest 1,000 warnings, newest first.
class Warnings {
public:
    static constexpr std::size_t warnings_max = 1'000;
    static constexpr Millis acknowledged_after{8 * 3'600'000};

    struct Draft {
        std::string category;
        Severity severity = Severity::warning;
        std::string message;
        std::string source;
    };

    void add(Draft draft, TimePoint now);
    std::vector<Warning> list() const { return {warnings_.begin(), warnings_.end()}; }
    std::vector<Warning> unacknowledged() const;
    std::vector<Warning> of_severity(Severity severity) const;
    /// False when there is none of that id.
    bool acknowledge(std::string_view id);
    /// Nobody looks at a warning after eight hours: it stops counting against the health.
    void acknowledge_old(TimePoint now);
    void clear() { warnings_.clear(); }
    void clear_older_than(TimePoint limit);
    std::size_t size() const { return warnings_.size(); }

private:
    std::deque<Warning> warnings_;
};

}  // namespace fc::router
