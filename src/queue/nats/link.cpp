#include "queue/nats/link.h"

#include "base/error.h"
#include "queue/nats/ack_subject.h"
#include "runtime/log.h"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>

#include <array>
#include <charconv>
#include <mutex>
#include <unistd.h>
#include <utility>
#include <vector>

namespace fc::queue {

namespace {

constexpr int io_buffer_bytes = 128 * 1024;
constexpr std::int64_t ping_interval_millis = 30'000;
constexpr std::int64_t reconnect_jitter_millis = 100;

struct OptionsDelete {
    void operator()(natsOptions* options) const { natsOptions_Destroy(options); }
};
using Options = std::unique_ptr<natsOptions, OptionsDelete>;

/// Settings that libnats refuses stop the start.
void require(natsStatus status, const char* what) {
    if (status == NATS_OK) return;
    const char* detail = nats_GetLastError(nullptr);
    throw Failure(unavailable(
        "NATS_UNUSABLE",
        std::string{what} + ": " +
            (detail != nullptr && *detail != '\0' ? detail : natsStatus_GetText(status))));
}

/// Closed unless it is handed on.
struct Descriptor {
    int value = -1;

    explicit Descriptor(int descriptor) : value(descriptor) {}
    Descriptor(Descriptor&& other) noexcept : value(std::exchange(other.value, -1)) {}
    Descriptor& operator=(Descriptor&&) = delete;
    ~Descriptor() {
        if (value >= 0) ::close(value);
    }
};

std::vector<std::string> split_urls(const std::string& urls) {
    std::vector<std::string> found;
    for (std::size_t from = 0; from <= urls.size();) {
        const auto end = std::min(urls.find(',', from), urls.size());
        if (end > from) found.push_back(urls.substr(from, end - from));
        from = end + 1;
    }
    return found;
}

}  // namespace

std::string_view body_of(const natsMsg& message) {
    return {natsMsg_GetData(&message), static_cast<std::size_t>(natsMsg_GetDataLength(&message))};
}

std::string_view header_of(natsMsg& message, const char* name) {
    const char* value = nullptr;
    if (natsMsgHeader_Get(&message, name, &value) != NATS_OK || value == nullptr) return {};
    return value;
}

std::string_view status_of(natsMsg& message) {
    if (natsMsg_GetDataLength(&message) > 0) return {};
    return header_of(message, "Status");
}

/// What libnats holds of us. Its threads call back at any time, so it outlives the link: the mutex makes sure
/// that nobody posts to an executor that is gone. The only lock of the backend, never held while libnats is
/// called.
struct Link::Bridge {
    std::mutex mutex;
    Link* link = nullptr;
    std::shared_ptr<Bridge> self;  // until libnats' last callback

    enum class Turn { now_if_possible, next };
    template <Turn turn = Turn::now_if_possible, class Function>
    void on_io(Function function) {
        const std::lock_guard guard{mutex};
        if (link == nullptr) return;
        auto handler = [weak = link->weak_from_this(), run = std::move(function)]() mutable {
            if (auto locked = weak.lock(); locked && !locked->is_closed()) run(*locked);
        };
        if constexpr (turn == Turn::next) {
            boost::asio::post(link->executor_, std::move(handler));
        } else {
            boost::asio::dispatch(link->executor_, std::move(handler));
        }
    }

    static Bridge& of(void* pointer) { return *static_cast<Bridge*>(pointer); }

    static natsStatus on_attach(void** user, void* loop, natsConnection* connection, natsSock descriptor) {
        // Our own copy of the descriptor: libnats closes its one on any thread, while ours is still
        // registered.
        Descriptor copied{::dup(descriptor)};
        if (copied.value < 0) return NATS_ERR;
        *user = loop;
        // Not before the call that connects has returned, should that be on the io thread.
        of(loop).on_io<Turn::next>([connection, kept = std::move(copied)](Link& link) mutable {
            link.attach(connection, std::exchange(kept.value, -1));
        });
        return NATS_OK;
    }
    static natsStatus on_read(void* user, bool wanted) {
        if (!wanted) of(user).on_io([](Link& link) { link.detach_socket(); });
        return NATS_OK;
    }
    static natsStatus on_write(void* user, bool wanted) {
        of(user).on_io([wanted](Link& link) { link.want_write(wanted); });
        return NATS_OK;
    }
    static natsStatus on_detach(void*) { return NATS_OK; }

    static void on_connected(natsConnection*, void* closure) {
        of(closure).on_io([](Link& link) { link.connection_changed(true); });
    }
    static void on_disconnected(natsConnection*, void* closure) {
        of(closure).on_io([](Link& link) { link.connection_changed(false); });
    }
    static void on_error(natsConnection*, natsSubscription*, natsStatus status, void*) {
        log::warn("nats connection", {{"error", natsStatus_GetText(status)}});
    }
    /// The last callback. Unless we closed it ourselves, the server ended the connection with an error that
    /// libnats takes for final ("maximum connections exceeded"): we do not.
    static void on_closed(natsConnection*, void* closure) {
        const auto last = std::move(of(closure).self);
        last->on_io([ended = last.get()](Link& link) {
            if (link.bridge_.get() == ended) link.reopen_later();
        });
    }
};

Link::Link(NatsConfig config, boost::asio::io_context& io)
    : config_(std::move(config)),
      executor_(io.get_executor()),
      socket_(executor_),
      reopen_timer_(executor_) {}

Link::~Link() {
    close();
}

std::shared_ptr<Link> Link::open(NatsConfig config, boost::asio::io_context& io) {
    std::shared_ptr<Link> link{new Link(std::move(config), io)};
    link->connect();
    return link;
}

natsOptions* Link::make_options(void* closure) const {
    natsOptions* made = nullptr;
    require(natsOptions_Create(&made), "NATS options");
    Options options{made};
    const auto urls = split_urls(config_.url);
    std::vector<const char*> servers;
    for (const auto& url : urls) servers.push_back(url.c_str());
    require(natsOptions_SetServers(made, servers.data(), static_cast<int>(servers.size())), "NATS_URL");
    if (!config_.credentials_file.empty()) {
        const auto* file = config_.credentials_file.c_str();
        require(natsOptions_SetUserCredentialsFromFiles(made, file, nullptr), "NATS credentials file");
    }
    natsOptions_SetName(made, "flowcatalyst");
    natsOptions_SetEventLoop(
        made, closure, &Bridge::on_attach, &Bridge::on_read, &Bridge::on_write, &Bridge::on_detach);
    natsOptions_SetSendAsap(
        made, true);  // "as soon as possible" is the next turn of our loop; no flusher thread
    natsOptions_SetIOBufSize(made, io_buffer_bytes);
    natsOptions_SetTimeout(made, config_.connect_timeout.count());
    natsOptions_SetPingInterval(made, ping_interval_millis);
    natsOptions_SetMaxReconnect(made, -1);
    natsOptions_SetReconnectWait(made, config_.reconnect_wait.count());
    natsOptions_SetReconnectJitter(made, reconnect_jitter_millis, reconnect_jitter_millis);
    natsOptions_SetRetryOnFailedConnect(made, true, &Bridge::on_connected, closure);
    natsOptions_SetReconnectedCB(made, &Bridge::on_connected, closure);
    natsOptions_SetDisconnectedCB(made, &Bridge::on_disconnected, closure);
    natsOptions_SetClosedCB(made, &Bridge::on_closed, closure);
    natsOptions_SetErrorHandler(made, &Bridge::on_error, closure);
    return options.release();
}

void Link::connect() {
    auto bridge = std::make_shared<Bridge>();
    bridge->link = this;
    const Options options{make_options(bridge.get())};
    const auto status = natsConnection_Connect(&connection_, options.get());
    if (status != NATS_NOT_YET_CONNECTED) require(status, "cannot connect to NATS_URL");
    bridge_ = std::move(bridge);
    bridge_->self = bridge_;
    const bool connected = status == NATS_OK;
    if (!connected) log::warn("nats-server not reachable yet, trying again", {{"url", config_.url}});

    std::array<char, 256> id{};
    if (connected) natsConnection_GetConnectedServerId(connection_, id.data(), id.size());
    if (!config_.server_id.empty() && config_.server_id != id.data()) {
        throw Failure(unavailable("NATS_OTHER_SERVER", "another server than ours answers at " + config_.url));
    }
    natsInbox* inbox = nullptr;
    require(natsInbox_Create(&inbox), "NATS inbox");
    inbox_prefix_ = std::string{inbox} + ".";
    natsInbox_Destroy(inbox);
    require(natsConnection_SubscribeSync(&inbox_, connection_, (inbox_prefix_ + ">").c_str()), "NATS inbox");
    natsSubscription_SetPendingLimits(inbox_, -1, -1);
    connection_changed(connected);
}

void Link::close() {
    if (closed_) return;
    closed_ = true;
    if (natsConnection_Buffered(connection_) > 0) natsConnection_ProcessWriteEvent(connection_);
    reopen_timer_.cancel();
    release_connection();
    each_receiver([](Receiver& receiver) { receiver.on_closed(); });
}

void Link::release_connection() {
    if (bridge_) {
        const std::lock_guard guard{bridge_->mutex};
        bridge_->link = nullptr;
    }
    bridge_.reset();
    detach_socket();
    // The connection first: an unsubscribe would wait for a flush that only this thread could do.
    natsConnection_Destroy(std::exchange(connection_, nullptr));
    natsSubscription_Destroy(std::exchange(inbox_, nullptr));
    connected_ = false;
    write_wanted_ = false;
}

void Link::reopen_later() {
    std::string reason = "no reason given";
    if (const char* text = nullptr; connection_ != nullptr) {
        natsConnection_GetLastError(connection_, &text);
        if (text != nullptr) reason = text;
    }
    log::error("nats connection ended, opening it again", {{"why", reason}});
    release_connection();
    reopen_timer_.expires_after(config_.reconnect_wait);
    reopen_timer_.async_wait([weak = weak_from_this()](auto error) {
        auto link = weak.lock();
        if (error || !link || link->closed_) return;
        try {
            link->connect();
        } catch (const Failure& failure) {
            log::error("cannot open the nats connection", {{"why", failure.error().detail}});
            link->reopen_later();
        }
    });
}

void Link::attach(natsConnection* connection, int copied_descriptor) {
    if (connection != connection_) {  // of one that is being replaced
        ::close(copied_descriptor);
        return;
    }
    detach_socket();
    boost::system::error_code error;
    socket_.assign(boost::asio::ip::tcp::v4(), copied_descriptor, error);
    if (error) {
        ::close(copied_descriptor);
        log::error("cannot watch the nats connection", {{"error", error.message()}});
        return;
    }
    read_next();
    if (write_wanted_) write();
}

void Link::detach_socket() {
    ++socket_generation_;
    boost::system::error_code ignored;
    socket_.close(ignored);
}

void Link::want_write(bool wanted) {
    write_wanted_ = wanted;
    if (!wanted) return;
    boost::asio::post(executor_, [weak = weak_from_this()] {
        if (auto link = weak.lock()) link->write();
    });
}

void Link::write() {
    if (!write_wanted_ || connection_ == nullptr) return;
    natsConnection_ProcessWriteEvent(connection_);
    if (!write_wanted_ || !socket_.is_open()) return;  // all is sent: libnats took its wish back
    socket_.async_wait(
        socket_.wait_write, [weak = weak_from_this(), generation = socket_generation_](auto error) {
            auto link = weak.lock();
            if (!error && link && link->socket_generation_ == generation) link->write();
        });
}

void Link::read_next() {
    socket_.async_wait(
        socket_.wait_read, [weak = weak_from_this(), generation = socket_generation_](auto error) {
            auto link = weak.lock();
            if (error || !link || link->socket_generation_ != generation) return;
            natsConnection_ProcessReadEvent(link->connection_);
            link->drain_inbox();
            if (link->socket_generation_ == generation) link->read_next();
        });
}

void Link::drain_inbox() {
    natsMsg* message = nullptr;
    while (natsSubscription_NextMsg(&message, inbox_, 0) == NATS_OK) deliver(NatsMessage{message});
}

void Link::deliver(NatsMessage message) {
    const std::string_view subject = natsMsg_GetSubject(message.get());
    if (subject.starts_with(inbox_prefix_)) {
        std::uint64_t route = 0;
        std::uint64_t index = 0;
        const char* end = subject.data() + subject.size();
        const auto parsed = std::from_chars(subject.data() + inbox_prefix_.size(), end, route);
        if (parsed.ptr != end) std::from_chars(parsed.ptr + 1, end, index);
        const auto found = routes_.find(route);
        if (found != routes_.end()) found->second->on_reply(index, std::move(message));
        return;
    }
    const char* reply = natsMsg_GetReply(message.get());
    const auto ack = parse_ack_subject(reply != nullptr ? reply : "");
    if (!ack) return;
    const auto found = consumers_.find(std::string{ack->consumer});
    if (found != consumers_.end()) found->second->on_delivery(std::move(message));
}

void Link::connection_changed(bool connected) {
    if (connected_ == connected) return;
    connected_ = connected;
    if (!connected) {
        log::warn("nats connection lost, reconnecting", {});
        return;
    }
    log::info("nats connected", {});
    each_receiver([](Receiver& receiver) { receiver.on_connected(); });
}

template <class Function>
void Link::each_receiver(Function function) {
    for (const auto& [route, receiver] : routes_) function(*receiver);
}

std::uint64_t Link::add(Receiver& receiver) {
    routes_.emplace(++last_route_, &receiver);
    return last_route_;
}

void Link::remove(std::uint64_t route) {
    routes_.erase(route);
}

void Link::add_consumer(const std::string& durable, Receiver& receiver) {
    consumers_.insert_or_assign(durable, &receiver);
}

void Link::remove_consumer(const std::string& durable, const Receiver& receiver) {
    const auto found = consumers_.find(durable);
    if (found != consumers_.end() && found->second == &receiver) consumers_.erase(found);
}

std::string Link::reply_to(std::uint64_t route, std::uint64_t index) const {
    return inbox_prefix_ + std::to_string(route) + "." + std::to_string(index);
}

bool Link::send(const std::string& subject, std::string_view body, const std::string& reply_to) {
    if (connection_ == nullptr) return false;
    const auto length = static_cast<int>(body.size());
    if (reply_to.empty()) {
        return natsConnection_Publish(connection_, subject.c_str(), body.data(), length) == NATS_OK;
    }
    const char* reply = reply_to.c_str();
    return natsConnection_PublishRequest(connection_, subject.c_str(), reply, body.data(), length) == NATS_OK;
}

bool Link::send(const Outgoing& message) {
    if (connection_ == nullptr) return false;
    natsMsg* made = nullptr;
    const char* reply = message.reply_to.c_str();
    const auto length = static_cast<int>(message.body.size());
    if (natsMsg_Create(&made, message.subject.c_str(), reply, message.body.data(), length) != NATS_OK) {
        return false;
    }
    const NatsMessage owned{made};
    if (!message.message_id.empty()) natsMsgHeader_Set(made, "Nats-Msg-Id", message.message_id.c_str());
    if (!message.group.empty()) natsMsgHeader_Set(made, "Nats-Msg-Group", message.group.c_str());
    return natsConnection_PublishMsg(connection_, made) == NATS_OK;
}

}  // namespace fc::queue
