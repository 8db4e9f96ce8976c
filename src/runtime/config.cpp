#include "runtime/config.h"

#include "base/encoding.h"
#include "codec/text.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <toml.hpp>
#include <unistd.h>

namespace fc {
namespace {

constexpr std::size_t config_bytes_max = 1 << 20;

Error file_error(const std::string& path, const std::string& detail) {
    return invalid("INVALID_CONFIG_FILE", path + ": " + detail);
}

/// Text of a plain value as the environment would give it; nullopt for tables, arrays and dates.
std::optional<std::string> plain_text(const toml::value& value) {
    if (value.is_string()) return value.as_string().str;
    if (value.is_integer()) return std::to_string(value.as_integer());
    if (value.is_floating()) return codec::Traits<double>::text(value.as_floating());
    if (value.is_boolean()) return value.as_boolean() ? "true" : "false";
    return std::nullopt;
}

/// Elements joined by commas; nullopt where that could not be read back.
std::optional<std::string> list_text(const toml::array& array) {
    std::string list;
    for (const auto& element : array) {
        const auto text = plain_text(element);
        if (!text || text->find(',') != std::string::npos) return std::nullopt;
        if (!list.empty()) list += ',';
        list += *text;
    }
    return list;
}

std::string line_of(const toml::source_location& place) {
    return "line " + std::to_string(place.line()) + ": ";
}

/// The first line of what the parser says, which goes on with a picture of the place.
std::string summary_of(const toml::exception& fault) {
    std::string_view text = fault.what();
    constexpr std::string_view label = "[error] ";
    if (text.starts_with(label)) text.remove_prefix(label.size());
    return std::string(text.substr(0, text.find('\n')));
}

/// Adds the values of `table`; the Error's detail, when something in it cannot be a setting.
std::optional<std::string> flatten(
    const toml::table& table, const std::string& prefix, std::map<std::string, std::string>& texts) {
    for (const auto& [key, value] : table) {
        const auto name = prefix + key;
        if (value.is_table()) {
            if (auto fault = flatten(value.as_table(), name + '.', texts)) return fault;
            continue;
        }
        const auto text = value.is_array() ? list_text(value.as_array()) : plain_text(value);
        if (!text)
            return line_of(value.location()) + name +
                   " must be text, a number, true or false, or a list of such without commas";
        texts[name] = *text;
    }
    return std::nullopt;
}

}  // namespace

std::map<std::string, std::string> process_environment() {
    std::map<std::string, std::string> variables;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text{*entry};
        const auto equals = text.find('=');
        if (equals != std::string_view::npos)
            variables.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return variables;
}

std::optional<std::string> find_config_file(const std::map<std::string, std::string>& environment) {
    const auto named = environment.find("FLOWCATALYST_CONFIG");
    if (named != environment.end() && !codec::trim(named->second).empty()) {
        return std::string{codec::trim(named->second)};
    }
    for (const char* usual :
         {"config.toml",
          "application.toml",
          "flowcatalyst.toml",
          "./config/config.toml",
          "./config/application.toml",
          "/etc/flowcatalyst/config.toml"}) {
        std::error_code ignored;
        if (std::filesystem::is_regular_file(usual, ignored)) return usual;
    }
    return std::nullopt;
}

Result<std::map<std::string, std::string>> parse_config(std::string_view toml, const std::string& path) {
    // toml11 3.7 reads beyond the end of text that is not UTF-8, or whose last line has no end.
    if (!is_valid_utf8(toml)) return file_error(path, "is not UTF-8");
    std::istringstream in{std::string(toml) + '\n'};
    std::map<std::string, std::string> texts;
    try {
        if (auto fault = flatten(toml::parse(in, path).as_table(), "", texts))
            return file_error(path, *fault);
    } catch (const toml::exception& fault) {
        return file_error(path, line_of(fault.location()) + summary_of(fault));
    }
    return texts;
}

Result<std::map<std::string, std::string>> read_config_file(const std::string& path) {
    std::error_code failed;
    const auto size = std::filesystem::file_size(path, failed);
    if (failed) return file_error(path, "cannot be read: " + failed.message());
    if (size > config_bytes_max) return file_error(path, "is larger than 1 MiB");
    std::ifstream file{path, std::ios::binary};
    std::ostringstream content;
    content << file.rdbuf();
    if (!file) return file_error(path, "cannot be read");
    return parse_config(content.str(), path);
}

Result<codec::SettingTexts> read_setting_texts() {
    codec::SettingTexts texts{process_environment(), {}};
    if (const auto path = find_config_file(texts.environment)) {
        auto file = read_config_file(*path);
        if (!file) return file.error();
        texts.file = std::move(*file);
    }
    return texts;
}

}  // namespace fc
