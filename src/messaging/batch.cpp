#include "messaging/batch.h"

namespace fc::messaging {
namespace {

constexpr std::size_t faults_max = 100;

Error batch_size_error(std::string pointer, std::string detail) {
    return invalid(
        "VALIDATION_FAILED", "the batch is not acceptable", {{std::move(pointer), std::move(detail)}});
}

}  // namespace

Result<BatchList> find_batch(codec::JsonValue root, std::string_view plural) {
    BatchList list;
    list.items = root.find("items");
    list.is_item_by_item = list.items.is_array();
    list.pointer = "/items";
    if (!list.is_item_by_item) {
        list.items = root.is_array() ? root : root.find(plural);
        list.pointer = root.is_array() ? "" : '/' + std::string(plural);
    }
    if (!list.items.exists()) return batch_size_error(list.pointer, "is required");
    if (!list.items.is_array()) return batch_size_error(list.pointer, "must be an array");
    for (auto item = list.items.first(); item.exists(); item = list.items.after(item)) ++list.count;
    if (list.count == 0) return batch_size_error(list.pointer, "must have at least 1 item");
    if (list.count <= batch_items_max) return list;
    return batch_size_error(
        list.pointer,
        "must have at most " + std::to_string(batch_items_max) + " items, has " + std::to_string(list.count));
}

void BatchFaults::add(const std::string& item_pointer, const Error& error) {
    if (error.fields.empty()) faults_.push_back({item_pointer, error.detail});
    for (const auto& fault : error.fields) {
        if (faults_.size() < faults_max) faults_.push_back({item_pointer + fault.pointer, fault.detail});
    }
}

std::optional<Error> BatchFaults::error() && {
    if (faults_.empty()) return std::nullopt;
    return codec::validation_failed(std::move(faults_));
}

BatchItemResult failed_item(const Error& error) {
    BatchItemResult result;
    result.status = "ERROR";
    std::string text;
    for (const auto& fault : error.fields)
        text += (text.empty() ? "" : "; ") + (fault.pointer + " ") + fault.detail;
    result.error = text.empty() ? error.detail : text;
    return result;
}

}  // namespace fc::messaging
