#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fc {

/// Lower-case hexadecimal.
std::string to_hex(std::string_view bytes);
/// Standard base 64 with padding (RFC 4648 section 4).
std::string to_base64(std::string_view bytes);
/// Strict: alphabet, length and padding must fit; nullopt otherwise.
std::optional<std::string> from_base64(std::string_view text);
/// HMAC-SHA-256 of `message`, 32 raw bytes.
std::string hmac_sha256(std::string_view key, std::string_view message);
/// 32 raw bytes.
std::string sha256(std::string_view message);
/// Compares without telling by its duration where the difference is.
bool equal_constant_time(std::string_view a, std::string_view b);
/// "%41" becomes "A", and '+' a space when `plus_is_space`; nullopt on a broken escape.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space = false);
bool is_valid_utf8(std::string_view text);

}  // namespace fc
