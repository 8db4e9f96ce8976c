#pragma once

#include "codec/describe.h"

#include <optional>
#include <type_traits>

namespace fc::resource {

/// Gives `entity` each member that `request` has of the same name as an engaged optional; the others stay as
/// they are.
template <class T, class Request>
void assign(T& entity, const Request& request) {
    codec::for_each_member<Request>([&](auto given) {
        using Given = decltype(given);
        codec::for_each_member<T>([&](auto member) {
            using Own = decltype(member);
            using Wanted = std::optional<typename Own::Type>;
            if constexpr (Given::cpp_name == Own::cpp_name && std::is_same_v<typename Given::Type, Wanted>) {
                if (const auto& value = request.*Given::pointer) entity.*Own::pointer = *value;
            }
        });
    });
}

/// Whether a field's other spelling is the one to follow: clients send back what they read, both spellings,
/// after changing one.
template <class T>
bool is_changed_by(const std::optional<T>& other, const std::optional<T>& first, const T& present) {
    return other && (!first || *other != present);
}

}  // namespace fc::resource
