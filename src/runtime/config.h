#pragma once

#include "base/error.h"
#include "codec/env.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace fc {

/// This process's environment variables.
std::map<std::string, std::string> process_environment();

/// `FLOWCATALYST_CONFIG` where that is set, else the first of the usual names that exists, looked for from
/// the working directory; nullopt when there is no file.
std::optional<std::string> find_config_file(const std::map<std::string, std::string>& environment);

/// The values of a TOML file as text by dotted key ("queue.nats.url"); an array of plain values is joined by
/// commas. INVALID_CONFIG_FILE names the file and the line.
Result<std::map<std::string, std::string>> read_config_file(const std::string& path);
/// The same of what the file holds.
Result<std::map<std::string, std::string>> parse_config(std::string_view toml, const std::string& path);

/// Both sources, for codec::load_settings.
Result<codec::SettingTexts> read_setting_texts();

/// The settings of T: environment over file over defaults. The Error is ready to be printed before exit 1.
template <class T>
Result<codec::Settings<T>> load_config() {
    const auto texts = read_setting_texts();
    if (!texts) return texts.error();
    return codec::load_settings<T>(*texts);
}

}  // namespace fc
