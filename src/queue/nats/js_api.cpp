#include "queue/nats/js_api.h"

#include "base/encoding.h"

#include <boost/json.hpp>

#include <algorithm>

namespace fc::queue::js {

namespace json = boost::json;

namespace {

constexpr std::size_t durable_token_max = 160;

json::object parse_object(std::string_view text) {
    boost::system::error_code error;
    auto value = json::parse(text, error);
    if (error || !value.is_object()) return {};
    return std::move(value.as_object());
}

const json::object& member(const json::object& object, std::string_view name) {
    static const json::object none;
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_object() ? value->as_object() : none;
}

std::uint64_t number(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_number() ? value->to_number<std::uint64_t>() : 0;
}

std::string text(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string{value->as_string()} : std::string{};
}

std::int64_t nanos(Millis duration) {
    return std::chrono::nanoseconds{duration}.count();
}

}  // namespace

std::optional<ApiError> error_of(std::string_view answer) {
    const auto object = parse_object(answer);
    if (object.empty()) return ApiError{.code = 0, .text = "unreadable answer"};
    if (!object.contains("error")) return std::nullopt;
    const auto& error = member(object, "error");
    return ApiError{.code = static_cast<int>(number(error, "err_code")), .text = text(error, "description")};
}

std::string create_stream(const NatsConfig& config) {
    return json::serialize(json::object{
        {"name", config.stream},
        {"subjects", json::array{json::value(config.subject_prefix + ".>")}},
        {"retention", "workqueue"},
        {"storage", "file"},
        {"discard", "new"},
        {"max_consumers", -1},
        {"max_msgs", -1},
        {"max_bytes", -1},
        {"max_age", 0},
        {"max_msgs_per_subject", -1},
        {"max_msg_size", -1},
        {"num_replicas", config.replicas},
        {"duplicate_window", nanos(config.duplicate_window)}});
}

std::optional<std::string> adapt_stream(std::string_view info, const NatsConfig& config, std::string& why) {
    auto object = parse_object(info);
    auto wanted = member(object, "config");
    if (text(wanted, "retention") != "workqueue") {
        why = "stream " + config.stream + " has retention '" + text(wanted, "retention") +
              "', which cannot be changed to 'workqueue': delete it, or choose another stream";
        return std::nullopt;
    }
    const auto before = wanted;
    wanted["max_age"] = 0;
    wanted["discard"] = "new";
    const json::value pattern(config.subject_prefix + ".>");
    auto& subjects = wanted["subjects"];
    if (!subjects.is_array()) subjects = json::array{};
    auto& list = subjects.as_array();
    if (std::find(list.begin(), list.end(), pattern) == list.end()) list.push_back(pattern);
    if (wanted == before) return std::string{};
    return json::serialize(wanted);
}

StreamState stream_state(std::string_view info) {
    const auto object = parse_object(info);
    const auto& state = member(object, "state");
    return {
        .created = text(object, "created"),
        .last_sequence = number(state, "last_seq"),
        .messages = number(state, "messages")};
}

std::string subjects_request(std::size_t offset) {
    return json::serialize(json::object{{"subjects_filter", ">"}, {"offset", offset}});
}

SubjectsPage subjects_page(std::string_view info) {
    const auto object = parse_object(info);
    SubjectsPage page{.subjects = {}, .total = static_cast<std::size_t>(number(object, "total"))};
    for (const auto& [subject, count] : member(member(object, "state"), "subjects")) {
        page.subjects.emplace_back(subject, count.is_number() ? count.to_number<std::uint64_t>() : 0);
    }
    page.total = std::max(page.total, page.subjects.size());
    return page;
}

std::string durable_name(const PoolSubject& subject) {
    auto token = to_subject_token(subject.tokens());
    if (token.size() > durable_token_max) token = to_hex(sha256(token));
    // nats-server 2.9 takes a consumer's name for a format string when it makes the subject of acks.
    std::replace(token.begin(), token.end(), '%', '=');
    return "router-" + token;
}

std::string create_consumer(const NatsConfig& config, const NewConsumer& consumer) {
    return json::serialize(json::object{
        {"stream_name", config.stream},
        {"config",
         json::object{
             {"durable_name", consumer.durable},
             {"description", consumer.owner},
             {"filter_subject", consumer.filter_subject},
             {"deliver_policy", "all"},
             {"ack_policy", "explicit"},
             {"replay_policy", "instant"},
             {"ack_wait", nanos(config.ack_wait)},
             {"max_deliver", -1},
             {"max_ack_pending", -1}}}});
}

std::string consumer_difference(std::string_view request, std::string_view answer) {
    const auto asked = parse_object(request);
    const auto echoed = parse_object(answer);
    const auto& config = member(echoed, "config");
    for (const auto& [name, value] : member(asked, "config")) {
        const auto* echo = config.if_contains(name);
        if (echo == nullptr || *echo != value) return std::string{name};
    }
    return {};
}

std::string owner_of(std::string_view answer) {
    const auto object = parse_object(answer);
    return text(member(object, "config"), "description");
}

std::string pull(std::size_t max, Millis expires) {
    return R"({"batch":)" + std::to_string(max) + R"(,"expires":)" + std::to_string(nanos(expires)) + "}";
}

Confirmation confirmation(std::string_view answer) {
    // Some 20,000 of these a second: `{"stream":"DISPATCH","seq":7,"duplicate": true}`.
    if (answer.find("\"error\":") != answer.npos || answer.find("\"seq\":") == answer.npos) {
        return Confirmation::refused;
    }
    return answer.find("\"duplicate\":") != answer.npos ? Confirmation::duplicate : Confirmation::stored;
}

}  // namespace fc::queue::js
