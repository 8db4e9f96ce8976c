#pragma once

#include "base/error.h"

#include <cstdint>
#include <memory>
#include <string_view>

namespace fc::messaging {

/// A regular expression of a JSON Schema, searched for in time that grows with pattern and text only: no
/// back-references and no looking around.
class SchemaPattern {
public:
    /// INVALID_PATTERN: malformed, needs what is not there, or is too complex.
    static Result<SchemaPattern> parse(std::string_view text);
    SchemaPattern(SchemaPattern&&) noexcept;
    SchemaPattern& operator=(SchemaPattern&&) noexcept;
    ~SchemaPattern();

    bool is_in(std::string_view text) const;
    /// What `is_in` costs at worst, in steps of about 100 ns.
    std::uint64_t steps(std::string_view text) const;

private:
    struct Engine;
    explicit SchemaPattern(std::unique_ptr<Engine> engine);
    std::unique_ptr<Engine> engine_;
};

}  // namespace fc::messaging
