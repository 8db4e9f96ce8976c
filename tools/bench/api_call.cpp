#include "bench/api_call.h"

#include "bench/frame.h"
#include "codec/json.h"

#include <boost/describe/class.hpp>

#include <array>
#include <cerrno>
#include <iostream>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/time.h>
#include <system_error>

namespace fc::bench {
namespace {

constexpr timeval answer_timeout{.tv_sec = 10, .tv_usec = 0};

[[noreturn]] void throw_errno(const char* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

struct CreateSubscription {
    std::string name;
    std::vector<std::string> event_types;
    std::string target_url;
    std::optional<std::string> mode;
};
BOOST_DESCRIBE_STRUCT(CreateSubscription, (), (name, event_types, target_url, mode))

struct CreatedSubscription {
    std::string id;
    std::string signing_secret;
};
BOOST_DESCRIBE_STRUCT(CreatedSubscription, (), (id, signing_secret))

}  // namespace

ApiAnswer call_api(const Target& target, std::string_view request, std::string_view json_body) {
    const Fd socket = connect_to(target.address);
    setsockopt(socket.number(), SOL_SOCKET, SO_RCVTIMEO, &answer_timeout, sizeof answer_timeout);
    const auto blank = request.find(' ');
    std::string text{request.substr(0, blank + 1)};
    text.append(target.address.base_path).append(request.substr(blank + 1));
    text += " HTTP/1.1\r\nHost: " + target.address.authority() + "\r\nConnection: close\r\n";
    if (!target.token.empty()) text += "Authorization: Bearer " + target.token + "\r\n";
    if (!json_body.empty()) text += "Content-Type: application/json\r\n";
    text += "Content-Length: " + std::to_string(json_body.size()) + "\r\n\r\n" + std::string{json_body};
    for (std::string_view rest = text; !rest.empty();) {
        const auto sent = send(socket.number(), rest.data(), rest.size(), MSG_NOSIGNAL);
        if (sent < 0) throw_errno("send");
        rest.remove_prefix(static_cast<std::size_t>(sent));
    }
    std::string answer;
    std::array<char, 16 * 1024> buffer;
    for (;;) {
        if (const auto frame = first_frame(answer)) return {status_of(frame->head), std::string{frame->body}};
        const auto got = recv(socket.number(), buffer.data(), buffer.size(), 0);
        if (got < 0) throw_errno("recv");
        if (got == 0) throw std::system_error(std::make_error_code(std::errc::connection_reset), "recv");
        answer.append(buffer.data(), static_cast<std::size_t>(got));
    }
}

BenchSubscription::BenchSubscription(
    Target target, std::uint16_t receiver_port, const std::string& name, const std::string& mode)
    : target_(std::move(target)) {
    CreateSubscription request{
        .name = name,
        .event_types = {"bench.event"},
        .target_url = "http://127.0.0.1:" + std::to_string(receiver_port) + "/bench",
        .mode = {}};
    if (!mode.empty()) request.mode = mode;
    const auto answer = call_api(target_, "POST /api/subscriptions", codec::to_json(request));
    const auto created = codec::from_json<CreatedSubscription>(answer.body);
    if (answer.status / 100 != 2 || !created || created->id.empty() || created->signing_secret.empty()) {
        throw std::runtime_error(
            "POST /api/subscriptions answered " + std::to_string(answer.status) + " " + answer.body);
    }
    id_ = created->id;
    signing_secret_ = created->signing_secret;
}

BenchSubscription::~BenchSubscription() {
    try {
        const auto answer = call_api(target_, "DELETE /api/subscriptions/" + id_);
        if (answer.status / 100 != 2) {
            std::cerr << "bench: subscription " << id_ << " stays, DELETE answered " << answer.status << '\n';
        }
    } catch (const std::exception& error) {
        std::cerr << "bench: subscription " << id_ << " stays: " << error.what() << '\n';
    }
}

}  // namespace fc::bench
