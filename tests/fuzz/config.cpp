// A configuration file.
#include "runtime/config.h"

#include "apps/flowcatalyst/settings.h"
#include "target.h"

namespace fc::fuzz {

void run(std::string_view input) {
    const auto file = parse_config(input, "fuzz.toml");
    if (!file) {
        const auto& fault = file.error().detail;
        FC_ASSERT(
            fault.starts_with("fuzz.toml: line ") || fault == "fuzz.toml: is not UTF-8",
            "a fault names the file and the line");
        return;
    }
    const auto settings = codec::load_settings<app::Settings>({{}, *file});
    if (!settings) {
        FC_ASSERT(!settings.error().fields.empty(), "a fault names its setting");
        return;
    }
    codec::SettingTexts shown;
    for (const auto& setting : settings->list) {
        if (setting.origin == codec::Origin::file) shown.environment[setting.variable] = setting.text;
    }
    const auto again = codec::load_settings<app::Settings>(shown);
    FC_ASSERT(again.has_value(), "a setting can be given as it is shown");
    for (std::size_t at = 0; at < settings->list.size(); ++at) {
        const auto& text = settings->list[at].text;
        // An empty variable is none.
        FC_ASSERT(text.empty() || again->list[at].text == text, "and then is the same");
    }
}

}  // namespace fc::fuzz
