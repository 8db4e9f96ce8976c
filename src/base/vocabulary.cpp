#include "base/vocabulary.h"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <charconv>
#include <cstdint>

namespace fc {
namespace {

constexpr std::size_t url_length_max = 2048;
constexpr std::size_t code_length_max = 255;

bool is_code_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

bool is_code(std::string_view text) {
    if (text.empty() || text.size() > code_length_max || text[0] == '_' || text[0] == '-') return false;
    bool segment_is_empty = true;
    for (const char c : text) {
        if (is_code_character(c)) {
            segment_is_empty = false;
        } else if ((c == '.' || c == ':') && !segment_is_empty) {
            segment_is_empty = true;
        } else {
            return false;
        }
    }
    return !segment_is_empty;
}

// Boost's port_number() wraps around.
bool is_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    return error == std::errc{} && rest == text.data() + text.size() && port != 0;
}

}  // namespace

Result<Url> Url::parse(std::string_view text) {
    if (text.size() > url_length_max) return invalid("INVALID_URL", "is longer than 2048 characters");
    const auto parsed = boost::urls::parse_uri(text);
    if (!parsed || parsed->host().empty()) return invalid("INVALID_URL", "is not an absolute URL");
    const auto scheme = parsed->scheme_id();
    if (scheme != boost::urls::scheme::http && scheme != boost::urls::scheme::https) {
        return invalid("INVALID_URL", "must start with http:// or https://");
    }
    if (parsed->has_port() && !is_port(parsed->port())) return invalid("INVALID_URL", "has no valid port");
    if (parsed->has_userinfo()) return invalid("INVALID_URL", "must not contain a user name or password");
    if (parsed->has_fragment()) return invalid("INVALID_URL", "must not contain a fragment");
    Url url;
    url.text_ = text;
    return url;
}

Result<Code> Code::parse(std::string_view text) {
    if (!is_code(text)) {
        return invalid(
            "INVALID_CODE_FORMAT",
            "must be lower-case letters, digits, '-' and '_' in segments joined by '.' or ':', as in "
            "\"order.created\"");
    }
    Code code;
    code.text_ = text;
    return code;
}

Code Code::slug_of(std::string_view name) {
    Code code;
    for (char c : name.substr(0, code_length_max - 8)) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        const bool kept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (kept) {
            code.text_ += c;
        } else if (!code.text_.empty() && code.text_.back() != '-') {
            code.text_ += '-';
        }
    }
    while (code.text_.ends_with('-')) code.text_.pop_back();
    if (code.text_.empty()) code.text_ = "unnamed";
    return code;
}

}  // namespace fc
