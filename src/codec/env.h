#pragma once

#include "codec/json.h"

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fc::codec {

/// Where a setting's value came from; a later one wins over an earlier one.
enum class Origin { built_in, file, environment };
BOOST_DESCRIBE_ENUM(Origin, built_in, file, environment)

/// One effective setting. `text` has secrets and passwords in URLs masked.
struct Setting {
    std::string variable;  ///< "HTTP_PORT"
    std::string key;       ///< "http.port", as the file names it
    std::string text;
    Origin origin = Origin::built_in;
};

/// What was found outside: environment variables by name, and the file's values as text by dotted key.
struct SettingTexts {
    std::map<std::string, std::string> environment;
    std::map<std::string, std::string> file;
};

/// Settings read into a T, with where each came from.
template <class T>
struct Settings {
    T value;
    std::vector<Setting> list;
    std::vector<std::string> unknown_keys;  ///< of the file: worth a warning

    /// True when the file or the environment gave this variable.
    bool is_given(std::string_view variable) const {
        for (const auto& setting : list) {
            if (setting.variable == variable) return setting.origin != Origin::built_in;
        }
        return false;
    }
};

enum class Empty { counts, is_unset };

/// An entry of `Rules<T>::variables`. Without one, member `port` of member `http` reads `HTTP_PORT`: the
/// names of the members from the outside in, in upper case. For a value it is the whole variable; more
/// entries for one member are other variables, tried in order. For a nested struct it is the prefix of its
/// members; "" is none.
template <class T, class M>
struct Variable {
    M T::* member;
    std::string_view name;
    Empty empty;
};

template <class T, class M>
consteval Variable<T, M> variable(M T::* member, std::string_view name, Empty empty = Empty::counts) {
    return {member, name, empty};
}

/// The untyped half of reading settings: finds texts, collects faults and what was used.
class SettingReader {
public:
    explicit SettingReader(const SettingTexts& texts) : texts_(texts) {}

    struct Found {
        std::string_view text;  ///< trimmed
        std::string_view name;  ///< the variable or key it was found under
        Origin origin = Origin::built_in;
    };
    /// The first of `variables` that is set, else the file's `key`. Empty text is found only if `empty`
    /// counts.
    Found find(std::span<const std::string> variables, std::string_view key, Empty empty);
    /// `text` is the value that was given, unless it is not to be shown.
    void fail(std::string_view name, std::string detail, std::string_view text = "");
    void note(std::string variable, std::string key, const std::string& text, Origin origin);

    std::size_t error_count() const { return errors_.size(); }
    /// INVALID_SETTINGS naming every malformed variable; its fields' pointers are the variables.
    Error error() const;
    std::vector<Setting> take_list() { return std::move(list_); }
    std::vector<std::string> unknown_keys() const;

private:
    const SettingTexts& texts_;
    std::vector<FieldError> errors_;
    std::vector<Setting> list_;
};

std::string in_lower_case(std::string text);

/// `NAME=value` lines with the origin of each.
std::string print_settings(std::span<const Setting> settings);

template <class T>
constexpr auto variables_of() {
    if constexpr (requires { Rules<T>::variables; })
        return Rules<T>::variables;
    else
        return std::tuple{};
}

/// The variables of member M, most important first.
template <class M>
std::vector<std::string> variable_names(const std::string& prefix, Empty& empty) {
    std::vector<std::string> names;
    const auto consider = [&](const auto& entry) {
        if (!is_same_member(M::pointer, entry.member)) return;
        names.emplace_back(entry.name);
        if (entry.empty == Empty::is_unset) empty = Empty::is_unset;
    };
    std::apply([&](const auto&... entry) { (consider(entry), ...); }, variables_of<typename M::Owner>());
    if (names.empty()) names.push_back(prefix + std::string{to_upper_case(M::cpp_name).view()});
    return names;
}

template <class T>
void read_settings(SettingReader& reader, T& out, const std::string& prefix, const std::string& key_prefix);

/// Reads member M, a value.
template <class M>
void read_setting(
    SettingReader& reader, typename M::Owner& out, const std::string& prefix, const std::string& key) {
    using Type = typename M::Type;
    static_assert(Parsable<Type>, "a setting needs a text form");
    // Only text and lists can be meant to be empty; elsewhere an empty variable is one that is not set.
    auto empty = std::is_same_v<Type, std::string> || requires(Type t) { t.push_back({}); } ? Empty::counts
                                                                                            : Empty::is_unset;
    const auto variables = variable_names<M>(prefix, empty);
    const auto found = reader.find(variables, key, empty);
    auto& value = out.*M::pointer;
    if (found.origin != Origin::built_in) {
        if (auto fault = Traits<Type>::parse(found.text, value)) {
            // Words are read in any case, and shown as they are usually written.
            if constexpr (std::is_enum_v<Type>) fault = in_lower_case(*fault);
            reader.fail(found.name, std::move(*fault), std::is_same_v<Type, Secret> ? "" : found.text);
        }
    }
    auto text = std::string{Traits<Type>::text(value)};
    if constexpr (std::is_enum_v<Type>) text = in_lower_case(std::move(text));
    reader.note(variables[0], key, text, found.origin);
}

template <class T>
void check_settings(SettingReader& reader, const T& value, const std::string& prefix) {
    if constexpr (has_check<T>) {
        auto report = [&](std::size_t member, std::string detail) {
            for_each_member<T>([&](auto each) {
                auto empty = Empty::counts;
                if (each.index == member)
                    reader.fail(variable_names<decltype(each)>(prefix, empty)[0], std::move(detail));
            });
        };
        Faults<T> faults{report};
        Rules<T>::check(value, faults);
    }
}

template <class T>
void read_settings(SettingReader& reader, T& out, const std::string& prefix, const std::string& key_prefix) {
    const auto errors = reader.error_count();
    for_each_member<T>([&](auto each) {
        using M = decltype(each);
        const auto key = key_prefix + std::string{to_snake_case(M::cpp_name).view()};
        if constexpr (Described<typename M::Type>) {
            auto empty = Empty::counts;
            auto inner = variable_names<M>(prefix, empty)[0];
            if (!inner.empty()) inner += '_';
            read_settings(reader, out.*M::pointer, inner, key + '.');
        } else {
            read_setting<M>(reader, out, prefix, key);
        }
    });
    if (reader.error_count() == errors) check_settings(reader, out, prefix);
}

/// Environment over file over the members' defaults, each setting by itself. All malformed values are in the
/// error.
template <Described T>
Result<Settings<T>> load_settings(const SettingTexts& texts) {
    SettingReader reader{texts};
    Settings<T> settings;
    read_settings(reader, settings.value, "", "");
    if (reader.error_count() > 0) return reader.error();
    settings.unknown_keys = reader.unknown_keys();
    settings.list = reader.take_list();
    return settings;
}

}  // namespace fc::codec
