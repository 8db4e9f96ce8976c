#pragma once

#include "bench/checker.h"
#include "bench/event_loop.h"
#include "bench/load.h"
#include "bench/payload.h"

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace fc::bench {

/// How the receiver behaves.
struct ReceiverOptions {
    std::chrono::milliseconds delay{0};     ///< before each answer
    bool delays_first_target_only = false;  ///< the others answer at once; only their latencies count
    double fail_share = 0;        ///< of the deliveries, answered 500; the checker sees only the others
    unsigned verify_every = 0;    ///< checks `webhook-signature` of each n-th delivery; 0: of none
    Load load;                    ///< what the deliveries are of
    bool takes_pointers = false;  ///< requests of the router about pointers, not events
    bool calibrates =
        false;  ///< stands in for the server: takes the generator's own requests, single and batch
};

/// The targets of the deliveries: answers 200 `{}` and tells the checker what came.
class Receiver {
public:
    Receiver(EventLoop& loop, Checker& checker, const ReceiverOptions& options, std::string_view run_tag);
    ~Receiver();
    Receiver(const Receiver&) = delete;
    Receiver& operator=(const Receiver&) = delete;

    std::uint16_t port(unsigned target = 0) const { return port_of(listeners_[target].socket); }
    /// `whsec_` and base64, as the API answered when the target's subscription was made. Throws when it is
    /// malformed.
    void use_secret(std::string_view signing_secret, unsigned target = 0);
    /// Sends the delayed answers that are due; answers when the next one is.
    Nanos pump(Nanos now);

    std::uint64_t signatures_checked() const { return signatures_checked_; }
    std::uint64_t signatures_wrong() const { return signatures_wrong_; }
    /// Deliveries whose body was not the event's data, byte for byte, and those of another target's.
    std::uint64_t damaged() const { return damaged_; }

private:
    struct Delayed {
        Nanos due;
        int socket;
        std::uint64_t connection;
        bool success;
    };
    struct Listener {
        Fd socket;
        std::string key;
    };
    struct Session {
        std::unique_ptr<Stream> stream;
        std::uint64_t connection = 0;
        unsigned target = 0;
    };
    void accept_all(unsigned target);
    void on_ready(int socket);
    void on_request(Session& session, std::string_view head, std::string_view body);
    void note_arrivals(const Session& session, std::string_view body);
    void check_signature(const Session& session, std::string_view head, std::string_view body);
    bool should_fail();
    void answer(Session& session, bool success);
    void close(int socket);

    EventLoop& loop_;
    Checker& checker_;
    ReceiverOptions options_;
    MarkReader marks_;
    Payload payload_;
    std::vector<Listener> listeners_;
    std::map<int, Session> sessions_;
    std::deque<Delayed> delayed_;
    std::uint64_t connections_ = 0;
    std::uint64_t deliveries_ = 0;
    std::uint64_t signatures_checked_ = 0;
    std::uint64_t signatures_wrong_ = 0;
    std::uint64_t damaged_ = 0;
};

/// Whether `header` (space-separated "v1,<base64>") holds the Standard Webhooks signature of a message.
struct SignedParts {
    std::string_view id;
    std::string_view timestamp;
    std::string_view body;
};
bool is_signed(std::string_view key, const SignedParts& parts, std::string_view signatures);

}  // namespace fc::bench
