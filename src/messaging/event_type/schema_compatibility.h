#pragma once

#include "messaging/event_type/event_type.h"

#include <boost/describe/class.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace fc::messaging {

enum class Compatibility { full, backward, forward, none, unknown };
BOOST_DESCRIBE_ENUM(Compatibility, full, backward, forward, none, unknown)

/// One difference that matters. Backward: readers of the newer schema may meet data of the older one that
/// they do not allow. Forward: the other way round.
struct SchemaDifference {
    std::string pointer;  ///< into the newer schema, or the older one where the newer has nothing there
    std::string detail;
    bool breaks_backward = false;
    bool breaks_forward = false;
    bool is_undecided = false;  ///< cannot be judged, so neither is promised
};
BOOST_DESCRIBE_STRUCT(SchemaDifference, (), (pointer, detail, breaks_backward, breaks_forward, is_undecided))

/// Whether data of either version is allowed by the other. Only what is certain is promised.
struct CompatibilityReport {
    std::string version;
    std::string with;
    Compatibility result = Compatibility::unknown;
    bool backward = false;  ///< all data of `with` is allowed by `version`
    bool forward = false;   ///< all data of `version` is allowed by `with`
    std::vector<SchemaDifference> differences;
};
BOOST_DESCRIBE_STRUCT(CompatibilityReport, (), (version, with, result, backward, forward, differences))

/// Compares what two versions allow, keyword by keyword (docs/api.md has the rules).
CompatibilityReport compare_versions(const SpecVersion& newer, const SpecVersion& older);

}  // namespace fc::messaging
