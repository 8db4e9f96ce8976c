#pragma once

#include "store/records.h"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <string_view>

namespace fc::store::sqlite {

/// A line of which every member is known: the head by its id, those behind it as they are stored.
struct Line {
    Tsid head;  ///< 0: nobody stands in it
    std::list<JobRecord> waiting;
};

/// The lines used last. Each is whole, or not here at all: then the store knows.
class LineMemory {
public:
    explicit LineMemory(std::size_t bytes_max) : bytes_max_(bytes_max) {}

    /// Null when the line is not here.
    Line* find(Tsid owner, std::string_view message_group);
    /// A line that is known to be empty.
    Line& add_empty(Tsid owner, const std::string& message_group);
    void push_back(Line& line, JobRecord&& job);
    std::optional<JobRecord> pop_front(Line& line);
    /// The line is here no longer; nullopt when it was not.
    std::optional<Line> take(Tsid owner, std::string_view message_group);
    /// While there are more bytes than allowed: the line used longest ago, here no longer.
    std::optional<Line> take_excess();
    void clear();

private:
    struct Name {
        Tsid owner;
        std::string_view message_group;
        bool operator==(const Name&) const = default;
    };
    struct Hash {
        std::size_t operator()(const Name& name) const {
            return std::hash<std::string_view>()(name.message_group) * 31 + std::hash<Tsid>()(name.owner);
        }
    };
    struct Entry {
        Tsid owner;
        std::string message_group;
        Line line;
    };
    using Entries = std::list<Entry>;

    Line take(Entries::iterator entry);

    std::size_t bytes_max_;
    std::size_t bytes_ = 0;
    Entries entries_;                                                   ///< the one used last in front
    boost::unordered_flat_map<Name, Entries::iterator, Hash> by_name_;  ///< names point into the entries
};

}  // namespace fc::store::sqlite
