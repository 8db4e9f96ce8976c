#include "http/client_pool.h"

#include "base/error.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>

namespace fc::http {
namespace {

constexpr boost::asio::use_awaitable_t<Executor> use_task;

}  // namespace

/// One request's place in the line of a host: left by taking what was granted, or by being destroyed, which
/// passes it on.
class ClientPlace {
public:
    ClientPlace(ClientPool& pool, ClientHost& host) : timer(pool.executor_), pool_(pool), host_(host) {
        host_.waiting_.push_back(this);
    }
    ~ClientPlace() {
        host_.waiting_.remove(this);
        const bool keep = connection_ != nullptr;
        if (granted_) pool_.give_back(host_, std::move(connection_), keep);
    }
    ClientPlace(const ClientPlace&) = delete;

    bool is_granted() const { return granted_; }
    void grant(std::shared_ptr<ClientConnection> connection) {
        granted_ = true;
        connection_ = std::move(connection);
        timer.cancel();
    }
    std::optional<ClientSlot> take() {
        if (!std::exchange(granted_, false)) return std::nullopt;
        return std::optional<ClientSlot>(std::in_place, pool_, host_, std::move(connection_));
    }

    Timer timer;

private:
    ClientPool& pool_;
    ClientHost& host_;
    bool granted_ = false;
    std::shared_ptr<ClientConnection> connection_;  // null when granted: open one
};

ClientSlot::ClientSlot(ClientSlot&& other) noexcept
    : connection(std::move(other.connection)),
      is_reused(other.is_reused),
      keep(other.keep),
      pool_(std::exchange(other.pool_, nullptr)),
      host_(other.host_) {}

ClientSlot& ClientSlot::operator=(ClientSlot&& other) noexcept {
    std::swap(connection, other.connection);
    std::swap(is_reused, other.is_reused);
    std::swap(keep, other.keep);
    std::swap(pool_, other.pool_);
    std::swap(host_, other.host_);
    return *this;
}

ClientSlot::~ClientSlot() {
    if (pool_ != nullptr) pool_->give_back(*host_, std::move(connection), keep);
}

void ClientHost::forget(const ClientConnection* connection) {
    const auto found = std::ranges::find(idle_, connection, [](const auto& entry) { return entry.get(); });
    FC_ASSERT(found != idle_.end(), "an idle connection is in its host's list");
    idle_.erase(found);
    --open_;
    --pool_.idle_;
}

ClientHost& ClientPool::host(const std::string& key) {
    const auto found = hosts_.find(key);
    if (found != hosts_.end()) return found->second;
    if (hosts_.size() >= hosts_swept_at_) {
        std::erase_if(hosts_, [](const auto& entry) { return entry.second.is_unused(); });
        hosts_swept_at_ = std::max(hosts_kept, 2 * hosts_.size());
    }
    return hosts_.try_emplace(key, *this).first->second;
}

std::optional<ClientSlot> ClientPool::try_take(ClientHost& host, SteadyTime now) {
    while (!host.idle_.empty()) {
        auto connection = std::move(host.idle_.back());
        host.idle_.pop_back();
        --idle_;
        if (connection->end_idle(now))
            return std::optional<ClientSlot>(std::in_place, *this, host, std::move(connection));
        connection->close();
        --host.open_;
    }
    return try_take_new(host);
}

std::optional<ClientSlot> ClientPool::try_take_new(ClientHost& host) {
    if (host.open_ >= settings_.connections_per_host_max) return std::nullopt;
    ++host.open_;
    return std::optional<ClientSlot>(std::in_place, *this, host, nullptr);
}

bool ClientPool::is_line_full(const ClientHost& host) const {
    return host.waiting_.size() >= settings_.waiting_per_host_max;
}

Task<std::optional<ClientSlot>> ClientPool::wait(ClientHost* host, SteadyTime deadline) {
    ClientPlace place(*this, *host);
    place.timer.expires_at(deadline);
    boost::system::error_code error;
    co_await place.timer.async_wait(boost::asio::redirect_error(use_task, error));
    // Only a grant and a cancelled caller cancel the timer.
    if (error && !place.is_granted()) throw boost::system::system_error(error);
    co_return place.take();
}

void ClientPool::give_back(ClientHost& host, std::shared_ptr<ClientConnection> connection, bool keep) {
    const bool kept = keep && connection && !stopped_;
    if (connection && !kept) std::exchange(connection, nullptr)->close();
    const auto now = std::chrono::steady_clock::now();
    const auto next =
        std::ranges::find_if(host.waiting_, [](const auto* place) { return !place->is_granted(); });
    if (next != host.waiting_.end()) {
        if (kept) connection->start_idle(nullptr, now, now + settings_.idle_age_max);
        return (*next)->grant(std::move(connection));
    }
    if (kept && host.idle_.size() < settings_.idle_per_host_max && settings_.idle_max > 0)
        return rest(host, std::move(connection), now);
    if (kept) connection->close();
    --host.open_;
}

void ClientPool::rest(ClientHost& host, std::shared_ptr<ClientConnection> connection, SteadyTime now) {
    while (idle_ >= settings_.idle_max) {
        auto& longest_idle = resting_.front();
        resting_.pop_front();
        longest_idle.idle_in()->forget(&longest_idle);
    }
    connection->start_idle(&host, now, now + settings_.idle_age_max);
    resting_.push_back(*connection);
    host.idle_.push_back(std::move(connection));
    ++idle_;
}

void ClientPool::close_idle(ClientHost& host) {
    for (auto& connection : host.idle_) connection->close();
    host.open_ -= host.idle_.size();
    idle_ -= host.idle_.size();
    host.idle_.clear();
}

void ClientPool::stop() {
    stopped_ = true;
    for (auto& [key, host] : hosts_) close_idle(host);
}

}  // namespace fc::http
