#include "http/client_resolver.h"

#include "runtime/blocking_pool.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <array>
#include <list>
#include <unordered_map>
#include <utility>
#include <vector>

namespace fc::http {
namespace {

namespace asio = boost::asio;
using SteadyTime = std::chrono::steady_clock::time_point;

constexpr asio::use_awaitable_t<Executor> use_task;
constexpr std::size_t names_max = 1000;
constexpr std::size_t lookup_threads = 4;
constexpr std::chrono::minutes stale_kept_for{10};

std::optional<std::vector<IpAddress>> known_without_lookup(const std::string& host) {
    if (const auto address = IpAddress::parse(host)) return std::vector{*address};
    std::array<std::uint8_t, 16> loopback6{};
    loopback6[15] = 1;
    if (host == "localhost") return std::vector{IpAddress::v4(0x7f000001), IpAddress::v6(loopback6)};
    return std::nullopt;
}

/// How long a failure is kept: four times what it took, so that slow ones take at most a fifth of a thread
/// each.
std::chrono::steady_clock::duration failure_kept_for(std::chrono::steady_clock::duration took) {
    return std::clamp<std::chrono::steady_clock::duration>(
        4 * took, std::chrono::seconds(3), std::chrono::minutes(2));
}

IpAddress to_ip_address(const asio::ip::address& address) {
    return address.is_v4() ? IpAddress::v4(address.to_v4().to_uint())
                           : IpAddress::v6(address.to_v6().to_bytes());
}

/// One request waiting for a lookup; in the line of its name as long as it lives.
class Waiting {
public:
    Waiting(std::list<Waiting*>& line, Executor executor) : timer(executor), line_(line) {
        line_.push_back(this);
    }
    ~Waiting() { line_.remove(this); }
    Waiting(const Waiting&) = delete;

    Timer timer;
    bool is_answered = false;

private:
    std::list<Waiting*>& line_;
};

}  // namespace

NameAnswer system_lookup(const std::string& host) {
    asio::io_context context(1);
    asio::ip::tcp::resolver resolver(context);
    boost::system::error_code error;
    const auto found = resolver.resolve(host, "", asio::ip::tcp::resolver::address_configured, error);
    if (error) return {.addresses = {}, .error = "the name " + host + " has no address: " + error.message()};
    NameAnswer answer;
    for (const auto& result : found) {
        const auto address = to_ip_address(result.endpoint().address());
        if (std::ranges::find(answer.addresses, address) == answer.addresses.end())
            answer.addresses.push_back(address);
    }
    return answer;
}

struct ClientResolver::State : std::enable_shared_from_this<State> {
    struct Name {
        NameAnswer answer;
        SteadyTime fresh_until{};
        SteadyTime usable_until{};
        SteadyTime asked_at{};
        bool is_asking = false;
        std::list<Waiting*> waiting;
    };

    /// One lookup, on a thread of the pool; its answer goes back to the io thread.
    struct Lookup final : BlockingPool::Job {
        Lookup(State& state, std::string name)
            : owner(state.weak_from_this()),
              executor(state.executor),
              lookup(state.lookup),
              host(std::move(name)) {}

        void run() override {
            auto answer = lookup(host);
            asio::post(executor, [owner = owner, host = host, answer = std::move(answer)]() mutable {
                if (const auto state = owner.lock()) state->answered(host, std::move(answer));
            });
        }

        std::weak_ptr<State> owner;
        Executor executor;
        NameLookup lookup;
        std::string host;
    };

    State(Executor on, std::chrono::seconds kept_for, NameLookup with)
        : executor(on),
          ttl(kept_for),
          lookup(std::move(with)) {}

    /// Starts a lookup unless one is under way.
    void ask(const std::string& host, Name& name) {
        if (std::exchange(name.is_asking, true)) return;
        if (!threads) threads.emplace(lookup_threads);
        name.asked_at = std::chrono::steady_clock::now();
        threads->submit(std::make_unique<Lookup>(*this, host));
    }

    void answered(const std::string& host, NameAnswer answer) {
        const auto entry = names.find(host);
        if (entry == names.end()) return;
        auto& name = entry->second;
        const auto now = std::chrono::steady_clock::now();
        name.is_asking = false;
        if (!answer.addresses.empty()) {
            name.answer = std::move(answer);
            name.fresh_until = now + ttl;
            name.usable_until = name.fresh_until + stale_kept_for;
        } else {
            name.fresh_until = now + failure_kept_for(now - name.asked_at);
            const bool has_stale = !name.answer.addresses.empty() && now < name.usable_until;
            if (!has_stale) {
                name.answer = std::move(answer);
                name.usable_until = name.fresh_until;
            }
        }
        for (auto* waiting : name.waiting) {
            waiting->is_answered = true;
            waiting->timer.cancel();
        }
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
    std::chrono::seconds ttl;
    NameLookup lookup;
    std::unordered_map<std::string, Name> names;
    std::optional<BlockingPool> threads;  // only who looks names up has them
};

ClientResolver::ClientResolver(Executor executor, std::chrono::seconds ttl, NameLookup lookup)
    : state_(std::make_shared<State>(executor, ttl, std::move(lookup))) {}

ClientResolver::~ClientResolver() = default;

Task<std::optional<NameAnswer>> ClientResolver::resolve(std::string host, SteadyTime deadline) {
    if (auto known = known_without_lookup(host))
        co_return NameAnswer{.addresses = std::move(*known), .error = {}};
    const auto state = state_;
    if (!state->names.contains(host)) state->make_room();
    auto& name = state->names[host];
    const auto now = std::chrono::steady_clock::now();
    if (now >= name.fresh_until) state->ask(host, name);
    if (now < name.usable_until) co_return name.answer;
    Waiting waiting(name.waiting, state->executor);
    waiting.timer.expires_at(deadline);
    boost::system::error_code error;
    co_await waiting.timer.async_wait(asio::redirect_error(use_task, error));
    if (waiting.is_answered) co_return name.answer;
    if (error) throw boost::system::system_error(error);  // the caller was cancelled
    co_return std::nullopt;
}

}  // namespace fc::http
