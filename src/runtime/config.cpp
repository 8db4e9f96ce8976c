#include "runtime/config.h"

#include "codec/text.h"

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <unistd.h>
#include <utility>

namespace fc {
namespace {

constexpr std::size_t config_bytes_max = 1 << 20;

Error file_error(const std::string& path, const std::string& detail) {
    return invalid("INVALID_CONFIG_FILE", path + ": " + detail);
}

/// Text of a plain value as the environment would give it; nullopt for tables, arrays and dates.
std::optional<std::string> plain_text(const toml::node& node) {
    if (const auto* text = node.as_string()) return text->get();
    if (const auto* number = node.as_integer()) return std::to_string(number->get());
    if (const auto* number = node.as_floating_point()) return codec::Traits<double>::text(number->get());
    if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
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

/// Behind the string that begins there; a string of one line that is not closed ends with the line.
std::size_t end_of_string(std::string_view toml, std::size_t begin) {
    const std::string three(3, toml[begin]);
    const bool has_lines = toml.substr(begin).starts_with(three);
    const auto quote = std::string_view(three).substr(0, has_lines ? 3 : 1);
    for (auto at = begin + quote.size(); at < toml.size(); ++at) {
        if (toml[at] == '\n' && !has_lines) return at;
        if (toml[at] == '\\' && quote[0] == '"') {
            ++at;
        } else if (toml.substr(at).starts_with(quote)) {
            return at + quote.size();
        }
    }
    return toml.size();
}

/// The first line that toml++ 3.3 would end the process over, instead of refusing it, and what is wrong with
/// it. Follows only where strings and comments begin and end.
std::optional<std::string> fatal_fault(std::string_view toml) {
    constexpr std::string_view begins_key =
        "]\"'-_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    std::size_t line = 1;
    bool is_first_of_line = true;
    if (toml.starts_with("\xef\xbb\xbf")) toml.remove_prefix(3);
    for (std::size_t at = 0; at < toml.size(); ++at) {
        const auto rest = toml.substr(at);
        const auto fault = [&](const char* what) { return "line " + std::to_string(line) + ": " + what; };
        const bool is_first =
            std::exchange(is_first_of_line, rest[0] == '\n' || rest.find_first_of(" \t") == 0);
        if (rest[0] == '\n') {
            ++line;
        } else if (rest[0] == '#') {
            at = std::min(toml.find('\n', at), toml.size()) - 1;
        } else if (rest[0] == '"' || rest[0] == '\'') {
            const auto end = end_of_string(toml, at);
            line += static_cast<std::size_t>(std::ranges::count(toml.substr(at, end - at), '\n'));
            at = end - 1;
        } else if (static_cast<unsigned char>(rest[0]) >= 0x80) {
            return fault("letters other than ASCII's belong in strings and comments");
        } else if (rest[0] == '[' && is_first) {
            const auto name = rest.find_first_not_of(" \t", rest.starts_with("[[") ? 2 : 1);
            if (name < rest.size() && begins_key.find(rest[name]) == std::string_view::npos)
                return fault("a table's header needs a name");
        }
    }
    return std::nullopt;
}

std::string line_of(const toml::node& node) {
    return "line " + std::to_string(node.source().begin.line) + ": ";
}

/// Adds the values of `table`; the Error's detail, when something in it cannot be a setting.
std::optional<std::string> flatten(
    const toml::table& table, const std::string& prefix, std::map<std::string, std::string>& texts) {
    for (const auto& [key, node] : table) {
        const auto name = prefix + std::string{key.str()};
        if (const auto* inner = node.as_table()) {
            if (auto fault = flatten(*inner, name + '.', texts)) return fault;
            continue;
        }
        const auto* array = node.as_array();
        const auto text = array != nullptr ? list_text(*array) : plain_text(node);
        if (!text)
            return line_of(node) + name +
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
    if (const auto fault = fatal_fault(toml)) return file_error(path, *fault);
    const auto parsed = toml::parse(toml, path);
    if (!parsed) {
        const auto line = std::to_string(parsed.error().source().begin.line);
        return file_error(path, "line " + line + ": " + std::string{parsed.error().description()});
    }
    std::map<std::string, std::string> texts;
    if (auto fault = flatten(parsed.table(), "", texts)) return file_error(path, *fault);
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
