#include "codec/place.h"

namespace fc::codec {

void Place::fail(std::string detail) const {
    if (!is_full()) errors_->push_back({pointer(), std::move(detail)});
}

std::string Place::pointer() const {
    if (parent_ == nullptr) return "";
    std::string text = parent_->pointer() + '/';
    if (name_.data() == nullptr) return text + std::to_string(index_);
    for (const char c : name_) {
        if (c == '~')
            text += "~0";
        else if (c == '/')
            text += "~1";
        else
            text += c;
    }
    return text;
}

Error validation_failed(std::vector<FieldError> fields) {
    std::string detail;
    if (!fields.empty()) {
        detail = (fields[0].pointer.empty() ? "the body" : fields[0].pointer) + " " + fields[0].detail;
        if (fields.size() > 1) detail += " (and " + std::to_string(fields.size() - 1) + " more)";
    }
    return invalid("VALIDATION_FAILED", std::move(detail), std::move(fields));
}

}  // namespace fc::codec
