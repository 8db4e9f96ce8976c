#pragma once

#include "base/id.h"
#include "base/time.h"
#include "base/vocabulary.h"
#include "codec/json_document.h"
#include "codec/json_writer.h"
#include "codec/place.h"
#include "codec/text.h"

#include <chrono>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace fc::codec {

/// How a T is read and written. A type with forms of its own specialises it with the first two of these, and
/// with the others where they apply:
/// - `static void read(JsonValue, T&, const Place&)`: reports through the place;
/// - `static void write(JsonWriter&, const T&)`;
/// - `static Fault parse(std::string_view, T&)`: its text form, for query, path, form and settings;
/// - `static std::string text(const T&)`: the other way, for settings;
/// - `static bool is_absent(const T&)`: then a member is left out when written;
/// - `static constexpr bool accepts_null = true`: else null means absent;
/// - `static bool is_none(JsonValue)`: what an optional one reads as no value, besides null;
/// - `static constexpr std::string_view schema`: its JSON Schema, or, where that needs others' (schema.h),
///   `static std::string schema(auto& schemas)`.
template <class T>
struct Traits;

template <class T>
concept Parsable = requires(std::string_view text, T& out) { Traits<T>::parse(text, out); };

template <class T>
constexpr bool accepts_null() {
    if constexpr (requires { Traits<T>::accepts_null; }) return Traits<T>::accepts_null;
    return false;
}

template <class T>
bool is_absent(const T& value) {
    if constexpr (requires { Traits<T>::is_absent(value); })
        return Traits<T>::is_absent(value);
    else
        return false;
}

/// Reads a type whose JSON form is a string; `Traits<T>` adds parse and text.
template <class T>
struct StringTraits {
    static void read(JsonValue in, T& out, const Place& at) {
        if (!in.is_string()) return at.fail("must be a string");
        std::string scratch;
        if (auto fault = Traits<T>::parse(in.text(scratch), out)) at.fail(std::move(*fault));
    }
    static void write(JsonWriter& out, const T& value) { out.text(Traits<T>::text(value)); }
};

/// "1e3" and "30.0" are integers too (JSON Schema); nullopt when `raw` is none or does not fit.
std::optional<std::int64_t> integral_value(std::string_view raw);

template <class T>
    requires std::integral<T> && (!std::same_as<T, bool>)
struct Traits<T> {
    static void read(JsonValue in, T& out, const Place& at) {
        if (in.kind() != JsonKind::number) return at.fail("must be an integer");
        auto fault = parse(in.raw(), out);
        if (!fault) return;
        if (const auto value = integral_value(in.raw())) fault = parse(std::to_string(*value), out);
        if (fault) at.fail(std::move(*fault));
    }
    static void write(JsonWriter& out, T value) {
        if constexpr (std::is_signed_v<T>)
            out.number(static_cast<std::int64_t>(value));
        else
            out.number(static_cast<std::uint64_t>(value));
    }
    static Fault parse(std::string_view text, T& out) { return parse_integer(text, out); }
    static std::string text(T value) { return std::to_string(value); }
};

template <>
struct Traits<bool> {
    static constexpr std::string_view schema = R"({"type":"boolean"})";

    static void read(JsonValue in, bool& out, const Place& at) {
        if (in.kind() != JsonKind::boolean) return at.fail("must be true or false");
        out = in.boolean();
    }
    static void write(JsonWriter& out, bool value) { out.boolean(value); }
    static Fault parse(std::string_view text, bool& out) { return parse_bool(text, out); }
    static std::string text(bool value) { return value ? "true" : "false"; }
};

template <>
struct Traits<double> {
    static constexpr std::string_view schema = R"({"type":"number","format":"double"})";

    static void read(JsonValue in, double& out, const Place& at);
    static void write(JsonWriter& out, double value) { out.number(value); }
    static Fault parse(std::string_view text, double& out) { return parse_double(text, out); }
    static std::string text(double value);
};

template <>
struct Traits<std::string> {
    static constexpr std::string_view schema = R"({"type":"string"})";

    static void read(JsonValue in, std::string& out, const Place& at) {
        if (!in.is_string()) return at.fail("must be a string");
        std::string scratch;
        out = in.text(scratch);
    }
    static void write(JsonWriter& out, const std::string& value) { out.text(value); }
    static Fault parse(std::string_view text, std::string& out) { return out = text, std::nullopt; }
    static std::string text(const std::string& value) { return value; }
};

template <class E>
    requires std::is_enum_v<E> && boost::describe::has_describe_enumerators<E>::value
struct Traits<E> : StringTraits<E> {
    static void write(JsonWriter& out, E value) { out.text(name(value)); }
    static Fault parse(std::string_view text, E& out) {
        const auto at = find_enumerator(Enumerators<E>::names, text);
        if (at == Enumerators<E>::count) return enumerator_fault(Enumerators<E>::names);
        out = Enumerators<E>::values.at(at);
        return std::nullopt;
    }
    static std::string_view name(E value) {
        std::size_t at = 0;
        while (at < Enumerators<E>::count && Enumerators<E>::values.at(at) != value) ++at;
        FC_ASSERT(at < Enumerators<E>::count, "an enumeration holds one of its described values");
        return Enumerators<E>::names.at(at).view();
    }
    static std::string text(E value) { return std::string{name(value)}; }
};

template <class T>
    requires std::derived_from<T, Tsid>
struct Traits<T> : StringTraits<T> {
    static constexpr std::string_view schema =
        R"({"type":"string","format":"tsid","minLength":13,"maxLength":13})";

    static Fault parse(std::string_view text, T& out) {
        const auto id = Tsid::parse(text);
        if (!id) return "must be an id of 13 characters";
        out = T{*id};
        return std::nullopt;
    }
    static std::string text(const T& id) { return id.to_string(); }
    static bool is_none(JsonValue in) { return in.raw() == "\"\""; }
    static bool is_absent(const T& id) { return id.value == 0; }
};

template <>
struct Traits<TimePoint> : StringTraits<TimePoint> {
    static constexpr std::string_view schema = R"({"type":"string","format":"date-time"})";

    static Fault parse(std::string_view text, TimePoint& out);
    static std::string text(TimePoint time) { return to_rfc3339(time); }
};

/// An integer of its unit in JSON ("timeoutSeconds"), Go's notation as text.
template <class Rep, class Period>
    requires std::integral<Rep>
struct Traits<std::chrono::duration<Rep, Period>> {
    using Duration = std::chrono::duration<Rep, Period>;

    static void read(JsonValue in, Duration& out, const Place& at) {
        Rep count{};
        const auto errors = at.count();
        Traits<Rep>::read(in, count, at);
        if (at.count() == errors) out = Duration{count};
    }
    static void write(JsonWriter& out, Duration value) { Traits<Rep>::write(out, value.count()); }
    static Fault parse(std::string_view text, Duration& out) {
        std::chrono::nanoseconds exact{};
        if (auto fault = parse_duration(text, exact)) return fault;
        out = std::chrono::duration_cast<Duration>(exact);
        if (out != exact) return "must be a whole number of " + to_duration_text(Duration{1});
        return std::nullopt;
    }
    static std::string text(Duration value) { return to_duration_text(value); }
};

/// A vocabulary type that parses itself from text and is empty when absent.
template <class T>
struct VocabularyTraits : StringTraits<T> {
    static Fault parse(std::string_view text, T& out) {
        auto parsed = T::parse(text);
        if (!parsed) return parsed.error().detail;
        out = std::move(*parsed);
        return std::nullopt;
    }
    static const std::string& text(const T& value) { return value.text(); }
    static bool is_absent(const T& value) { return value.text().empty(); }
};

template <>
struct Traits<Url> : VocabularyTraits<Url> {
    static constexpr std::string_view schema = R"({"type":"string","format":"uri","maxLength":2048})";
};
template <>
struct Traits<Code> : VocabularyTraits<Code> {
    static constexpr std::string_view schema =
        R"({"type":"string","pattern":"^[a-z0-9][a-z0-9_-]*([.:][a-z0-9_-]+)*$","maxLength":255})";
};

template <std::size_t Min, std::size_t Max>
struct Traits<Text<Min, Max>> : VocabularyTraits<Text<Min, Max>> {
    static std::string schema(auto&) {
        return R"({"type":"string","minLength":)" + std::to_string(Min) + R"(,"maxLength":)" +
               std::to_string(Max) + "}";
    }
};

template <std::int64_t Min, std::int64_t Max>
struct Traits<Bounded<Min, Max>> {
    using Value = Bounded<Min, Max>;

    static void read(JsonValue in, Value& out, const Place& at) {
        if (in.kind() != JsonKind::number) return at.fail("must be an integer");
        auto fault = parse(in.raw(), out);
        if (!fault) return;
        if (const auto value = integral_value(in.raw())) fault = parse(std::to_string(*value), out);
        if (fault) at.fail(std::move(*fault));
    }
    static void write(JsonWriter& out, Value value) { out.number(value.value()); }
    /// Of what begins at 1, earlier editions write 0 for "not said".
    static bool is_none(JsonValue in) { return Min == 1 && in.raw() == "0"; }
    static Fault parse(std::string_view text, Value& out) {
        std::int64_t number = 0;
        if (auto fault = parse_integer(text, number)) {
            return integer_fault(*fault != "must be an integer", std::to_string(Min), std::to_string(Max));
        }
        auto bounded = Value::parse(number);
        if (!bounded) return bounded.error().detail;
        out = *bounded;
        return std::nullopt;
    }
    static std::string text(Value value) { return std::to_string(value.value()); }
};

template <>
struct Traits<Secret> : StringTraits<Secret> {
    static constexpr std::string_view mask = "***";
    static constexpr std::string_view schema = R"({"type":"string","format":"password"})";

    static void write(JsonWriter& out, const Secret& secret) {
        out.text(out.reveals_secrets() ? std::string_view{secret.reveal()} : mask);
    }
    static Fault parse(std::string_view text, Secret& out) {
        return out = Secret{std::string{text}}, std::nullopt;
    }
    static std::string text(const Secret& secret) { return secret.empty() ? "" : std::string{mask}; }
    static bool is_absent(const Secret& secret) { return secret.empty(); }
};

template <>
struct Traits<RawJson> {
    static constexpr bool accepts_null = true;
    static constexpr std::string_view schema = "{}";

    static void read(JsonValue in, RawJson& out, const Place&) { out.text = in.raw(); }
    static void write(JsonWriter& out, const RawJson& json) {
        out.raw(json.text.empty() ? "null" : json.text);
    }
    static bool is_absent(const RawJson& json) { return json.text.empty(); }
};

}  // namespace fc::codec
