#pragma once

#include "codec/json.h"

#include <span>
#include <string>
#include <utility>
#include <vector>

namespace fc::codec {

/// Decoded names and values of a query string, a form or the path.
using StringPairs = std::span<const std::pair<std::string, std::string>>;

/// What was given for a member, and under which of its names.
struct GivenText {
    std::string_view name;
    std::string text;
};

/// Texts for the members of one struct; a name given twice is joined by commas, which only lists understand.
std::vector<std::optional<GivenText>> gather_texts(
    StringPairs in, std::span<const InputName> names, std::span<const bool> is_list);

template <class T>
inline constexpr bool is_vector = false;
template <class T>
inline constexpr bool is_vector<std::vector<T>> = true;

/// Sets the members that `in` names and answers which these were. Empty text counts only for text and lists.
template <Described T>
std::array<bool, member_count<T>> read_texts(StringPairs in, T& out, const Place& at) {
    std::array<bool, member_count<T>> given{};
    std::array<bool, member_count<T>> is_list{};
    for_each_member<T>([&](auto each) { is_list[each.index] = is_vector<typename decltype(each)::Type>; });
    const auto texts = gather_texts(in, input_names<T>, is_list);
    for_each_member<T>([&](auto each) {
        using M = decltype(each);
        using Type = typename M::Type;
        if constexpr (Parsable<Type>) {
            const auto& found = texts[M::index];
            if (!found || (found->text.empty() && !std::is_same_v<Type, std::string> && !is_vector<Type>))
                return;
            given[M::index] = true;
            if (auto fault = Traits<Type>::parse(found->text, out.*M::pointer))
                Place{at, found->name}.fail(std::move(*fault));
        }
    });
    return given;
}

/// A fault for each name that means no member: what is misspelt would otherwise be left out without a word.
std::vector<FieldError> faults_of_names(StringPairs in, std::span<const InputName> names);

/// A struct from a query string, a form or path parameters. Lists are given between commas or by repeating
/// the name; of other values given twice the last wins. VALIDATION_FAILED with every field's error, after
/// those found before.
template <Described T>
Result<T> from_strings(StringPairs in, std::vector<FieldError> errors = {}) {
    Result<T> result{boost::system::in_place_value};
    const Place whole{errors};
    const auto given = read_texts(in, *result, whole);
    for_each_member<T>([&](auto each) {
        using M = decltype(each);
        if (M::required && !given[M::index]) Place{whole, M::name}.fail("is required");
    });
    if (errors.empty()) check_rules(*result, whole);
    if (!errors.empty()) result = validation_failed(std::move(errors));
    return result;
}

/// A struct from a JSON body and the names that the path binds: those win over the body. A blank body is
/// `{}`.
template <Described T>
Result<T> from_request(std::string_view body, StringPairs bound) {
    const auto document = JsonDocument::parse(trim(body).empty() ? "{}" : body);
    if (!document) return document.error();
    Result<T> result{boost::system::in_place_value};
    std::vector<FieldError> errors;
    const Place whole{errors};
    const auto given = read_texts(bound, *result, whole);
    Traits<T>::read_but(document->root(), *result, whole, given);
    if (errors.empty()) check_rules(*result, whole);
    if (!errors.empty()) result = validation_failed(std::move(errors));
    return result;
}

}  // namespace fc::codec
