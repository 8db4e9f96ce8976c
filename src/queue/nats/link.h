#pragma once

#include "queue/nats/nats_queue.h"

#include <boost/asio/ip/tcp.hpp>
#include <nats/nats.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace fc::queue {

struct NatsMessageDelete {
    void operator()(natsMsg* message) const { natsMsg_Destroy(message); }
};
using NatsMessage = std::unique_ptr<natsMsg, NatsMessageDelete>;

std::string_view body_of(const natsMsg& message);
/// The status of a message without a body ("408"), or "".
std::string_view status_of(natsMsg& message);
std::string_view header_of(natsMsg& message, const char* name);

/// Gets what arrives for it. Called on the io thread; must not resume a coroutine itself.
class Receiver {
public:
    virtual ~Receiver() = default;
    /// `index` is what reply_to was called with.
    virtual void on_reply(std::uint64_t index, NatsMessage message) = 0;
    /// From the JetStream consumer that this was added for.
    virtual void on_delivery(NatsMessage) {}
    virtual void on_connected() {}
    virtual void on_closed() = 0;
};

struct Outgoing {
    const std::string& subject;
    std::string_view body;
    const std::string& reply_to;
    const std::string& message_id;
    const std::string& group;
};

/// One connection, driven by the io thread through libnats' event loop interface: no thread reads or flushes,
/// and what one turn of the loop publishes leaves in one write. One wildcard inbox serves every request of
/// the connection.
class Link : public std::enable_shared_from_this<Link> {
public:
    static std::shared_ptr<Link> open(NatsConfig config, boost::asio::io_context& io);
    ~Link();

    Executor executor() const { return executor_; }
    bool is_connected() const { return connected_; }
    bool is_closed() const { return closed_; }
    /// Sends what is buffered as far as the socket takes it, closes, and tells every receiver.
    void close();

    /// A receiver that replies reach, until removed.
    std::uint64_t add(Receiver& receiver);
    void remove(std::uint64_t route);
    /// Deliveries of the JetStream consumer `durable` go to `receiver`, until removed.
    void add_consumer(const std::string& durable, Receiver& receiver);
    void remove_consumer(const std::string& durable, const Receiver& receiver);
    std::string reply_to(std::uint64_t route, std::uint64_t index) const;

    /// False when it cannot even be buffered (closed, or too much waits for a reconnect).
    bool send(const Outgoing& message);
    bool send(const std::string& subject, std::string_view body, const std::string& reply_to = {});

private:
    struct Bridge;
    Link(NatsConfig config, boost::asio::io_context& io);

    void connect();
    natsOptions* make_options(void* closure) const;
    void release_connection();
    void reopen_later();
    void attach(natsConnection* connection, int copied_descriptor);
    void detach_socket();
    void want_write(bool wanted);
    void write();
    void read_next();
    void drain_inbox();
    void deliver(NatsMessage message);
    void connection_changed(bool connected);
    template <class Function>
    void each_receiver(Function function);

    NatsConfig config_;
    Executor executor_;
    boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor> socket_;
    Timer reopen_timer_;
    std::shared_ptr<Bridge> bridge_;
    natsConnection* connection_ = nullptr;
    natsSubscription* inbox_ = nullptr;
    std::string inbox_prefix_;
    bool closed_ = false;
    bool connected_ = false;
    bool write_wanted_ = false;
    unsigned socket_generation_ = 0;  // a wait of an earlier socket may end after a new one is watched
    std::uint64_t last_route_ = 0;
    std::unordered_map<std::uint64_t, Receiver*> routes_;
    std::unordered_map<std::string, Receiver*> consumers_;
};

}  // namespace fc::queue
