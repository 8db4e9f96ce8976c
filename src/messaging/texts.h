#pragma once

#include "codec/describe.h"
#include "codec/text.h"

#include <initializer_list>
#include <string>
#include <string_view>

namespace fc::messaging {

constexpr std::size_t text_bytes_max = 1'024;
/// What is wrong with a short text of an event or a job, which rows keep and headers carry.
codec::Fault fault_of_text(std::string_view text);

/// `Owner` is T or a base of it.
template <class T, class Owner>
void check_texts(
    const T& value, codec::Faults<T>& faults, std::initializer_list<std::string Owner::*> members) {
    for (const auto member : members) {
        if (auto fault = fault_of_text(value.*member)) faults.expect(false, member, std::move(*fault));
    }
}

}  // namespace fc::messaging
