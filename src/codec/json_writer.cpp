#include "codec/json_writer.h"

#include "codec/scan.h"

#include <array>
#include <charconv>
#include <cmath>

namespace fc::codec {
namespace {

void append_escape(std::string& out, char c) {
    constexpr std::string_view meanings = "\"\\\b\f\n\r\t";
    constexpr std::string_view letters = "\"\\bfnrt";
    const auto known = meanings.find(c);
    out += '\\';
    if (known != std::string_view::npos) {
        out += letters[known];
    } else {
        constexpr std::string_view hex = "0123456789abcdef";
        out += "u00";
        out += hex[static_cast<unsigned char>(c) >> 4];
        out += hex[static_cast<unsigned char>(c) & 15];
    }
}

template <class Number>
void append_number(std::string& out, Number value) {
    std::array<char, 32> digits{};
    const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), value);
    out.append(digits.data(), written.ptr);
}

}  // namespace

void JsonWriter::text(std::string_view text) {
    out_ += '"';
    const char* p = text.data();
    const char* const end = p + text.size();
    while (true) {
        const char* const stop = find_special(p, end);
        out_.append(p, stop);
        if (stop == end) break;
        append_escape(out_, *stop);
        p = stop + 1;
    }
    out_ += '"';
}

void JsonWriter::number(std::int64_t value) {
    append_number(out_, value);
}

void JsonWriter::number(std::uint64_t value) {
    append_number(out_, value);
}

void JsonWriter::number(double value) {
    if (std::isfinite(value))
        append_number(out_, value);
    else
        null();
}

}  // namespace fc::codec
