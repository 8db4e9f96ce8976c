#include "bench/api_call.h"

#include "bench/frame.h"
#include "codec/json.h"

#include <algorithm>
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
constexpr std::size_t calls_at_once = 32;

[[noreturn]] void throw_errno(const char* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

/// One request at a time, then its answer.
class Connection {
public:
    explicit Connection(const Target& target) : target_(target), socket_(connect_to(target.address)) {
        setsockopt(socket_.number(), SOL_SOCKET, SO_RCVTIMEO, &answer_timeout, sizeof answer_timeout);
    }

    void send(std::string_view request, std::string_view json_body) {
        const auto blank = request.find(' ');
        std::string text{request.substr(0, blank + 1)};
        text.append(target_.address.base_path).append(request.substr(blank + 1));
        text += " HTTP/1.1\r\nHost: " + target_.address.authority() + "\r\n";
        if (!target_.token.empty()) text += "Authorization: Bearer " + target_.token + "\r\n";
        if (!json_body.empty()) text += "Content-Type: application/json\r\n";
        text += "Content-Length: " + std::to_string(json_body.size()) + "\r\n\r\n" + std::string{json_body};
        for (std::string_view rest = text; !rest.empty();) {
            const auto sent = ::send(socket_.number(), rest.data(), rest.size(), MSG_NOSIGNAL);
            if (sent < 0) throw_errno("send");
            rest.remove_prefix(static_cast<std::size_t>(sent));
        }
    }

    ApiAnswer receive() {
        std::string answer;
        std::array<char, 16 * 1024> buffer;
        for (;;) {
            if (const auto frame = first_frame(answer))
                return {status_of(frame->head), std::string{frame->body}};
            const auto got = recv(socket_.number(), buffer.data(), buffer.size(), 0);
            if (got < 0) throw_errno("recv");
            if (got == 0) throw std::system_error(std::make_error_code(std::errc::connection_reset), "recv");
            answer.append(buffer.data(), static_cast<std::size_t>(got));
        }
    }

private:
    const Target& target_;
    Fd socket_;
};

}  // namespace

ApiAnswer call_api(const Target& target, std::string_view request, std::string_view json_body) {
    Connection connection{target};
    connection.send(request, json_body);
    return connection.receive();
}

std::vector<ApiAnswer> call_api_often(const Target& target, const std::vector<ApiCall>& calls) {
    std::vector<Connection> connections;
    for (std::size_t i = 0; i < std::min(calls_at_once, calls.size()); ++i) connections.emplace_back(target);
    std::vector<ApiAnswer> answers;
    answers.reserve(calls.size());
    while (answers.size() < calls.size()) {
        const auto first = answers.size();
        const auto count = std::min(connections.size(), calls.size() - first);
        for (std::size_t i = 0; i < count; ++i)
            connections[i].send(calls[first + i].request, calls[first + i].json_body);
        for (std::size_t i = 0; i < count; ++i) {
            answers.push_back(connections[i].receive());
            if (!answers.back().is_success()) {
                throw std::runtime_error(
                    calls[first + i].request + " answered " + std::to_string(answers.back().status) + " " +
                    answers.back().body);
            }
        }
    }
    return answers;
}

std::vector<CreatedSubscription> create_subscriptions(
    const Target& target, const std::vector<CreateSubscription>& requests) {
    std::vector<ApiCall> calls;
    for (const auto& request : requests)
        calls.push_back({"POST /api/subscriptions", codec::to_json(request)});
    std::vector<CreatedSubscription> created;
    for (const auto& answer : call_api_often(target, calls)) {
        const auto one = codec::from_json<CreatedSubscription>(answer.body);
        if (!one || one->id.empty() || one->signing_secret.empty())
            throw std::runtime_error("POST /api/subscriptions answered " + answer.body);
        created.push_back(*one);
    }
    return created;
}

BenchSubscriptions::~BenchSubscriptions() {
    std::vector<ApiCall> calls;
    for (const auto& one : created_) calls.push_back({"DELETE /api/subscriptions/" + one.id, {}});
    try {
        call_api_often(target_, calls);
    } catch (const std::exception& error) {
        std::cerr << "bench: subscriptions stay: " << error.what() << '\n';
    }
}

}  // namespace fc::bench
