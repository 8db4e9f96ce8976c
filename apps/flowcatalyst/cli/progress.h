#pragma once

#include <chrono>
#include <cstdint>
#include <iostream>
#include <string>

namespace fc::cli {

/// Says on stderr how far a long command is, once a second; nothing when it is over before.
/// `of` 0: nobody knows.
class Progress {
public:
    Progress(std::string before, std::string unit) : before_(std::move(before)), unit_(std::move(unit)) {}

    void tell(std::uint64_t done, std::uint64_t of) {
        const auto now = std::chrono::steady_clock::now();
        if (now < next_) return;
        next_ = now + std::chrono::seconds{1};
        std::cerr << before_ << done;
        if (of > 0) std::cerr << " of " << of;
        std::cerr << unit_ << '\n';
    }

private:
    std::string before_;
    std::string unit_;
    std::chrono::steady_clock::time_point next_ = std::chrono::steady_clock::now() + std::chrono::seconds{1};
};

}  // namespace fc::cli
