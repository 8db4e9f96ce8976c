#pragma once

#include "base/error.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace fc {

/// An integer that is within its limits by construction. Out of range is an Error naming both limits.
template <std::int64_t Min, std::int64_t Max>
class Bounded {
public:
    static constexpr std::int64_t min = Min;
    static constexpr std::int64_t max = Max;

    template <std::int64_t Value>
        requires(Value >= Min && Value <= Max)
    static constexpr Bounded of() {
        return Bounded{Value};
    }
    constexpr Bounded() : value_(Min) {}
    // NOLINTNEXTLINE(google-explicit-constructor): a literal in range reads as the value it is.
    consteval Bounded(std::int64_t literal) : value_(literal) {
        if (literal < Min || literal > Max) throw "out of range";
    }
    static Result<Bounded> parse(std::int64_t value) {
        if (value < Min || value > Max) {
            return invalid(
                "OUT_OF_RANGE", "must be from " + std::to_string(Min) + " to " + std::to_string(Max));
        }
        Bounded bounded;
        bounded.value_ = value;
        return bounded;
    }
    constexpr std::int64_t value() const { return value_; }
    bool operator==(const Bounded&) const = default;

private:
    std::int64_t value_;
};

/// Text whose length in bytes is within its limits by construction.
template <std::size_t Min, std::size_t Max>
class Text {
public:
    Text() = default;
    static Result<Text> parse(std::string_view text) {
        if (text.size() < Min)
            return invalid("INVALID_TEXT", Min == 1 ? "must not be empty" : "is too short");
        if (text.size() > Max)
            return invalid("INVALID_TEXT", "must be at most " + std::to_string(Max) + " bytes");
        Text made;
        made.text_ = text;
        return made;
    }
    const std::string& text() const { return text_; }
    bool operator==(const Text&) const = default;

private:
    std::string text_;
};

/// An absolute http or https URL with a host, at most 2,048 characters, without user information or fragment.
class Url {
public:
    Url() = default;
    static Result<Url> parse(std::string_view text);
    const std::string& text() const { return text_; }
    bool operator==(const Url&) const = default;

private:
    std::string text_;
};

/// What an operator calls a thing: `^[a-z0-9][a-z0-9_-]*([.:][a-z0-9_-]+)*$`, at most 255 characters.
class Code {
public:
    Code() = default;
    static Result<Code> parse(std::string_view text);
    /// The code that a name suggests: "Order Notifications" becomes "order-notifications"; "unnamed" when
    /// nothing is left.
    static Code slug_of(std::string_view name);
    const std::string& text() const { return text_; }
    auto operator<=>(const Code&) const = default;

private:
    std::string text_;
};

/// Text that is never printed: it has no stream operator and no formatter, and the codec writes "***" unless
/// asked to reveal it.
class Secret {
public:
    Secret() = default;
    explicit Secret(std::string text) : text_(std::move(text)) {}
    const std::string& reveal() const { return text_; }
    bool empty() const { return text_.empty(); }
    bool operator==(const Secret&) const = default;

private:
    std::string text_;
};

/// A JSON value kept as the bytes it came in, already checked to be well-formed; "" is absent.
struct RawJson {
    std::string text;
    bool operator==(const RawJson&) const = default;
};

}  // namespace fc
