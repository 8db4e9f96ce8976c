#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace fc::queue {

/// Where messages of one pool wait: the subject without the prefix ("dispatch.").
/// Whatever a subject token cannot hold (`.`, `*`, `>`, spaces, control characters, `%`, non-ASCII) is
/// percent-encoded, so that every pool code is one token. Other producers may not encode; their subjects are
/// kept as they are found.
class PoolSubject {
public:
    /// The subject that we publish to. An empty key is the pool `default`.
    static PoolSubject of_pool(std::string_view pool_key);
    /// A subject that the broker reports. nullopt when it cannot be consumed on its own (wildcards, empty
    /// tokens).
    static std::optional<PoolSubject> present(std::string_view tokens);

    const std::string& tokens() const { return tokens_; }
    /// The pool that this subject names: "a%2Eb" and another producer's unencoded "a.b" both name pool "a.b".
    std::string pool_key() const;
    auto operator<=>(const PoolSubject&) const = default;

private:
    explicit PoolSubject(std::string tokens) : tokens_(std::move(tokens)) {}
    std::string tokens_;
};

/// `text` with everything but ASCII letters, digits, `-` and `_` percent-encoded.
std::string to_subject_token(std::string_view text);

}  // namespace fc::queue
