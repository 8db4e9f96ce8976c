#pragma once

#include "http/client_connection.h"

#include <list>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace fc::http {

class ClientPlace;
class ClientPool;

/// The connections to one scheme, host and port. Checked and unchecked requests (egress) have hosts of their
/// own, or a checked one could ride on a connection that was opened without a check.
class ClientHost {
public:
    explicit ClientHost(ClientPool& pool) : pool_(pool), tls_session_(std::make_shared<TlsSession>()) {}

    /// Told by an idle connection that its time is over.
    void forget(const ClientConnection* connection);
    const std::shared_ptr<TlsSession>& tls_session() const { return tls_session_; }

private:
    friend class ClientPlace;
    friend class ClientPool;

    bool is_unused() const { return open_ == 0 && waiting_.empty(); }

    ClientPool& pool_;
    std::vector<std::shared_ptr<ClientConnection>> idle_;  ///< the latest used last
    std::size_t open_ = 0;                                 ///< idle, connecting and busy
    std::list<ClientPlace*> waiting_;
    std::shared_ptr<TlsSession> tls_session_;
};

/// The right to one connection of a host, given back on destruction: to the next in line, to the idle ones,
/// or closed.
class ClientSlot {
public:
    ClientSlot(ClientPool& pool, ClientHost& host, std::shared_ptr<ClientConnection> idle)
        : connection(std::move(idle)),
          is_reused(connection != nullptr),
          pool_(&pool),
          host_(&host) {}
    ClientSlot(ClientSlot&& other) noexcept;
    ClientSlot& operator=(ClientSlot&& other) noexcept;
    ~ClientSlot();

    std::shared_ptr<ClientConnection> connection;  ///< null: to be opened
    bool is_reused = false;
    bool keep = false;  ///< set when the connection can carry another request

    ClientHost& host() { return *host_; }

private:
    ClientPool* pool_;
    ClientHost* host_;
};

/// All connections of a client. Bounded by host and in its idle ones, of which the longest idle gives way;
/// who finds a host full waits in line.
class ClientPool {
public:
    ClientPool(Executor executor, const ClientSettings& settings)
        : executor_(executor),
          settings_(settings) {}
    ~ClientPool() { stop(); }

    ClientHost& host(const std::string& key);
    /// An idle connection or the right to open one; nullopt when the host is full.
    std::optional<ClientSlot> try_take(ClientHost& host, SteadyTime now);
    /// The right to open one; nullopt when the host is full.
    std::optional<ClientSlot> try_take_new(ClientHost& host);
    bool is_line_full(const ClientHost& host) const;
    /// Waits in line; nullopt when the deadline passed.
    Task<std::optional<ClientSlot>> wait(ClientHost* host, SteadyTime deadline);
    /// For when one of them was found stale: after a restart of the server all are.
    void close_idle(ClientHost& host);
    void stop();
    std::size_t idle_connections() const { return idle_; }

private:
    friend class ClientHost;
    friend class ClientPlace;
    friend class ClientSlot;

    void give_back(ClientHost& host, std::shared_ptr<ClientConnection> connection, bool keep);
    void rest(ClientHost& host, std::shared_ptr<ClientConnection> connection, SteadyTime now);

    static constexpr std::size_t hosts_kept = 1'000;

    Executor executor_;
    const ClientSettings& settings_;
    std::unordered_map<std::string, ClientHost> hosts_;
    /// With so many those not in use are forgotten, then again at twice what is left.
    std::size_t hosts_swept_at_ = hosts_kept;
    RestingConnections resting_;  ///< of all hosts, the longest idle first
    std::size_t idle_ = 0;
    bool stopped_ = false;
};

}  // namespace fc::http
