#pragma once

#include "base/id.h"
#include "base/time.h"
#include "base/vocabulary.h"

#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

/// Structured logs: a fixed text, which is what one searches for, and fields that vary.
/// `log::warn("delivery failed", {{"job", job.id}, {"attempt", attempt}})`
namespace fc::log {

enum class Level { debug, info, warn, error };

/// What a field can hold. A Secret is refused by the compiler.
class Value {
public:
    Value(bool value)
        : value_(value) {}  // NOLINT(google-explicit-constructor): fields are written as literals
    template <std::integral T>
    Value(T value) : value_(static_cast<std::int64_t>(value)) {}  // NOLINT(google-explicit-constructor)
    Value(double value) : value_(value) {}                        // NOLINT(google-explicit-constructor)
    Value(const char* text) : value_(std::string(text)) {}        // NOLINT(google-explicit-constructor)
    Value(std::string_view text) : value_(std::string(text)) {}   // NOLINT(google-explicit-constructor)
    Value(std::string text) : value_(std::move(text)) {}          // NOLINT(google-explicit-constructor)
    Value(Tsid id) : value_(id.to_string()) {}                    // NOLINT(google-explicit-constructor)
    Value(const Code& code) : value_(code.text()) {}              // NOLINT(google-explicit-constructor)
    Value(const Url& url) : value_(url.text()) {}                 // NOLINT(google-explicit-constructor)
    Value(TimePoint time) : value_(to_rfc3339(time)) {}           // NOLINT(google-explicit-constructor)
    Value(const Secret&) = delete;

    void append_json(std::string& out) const;
    void append_text(std::string& out) const;

private:
    std::variant<bool, std::int64_t, double, std::string> value_;
};

struct Field {
    std::string_view key;
    Value value;
};
using Fields = std::initializer_list<Field>;

struct Settings {
    bool json = false;  ///< one JSON object a line; otherwise text for people
    Level level = Level::info;
};

/// Takes effect for every later line of every thread. Lines go to standard error.
void start(Settings settings);
/// Hands every line (without its newline) to `sink` instead; an empty function restores standard error. For
/// tests.
void redirect(std::function<void(std::string_view line)> sink);

/// Asks before costly fields are made.
bool is_on(Level level);
void write(Level level, std::string_view text, Fields fields);

inline void debug(std::string_view text, Fields fields = {}) {
    if (is_on(Level::debug)) write(Level::debug, text, fields);
}
inline void info(std::string_view text, Fields fields = {}) {
    write(Level::info, text, fields);
}
inline void warn(std::string_view text, Fields fields = {}) {
    write(Level::warn, text, fields);
}
inline void error(std::string_view text, Fields fields = {}) {
    write(Level::error, text, fields);
}

}  // namespace fc::log
