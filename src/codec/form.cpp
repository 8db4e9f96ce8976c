#include "codec/form.h"

namespace fc::codec {

std::vector<std::optional<std::string>> gather_texts(
    StringPairs in, std::span<const InputName> names, std::span<const bool> is_list) {
    std::vector<std::optional<std::string>> texts(is_list.size());
    for (const auto& [name, value] : in) {
        for (const auto& candidate : names) {
            if (candidate.name != name) continue;
            auto& text = texts[candidate.member];
            text = text && is_list[candidate.member] ? *text + ',' + value : value;
        }
    }
    return texts;
}

}  // namespace fc::codec
