#include "queue/subject.h"

#include "base/encoding.h"

namespace fc::queue {

namespace {

bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/// Whether the broker would read the tokens as one literal subject.
bool is_literal(std::string_view tokens) {
    bool token_empty = true;
    for (char c : tokens) {
        if (c == '*' || c == '>' || static_cast<unsigned char>(c) <= ' ') return false;
        if (c == '.' && token_empty) return false;
        token_empty = c == '.';
    }
    return !token_empty;
}

}  // namespace

std::string to_subject_token(std::string_view text) {
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string token;
    for (char c : text) {
        if (is_plain(c)) {
            token += c;
            continue;
        }
        auto byte = static_cast<unsigned char>(c);
        token += '%';
        token += digits[byte >> 4];
        token += digits[byte & 15];
    }
    return token;
}

PoolSubject PoolSubject::of_pool(std::string_view pool_key) {
    return PoolSubject{to_subject_token(pool_key.empty() ? "default" : pool_key)};
}

std::optional<PoolSubject> PoolSubject::present(std::string_view tokens) {
    if (!is_literal(tokens)) return std::nullopt;
    return PoolSubject{std::string{tokens}};
}

std::string PoolSubject::pool_key() const {
    return percent_decode(tokens_).value_or(tokens_);
}

}  // namespace fc::queue
