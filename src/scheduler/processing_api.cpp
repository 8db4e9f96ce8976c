#include "scheduler/processing_api.h"

#include "base/encoding.h"
#include "codec/json.h"

namespace fc::scheduler {
namespace {

http::Response answer(
    int status, bool ack, std::string message, std::optional<std::int64_t> delay_seconds = {}) {
    ProcessAnswer body;
    body.ack = ack;
    if (!message.empty()) body.message = std::move(message);
    body.delay_seconds = delay_seconds;
    http::Response response;
    response.status = status;
    response.body = codec::to_json(body);
    return response;
}

}  // namespace

std::string processing_token(const Secret& app_key, std::string_view job_id) {
    return to_hex(hmac_sha256(app_key.reveal(), job_id));
}

http::Routes ProcessingApi::routes() {
    http::Routes routes("/api/dispatch", "Dispatch Processing");
    routes
        .post(
            "/process",
            "Process a dispatch job",
            http::bind(this, &ProcessingApi::process),
            http::open_to_all)
        .takes<ProcessRequest>()
        .example(R"({"messageId": "0HZXEQ5Y8JY5Z"})")
        .gives<ProcessAnswer>()
        .gives<ProcessAnswer>(400)
        .gives<ProcessAnswer>(401);
    return routes;
}

Task<http::Response> ProcessingApi::process(http::Request request) {
    const auto body = codec::from_json<ProcessRequest>(request.body());
    if (!body) co_return answer(400, false, body.error().detail);
    const auto token = http::bearer_token(request.head());
    const auto& id_text = body->message_id;
    const bool fits =
        token && !id_text.empty() && equal_constant_time(processing_token(*app_key_, id_text), *token);
    if (!fits) co_return answer(401, false, "the token does not fit the message");
    const auto id = Tsid::parse(id_text);
    auto job = id ? scheduler_->find_handed_over(*id) : nullptr;
    if (!job) co_return answer(200, true, "nothing to do: the job has ended, waits, or is in other hands");
    std::function<void(bool)> released = [](bool) {};
    const auto end = co_await scheduler_->start_job(std::move(job), std::move(released));
    if (end.kind == JobEnd::Kind::done) co_return answer(200, true, "");
    const auto wait = std::chrono::ceil<seconds>(end.blocked_until - scheduler_->now());
    co_return answer(
        200, false, "the target's circuit breaker is open", std::max<std::int64_t>(1, wait.count()));
}

}  // namespace fc::scheduler
