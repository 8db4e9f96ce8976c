#pragma once

#include <cstddef>

namespace fc::http {

/// An allowance of memory that all connections share. Counts, and leaves it to them to keep within it.
class ByteBudget {
public:
    std::size_t used() const { return used_; }

    /// What one connection holds of it, given back at the end.
    class Share {
    public:
        explicit Share(ByteBudget& budget) : budget_(budget) {}
        ~Share() { hold(0); }
        Share(const Share&) = delete;
        Share& operator=(const Share&) = delete;
        /// From now on so much, whatever it was before.
        void hold(std::size_t bytes) {
            budget_.used_ += bytes - held_;
            held_ = bytes;
        }

    private:
        ByteBudget& budget_;
        std::size_t held_ = 0;
    };

private:
    std::size_t used_ = 0;
};

}  // namespace fc::http
