#include "bench/payload.h"

#include "base/encoding.h"
#include "base/random.h"

#include <charconv>
#include <stdexcept>

namespace fc::bench {
namespace {

constexpr std::size_t number_at = 4 + run_tag_length + 1;
constexpr std::size_t group_at = number_at + 12 + 1;
constexpr std::size_t intended_at = group_at + 6 + 1;

template <class Integer>
bool read_digits(std::string_view text, Integer& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

std::string make_run_tag() {
    return to_hex(random_bytes(run_tag_length / 2));
}

void write_digits(char* at, std::size_t width, std::uint64_t value) {
    for (char* digit = at + width; digit != at; value /= 10) *--digit = static_cast<char>('0' + value % 10);
}

std::string blank_mark(std::string_view run_tag) {
    return "fcb-" + std::string{run_tag} + "." + std::string(12, '0') + "." + std::string(6, '0') + "." +
           std::string(20, '0');
}

void write_mark(char* at, const Mark& mark) {
    write_digits(at + number_at, 12, mark.number);
    write_digits(at + group_at, 6, mark.group);
    write_digits(at + intended_at, 20, static_cast<std::uint64_t>(mark.intended.count()));
}

MarkReader::MarkReader(std::string_view run_tag) : prefix_("fcb-" + std::string{run_tag} + ".") {}

std::optional<Mark> MarkReader::next(std::string_view body, std::size_t& from) const {
    const auto at = body.find(prefix_, from);
    if (at == std::string_view::npos || body.size() - at < mark_length) return std::nullopt;
    from = at + mark_length;
    const auto text = body.substr(at, mark_length);
    Mark mark;
    std::int64_t intended = 0;
    if (!read_digits(text.substr(number_at, 12), mark.number) ||
        !read_digits(text.substr(group_at, 6), mark.group) ||
        !read_digits(text.substr(intended_at, 20), intended)) {
        return std::nullopt;
    }
    mark.intended = Nanos{intended};
    return mark;
}

Payload::Payload(std::string_view run_tag, std::size_t bytes) {
    text = R"({"bench":")";
    mark_at = text.size();
    text += blank_mark(run_tag) + R"(","pad":")";
    const std::size_t fixed = text.size() + 2;
    if (bytes < fixed)
        throw std::runtime_error("a payload needs at least " + std::to_string(fixed) + " bytes");
    text += std::string(bytes - fixed, 'x') + R"("})";
}

Payload Payload::of_pointer(std::string_view run_tag) {
    Payload payload;
    payload.text = R"({"messageId":")";
    payload.mark_at = payload.text.size();
    payload.text += blank_mark(run_tag) + R"("})";
    return payload;
}

bool Payload::matches(std::string_view body) const {
    const std::string_view expected = text;
    const std::size_t tail = mark_at + mark_length;
    return body.size() == expected.size() && body.substr(0, mark_at) == expected.substr(0, mark_at) &&
           body.substr(tail) == expected.substr(tail);
}

}  // namespace fc::bench
