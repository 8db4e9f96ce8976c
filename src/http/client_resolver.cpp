#include "http/client_resolver.h"

#include <boost/asio/ip/basic_resolver.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>

namespace fc::http {
namespace {

namespace asio = boost::asio;
using SteadyTime = std::chrono::steady_clock::time_point;

constexpr asio::use_awaitable_t<Executor> use_task;
constexpr std::size_t names_max = 1000;
constexpr std::chrono::seconds failure_kept_for{3};
constexpr std::chrono::minutes stale_kept_for{10};

std::optional<std::vector<IpAddress>> known_without_lookup(const std::string& host) {
    if (const auto address = IpAddress::parse(host)) return std::vector{*address};
    std::array<std::uint8_t, 16> loopback6{};
    loopback6[15] = 1;
    if (host == "localhost") return std::vector{IpAddress::v4(0x7f000001), IpAddress::v6(loopback6)};
    return std::nullopt;
}

IpAddress to_ip_address(const asio::ip::address& address) {
    return address.is_v4() ? IpAddress::v4(address.to_v4().to_uint())
                           : IpAddress::v6(address.to_v6().to_bytes());
}

/// One request waiting for a lookup; in the list of its name as long as it lives.
class Waiting {
public:
    Waiting(std::list<Timer*>& line, Executor executor) : timer(executor), line_(line) {
        line_.push_back(&timer);
    }
    ~Waiting() { line_.remove(&timer); }
    Waiting(const Waiting&) = delete;

    Timer timer;

private:
    std::list<Timer*>& line_;
};

}  // namespace

struct ClientResolver::State : std::enable_shared_from_this<State> {
    using Resolver = asio::ip::basic_resolver<asio::ip::tcp, Executor>;

    struct Name {
        Answer answer;
        SteadyTime fresh_until{};  // zero: never answered
        SteadyTime usable_until{};
        bool is_asking = false;
        std::list<Timer*> waiting;
    };

    State(Executor executor, std::chrono::seconds ttl) : executor(executor), resolver(executor), ttl(ttl) {}

    /// Starts a lookup unless one is under way.
    void ask(const std::string& host, Name& name) {
        if (std::exchange(name.is_asking, true)) return;
        resolver.async_resolve(
            host,
            "",
            Resolver::address_configured,
            [weak = weak_from_this(), host](
                const boost::system::error_code& error, const Resolver::results_type& found) {
                if (const auto state = weak.lock()) state->answered(host, error, found);
            });
    }

    void answered(
        const std::string& host,
        const boost::system::error_code& error,
        const Resolver::results_type& found) {
        const auto entry = names.find(host);
        if (entry == names.end()) return;
        auto& name = entry->second;
        const auto now = std::chrono::steady_clock::now();
        name.is_asking = false;
        if (!error) {
            name.answer = {};
            for (const auto& result : found) {
                const auto address = to_ip_address(result.endpoint().address());
                const bool is_known =
                    std::ranges::find(name.answer.addresses, address) != name.answer.addresses.end();
                if (!is_known) name.answer.addresses.push_back(address);
            }
            name.fresh_until = now + ttl;
            name.usable_until = name.fresh_until + stale_kept_for;
        } else {
            name.fresh_until = now + failure_kept_for;
            const bool has_stale = !name.answer.addresses.empty() && now < name.usable_until;
            if (!has_stale) {
                name.answer = Answer{
                    .addresses = {}, .error = "the name " + host + " has no address: " + error.message()};
                name.usable_until = name.fresh_until;
            }
        }
        for (auto* timer : name.waiting) timer->cancel();
    }

    void make_room() {
        if (names.size() < names_max) return;
        const auto now = std::chrono::steady_clock::now();
        const auto in_use = [](const Name& name) { return name.is_asking || !name.waiting.empty(); };
        std::erase_if(names, [&](const auto& entry) {
            return entry.second.fresh_until < now && !in_use(entry.second);
        });
        if (names.size() < names_max) return;
        std::erase_if(names, [&](const auto& entry) { return !in_use(entry.second); });
    }

    Executor executor;
    Resolver resolver;
    std::chrono::seconds ttl;
    std::unordered_map<std::string, Name> names;
};

ClientResolver::ClientResolver(Executor executor, std::chrono::seconds ttl)
    : state_(std::make_shared<State>(executor, ttl)) {}

ClientResolver::~ClientResolver() {
    state_->resolver.cancel();
}

Task<std::optional<ClientResolver::Answer>> ClientResolver::resolve(std::string host, SteadyTime deadline) {
    if (auto known = known_without_lookup(host))
        co_return Answer{.addresses = std::move(*known), .error = {}};
    const auto state = state_;
    if (!state->names.contains(host)) state->make_room();
    auto& name = state->names[host];
    const auto now = std::chrono::steady_clock::now();
    if (now >= name.fresh_until) state->ask(host, name);
    if (now < name.usable_until) co_return name.answer;
    {
        Waiting waiting(name.waiting, state->executor);
        waiting.timer.expires_at(deadline);
        boost::system::error_code error;
        co_await waiting.timer.async_wait(asio::redirect_error(use_task, error));
        // Only an answer and a cancelled caller cancel the timer.
        if (error && name.is_asking) throw boost::system::system_error(error);
    }
    if (name.is_asking) co_return std::nullopt;
    co_return name.answer;
}

}  // namespace fc::http
