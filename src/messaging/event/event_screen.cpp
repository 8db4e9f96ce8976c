#include "messaging/event/event_screen.h"

#include "base/encoding.h"
#include "messaging/delivery/payload.h"
#include "runtime/log.h"

namespace fc::messaging {
namespace {

/// The data as it is delivered: of a JSON string, its text. "" for none.
std::string json_of(const CreateEvent& event) {
    if (event.data_base64) return from_base64(*event.data_base64).value();
    return event.data_kind ? event.data.text : delivered_bytes(event.data);
}

}  // namespace

std::optional<Error> EventScreen::refusal_of(CreateEvent& event) {
    const auto* const check = checks_->find(event.type.text());
    if (!check) return std::nullopt;
    auto faults = faults_of(*check, event.spec_version, json_of(event), steps_left_);
    if (faults.empty()) return std::nullopt;
    const bool is_refused = check->type->enforcement == Enforcement::reject;
    // Without what is wrong: that may tell of the data.
    log::info("event is not as its type says", {{"type", event.type.text()}, {"refused", is_refused}});
    if (!is_refused) {
        metrics_->schema_warnings_total.increment();
        for (auto& fault : faults)
            event.warnings.push_back({std::move(fault.pointer), std::move(fault.detail)});
        return std::nullopt;
    }
    metrics_->schema_rejections_total.increment();
    return invalid("SCHEMA_VIOLATION", "the event is not as its type's schema says", std::move(faults));
}

void EventScreen::screen(Batch<CreateEvent>& batch) {
    for (auto& item : batch.items) {
        if (!item) continue;
        if (auto refused = refusal_of(*item)) item = std::move(*refused);
    }
}

}  // namespace fc::messaging
