#include "flowcatalyst/cli/misbehaviour.h"

#include <charconv>
#include <optional>
#include <string>

namespace fc::cli {
namespace {

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
    Number number{};
    const auto* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || rest != end) return std::nullopt;
    return number;
}

std::optional<Conduct> parse_kind(std::string_view text) {
    if (text == "timeout") return Conduct{.kind = Conduct::Kind::timeout};
    if (text == "reset") return Conduct{.kind = Conduct::Kind::reset};
    const auto status = parse_number<int>(text);
    if (!status || *status < 200 || *status > 599) return std::nullopt;
    return Conduct{.kind = Conduct::Kind::answer, .status = *status};
}

}  // namespace

Result<Misbehaviour> Misbehaviour::parse(std::string_view text) {
    Misbehaviour misbehaviour;
    misbehaviour.ratio_ = 1;
    if (const auto colon = text.find(':'); colon != std::string_view::npos) {
        const auto ratio = parse_number<double>(text.substr(colon + 1));
        if (!ratio || !(*ratio >= 0 && *ratio <= 1)) {
            return invalid(
                "INVALID_FAIL",
                "'" + std::string(text.substr(colon + 1)) + "' is no share: a number from 0 to 1");
        }
        misbehaviour.ratio_ = *ratio;
        text = text.substr(0, colon);
    }
    while (true) {
        const auto comma = text.find(',');
        const auto word = text.substr(0, comma);
        const auto kind = parse_kind(word);
        if (!kind) {
            return invalid(
                "INVALID_FAIL",
                "'" + std::string(word) + "' is none of: a status from 200 to 599, timeout, reset");
        }
        misbehaviour.kinds_.push_back(*kind);
        if (comma == std::string_view::npos) return misbehaviour;
        text.remove_prefix(comma + 1);
    }
}

Conduct Misbehaviour::next(double chance) {
    if (kinds_.empty() || chance >= ratio_) return {};
    return kinds_[turn_++ % kinds_.size()];
}

}  // namespace fc::cli
