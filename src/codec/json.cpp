#include "codec/json.h"

namespace fc::codec {

bool gather_members(
    JsonValue in,
    std::span<const InputName> names,
    std::span<JsonValue> values,
    const Place& at,
    bool is_closed) {
    if (!in.is_object()) {
        at.fail("must be an object");
        return false;
    }
    std::string scratch;
    std::size_t guess = 0;  // Clients mostly write members in the order they are described.
    for (auto key = in.first(); key.exists(); key = in.after(key.value_of_key())) {
        const auto name = key.text(scratch);
        bool is_known = false;
        for (std::size_t tried = 0; tried < names.size() && !is_known; ++tried) {
            const auto& candidate = names[guess];
            guess = guess + 1 == names.size() ? 0 : guess + 1;
            is_known = candidate.name == name;
            if (is_known) values[candidate.member] = key.value_of_key();
        }
        if (is_closed && !is_known) Place{at, name}.fail("is no member that is known here");
    }
    return true;
}

}  // namespace fc::codec
