#include "http/client.h"

#include "http/client_pool.h"
#include "http/client_resolver.h"

#include <boost/asio/ip/tcp.hpp>

#include <algorithm>

namespace fc::http {
namespace {

namespace asio = boost::asio;

std::chrono::microseconds elapsed(SteadyTime from, SteadyTime to) {
    return std::chrono::duration_cast<std::chrono::microseconds>(to - from);
}

asio::ip::tcp::endpoint to_endpoint(const IpAddress& address, std::uint16_t port) {
    if (!address.is_v4) return {asio::ip::address_v6(address.bytes), port};
    asio::ip::address_v4::bytes_type bytes;
    std::copy(address.bytes.begin() + 12, address.bytes.end(), bytes.begin());
    return {asio::ip::address_v4(bytes), port};
}

std::string pool_key(const ClientTarget& target, bool is_checked) {
    std::string key = target.authority;
    key += target.is_tls ? '+' : '-';
    key += is_checked ? '1' : '0';
    return key;
}

TransportFailure timeout_failure(const char* what) {
    return {TransportFailureKind::timeout, std::string(what) + " took too long"};
}

}  // namespace

/// Shared by the client and by the requests under way, which may outlive it when an io_context is torn down.
class Client::Impl {
public:
    Impl(Executor executor, ClientSettings settings)
        : executor_(executor),
          settings_(std::move(settings)),
          egress_(settings_.egress),
          resolver_(
              executor, settings_.dns_ttl, settings_.lookup ? settings_.lookup : NameLookup(system_lookup)),
          pool_(executor, settings_) {}

    static Task<ClientResponse> send(std::shared_ptr<Impl> self, ClientRequest request);

    const EgressFilter& egress() const { return egress_; }
    ClientPool& pool() { return pool_; }

private:
    using Failure = std::optional<TransportFailure>;
    struct Opening {
        const ClientRequest* request;
        const ClientTarget* target;
        SteadyTime deadline;
        Timings* timings;
    };

    Task<Failure> open(ClientSlot* slot, Opening opening);
    Task<Failure> connect_any(ClientSlot* slot, std::vector<IpAddress> addresses, Opening opening);
    const std::shared_ptr<ClientTls>& tls();

    Executor executor_;
    ClientSettings settings_;
    EgressFilter egress_;
    ClientResolver resolver_;
    ClientPool pool_;
    ClientTargets targets_;
    std::shared_ptr<ClientTls> tls_;
};

Task<ClientResponse> Client::Impl::send(std::shared_ptr<Impl> self, ClientRequest request) {
    const auto started = std::chrono::steady_clock::now();
    const auto deadline = started + request.total_timeout;
    const auto target = self->targets_.find(request.url);
    ClientResponse response;
    if (!target) {
        response.failure =
            TransportFailure{TransportFailureKind::invalid_request, "the URL is no http or https URL"};
        co_return response;
    }
    auto& host = self->pool_.host(pool_key(*target, request.egress_checked));
    const ClientConnection::Job job{&request, target.get(), &self->settings_, started};
    Timings timings;
    for (bool is_repeated = false;; is_repeated = true) {
        if (is_repeated) self->pool_.close_idle(host);
        auto slot = self->pool_.try_take(host, started);
        if (!slot && self->pool_.is_line_full(host)) {
            response.failure = TransportFailure{
                TransportFailureKind::connect,
                "all connections to the host are in use, and too many requests wait"};
            break;
        }
        if (!slot) slot = co_await self->pool_.wait(&host, deadline);
        if (!slot) {
            response.failure = timeout_failure("waiting for a free connection to the host");
            break;
        }
        if (!slot->connection) {
            const Opening opening{
                &request, target.get(), std::min(deadline, started + request.connect_timeout), &timings};
            response.failure = co_await self->open(&*slot, opening);
            if (response.failure) break;
        }
        auto exchange = co_await slot->connection->exchange(job);
        slot->keep = exchange.reusable;
        if (exchange.may_be_repeated && slot->is_reused && !is_repeated) continue;
        response = std::move(exchange.response);
        break;
    }
    response.timings.connect = timings.connect;
    response.timings.tls = timings.tls;
    response.timings.total = elapsed(started, std::chrono::steady_clock::now());
    co_return response;
}

Task<Client::Impl::Failure> Client::Impl::open(ClientSlot* slot, Opening opening) {
    const auto started = std::chrono::steady_clock::now();
    auto answer = co_await resolver_.resolve(opening.target->host, opening.deadline);
    if (!answer) co_return timeout_failure("looking up the name of the host");
    if (answer->addresses.empty()) co_return TransportFailure{TransportFailureKind::connect, answer->error};
    if (opening.request->egress_checked) {
        std::string refused;
        std::erase_if(answer->addresses, [&](const IpAddress& address) {
            const auto why = egress_.refusal(address);
            if (why) refused = *why;
            return why.has_value();
        });
        if (answer->addresses.empty())
            co_return TransportFailure{TransportFailureKind::refused_address, refused};
    }
    auto failure = co_await connect_any(slot, std::move(answer->addresses), opening);
    const auto connected = std::chrono::steady_clock::now();
    opening.timings->connect = elapsed(started, connected);
    if (!failure && opening.target->is_tls) {
        failure = co_await slot->connection->handshake(
            tls(), slot->host().tls_session(), opening.target->host, opening.deadline);
        opening.timings->tls = elapsed(connected, std::chrono::steady_clock::now());
    }
    co_return failure;
}

Task<Client::Impl::Failure> Client::Impl::connect_any(
    ClientSlot* slot, std::vector<IpAddress> addresses, Opening opening) {
    Failure failure;
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        // A dead address must not eat the time of those behind it.
        const auto now = std::chrono::steady_clock::now();
        const auto share = (opening.deadline - now) / static_cast<int>(addresses.size() - i);
        slot->connection = std::make_shared<ClientConnection>(executor_);
        failure =
            co_await slot->connection->connect(to_endpoint(addresses[i], opening.target->port), now + share);
        if (!failure) break;
        slot->connection->close();
    }
    co_return failure;
}

const std::shared_ptr<ClientTls>& Client::Impl::tls() {
    // Reading the system's authorities takes tens of milliseconds: only who uses https pays.
    if (!tls_) tls_ = std::make_shared<ClientTls>(settings_);
    return tls_;
}

Client::Client(Executor executor, ClientSettings settings)
    : impl_(std::make_shared<Impl>(executor, std::move(settings))) {}

Client::~Client() {
    stop();
}

Task<ClientResponse> Client::send(ClientRequest request) {
    return Impl::send(impl_, std::move(request));
}

const EgressFilter& Client::egress() const {
    return impl_->egress();
}

void Client::stop() {
    impl_->pool().stop();
}

std::size_t Client::idle_connections() const {
    return impl_->pool().idle_connections();
}

}  // namespace fc::http
