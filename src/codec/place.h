#pragma once

#include "base/error.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fc::codec {

/// Errors kept of one body; the rest are as many more of the same.
constexpr std::size_t field_errors_max = 100;

/// Where in the input a value stands: a chain on the stack, made into a JSON pointer only when something is
/// wrong there.
class Place {
public:
    explicit Place(std::vector<FieldError>& errors) : errors_(&errors) {}
    Place(const Place& parent, std::string_view name)
        : parent_(&parent),
          errors_(parent.errors_),
          name_(name) {}
    Place(const Place& parent, std::size_t index)
        : parent_(&parent),
          errors_(parent.errors_),
          index_(index) {}

    /// Notes that the value here is not acceptable; `detail` completes "this field ...".
    void fail(std::string detail) const;
    /// RFC 6901; "" is the whole body.
    std::string pointer() const;
    /// Errors noted so far, here and elsewhere.
    std::size_t count() const { return errors_->size(); }
    bool is_full() const { return count() >= field_errors_max; }

private:
    const Place* parent_ = nullptr;
    std::vector<FieldError>* errors_;
    std::string_view name_;
    std::size_t index_ = 0;
};

/// The VALIDATION_FAILED error of all `fields`.
Error validation_failed(std::vector<FieldError> fields);

}  // namespace fc::codec
