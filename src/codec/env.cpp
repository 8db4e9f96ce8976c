#include "codec/env.h"

#include <algorithm>

namespace fc::codec {
namespace {

/// "nats://user:word@host" without its user and password.
std::string mask_credentials(std::string text) {
    std::size_t from = 0;
    while ((from = text.find("://", from)) != std::string::npos) {
        from += 3;
        const auto end = std::min(text.find_first_of("/?#, ", from), text.size());
        const auto at = text.rfind('@', end);
        if (at != std::string::npos && at >= from && at < end)
            text.replace(from, at - from, Traits<Secret>::mask);
    }
    return text;
}

}  // namespace

SettingReader::Found SettingReader::find(
    std::span<const std::string> variables, std::string_view key, Empty empty) {
    for (const auto& variable : variables) {
        const auto at = texts_.environment.find(variable);
        if (at == texts_.environment.end()) continue;
        const auto text = trim(at->second);
        if (!text.empty() || empty == Empty::counts) return {text, at->first, Origin::environment};
    }
    const auto at = texts_.file.find(std::string{key});
    if (at != texts_.file.end()) return {trim(at->second), at->first, Origin::file};
    return {};
}

void SettingReader::fail(std::string_view name, std::string detail, std::string_view text) {
    constexpr std::size_t shown_max = 60;
    if (text.size() > shown_max) text = {};
    if (!text.empty()) detail += ", not \"" + mask_credentials(std::string{text}) + '"';
    errors_.push_back({std::string{name}, std::move(detail)});
}

std::string in_lower_case(std::string text) {
    std::ranges::transform(
        text, text.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    return text;
}

void SettingReader::note(std::string variable, std::string key, const std::string& text, Origin origin) {
    list_.push_back({std::move(variable), std::move(key), mask_credentials(text), origin});
}

Error SettingReader::error() const {
    std::string detail;
    for (const auto& field : errors_) {
        if (!detail.empty()) detail += '\n';
        detail += field.pointer + ' ' + field.detail;
    }
    return invalid("INVALID_SETTINGS", std::move(detail), errors_);
}

std::vector<std::string> SettingReader::unknown_keys() const {
    std::vector<std::string> unknown;
    for (const auto& [key, text] : texts_.file) {
        const auto is_this = [&key = key](const Setting& setting) { return setting.key == key; };
        if (std::none_of(list_.begin(), list_.end(), is_this)) unknown.push_back(key);
    }
    return unknown;
}

std::string print_settings(std::span<const Setting> settings) {
    constexpr std::size_t origin_column = 56;
    std::string text;
    for (const auto& setting : settings) {
        auto line = setting.variable + '=' + setting.text;
        line.resize(std::max(line.size() + 1, origin_column), ' ');
        constexpr std::string_view names[] = {"default", "file", "environment"};
        text += line + "# " + std::string{names[static_cast<std::size_t>(setting.origin)]} + '\n';
    }
    return text;
}

}  // namespace fc::codec
