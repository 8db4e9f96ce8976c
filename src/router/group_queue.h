#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace fc::router {

/// Keeps the order of other producers' pointers: of each message group one is out at a time, the rest waits
/// here. When one fails, what waits in the same group and came in the same batch is given back to be nacked,
/// so that it cannot overtake. A pointer without a group waits for nobody. (Our own jobs need none of this:
/// the store hands over heads only.)
class GroupQueue {
public:
    struct Entry {
        std::uint64_t job = 0;
        std::string group;
        std::uint64_t batch = 0;
        bool high_priority = false;  ///< goes before what waits in its group with no priority
    };
    struct Finished {
        std::optional<std::uint64_t> next;  ///< may start now
        std::vector<std::uint64_t> nacked;  ///< left the queue without being tried, in order
    };

    /// True: it may start now; false: it waits.
    bool push(Entry entry);
    /// The one of `group` that was out has ended; `batch` is its own.
    Finished finish(const std::string& group, std::uint64_t batch, bool failed);
    /// Everything that waits, each group in order.
    std::vector<std::uint64_t> drop_all();

    std::size_t waiting() const { return waiting_; }
    /// Groups with a pointer out.
    std::size_t groups() const { return groups_.size(); }

private:
    struct Waiting {
        std::uint64_t job;
        std::uint64_t batch;
    };
    struct Group {
        std::deque<Waiting> high;
        std::deque<Waiting> normal;
    };
    void take_batch(std::deque<Waiting>& queue, std::uint64_t batch, std::vector<std::uint64_t>& taken);

    std::unordered_map<std::string, Group> groups_;
    std::size_t waiting_ = 0;
};

}  // namespace fc::router
