#include "messaging/delivery/classify.h"

#include "base/encoding.h"
#include "codec/json_document.h"
#include "messaging/delivery/retry.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace fc::messaging {
namespace {

using http::TransportFailureKind;

constexpr std::size_t excerpt_bytes_max = 4096;

/// The wait when the body says {"ack":false}; nullopt for any other body: it is none of our business.
std::optional<Millis> not_yet(std::string_view body) {
    // Nearly every answer is empty, "ok" or {}: those need no parser.
    const bool may_say_so =
        body.find("ack") != std::string_view::npos && body.find("false") != std::string_view::npos;
    if (!may_say_so) return std::nullopt;
    const auto document = codec::JsonDocument::parse(body);
    if (!document || !document->root().is_object()) return std::nullopt;
    const auto ack = document->root().find("ack");
    if (ack.kind() != codec::JsonKind::boolean || ack.boolean()) return std::nullopt;
    const auto delay = document->root().find("delaySeconds");
    if (delay.kind() != codec::JsonKind::number) return not_yet_wait;
    double seconds = 0;
    const auto text = delay.raw();
    std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (!(seconds > 0)) return not_yet_wait;
    const auto seconds_max = static_cast<double>(not_yet_wait_max.count()) / 1000;
    return std::max(Millis{1}, Millis{std::llround(std::min(seconds, seconds_max) * 1000)});
}

Classification failed(const http::TransportFailure& failure) {
    Classification result;
    result.outcome = DeliveryOutcome::retry;
    result.error_type = AttemptErrorType::transient;
    result.error = failure.detail;
    switch (failure.kind) {
        case TransportFailureKind::timeout: result.status = AttemptStatus::timeout; break;
        case TransportFailureKind::connect:
        case TransportFailureKind::tls:
        case TransportFailureKind::reset: result.status = AttemptStatus::connection_error; break;
        case TransportFailureKind::protocol:
        case TransportFailureKind::too_large:
            result.status = AttemptStatus::server_error;
            result.error_type = AttemptErrorType::unknown;
            break;
        case TransportFailureKind::refused_address:
            result.outcome = DeliveryOutcome::rejected;
            result.status = AttemptStatus::connection_error;
            result.error_type = AttemptErrorType::permanent;
            break;
        case TransportFailureKind::invalid_request:
            result.outcome = DeliveryOutcome::rejected;
            result.status = AttemptStatus::client_error;
            result.error_type = AttemptErrorType::permanent;
            break;
    }
    return result;
}

Classification rejected(int status, std::string_view why) {
    return {
        .outcome = DeliveryOutcome::rejected,
        .status = AttemptStatus::client_error,
        .error_type = AttemptErrorType::permanent,
        .error = "HTTP " + std::to_string(status) + std::string(why),
        .wait = {}};
}

}  // namespace

Classification classify(const http::ClientResponse& response, TimePoint wall) {
    if (response.failure) return failed(*response.failure);
    const int status = response.status;
    if (status / 100 == 2) {
        const auto wait = response.body_truncated ? std::nullopt : not_yet(response.body);
        if (!wait) return {};
        return {
            .outcome = DeliveryOutcome::not_yet,
            .status = AttemptStatus::success,
            .error_type = {},
            .error = "the target answered: not yet",
            .wait = *wait};
    }
    if (status / 100 == 3) return rejected(status, ": redirects are not followed");
    if (status == 410) {
        auto gone = rejected(status, ": the target wants no more deliveries");
        gone.outcome = DeliveryOutcome::gone;
        return gone;
    }
    if (status / 100 == 4 && status != 429) return rejected(status, "");
    Classification retry{
        .outcome = DeliveryOutcome::retry,
        .status = status == 429 ? AttemptStatus::client_error : AttemptStatus::server_error,
        .error_type =
            status / 100 == 5 || status == 429 ? AttemptErrorType::transient : AttemptErrorType::unknown,
        .error = "HTTP " + std::to_string(status),
        .wait = {}};
    if (const auto value = response.header("Retry-After")) {
        retry.wait = parse_retry_after(*value, wall).value_or(Millis{0});
    }
    return retry;
}

std::string body_excerpt(std::string_view body) {
    const bool is_cut = body.size() > excerpt_bytes_max;
    std::string excerpt(body.substr(0, excerpt_bytes_max));
    // Not in the middle of a character: back over its continuation bytes and its first one.
    for (int steps = 0; is_cut && steps < 3 && !is_valid_utf8(excerpt) && !excerpt.empty(); ++steps)
        excerpt.pop_back();
    const bool is_text = is_valid_utf8(excerpt);
    std::ranges::replace_if(
        excerpt,
        [&](char c) { return c == '\0' || (!is_text && static_cast<unsigned char>(c) >= 0x80); },
        '?');
    return excerpt;
}

}  // namespace fc::messaging
