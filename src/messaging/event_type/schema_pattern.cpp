#include "messaging/event_type/schema_pattern.h"

#include <re2/re2.h>
#include <string>

namespace fc::messaging {
namespace {

constexpr std::size_t pattern_bytes_max = 1'024;
constexpr int instructions_max = 1'000;
constexpr std::uint64_t instructions_a_step = 32;

/// ECMA-262 writes a code unit as \uXXXX, RE2 as \x{XXXX}.
std::string with_re2_escapes(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const bool is_escape = text[at] == '\\' && at + 1 < text.size();
        if (is_escape && text[at + 1] == 'u' && at + 6 <= text.size()) {
            out += "\\x{" + std::string(text.substr(at + 2, 4)) + '}';
            at += 5;
        } else if (is_escape) {
            out += text.substr(at++, 2);
        } else {
            out += text[at];
        }
    }
    return out;
}

RE2::Options options() {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(std::int64_t{1} << 20U);
    return options;
}

}  // namespace

struct SchemaPattern::Engine {
    explicit Engine(const std::string& text) : expression(text, options()) {}
    RE2 expression;
};

SchemaPattern::SchemaPattern(std::unique_ptr<Engine> engine) : engine_(std::move(engine)) {}
SchemaPattern::SchemaPattern(SchemaPattern&&) noexcept = default;
SchemaPattern& SchemaPattern::operator=(SchemaPattern&&) noexcept = default;
SchemaPattern::~SchemaPattern() = default;

Result<SchemaPattern> SchemaPattern::parse(std::string_view text) {
    if (text.size() > pattern_bytes_max)
        return invalid("INVALID_PATTERN", "must be a regular expression of at most 1024 bytes");
    auto engine = std::make_unique<Engine>(with_re2_escapes(text));
    if (!engine->expression.ok()) {
        return invalid(
            "INVALID_PATTERN",
            "must be a regular expression without back-references and look-around: " +
                engine->expression.error());
    }
    if (engine->expression.ProgramSize() > instructions_max)
        return invalid("INVALID_PATTERN", "is too complex a regular expression");
    return SchemaPattern(std::move(engine));
}

bool SchemaPattern::is_in(std::string_view text) const {
    return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), engine_->expression);
}

std::uint64_t SchemaPattern::steps(std::string_view text) const {
    const auto instructions = static_cast<std::uint64_t>(engine_->expression.ProgramSize());
    return 1 + text.size() * instructions / instructions_a_step;
}

}  // namespace fc::messaging
