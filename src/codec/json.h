#pragma once

#include "codec/describe.h"
#include "codec/traits.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fc::codec {

/// Puts the last value given for each member into `values`; false when `in` is no object, which is then
/// reported, as are other members if `is_closed`.
bool gather_members(
    JsonValue in,
    std::span<const InputName> names,
    std::span<JsonValue> values,
    const Place& at,
    bool is_closed);

template <class T>
constexpr bool is_closed() {
    if constexpr (requires { Rules<T>::is_closed; }) return Rules<T>::is_closed;
    return false;
}

template <class T>
struct Traits<std::optional<T>> {
    static constexpr bool accepts_null = true;

    static void read(JsonValue in, std::optional<T>& out, const Place& at) {
        out.reset();
        if constexpr (requires { Traits<T>::is_none(in); }) {
            if (Traits<T>::is_none(in)) return;
        }
        if (!in.is_null() || codec::accepts_null<T>()) Traits<T>::read(in, out.emplace(), at);
    }
    static void write(JsonWriter& out, const std::optional<T>& value) {
        if (value)
            Traits<T>::write(out, *value);
        else
            out.null();
    }
    /// Empty text is no value.
    static Fault parse(std::string_view text, std::optional<T>& out)
        requires Parsable<T>
    {
        out.reset();
        return text.empty() ? std::nullopt : Traits<T>::parse(text, out.emplace());
    }
    static std::string text(const std::optional<T>& value)
        requires Parsable<T>
    {
        return value ? Traits<T>::text(*value) : "";
    }
    static bool is_absent(const std::optional<T>& value) { return !value; }
};

template <class T>
struct Traits<std::vector<T>> {
    static void read(JsonValue in, std::vector<T>& out, const Place& at) {
        out.clear();
        if (!in.is_array()) return at.fail("must be an array");
        for (auto item = in.first(); item.exists() && !at.is_full(); item = in.after(item)) {
            const Place here{at, out.size()};
            auto& element = out.emplace_back();
            if (item.is_null() && !accepts_null<T>())
                here.fail("must not be null");
            else
                Traits<T>::read(item, element, here);
        }
    }
    static void write(JsonWriter& out, const std::vector<T>& values) {
        out.begin_array();
        for (const auto& value : values) {
            out.element();
            Traits<T>::write(out, value);
        }
        out.end_array();
    }
    /// A list between commas.
    static Fault parse(std::string_view text, std::vector<T>& out)
        requires Parsable<T>
    {
        out.clear();
        for (const auto element : split_list(text)) {
            if (auto fault = Traits<T>::parse(element, out.emplace_back()))
                return "'" + std::string{element} + "' " + *fault;
        }
        return std::nullopt;
    }
    static std::string text(const std::vector<T>& values)
        requires Parsable<T>
    {
        std::string list;
        for (const auto& value : values) {
            if (!list.empty()) list += ',';
            list += Traits<T>::text(value);
        }
        return list;
    }
};

template <class T>
struct Traits<std::map<std::string, T>> {
    using Map = std::map<std::string, T>;

    static void read(JsonValue in, Map& out, const Place& at) {
        out.clear();
        if (!in.is_object()) return at.fail("must be an object");
        std::string scratch;
        for (auto key = in.first(); key.exists() && !at.is_full(); key = in.after(key.value_of_key())) {
            const std::string name{key.text(scratch)};
            const auto value = key.value_of_key();
            if (value.is_null() && !accepts_null<T>())
                out.erase(name);
            else
                Traits<T>::read(value, out[name] = {}, Place{at, name});
        }
    }
    static void write(JsonWriter& out, const Map& map) {
        out.begin_object();
        for (const auto& [name, value] : map) {
            out.key(name);
            Traits<T>::write(out, value);
        }
        out.end_object();
    }
};

/// Reads member M when a value was given for it.
template <class M>
void read_member(JsonValue value, typename M::Owner& out, const Place& at) {
    using Type = typename M::Type;
    if (value.exists() && (accepts_null<Type>() || !value.is_null())) {
        Traits<Type>::read(value, out.*M::pointer, Place{at, M::name});
    } else if (M::required) {
        Place{at, M::name}.fail("is required");
    }
}

/// Runs `Rules<T>::check`, if there is one.
template <class T>
void check_rules(const T& value, const Place& at) {
    if constexpr (has_check<T>) {
        auto report = [&](std::size_t member, std::string detail) {
            for_each_member<T>([&](auto each) {
                using M = decltype(each);
                if (M::index == member) Place{at, M::name}.fail(std::move(detail));
            });
        };
        Faults<T> faults{report};
        Rules<T>::check(value, faults);
    }
}

template <Described T>
struct Traits<T> {
    static void read(JsonValue in, T& out, const Place& at) {
        const auto errors = at.count();
        read_but(in, out, at, {});
        if (at.count() == errors) check_rules(out, at);
    }
    /// Reads the members by themselves, leaving those marked in `elsewhere` alone.
    static void read_but(
        JsonValue in, T& out, const Place& at, const std::array<bool, member_count<T>>& elsewhere) {
        std::array<JsonValue, member_count<T>> values;
        if (!gather_members(in, input_names<T>, values, at, is_closed<T>())) return;
        for_each_member<T>([&](auto each) {
            using M = decltype(each);
            if (!elsewhere[M::index]) read_member<M>(values[M::index], out, at);
        });
    }
    static void write(JsonWriter& out, const T& value) {
        out.begin_object();
        for_each_member<T>([&](auto each) {
            using M = decltype(each);
            if (!is_absent(value.*M::pointer)) write_member<M>(out, value);
        });
        out.end_object();
    }

private:
    template <class M>
    static void write_member(JsonWriter& out, const T& value) {
        out.plain_key(M::name);
        Traits<typename M::Type>::write(out, value.*M::pointer);
        std::apply([&](auto... other) { (write_spelling<M>(out, value, other), ...); }, other_names<T>());
    }
    template <class M, class Other>
    static void write_spelling(JsonWriter& out, const T& value, const Other& other) {
        if (!other.is_written || !is_same_member(M::pointer, other.member)) return;
        out.plain_key(other.name);
        Traits<typename M::Type>::write(out, value.*M::pointer);
    }
};

/// Reads a value of an already parsed document; VALIDATION_FAILED with every field's error.
template <class T>
Result<T> from_json_value(JsonValue in) {
    Result<T> result{boost::system::in_place_value};
    std::vector<FieldError> errors;
    Traits<T>::read(in, *result, Place{errors});
    if (!errors.empty()) result = validation_failed(std::move(errors));
    return result;
}

/// INVALID_JSON naming the byte, or VALIDATION_FAILED with every field's error by JSON pointer, or the value.
template <class T>
Result<T> from_json(std::string_view text) {
    const auto document = JsonDocument::parse(text);
    if (!document) return document.error();
    return from_json_value<T>(document->root());
}

/// Appends compact JSON.
template <class T>
void write_json(std::string& out, const T& value, Reveal reveal = Reveal::no) {
    JsonWriter writer{out, reveal};
    Traits<T>::write(writer, value);
}

template <class T>
std::string to_json(const T& value, Reveal reveal = Reveal::no) {
    std::string out;
    if constexpr (Described<T>) out.reserve(member_count<T> * 32);
    write_json(out, value, reveal);
    return out;
}

}  // namespace fc::codec
