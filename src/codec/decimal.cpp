#include "codec/decimal.h"

#include <algorithm>
#include <charconv>

namespace fc::codec {
namespace {

constexpr std::int64_t exponent_max = 1'000'000'000'000'000;

std::int64_t exponent_of(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    std::int64_t value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (read.ec == std::errc::result_out_of_range)
        value = text.starts_with('-') ? -exponent_max : exponent_max;
    return std::clamp(value, -exponent_max, exponent_max);
}

}  // namespace

Decimal::Decimal(std::string_view raw) {
    is_negative_ = raw.starts_with('-');
    if (is_negative_) raw.remove_prefix(1);
    const auto mark = std::min(raw.find_first_of("eE"), raw.size());
    const auto mantissa = raw.substr(0, mark);
    const auto whole = mantissa.substr(0, mantissa.find('.'));
    digits_ = whole;
    if (whole.size() < mantissa.size()) digits_ += mantissa.substr(whole.size() + 1);
    const auto zeros = std::min(digits_.find_first_not_of('0'), digits_.size());
    digits_.erase(0, zeros);
    digits_.erase(digits_.find_last_not_of('0') + 1);
    if (digits_.empty()) {
        is_negative_ = false;
        return;
    }
    point_ = static_cast<std::int64_t>(whole.size()) - static_cast<std::int64_t>(zeros);
    if (mark < raw.size()) point_ += exponent_of(raw.substr(mark + 1));
}

std::strong_ordering Decimal::operator<=>(const Decimal& other) const {
    const auto sign = [](const Decimal& one) { return one.digits_.empty() ? 0 : one.is_negative_ ? -1 : 1; };
    if (const auto order = sign(*this) <=> sign(other); order != 0 || digits_.empty()) return order;
    auto magnitude = point_ <=> other.point_;
    if (magnitude == 0) magnitude = digits_ <=> other.digits_;
    return is_negative_ ? 0 <=> magnitude : magnitude;
}

}  // namespace fc::codec
