#pragma once

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <boost/describe/enumerators.hpp>
#include <boost/describe/members.hpp>
#include <boost/describe/modifiers.hpp>
#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace fc::codec {

constexpr unsigned described_members = boost::describe::mod_public | boost::describe::mod_inherited;

/// A struct whose members BOOST_DESCRIBE_STRUCT names: the one description that JSON, forms, settings and
/// schemas follow.
template <class T>
concept Described =
    std::is_class_v<T> && boost::describe::has_describe_members<T>::value && !std::is_empty_v<T>;

enum class Naming { camel_case, snake_case };

/// What the members' types do not say. Specialise it beside the struct with any of:
/// - `required`: a tuple of member pointers that input must give;
/// - `names`: a tuple of `alias` (another name read) and `spelling` (another name read and written);
/// - `naming`: `Naming::snake_case` where a standard fixes such names (OAuth);
/// - `variables`: a tuple of `variable` (env.h);
/// - `schema_name`: its name among the schemas, if not the struct's;
/// - `is_closed = true`: other members are faults in JSON, where they are ignored else;
/// - `static void check(const T&, Faults<T>&)`: rules between members.
template <class T>
struct Rules {};

template <class T, class M>
struct OtherName {
    M T::* member;
    std::string_view name;
    bool is_written;
};

template <class T, class M>
consteval OtherName<T, M> alias(M T::* member, std::string_view name) {
    return {member, name, false};
}
template <class T, class M>
consteval OtherName<T, M> spelling(M T::* member, std::string_view name) {
    return {member, name, true};
}

/// Text made at compile time: short names only.
struct FixedText {
    std::array<char, 72> bytes{};
    std::size_t size = 0;

    constexpr void push(char c) { bytes.at(size++) = c; }
    constexpr std::string_view view() const { return {bytes.data(), size}; }
};

/// `client_id` as `clientId`; `default_` as `default`.
constexpr FixedText to_camel_case(std::string_view name) {
    FixedText out;
    bool raise = false;
    for (const char c : name) {
        if (c == '_') {
            raise = true;
        } else {
            out.push(raise && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
            raise = false;
        }
    }
    return out;
}

/// `half_open` as `HALF_OPEN`; `default_` as `DEFAULT`.
constexpr FixedText to_upper_case(std::string_view name) {
    if (name.ends_with('_')) name.remove_suffix(1);
    FixedText out;
    for (const char c : name) out.push(c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
    return out;
}

constexpr FixedText to_snake_case(std::string_view name) {
    if (name.ends_with('_')) name.remove_suffix(1);
    FixedText out;
    for (const char c : name) out.push(c);
    return out;
}

template <class T>
constexpr Naming naming_of() {
    if constexpr (requires { Rules<T>::naming; }) return Rules<T>::naming;
    return Naming::camel_case;
}

template <class A, class B>
constexpr bool is_same_member(A a, B b) {
    if constexpr (std::is_same_v<A, B>) return a == b;
    return false;
}

template <class T, class M>
constexpr bool is_required(M member) {
    if constexpr (requires { Rules<T>::required; }) {
        return std::apply(
            [&](auto... each) { return (is_same_member(each, member) || ...); }, Rules<T>::required);
    }
    return false;
}

template <class T>
using MemberList = boost::describe::describe_members<T, described_members>;

template <class T>
inline constexpr std::size_t member_count = boost::mp11::mp_size<MemberList<T>>::value;

/// The I-th described member of T, as seen from outside.
template <class T, std::size_t I>
struct Member {
    using Descriptor = boost::mp11::mp_at_c<MemberList<T>, I>;
    using Type = std::remove_cvref_t<decltype(std::declval<T&>().*Descriptor::pointer)>;
    using Owner = T;

    static constexpr std::size_t index = I;
    static constexpr auto pointer = Descriptor::pointer;
    static constexpr std::string_view cpp_name = Descriptor::name;
    static constexpr FixedText name_text =
        naming_of<T>() == Naming::camel_case ? to_camel_case(cpp_name) : to_snake_case(cpp_name);
    static constexpr std::string_view name = name_text.view();
    static constexpr bool required = is_required<T>(Descriptor::pointer);
};

/// Calls `visit(Member<T, I>{})` for each described member, bases first, in the order they were described.
template <class T, class Visit>
constexpr void for_each_member(Visit&& visit) {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        (visit(Member<T, I>{}), ...);
    }(std::make_index_sequence<member_count<T>>{});
}

template <class T, class M>
constexpr std::size_t index_of_member(M member) {
    std::size_t found = member_count<T>;
    for_each_member<T>([&](auto each) {
        if (is_same_member(decltype(each)::pointer, member)) found = decltype(each)::index;
    });
    return found;
}

/// A name that input may use, and the index of the member it means.
struct InputName {
    std::string_view name;
    std::size_t member;
    bool is_written;  ///< output has it, too
};

template <class T>
constexpr auto other_names() {
    if constexpr (requires { Rules<T>::names; })
        return Rules<T>::names;
    else
        return std::tuple{};
}

template <class T>
constexpr auto make_input_names() {
    constexpr auto others = other_names<T>();
    constexpr std::size_t other_count = std::tuple_size_v<decltype(other_names<T>())>;
    std::array<InputName, member_count<T> + other_count> table{};
    std::size_t at = 0;
    for_each_member<T>(
        [&](auto each) { table.at(at++) = {decltype(each)::name, decltype(each)::index, true}; });
    std::apply(
        [&](auto... other) {
            ((table.at(at++) = {other.name, index_of_member<T>(other.member), other.is_written}), ...);
        },
        others);
    return table;
}

/// Every name that may be read for a member of T: the members' own first, then the aliases.
template <class T>
inline constexpr auto input_names = make_input_names<T>();

/// Where a `Rules<T>::check` says which members do not fit together.
template <class T>
class Faults {
public:
    /// `report` is called with the member's index and what is wrong with it.
    template <class Report>
    explicit Faults(Report& report)
        : report_(&report),
          call_([](void* target, std::size_t member, std::string detail) {
              (*static_cast<Report*>(target))(member, std::move(detail));
          }) {}
    /// Notes `detail` against `member` unless `fits`.
    template <class M>
    void expect(bool fits, M member, std::string detail) {
        if (!fits) call_(report_, index_of_member<T>(member), std::move(detail));
    }

private:
    void* report_;
    void (*call_)(void*, std::size_t, std::string);
};

template <class T>
inline constexpr bool has_check =
    requires(const T& value, Faults<T>& faults) { Rules<T>::check(value, faults); };

}  // namespace fc::codec
