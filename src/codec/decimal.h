#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace fc::codec {

/// A JSON number as it was written, compared exactly: 9007199254740993 is more than 9007199254740992, and
/// 0.10 equals 1e-1. Exponents beyond ±10^15 count as that.
class Decimal {
public:
    Decimal() = default;
    /// `raw`: a number of a JsonDocument.
    explicit Decimal(std::string_view raw);

    std::strong_ordering operator<=>(const Decimal& other) const;
    bool operator==(const Decimal& other) const { return std::is_eq(*this <=> other); }

private:
    bool is_negative_ = false;
    std::string digits_;      ///< without zeros at either end; "" is zero
    std::int64_t point_ = 0;  ///< the value is 0.digits times ten to the power of this
};

}  // namespace fc::codec
