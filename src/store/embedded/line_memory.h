#pragma once

#include "store/records.h"

#include <cstddef>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace fc::store::sqlite {

/// A line of which every member is known: the head by its id, those behind it as they are stored.
struct Line {
    Tsid head;  ///< 0: nobody stands in it
    std::list<JobRecord> waiting;
};

/// The lines used last, up to some number of bytes. Each is whole, or not here at all: then the store knows.
class LineMemory {
public:
    explicit LineMemory(std::size_t bytes_max) : bytes_max_(bytes_max) {}

    /// Null when the line is not here.
    Line* find(Tsid owner, std::string_view message_group);
    /// A line that is known to be empty. May forget others.
    Line& add_empty(Tsid owner, const std::string& message_group);
    /// May forget lines, this one too when it alone is too long: `line` is not to be used afterwards.
    void push_back(Line& line, JobRecord&& job);
    std::optional<JobRecord> pop_front(Line& line);
    void forget(Tsid owner, std::string_view message_group);
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

    void erase(Entries::iterator entry);
    void make_room();

    std::size_t bytes_max_;
    std::size_t bytes_ = 0;
    Entries entries_;                                            ///< the one used last in front
    std::unordered_map<Name, Entries::iterator, Hash> by_name_;  ///< names point into the entries
};

}  // namespace fc::store::sqlite
