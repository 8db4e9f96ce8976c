#pragma once

#include "base/id.h"

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace fc::cli {

/// What a delivery is, seen against those before it.
struct Sighting {
    enum class Order { unknown, right, wrong };
    bool is_again = false;  ///< the same job came before
    Order order = Order::unknown;
};

/// Remembers deliveries, as many as `jobs_max`, to tell repeated ones and those that overtook others.
class DeliveryBook {
public:
    explicit DeliveryBook(std::size_t jobs_max = 500'000) : jobs_max_(jobs_max) {}

    /// A delivery arrived. `group` is the message group within one receiver of it; nullopt: in none.
    ///
    /// Ids of jobs only grow, so within a group the order is wrong when a job comes after one with a larger
    /// id. Not so for one that was accepted before: sending that again is what "at least once" allows.
    Sighting arrive(Tsid job, const std::optional<std::string>& group);
    /// It was answered with 2xx.
    void accept(Tsid job);

private:
    struct Job {
        bool is_accepted = false;
    };
    void forget_oldest();

    std::size_t jobs_max_;
    std::unordered_map<Tsid, Job> jobs_;
    std::deque<Tsid> oldest_first_;
    std::unordered_map<std::string, Tsid> last_of_group_;
};

}  // namespace fc::cli
