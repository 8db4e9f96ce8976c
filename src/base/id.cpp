#include "base/id.h"

#include "base/random.h"

#include <algorithm>
#include <array>

namespace fc {
namespace {

constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t text_length = 13;
constexpr int random_bits = 22;
constexpr std::int64_t epoch_unix_millis = 1'577'836'800'000;  // 2020-01-01T00:00:00Z
/// Ids of one millisecond start in the lower half of the 22 bits, so that 2 million more fit before the next
/// one.
constexpr std::uint64_t start_mask = (1U << (random_bits - 1)) - 1;

int digit_of(char c) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    switch (c) {
        case 'I':
        case 'L': return 1;
        case 'O': return 0;
        case 'U': return 27;
        default: break;
    }
    const auto at = alphabet.find(c);
    return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

}  // namespace

std::string Tsid::to_string() const {
    std::string text(text_length, '0');
    auto rest = value;
    for (auto at = text_length; at-- > 0; rest >>= 5) text[at] = alphabet[rest & 31];
    return text;
}

std::optional<Tsid> Tsid::parse(std::string_view text) {
    if (text.size() != text_length) return std::nullopt;
    std::uint64_t value = 0;
    for (std::size_t at = 0; at < text_length; ++at) {
        const int digit = digit_of(text[at]);
        if (digit < 0 || (at == 0 && digit > 15)) return std::nullopt;
        value = (value << 5) | static_cast<std::uint64_t>(digit);
    }
    return Tsid{value};
}

Tsid TsidGenerator::next() {
    const auto millis = static_cast<std::uint64_t>(
        std::max<std::int64_t>(to_unix_millis(clock_.now()) - epoch_unix_millis, 1));
    const auto fresh = (millis << random_bits) | (random_u64() & start_mask);
    auto last = last_.load(std::memory_order_relaxed);
    std::uint64_t candidate = 0;
    do {
        const bool same_millisecond = (last >> random_bits) >= millis;
        candidate = same_millisecond ? last + 1 : fresh;
    } while (!last_.compare_exchange_weak(last, candidate, std::memory_order_relaxed));
    return Tsid{candidate};
}

}  // namespace fc
