#include "bench/frame.h"

#include <charconv>
#include <stdexcept>
#include <string>

namespace fc::bench {
namespace {

constexpr std::size_t head_bytes_max = 64 * 1024;

bool equals_lower(std::string_view text, std::string_view lower) {
    if (text.size() != lower.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] + ('a' - 'A')) : text[i];
        if (c != lower[i]) return false;
    }
    return true;
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\r')) text.remove_suffix(1);
    return text;
}

template <class Integer>
bool read_number(std::string_view text, Integer& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

std::string_view header(std::string_view head, std::string_view name) {
    for (auto line_at = head.find('\n'); line_at != std::string_view::npos;) {
        const auto begin = line_at + 1;
        line_at = head.find('\n', begin);
        if (line_at == std::string_view::npos) break;
        const auto line = head.substr(begin, line_at - begin);
        if (line.size() <= name.size() || line[name.size()] != ':') continue;
        if (equals_lower(line.substr(0, name.size()), name)) return trim(line.substr(name.size() + 1));
    }
    return {};
}

std::optional<Frame> first_frame(std::string_view bytes) {
    const auto end = bytes.find("\r\n\r\n");
    if (end == std::string_view::npos) {
        if (bytes.size() > head_bytes_max)
            throw std::runtime_error("a message without an end of its headers");
        return std::nullopt;
    }
    Frame frame{.head = bytes.substr(0, end + 2), .body = {}, .size = end + 4};
    if (!header(frame.head, "transfer-encoding").empty()) {
        throw std::runtime_error("a message with Transfer-Encoding, which this tool does not read");
    }
    if (const auto length = header(frame.head, "content-length"); !length.empty()) {
        std::size_t body_size = 0;
        if (!read_number(length, body_size)) {
            throw std::runtime_error("a message with Content-Length '" + std::string{length} + "'");
        }
        if (bytes.size() - frame.size < body_size) return std::nullopt;
        frame.body = bytes.substr(frame.size, body_size);
        frame.size += body_size;
    }
    return frame;
}

int status_of(std::string_view head) {
    int status = 0;
    if (head.size() < 12 || !head.starts_with("HTTP/1.") || !read_number(head.substr(9, 3), status)) return 0;
    return status;
}

}  // namespace fc::bench
