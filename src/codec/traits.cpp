#include "codec/traits.h"

#include <array>
#include <cmath>

namespace fc::codec {

std::optional<std::int64_t> integral_value(std::string_view raw) {
    constexpr double exact_max = 9'007'199'254'740'992;  // 2^53: above it a double skips integers
    double value = 0;
    if (parse_double(raw, value) || std::trunc(value) != value || std::abs(value) > exact_max)
        return std::nullopt;
    return static_cast<std::int64_t>(value);
}

void Traits<double>::read(JsonValue in, double& out, const Place& at) {
    if (in.kind() != JsonKind::number) return at.fail("must be a number");
    if (auto fault = parse(in.raw(), out)) at.fail(std::move(*fault));
}

std::string Traits<double>::text(double value) {
    std::array<char, 32> digits{};
    return {digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr};
}

Fault Traits<TimePoint>::parse(std::string_view text, TimePoint& out) {
    const auto time = from_rfc3339(text);
    if (!time) return "must be a date and time as in 2026-01-31T10:20:30Z";
    out = *time;
    return std::nullopt;
}

}  // namespace fc::codec
