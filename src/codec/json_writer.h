#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace fc::codec {

/// Whether a Secret is written as it is; `no` writes "***".
enum class Reveal { no, yes };

/// Appends compact JSON to a string. Commas come by themselves before keys and elements.
class JsonWriter {
public:
    explicit JsonWriter(std::string& out, Reveal reveal = Reveal::no) : out_(out), reveal_(reveal) {}

    void begin_object() { out_ += '{'; }
    void end_object() { out_ += '}'; }
    void begin_array() { out_ += '['; }
    void end_array() { out_ += ']'; }
    void key(std::string_view name) {
        comma();
        text(name);
        out_ += ':';
    }
    /// A key known to need no escaping.
    void plain_key(std::string_view name) {
        comma();
        out_ += '"';
        out_ += name;
        out_ += "\":";
    }
    /// To be called before each element of an array.
    void element() { comma(); }

    void text(std::string_view text);
    void number(std::int64_t value);
    void number(std::uint64_t value);
    /// The shortest form that reads back equal; null for what JSON cannot say (infinity, NaN).
    void number(double value);
    void boolean(bool value) { out_ += value ? "true" : "false"; }
    void null() { out_ += "null"; }
    /// Bytes that are JSON already.
    void raw(std::string_view json) { out_ += json; }
    bool reveals_secrets() const { return reveal_ == Reveal::yes; }

private:
    /// No value ends in an opening bracket, so the last byte says whether this is the first of its container.
    void comma() {
        if (out_.back() != '{' && out_.back() != '[') out_ += ',';
    }

    std::string& out_;
    Reveal reveal_;
};

}  // namespace fc::codec
