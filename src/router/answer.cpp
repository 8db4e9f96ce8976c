#include "router/answer.h"

#include "codec/json.h"

#include <algorithm>

namespace fc::router {

namespace {

struct Body {
    bool is_refused = false;
    std::optional<Millis> delay;
};

std::optional<Millis> delay_of(std::string_view text) {
    const auto seconds_asked = codec::integral_value(text);
    if (!seconds_asked || *seconds_asked <= 0) return std::nullopt;
    const std::int64_t seconds_max = nack_delay_max.count() / 1'000;
    return Millis{1'000 * std::min(*seconds_asked, seconds_max)};
}

/// Whatever is not the agreed JSON says nothing.
Body read_body(const std::string& text) {
    Body body;
    const auto document = codec::JsonDocument::parse(text);
    if (!document || !document->root().is_object()) return body;
    const auto ack = document->root().find("ack");
    body.is_refused = ack.kind() == codec::JsonKind::boolean && !ack.boolean();
    const auto delay = document->root().find("delaySeconds");
    if (delay.kind() == codec::JsonKind::number) body.delay = delay_of(delay.raw());
    return body;
}

Mediation failed(std::string reason, Millis delay = nack_delay_default) {
    return {.verdict = Mediation::Verdict::failed, .delay = delay, .reason = std::move(reason)};
}

Judgement judge_failure(const http::TransportFailure& failure) {
    if (failure.kind == http::TransportFailureKind::invalid_request) {
        return {.mediation = {.verdict = Mediation::Verdict::config_error, .reason = failure.detail}};
    }
    return {.mediation = failed(failure.detail), .repeat_at_once = true};
}

}  // namespace

Judgement judge(const http::ClientResponse& response) {
    if (response.failure) return judge_failure(*response.failure);
    const std::string reason = "the target answered " + std::to_string(response.status);
    if (response.status >= 200 && response.status < 300) {
        const Body body = read_body(response.body);
        if (!body.is_refused) return {};
        return {.mediation = failed("the target asked to wait", body.delay.value_or(nack_delay_default))};
    }
    if (response.status == 429) {
        auto delay = delay_of(response.header("Retry-After").value_or(""));
        if (!delay) delay = read_body(response.body).delay;
        return {.mediation = failed(reason, delay.value_or(nack_delay_default))};
    }
    if (response.status >= 400 && response.status < 500) {
        return {.mediation = {.verdict = Mediation::Verdict::config_error, .reason = reason}};
    }
    if (response.status == 501) {
        // Not acked, as every 5xx; but it will not change within seconds, and somebody should look.
        Mediation later = failed(reason);
        later.needs_attention = true;
        return {.mediation = std::move(later)};
    }
    return {.mediation = failed(reason), .repeat_at_once = response.status >= 500};
}

std::string callback_body(const std::string& message_id) {
    return "{\"messageId\":" + codec::to_json(message_id) + '}';
}

}  // namespace fc::router
