#pragma once

#include "base/error.h"

#include <cstddef>
#include <string_view>
#include <vector>

namespace fc::cli {

/// How a target treats one delivery.
struct Conduct {
    enum class Kind {
        answer,
        timeout,  ///< never answers
        reset     ///< breaks the connection
    };
    Kind kind = Kind::answer;
    int status = 200;

    bool accepts() const { return kind == Kind::answer && status / 100 == 2; }
    bool operator==(const Conduct&) const = default;
};

/// What `--fail` asks for: kinds of failure that take turns, on all deliveries or on a share of them.
class Misbehaviour {
public:
    /// Behaves well.
    Misbehaviour() = default;
    /// "503,timeout,reset", or "503:0.2" for one delivery in five. INVALID_FAIL says what is wrong.
    static Result<Misbehaviour> parse(std::string_view text);

    /// `chance` is random, from 0 to below 1.
    Conduct next(double chance);

private:
    std::vector<Conduct> kinds_;
    double ratio_ = 0;
    std::size_t turn_ = 0;
};

}  // namespace fc::cli
