#include "codec/form.h"

#include <algorithm>

namespace fc::codec {

std::vector<std::optional<GivenText>> gather_texts(
    StringPairs in, std::span<const InputName> names, std::span<const bool> is_list) {
    std::vector<std::optional<GivenText>> texts(is_list.size());
    for (const auto& [name, value] : in) {
        for (const auto& candidate : names) {
            if (candidate.name != name) continue;
            auto& given = texts[candidate.member];
            if (given && is_list[candidate.member])
                given->text.append(1, ',').append(value);
            else
                given = {candidate.name, value};
        }
    }
    return texts;
}

std::vector<FieldError> faults_of_names(StringPairs in, std::span<const InputName> names) {
    std::vector<FieldError> errors;
    const Place whole{errors};
    for (const auto& [name, value] : in) {
        const bool is_known = std::ranges::find(names, name, &InputName::name) != names.end();
        if (!is_known) Place{whole, name}.fail("is not a parameter here");
    }
    return errors;
}

}  // namespace fc::codec
