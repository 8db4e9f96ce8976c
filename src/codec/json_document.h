#pragma once

#include "base/error.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fc::codec {

/// Nesting of arrays and objects that is read.
constexpr unsigned depth_max = 64;
/// Values (keys included) in one text: bounds the index to 64 MiB.
constexpr std::size_t json_values_max = 4'000'000;

enum class JsonKind : std::uint8_t { absent, null, boolean, number, string, array, object };

/// One value of the text: bytes [begin, end) with quotes; `next` is the index after it and all it contains.
struct JsonNode {
    std::uint32_t begin;
    std::uint32_t end;
    std::uint32_t next;
    JsonKind kind;
    bool has_escapes;
};

class JsonDocument;

/// A value inside a JsonDocument: two words, copied freely, valid as long as the document and its text.
class JsonValue {
public:
    JsonValue() = default;
    JsonValue(const JsonDocument& document, std::uint32_t index) : document_(&document), index_(index) {}

    JsonKind kind() const;
    bool exists() const { return document_ != nullptr; }
    bool is_null() const { return kind() == JsonKind::null; }
    bool is_string() const { return kind() == JsonKind::string; }
    bool is_array() const { return kind() == JsonKind::array; }
    bool is_object() const { return kind() == JsonKind::object; }
    /// The exact bytes of the value.
    std::string_view raw() const;
    /// The decoded text of a string; `scratch` holds it when it had escapes.
    std::string_view text(std::string& scratch) const;
    /// Only for a boolean.
    bool boolean() const { return raw()[0] == 't'; }
    /// The value of that member of an object, the last one if it is there twice; else absent.
    JsonValue find(std::string_view name) const;

    /// Walks an array: `for (auto item = array.first(); item.exists(); item = array.after(item))`.
    JsonValue first() const;
    JsonValue after(JsonValue item) const;
    /// The value that belongs to a key: an object's `first` and `after` walk keys and values in turn.
    JsonValue value_of_key() const { return {*document_, index_ + 1}; }

private:
    const JsonNode& node() const;

    const JsonDocument* document_ = nullptr;
    std::uint32_t index_ = 0;
};

/// A text that is JSON (RFC 8259) throughout, indexed in one pass, so that any value can be taken as its
/// exact bytes. Borrows the text. Numbers of any size pass; they are converted only when a field asks.
class JsonDocument {
public:
    /// INVALID_JSON naming the byte where malformed: grammar, UTF-8, lone surrogates, depth, anything after
    /// the value.
    static Result<JsonDocument> parse(std::string_view text);
    JsonDocument(JsonDocument&&) noexcept = default;
    JsonDocument& operator=(JsonDocument&&) noexcept = default;
    JsonDocument(const JsonDocument&) = delete;
    JsonDocument& operator=(const JsonDocument&) = delete;
    ~JsonDocument();

    JsonValue root() const { return {*this, 0}; }

private:
    friend class JsonValue;
    JsonDocument(std::string_view text, std::vector<JsonNode> nodes)
        : text_(text),
          nodes_(std::move(nodes)) {}

    std::string_view text_;
    std::vector<JsonNode> nodes_;
};

inline const JsonNode& JsonValue::node() const {
    return document_->nodes_[index_];
}
inline JsonKind JsonValue::kind() const {
    return exists() ? node().kind : JsonKind::absent;
}
inline std::string_view JsonValue::raw() const {
    return document_->text_.substr(node().begin, node().end - node().begin);
}
inline JsonValue JsonValue::first() const {
    return node().next == index_ + 1 ? JsonValue{} : JsonValue{*document_, index_ + 1};
}
inline JsonValue JsonValue::after(JsonValue item) const {
    const auto next = item.node().next;
    return next == node().next ? JsonValue{} : JsonValue{*document_, next};
}

}  // namespace fc::codec
