#include "flowcatalyst/cli/publisher.h"

#include "codec/json.h"
#include "flowcatalyst/cli/local.h"
#include "http/problem.h"
#include "messaging/delivery/retry.h"
#include "runtime/clock.h"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <map>
#include <optional>

namespace fc::cli {
namespace {

constexpr std::size_t batch_bytes_max = 15U << 20U;  // below the server's 16 MiB
constexpr Millis answer_timeout{60'000};
constexpr int too_large = 413;
constexpr int too_many = 429;
constexpr int not_now = 503;
/// A server that has no time is asked so often, after the time it names, else after 1 s, 2 s, 4 s ...
constexpr int tries_max = 8;
constexpr Millis wait_max{60'000};

struct StoredEvent {
    std::optional<bool> duplicate;
};
BOOST_DESCRIBE_STRUCT(StoredEvent, (), (duplicate))

struct StoredBatch {
    std::vector<StoredEvent> events;
};
BOOST_DESCRIBE_STRUCT(StoredBatch, (), (events))

std::string body_of(const std::vector<FileEvent>& batch) {
    std::string body = "{\"events\":[";
    for (const auto& event : batch) {
        if (body.back() != '[') body += ',';
        body += event.json;
    }
    return body + "]}";
}

Millis wait_before_next(const http::ClientResponse& response, int tries) {
    const auto named = response.header("Retry-After");
    const auto wait = named ? messaging::parse_retry_after(*named, SystemClock().wall()) : std::nullopt;
    return std::min(wait.value_or(seconds{1U << (tries - 1)}), wait_max);
}

std::string detail_of(const http::ClientResponse& response) {
    const auto problem = codec::from_json<http::Problem>(response.body);
    const auto detail = problem && !problem->detail.empty() ? problem->detail : response.body.substr(0, 200);
    return std::to_string(response.status) + (detail.empty() ? "" : " " + detail);
}

}  // namespace

Task<> Publisher::publish(http::Client* client, std::vector<FileEvent> events) {
    for (std::size_t begin = 0; begin < events.size();) {
        const auto end = end_of_batch(events, begin, options_.batch_events_max, batch_bytes_max);
        // The next to send is the last. Every answer stores, refuses or divides events, so this ends.
        std::vector<Batch> waiting;
        waiting.emplace_back(events.data() + begin, events.data() + end);
        while (!waiting.empty()) {
            auto batch = std::move(waiting.back());
            waiting.pop_back();
            const auto response = co_await send(client, body_of(batch));
            auto parts = judge(std::move(batch), response);
            for (auto part = parts.rbegin(); part != parts.rend(); ++part)
                waiting.push_back(std::move(*part));
            options_.progress(counts_);
        }
        begin = end;
    }
}

Task<http::ClientResponse> Publisher::send(http::Client* client, std::string body) {
    for (int tries = 1;; ++tries) {
        auto request = api_request(options_.url, options_.token, "POST", "/api/events/batch");
        request.headers.add("Content-Type", "application/json");
        request.body = body;
        request.total_timeout = answer_timeout;
        auto response = co_await client->send(std::move(request));
        const bool is_busy = response.status == too_many || response.status == not_now;
        if (!is_busy || tries == tries_max) co_return response;
        const auto executor = co_await boost::asio::this_coro::executor;
        Timer pause(executor, wait_before_next(response, tries));
        co_await pause.async_wait(use_task);
    }
}

std::vector<Publisher::Batch> Publisher::judge(Batch batch, const http::ClientResponse& response) {
    if (response.failure) {
        throw Failure(
            unavailable("UNREACHABLE", "cannot reach " + options_.url + ": " + response.failure->detail));
    }
    if (response.status / 100 == 2) {
        count_stored(response.body, batch.size());
        return {};
    }
    if (response.status == 400 || response.status == too_large) {
        return leave_out_refused(std::move(batch), response.body, response.status);
    }
    throw Failure(unavailable("UNEXPECTED_ANSWER", options_.url + " answered " + detail_of(response)));
}

std::vector<Publisher::Batch> Publisher::leave_out_refused(
    Batch batch, const std::string& problem_body, int status) {
    const auto problem = codec::from_json<http::Problem>(problem_body);
    std::map<std::size_t, std::vector<FieldError>> faults;
    if (problem && problem->errors) {
        for (const auto& field : *problem->errors) {
            const auto pointer = parse_event_pointer(field.pointer);
            if (pointer && pointer->event < batch.size()) {
                faults[pointer->event].push_back({pointer->rest, field.detail});
            }
        }
    }
    if (!faults.empty()) {
        Batch rest;
        for (std::size_t at = 0; at < batch.size(); ++at) {
            const auto found = faults.find(at);
            if (found == faults.end()) {
                rest.push_back(std::move(batch[at]));
                continue;
            }
            ++counts_.refused;
            for (const auto& fault : found->second) refuse(batch[at].place, fault);
        }
        std::vector<Batch> parts;
        if (!rest.empty()) parts.push_back(std::move(rest));
        return parts;
    }
    if (batch.size() == 1) {
        ++counts_.refused;
        const auto why = problem && !problem->detail.empty() ? problem->detail : std::to_string(status);
        refuse(batch.front().place, {"", why});
        return {};
    }
    // The answer does not say which: find out by halves.
    const auto middle = batch.begin() + static_cast<std::ptrdiff_t>(batch.size() / 2);
    return {Batch(batch.begin(), middle), Batch(middle, batch.end())};
}

void Publisher::count_stored(const std::string& body, std::size_t events) {
    const auto stored = codec::from_json<StoredBatch>(body);
    std::size_t duplicates = 0;
    if (stored) {
        for (const auto& event : stored->events) duplicates += event.duplicate.value_or(false) ? 1 : 0;
    }
    if (!stored || stored->events.size() != events) {
        throw Failure(unavailable(
            "UNEXPECTED_ANSWER",
            options_.url + " answered the batch with something else: is it a FlowCatalyst server?"));
    }
    counts_.duplicates += duplicates;
    counts_.accepted += events - duplicates;
}

void Publisher::refuse(const std::string& place, const FieldError& fault) {
    const bool is_pointer = place.starts_with('/');
    const auto* between = is_pointer || fault.pointer.empty() ? "" : " ";
    options_.refused(place + between + fault.pointer + (is_pointer ? " " : ": ") + fault.detail);
}

}  // namespace fc::cli
