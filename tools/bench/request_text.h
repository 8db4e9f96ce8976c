#pragma once

#include "bench/load.h"
#include "bench/payload.h"

#include <string>
#include <string_view>
#include <vector>

namespace fc::bench {

/// One connection's request, made once and then only changed in place: numbers have a fixed width.
class RequestText {
public:
    RequestText(const Load& load, const Target& target, std::string_view run_tag);
    /// Makes the event at `index` (below the batch size) the one that `mark` describes.
    void set(std::size_t index, const Mark& mark);
    std::string_view text() const { return text_; }

private:
    struct Places {
        std::size_t type;
        std::size_t mark;
        std::size_t group;
        std::size_t dedup;
    };
    void append_event(std::string& body, const Load& load, std::string_view run_tag);

    std::string text_;
    std::vector<Places> events_;
    Load load_;
    std::uint64_t seed_;
};

}  // namespace fc::bench
