#pragma once

#include "base/error.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace fc::messaging {

/// What the checks of one request may cost together, in steps of about 100 ns: the io thread does them.
constexpr std::uint64_t check_steps_max = 4'000'000;
/// Faults told of one event.
constexpr std::size_t faults_told_max = 20;

/// A JSON Schema, ready to check data against. Immutable.
class SchemaValidator {
public:
    /// VALIDATION_FAILED with every fault by JSON pointer into the schema.
    static Result<std::shared_ptr<const SchemaValidator>> compile(const std::string& text);
    SchemaValidator(const SchemaValidator&) = delete;
    SchemaValidator& operator=(const SchemaValidator&) = delete;
    ~SchemaValidator();

    /// What the schema does not allow in a text that is to be JSON, by JSON pointer into it; none: all is
    /// well. What would need more than `steps_left` counts as not allowed.
    std::vector<FieldError> check(std::string_view json, std::uint64_t& steps_left) const;

private:
    struct Compiled;
    explicit SchemaValidator(std::unique_ptr<Compiled> compiled);
    std::unique_ptr<Compiled> compiled_;
};

}  // namespace fc::messaging
