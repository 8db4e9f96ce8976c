#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace fc::http {

/// Whether text may stand as a method or a header's name (RFC 9110 section 5.6.2).
bool is_token(std::string_view text);
/// Whether text may stand as a header's value (section 5.5): no control characters but tabs.
bool is_field_value(std::string_view text);

/// The header fields of a request, one after the other in one string, as they are sent: as pairs of strings
/// each would cost two allocations. Those that frame the message (Host, Content-Length, Connection, ...) are
/// the client's own: given ones are left out.
class HeaderFields {
public:
    HeaderFields() = default;
    HeaderFields(std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
        for (const auto& [name, value] : fields) add(name, value);
    }

    void reserve(std::size_t bytes) { text_.reserve(bytes); }
    void add(std::string_view name, std::string_view value);
    /// In place of those of the same name, in any case.
    void set(std::string_view name, std::string_view value);

    /// The value of the first of that name, in any case; nullopt when absent.
    std::optional<std::string_view> find(std::string_view name) const;
    /// "name: value\r\n" of each.
    const std::string& text() const { return text_; }
    /// Why they cannot be sent (a line break in a value would let its author write headers of his own); ""
    /// when they can.
    const std::string& fault() const { return fault_; }

private:
    std::string text_;
    std::string fault_;
};

}  // namespace fc::http
