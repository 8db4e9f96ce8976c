#include "codec/form.h"

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

}  // namespace fc::codec
