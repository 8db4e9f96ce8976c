#pragma once

#include "codec/env.h"

#include <span>
#include <string>
#include <string_view>

namespace fc::app {

/// What a setting means, said here only.
struct SettingHelp {
    std::string_view variable;
    std::string_view meaning;  ///< Markdown
};

/// One for each variable of Settings.
std::span<const SettingHelp> setting_helps();

/// docs/CONFIGURATION.md: each variable of Settings with its default and its meaning. The environment plays
/// no part in it.
std::string settings_markdown();

}  // namespace fc::app
