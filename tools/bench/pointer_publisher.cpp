#include "bench/pointer_publisher.h"

#include "base/random.h"
#include "bench/event_loop.h"

#include <nats/nats.h>

#include <ctime>
#include <optional>
#include <stdexcept>

namespace fc::bench {
namespace {

constexpr const char* subject = "dispatch.default";
constexpr const char* stream = "DISPATCH";
constexpr std::int64_t flush_timeout_millis = 5'000;
constexpr Nanos stream_timeout = std::chrono::seconds{10};
constexpr Nanos poll_interval = std::chrono::milliseconds{1};
constexpr std::size_t group_digits = 6;

void require(natsStatus status, const char* what) {
    if (status != NATS_OK) throw std::runtime_error(std::string{what} + ": " + natsStatus_GetText(status));
}

/// Counts a pointer as accepted when it is written to the connection, which must outlive the run: what the
/// broker then loses is lost.
class PointerPublisher : public Source {
public:
    PointerPublisher(Checker& checker, const Load& load, const PointerRoute& route)
        : checker_(checker),
          load_(load) {
        const auto url = "nats://127.0.0.1:" + std::to_string(route.nats_port);
        require(natsConnection_ConnectTo(&connection_, url.c_str()), "cannot connect to the queue");
        require(natsConnection_JetStream(&jet_stream_, connection_, nullptr), "no JetStream");
        // The router makes it a moment after the server is ready; before, nobody keeps what is published.
        if (!wait_for_stream([](auto left) { return left.has_value(); }))
            throw std::runtime_error("the queue has no stream");
        const auto target = "http://127.0.0.1:" + std::to_string(route.target_port) + "/bench";
        body_ = R"({"id":")";
        mark_at_ = body_.size();
        body_ += blank_mark(route.run_tag) +
                 R"(","poolCode":"","authToken":"t0ken","mediationType":"HTTP",)" + R"("mediationTarget":")" +
                 target + R"(","messageGroupId":"fcb-)" + route.run_tag + '-';
        group_at_ = body_.size();
        body_ += std::string(group_digits, '0') + R"("})";
    }

    ~PointerPublisher() override {
        jsCtx_Destroy(jet_stream_);
        natsConnection_Destroy(connection_);
    }

    void start(Nanos) override {}

    Nanos pump(Nanos now) override {
        while (!is_done() && checker_.outstanding() < load_.window) publish(now);
        return now + poll_interval;
    }

    void stop() override {
        stopped_ = true;
        require(natsConnection_FlushTimeout(connection_, flush_timeout_millis), "the queue does not answer");
    }

    bool is_idle() const override { return true; }
    bool is_done() const override {
        return stopped_ || (load_.events > 0 && checker_.totals().sent >= load_.events);
    }

    std::uint64_t unsettled() override {
        return wait_for_stream([](auto left) { return left == std::uint64_t{0}; }).value_or(0);
    }

private:
    /// How many messages the stream holds, nullopt when there is none, once that is as wanted or time is up.
    template <class Wanted>
    std::optional<std::uint64_t> wait_for_stream(const Wanted& is_wanted) {
        const Nanos until = steady_now() + stream_timeout;
        for (;;) {
            jsStreamInfo* info = nullptr;
            std::optional<std::uint64_t> left;
            if (js_GetStreamInfo(&info, jet_stream_, stream, nullptr, nullptr) == NATS_OK)
                left = info->State.Msgs;
            jsStreamInfo_Destroy(info);
            if (is_wanted(left) || steady_now() > until) return left;
            const timespec pause{.tv_sec = 0, .tv_nsec = poll_interval.count()};
            nanosleep(&pause, nullptr);
        }
    }

    void publish(Nanos now) {
        const auto number = checker_.send(1);
        const auto group = 1 + static_cast<std::uint32_t>(random_u64() % load_.groups);
        write_mark(body_.data() + mark_at_, {.number = number, .group = group, .intended = now});
        write_digits(body_.data() + group_at_, group_digits, group);
        require(
            natsConnection_Publish(connection_, subject, body_.data(), static_cast<int>(body_.size())),
            "cannot publish");
        checker_.accept(number, 1);
    }

    Checker& checker_;
    Load load_;
    natsConnection* connection_ = nullptr;
    jsCtx* jet_stream_ = nullptr;
    std::string body_;
    std::size_t mark_at_ = 0;
    std::size_t group_at_ = 0;
    bool stopped_ = false;
};

}  // namespace

std::unique_ptr<Source> make_pointer_publisher(
    Checker& checker, const Load& load, const PointerRoute& route) {
    return std::make_unique<PointerPublisher>(checker, load, route);
}

}  // namespace fc::bench
