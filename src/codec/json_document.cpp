#include "codec/json_document.h"

#include "base/encoding.h"
#include "codec/scan.h"

#include <simdjson.h>

#include <limits>

namespace fc::codec {
namespace {

/// An index that a thread keeps for its next text; larger ones are given back.
constexpr std::size_t kept_nodes_max = 16'384;
// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): a cache, invisible in results.
thread_local std::vector<JsonNode> spare_nodes;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

int hex_digit(char c) {
    if (is_digit(c)) return c - '0';
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// The code unit of four hexadecimal digits at `p`; -1 when they are not.
int read_code_unit(const char* p, const char* end) {
    if (end - p < 4) return -1;
    int unit = 0;
    for (int i = 0; i < 4; ++i) {
        const int digit = hex_digit(p[i]);
        if (digit < 0) return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

bool is_high_surrogate(int unit) {
    return unit >= 0xd800 && unit <= 0xdbff;
}
bool is_low_surrogate(int unit) {
    return unit >= 0xdc00 && unit <= 0xdfff;
}

/// Checks the grammar and writes the index, recursing once a level.
class Scanner {
public:
    Scanner(std::string_view text, std::vector<JsonNode>& nodes)
        : begin_(text.data()),
          p_(text.data()),
          end_(text.data() + text.size()),
          nodes_(nodes) {}

    bool scan() {
        if (!value(1)) return false;
        skip_space();
        return p_ == end_ || fail("something follows the value");
    }
    std::string fault() const { return "at byte " + std::to_string(p_ - begin_) + ": " + fault_; }

private:
    bool fail(const char* fault) {
        fault_ = p_ == end_ ? "the text ends too early" : fault;
        return false;
    }
    void skip_space() {
        while (p_ != end_ && (*p_ == ' ' || *p_ == '\n' || *p_ == '\r' || *p_ == '\t')) ++p_;
    }
    std::uint32_t offset() const { return static_cast<std::uint32_t>(p_ - begin_); }
    std::uint32_t open(JsonKind kind) {
        nodes_.push_back({offset(), 0, 0, kind, false});
        return static_cast<std::uint32_t>(nodes_.size() - 1);
    }
    bool close(std::uint32_t index) {
        nodes_[index].end = offset();
        nodes_[index].next = static_cast<std::uint32_t>(nodes_.size());
        return true;
    }

    bool value(unsigned depth) {
        skip_space();
        if (p_ == end_) return fail("");
        if (nodes_.size() >= json_values_max) return fail("there are more than 4000000 values");
        switch (*p_) {
            case '{': return object(depth);
            case '[': return array(depth);
            case '"': return string();
            case 't': return literal("true", JsonKind::boolean);
            case 'f': return literal("false", JsonKind::boolean);
            case 'n': return literal("null", JsonKind::null);
            default: return number();
        }
    }
    bool object(unsigned depth) {
        if (depth > depth_max) return fail("nested deeper than 64 levels");
        const auto index = open(JsonKind::object);
        ++p_;
        skip_space();
        if (p_ != end_ && *p_ == '}') return ++p_, close(index);
        while (true) {
            skip_space();
            if (p_ == end_ || *p_ != '"') return fail("expected a key in double quotes");
            if (!string()) return false;
            skip_space();
            if (p_ == end_ || *p_ != ':') return fail("expected ':' after a key");
            ++p_;
            if (!value(depth + 1)) return false;
            skip_space();
            if (p_ == end_ || (*p_ != ',' && *p_ != '}')) return fail("expected ',' or '}' after a member");
            if (*p_++ == '}') return close(index);
        }
    }
    bool array(unsigned depth) {
        if (depth > depth_max) return fail("nested deeper than 64 levels");
        const auto index = open(JsonKind::array);
        ++p_;
        skip_space();
        if (p_ != end_ && *p_ == ']') return ++p_, close(index);
        while (true) {
            if (!value(depth + 1)) return false;
            skip_space();
            if (p_ == end_ || (*p_ != ',' && *p_ != ']')) return fail("expected ',' or ']' after an element");
            if (*p_++ == ']') return close(index);
        }
    }
    bool literal(std::string_view word, JsonKind kind) {
        if (std::string_view{p_, static_cast<std::size_t>(end_ - p_)}.substr(0, word.size()) != word) {
            return fail("expected a value");
        }
        const auto index = open(kind);
        p_ += word.size();
        return close(index);
    }
    bool digits() {
        if (p_ == end_ || !is_digit(*p_)) return fail("expected a digit");
        while (p_ != end_ && is_digit(*p_)) ++p_;
        return true;
    }
    bool number() {
        if (*p_ != '-' && !is_digit(*p_)) return fail("expected a value");
        const auto index = open(JsonKind::number);
        if (*p_ == '-') ++p_;
        if (p_ != end_ && *p_ == '0') {
            ++p_;
            if (p_ != end_ && is_digit(*p_)) return fail("a number must not start with 0");
        } else if (!digits()) {
            return false;
        }
        if (p_ != end_ && *p_ == '.') {
            ++p_;
            if (!digits()) return false;
        }
        if (p_ != end_ && (*p_ == 'e' || *p_ == 'E')) {
            ++p_;
            if (p_ != end_ && (*p_ == '+' || *p_ == '-')) ++p_;
            if (!digits()) return false;
        }
        return close(index);
    }
    bool string() {
        const auto index = open(JsonKind::string);
        ++p_;
        while (true) {
            p_ = find_special(p_, end_);
            if (p_ == end_) return fail("");
            if (*p_ == '"') return ++p_, close(index);
            if (*p_ != '\\') return fail("a control character must be written as an escape");
            nodes_[index].has_escapes = true;
            if (!escape()) return false;
        }
    }
    bool escape() {
        if (end_ - p_ < 2) return p_ = end_, fail("");
        if (p_[1] != 'u') {
            if (std::string_view{"\"\\/bfnrt"}.find(p_[1]) == std::string_view::npos)
                return fail("unknown escape");
            p_ += 2;
            return true;
        }
        const int unit = read_code_unit(p_ + 2, end_);
        if (unit < 0) return fail("\\u needs four hexadecimal digits");
        if (is_low_surrogate(unit)) return fail("half of a surrogate pair");
        if (is_high_surrogate(unit)) {
            const bool goes_on = end_ - p_ >= 12 && p_[6] == '\\' && p_[7] == 'u';
            if (!goes_on || !is_low_surrogate(read_code_unit(p_ + 8, end_)))
                return fail("half of a surrogate pair");
            p_ += 6;
        }
        p_ += 6;
        return true;
    }

    const char* begin_;
    const char* p_;
    const char* end_;
    std::vector<JsonNode>& nodes_;
    const char* fault_ = "";
};

std::size_t first_invalid_utf8(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
        std::size_t length = 1;
        while (length <= 4 && !is_valid_utf8(text.substr(at, length))) ++length;
        if (length > 4) return at;
        at += length;
    }
    return at;
}

void append_utf8(std::string& out, std::uint32_t c) {
    if (c < 0x80) {
        out += static_cast<char>(c);
    } else if (c < 0x800) {
        out += {static_cast<char>(0xc0 | (c >> 6)), static_cast<char>(0x80 | (c & 0x3f))};
    } else if (c < 0x10000) {
        out +=
            {static_cast<char>(0xe0 | (c >> 12)),
             static_cast<char>(0x80 | ((c >> 6) & 0x3f)),
             static_cast<char>(0x80 | (c & 0x3f))};
    } else {
        out +=
            {static_cast<char>(0xf0 | (c >> 18)),
             static_cast<char>(0x80 | ((c >> 12) & 0x3f)),
             static_cast<char>(0x80 | ((c >> 6) & 0x3f)),
             static_cast<char>(0x80 | (c & 0x3f))};
    }
}

/// Appends what the escape at `p` (already checked) stands for and returns where it ends.
const char* append_escape(std::string& out, const char* p, const char* end) {
    if (p[1] == 'u') {
        const int unit = read_code_unit(p + 2, end);
        if (!is_high_surrogate(unit)) return append_utf8(out, static_cast<std::uint32_t>(unit)), p + 6;
        const int low = read_code_unit(p + 8, end);
        append_utf8(out, static_cast<std::uint32_t>(0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00)));
        return p + 12;
    }
    constexpr std::string_view letters = "bfnrt";
    constexpr std::string_view meanings = "\b\f\n\r\t";
    const auto known = letters.find(p[1]);
    out += known == std::string_view::npos ? p[1] : meanings[known];
    return p + 2;
}

}  // namespace

Result<JsonDocument> JsonDocument::parse(std::string_view text) {
    if (text.size() >= std::numeric_limits<std::uint32_t>::max())
        return invalid("INVALID_JSON", "is larger than 4 GiB");
    if (!simdjson::validate_utf8(text.data(), text.size())) {
        const auto at = std::to_string(first_invalid_utf8(text));
        return invalid("INVALID_JSON", "at byte " + at + ": the text is not valid UTF-8");
    }
    auto document = JsonDocument{text, std::move(spare_nodes)};
    document.nodes_.clear();
    Scanner scanner{text, document.nodes_};
    if (!scanner.scan()) return invalid("INVALID_JSON", scanner.fault());
    return document;
}

JsonDocument::~JsonDocument() {
    if (nodes_.capacity() <= kept_nodes_max && nodes_.capacity() > spare_nodes.capacity()) {
        spare_nodes = std::move(nodes_);
    }
}

std::string_view JsonValue::text(std::string& scratch) const {
    const auto inside = raw().substr(1, raw().size() - 2);
    if (!node().has_escapes) return inside;
    scratch.clear();
    const char* p = inside.data();
    const char* const end = p + inside.size();
    while (p != end) {
        const char* const stop = find_special(p, end);
        scratch.append(p, stop);
        p = stop == end ? end : append_escape(scratch, stop, end);
    }
    return scratch;
}

JsonValue JsonValue::find(std::string_view name) const {
    JsonValue found;
    if (!is_object()) return found;
    std::string scratch;
    for (auto key = first(); key.exists(); key = after(key.value_of_key())) {
        if (key.text(scratch) == name) found = key.value_of_key();
    }
    return found;
}

}  // namespace fc::codec
