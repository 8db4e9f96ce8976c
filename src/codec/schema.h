#pragma once

#include "codec/json.h"

#include <array>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace fc::codec {

/// The name of T without namespaces: `Page<Event>` is `PageOfEvent`. `Rules<T>::schema_name` overrides it.
std::string short_type_name(std::string_view function_signature);

class Schemas;

/// What a schema says of a member besides its names. One function reads the tables of these that all structs
/// have, as code for each member would cost the compiler most of its time.
struct SchemaMember {
    std::string (*schema)(Schemas&);
    bool is_required;
    bool is_always_written;  ///< an answer has it whatever its value
};

/// What words mean, wherever a member has that name.
using Glossary = std::map<std::string_view, std::string_view>;

/// JSON Schemas (draft 2020-12, as OpenAPI 3.1 uses it) of described types: each struct once, by name.
class Schemas {
public:
    /// `reference_prefix` goes in front of a component's name in `$ref`.
    explicit Schemas(std::string reference_prefix = "#/components/schemas/", Glossary glossary = {})
        : prefix_(std::move(reference_prefix)),
          glossary_(std::move(glossary)) {}

    /// The schema of a T: written out for simple types, a `$ref` for structs, which become components.
    template <class T>
    std::string of();
    /// `{"Name":{...},...}` of every struct met so far.
    std::string components() const;
    /// The structs that are met from here on are never read, only written: what is always there is required.
    void only_written_follow() { are_only_written_ = true; }

private:
    /// The schema of a member, with what the glossary says of its name.
    std::string described(std::string schema, std::string_view name) const;
    void add_component(
        const std::string& name,
        std::span<const InputName> names,
        std::span<const SchemaMember> members,
        bool is_closed);
    /// Keeps the place of a component so that a struct may contain itself; false when T is known.
    bool reserve(const std::string& name, std::string_view signature);

    struct Component {
        std::string_view signature;  ///< which type took the name
        std::string schema;
    };
    std::string prefix_;
    Glossary glossary_;
    std::map<std::string, Component> components_;
    bool are_only_written_ = false;
};

/// The schema of one type with everything it refers to in `$defs`.
template <class T>
std::string json_schema() {
    Schemas schemas{"#/$defs/"};
    auto schema = schemas.of<T>();
    const auto definitions = schemas.components();
    if (definitions == "{}") return schema;
    schema.back() = ',';
    return schema + "\"$defs\":" + definitions + "}";
}

/// Names the type T in its text.
template <class T>
constexpr std::string_view type_signature() {
    return __PRETTY_FUNCTION__;
}

/// Schemas of types whose Traits cannot hold a constant.
template <class T>
struct SchemaOf;

template <class T>
    requires std::integral<T>
struct SchemaOf<T> {
    static std::string schema(Schemas&) {
        constexpr std::string_view format = sizeof(T) > 4 ? "int64" : "int32";
        std::string text = R"({"type":"integer","format":")" + std::string{format} + '"';
        if constexpr (std::is_unsigned_v<T>) text += R"(,"minimum":0)";
        return text + '}';
    }
};

template <class E>
    requires std::is_enum_v<E>
struct SchemaOf<E> {
    static std::string schema(Schemas&) {
        std::string names;
        for (const auto& name : Enumerators<E>::names)
            names += (names.empty() ? "\"" : ",\"") + std::string{name.view()} + '"';
        return R"({"type":"string","enum":[)" + names + "]}";
    }
};

template <class Rep, class Period>
struct SchemaOf<std::chrono::duration<Rep, Period>> : SchemaOf<Rep> {};

template <std::int64_t Min, std::int64_t Max>
struct SchemaOf<Bounded<Min, Max>> {
    static std::string schema(Schemas&) {
        return R"({"type":"integer","format":"int64","minimum":)" + std::to_string(Min) + R"(,"maximum":)" +
               std::to_string(Max) + "}";
    }
};

template <class T>
struct SchemaOf<std::optional<T>> {
    static std::string schema(Schemas& schemas) { return schemas.of<T>(); }
};

template <class T>
struct SchemaOf<std::vector<T>> {
    static std::string schema(Schemas& schemas) {
        return R"({"type":"array","items":)" + schemas.of<T>() + "}";
    }
};

template <class T>
struct SchemaOf<std::map<std::string, T>> {
    static std::string schema(Schemas& schemas) {
        return R"({"type":"object","additionalProperties":)" + schemas.of<T>() + "}";
    }
};

template <class T>
std::string component_name() {
    if constexpr (requires { Rules<T>::schema_name; })
        return Rules<T>::schema_name;
    else
        return short_type_name(type_signature<T>());
}

template <class T>
std::string schema_of(Schemas& schemas) {
    return schemas.of<T>();
}

/// Whether an answer has this member whatever its value. A thing that is shown has its `id`.
template <class M>
constexpr bool is_always_written() {
    using T = typename M::Type;
    if constexpr (requires(const T& value) { Traits<T>::is_absent(value); })
        return M::name == "id" && requires(const T& value) { value.to_string(); };
    else
        return true;
}

template <class T>
constexpr auto make_schema_members() {
    std::array<SchemaMember, member_count<T>> table{};
    for_each_member<T>([&](auto each) {
        using M = decltype(each);
        table[M::index] = {schema_of<typename M::Type>, M::required, is_always_written<M>()};
    });
    return table;
}

template <class T>
inline constexpr auto schema_members = make_schema_members<T>();

template <class T>
std::string Schemas::of() {
    if constexpr (requires { std::string{Traits<T>::schema}; }) {
        return std::string{Traits<T>::schema};
    } else if constexpr (requires { Traits<T>::schema(*this); }) {
        return Traits<T>::schema(*this);
    } else if constexpr (Described<T>) {
        const auto name = component_name<T>();
        if (reserve(name, type_signature<T>()))
            add_component(name, input_names<T>, schema_members<T>, is_closed<T>());
        return R"({"$ref":")" + prefix_ + name + "\"}";
    } else {
        return SchemaOf<T>::schema(*this);
    }
}

}  // namespace fc::codec
