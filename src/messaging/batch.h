#pragma once

#include "base/id.h"
#include "codec/json.h"
#include "codec/schema.h"

#include <boost/describe/class.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fc::messaging {

constexpr std::size_t batch_items_max = 100;
constexpr std::size_t batch_bytes_max = 16U << 20U;

/// Many of one thing in one request, as three kinds of clients send it: `[...]` and `{"events":[...]}` are
/// all or nothing; of `{"items":[...]}` one bad item does not fail the rest.
template <class T>
struct Batch {
    std::vector<Result<T>> items;
    std::string pointer;  ///< where they stand in the body
    bool is_item_by_item = false;

    template <class Other>
    Batch<Other> like(std::vector<Result<Other>> others) const {
        return {std::move(others), pointer, is_item_by_item};
    }
    /// Those that are good, in their order.
    std::vector<T> take_good() {
        std::vector<T> good;
        good.reserve(items.size());
        for (auto& item : items) {
            if (item) good.push_back(std::move(*item));
        }
        return good;
    }
};

/// The array that a body holds, and how it is meant. The error says what is missing or too much.
struct BatchList {
    codec::JsonValue items;
    std::size_t count = 0;
    std::string pointer;
    bool is_item_by_item = false;
};
Result<BatchList> find_batch(codec::JsonValue root, std::string_view plural);

/// What the API document says of the three forms.
template <class T>
std::string batch_schema(codec::Schemas& schemas, const std::string& plural) {
    const auto list = R"({"type":"array","minItems":1,"maxItems":)" + std::to_string(batch_items_max) +
                      R"(,"items":)" + schemas.of<T>() + '}';
    const auto in_member = [&](const std::string& name) {
        return R"({"type":"object","required":[")" + name + R"("],"properties":{")" + name + "\":" + list +
               "}}";
    };
    return R"({"oneOf":[)" + in_member(plural) + ',' + list + ',' + in_member("items") + "]}";
}

/// Gathers the faults of an all-or-nothing batch, each at its place in the body.
class BatchFaults {
public:
    void add(const std::string& item_pointer, const Error& error);
    std::optional<Error> error() &&;

private:
    std::vector<FieldError> faults_;
};

/// Every fault of every item when the batch is all or nothing and has one.
template <class T>
std::optional<Error> refusal_of(const Batch<T>& batch) {
    BatchFaults faults;
    if (batch.is_item_by_item) return std::nullopt;
    for (std::size_t at = 0; at < batch.items.size(); ++at) {
        const auto& item = batch.items[at];
        if (!item) faults.add(batch.pointer + '/' + std::to_string(at), item.error());
    }
    return std::move(faults).error();
}

/// `plural` is the member's name in the second form. The items may be bad only in the third.
template <class T>
Result<Batch<T>> read_batch(std::string_view body, std::string_view plural) {
    const auto document = codec::JsonDocument::parse(body);
    if (!document) return document.error();
    const auto list = find_batch(document->root(), plural);
    if (!list) return list.error();
    Batch<T> batch{{}, list->pointer, list->is_item_by_item};
    batch.items.reserve(list->count);
    for (auto item = list->items.first(); item.exists(); item = list->items.after(item))
        batch.items.push_back(codec::from_json_value<T>(item));
    if (auto refused = refusal_of(batch)) return *refused;
    return batch;
}

/// What was accepted although it is not as it should be, by JSON pointer into the item.
struct ItemWarning {
    std::string pointer;
    std::string detail;
};
BOOST_DESCRIBE_STRUCT(ItemWarning, (), (pointer, detail))

struct BatchItemResult {
    std::optional<Tsid> id;  ///< nullopt: an error
    std::string status;      ///< "CREATED", "DUPLICATE" or "ERROR"
    std::optional<std::string> error;
    std::optional<std::vector<ItemWarning>> warnings;
};
BOOST_DESCRIBE_STRUCT(BatchItemResult, (), (id, status, error, warnings))

struct ItemBatchView {
    std::vector<BatchItemResult> results;
};
BOOST_DESCRIBE_STRUCT(ItemBatchView, (), (results))

BatchItemResult failed_item(const Error& error);

/// The answer to `{"items":[...]}`: `stored` are the views of the good items, in their order.
template <class T, class View>
ItemBatchView item_results(const std::vector<Result<T>>& items, const std::vector<View>& stored) {
    ItemBatchView answer;
    std::size_t next = 0;
    for (const auto& item : items) {
        if (!item) {
            answer.results.push_back(failed_item(item.error()));
            continue;
        }
        const auto& view = stored[next++];
        answer.results.push_back({view.id, view.duplicate ? "DUPLICATE" : "CREATED", {}, {}});
        if constexpr (requires { view.warnings; }) answer.results.back().warnings = view.warnings;
    }
    return answer;
}

}  // namespace fc::messaging
