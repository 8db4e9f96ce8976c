#include "queue/nats/ack_subject.h"

#include <array>
#include <charconv>

namespace fc::queue {

namespace {

constexpr std::size_t tokens_plain = 9;
constexpr std::size_t tokens_domain = 11;
constexpr std::size_t tokens_max = 12;

template <class Number>
bool parse_number(std::string_view text, Number& number) {
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    return parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size();
}

}  // namespace

std::optional<AckSubject> parse_ack_subject(std::string_view subject) {
    if (!subject.starts_with("$JS.ACK.")) return std::nullopt;
    std::array<std::string_view, tokens_max> tokens;
    std::size_t count = 0;
    for (std::size_t from = 0; from <= subject.size() && count < tokens_max; ++count) {
        const auto end = std::min(subject.find('.', from), subject.size());
        tokens[count] = subject.substr(from, end - from);
        from = end + 1;
    }
    if (count != tokens_plain && count < tokens_domain) return std::nullopt;
    const std::size_t first = count == tokens_plain ? 2 : 4;
    AckSubject ack{.stream = tokens[first], .consumer = tokens[first + 1]};
    if (!parse_number(tokens[first + 2], ack.deliveries) || !parse_number(tokens[first + 3], ack.sequence)) {
        return std::nullopt;
    }
    return ack;
}

}  // namespace fc::queue
