#pragma once

#include "http/byte_budget.h"
#include "http/cors.h"
#include "http/input_buffer.h"
#include "http/message.h"
#include "http/route_table.h"
#include "http/server.h"
#include "runtime/task.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <array>
#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace fc::http {

using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;
using SteadyTime = std::chrono::steady_clock::time_point;

class Connection;

/// What the connections of one server share; kept alive by them. Lives on the io thread.
struct ServerShared {
    ServerSettings settings;
    const RouteTable* routes = nullptr;
    const Authenticator* authenticator = nullptr;
    Cors cors;
    ServerMetrics metrics;
    /// By route, then by status class; the last entry is for requests without a route.
    std::vector<std::array<std::optional<metrics::Counter>, 6>> counters;
    std::vector<std::optional<metrics::Histogram>> durations;  ///< by route, in the same order
    std::list<Connection*> connections;                        ///< the longest without a request first
    ByteBudget bodies;                                         ///< of requests that are read or answered
    ByteBudget answers;                                        ///< that their clients have not taken yet
    std::function<bool()> is_behind;  ///< whether requests that shed are refused; empty: never
    metrics::Counter shed_for_store;
    metrics::Counter shed_for_memory;
    std::uint64_t shed = 0;
    std::vector<char> waste = std::vector<char>(64 * 1024);  ///< takes what nobody reads
    SteadyTime now;    ///< as of the last tick: precise enough for timeouts
    std::string date;  ///< the Date header line, as of the last tick
    bool draining = false;

    void count(const Route* route, std::size_t index, int status);
    void time(const Route* route, std::size_t index, double seconds);
    /// Ends the connection that has sent no request for longest; false when all are busy.
    bool make_room();
    /// Who has been taking its answer for longest, but for `reader`; null: nobody else takes one.
    Connection* slower_than(const Connection& reader) const;
};

/// One connection: reads requests one after another, answers each before it looks at the next.
class Connection {
public:
    Connection(std::shared_ptr<ServerShared> shared, Socket socket);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// The whole life of a connection. `is_refused`: it is one too many and only told so.
    static Task<> serve(std::shared_ptr<ServerShared> shared, Socket socket, bool is_refused);

    /// Ends the current wait when its time is over.
    void check_deadline(SteadyTime now);
    /// Ends the connection if it is between requests.
    void close_if_idle();
    /// The same, also in the middle of a header; false: a request is being served.
    bool give_way();
    /// Does not wait for the client to take the rest of its answer.
    void cut_off();
    /// Until when its client may take an answer; max: it has none to take.
    SteadyTime writes_until() const { return phase_ == Phase::write ? deadline_ : SteadyTime::max(); }

private:
    enum class Phase { idle, head, body, handler, write, linger };

    Task<> run();
    Task<> refuse();
    /// False: the connection is over.
    Task<bool> read_head();
    /// Waits for the next request without holding memory for it; false: none came.
    Task<bool> rest();
    Task<> handle_request();
    Task<Response> make_response();
    /// What is answered before the body is read; nullopt: go on with the route.
    std::optional<Response> answer_early();
    std::optional<Response> check_access();
    Response no_route(const RouteTable::Match& match) const;
    /// The answer to a body that cannot be had; nullopt: it is in data_.body.
    Task<std::optional<Response>> read_body();
    Task<std::optional<Response>> read_sized_body();
    Task<std::optional<Response>> read_chunked_body();
    std::optional<Response> check_body_size();
    /// The answer to a request for which there is no room now, nullopt: there is.
    std::optional<Response> shed();
    Response overloaded(metrics::Counter& cause) const;
    bool lacks_memory() const;
    void prepare_request();
    /// Passes over what has come of a body that nobody asked for.
    void skip_body();
    /// Whether the rest of it is worth reading to keep the connection.
    bool may_pass_over_body() const;
    /// Reads that rest; false: it did not come.
    Task<bool> pass_over_body();
    void drop_body();
    void finish_request();
    Task<bool> write(Response response);
    Task<bool> write_all(std::string_view body);
    /// Cuts off whoever has been reading longest, when too much was not taken.
    void press_slow_readers() const;
    void write_head(const Response& response, std::string_view body);
    Task<> linger();
    /// 0 at the end of the stream, on an error, and at the deadline.
    Task<std::size_t> read_some(boost::asio::mutable_buffer room);
    Response unreadable(int status, std::string_view detail) const;
    Response failed(const std::exception_ptr& failure) const;
    void enter(Phase phase, Millis timeout);

    std::shared_ptr<ServerShared> shared_;
    std::list<Connection*>::iterator entry_;
    Socket socket_;
    Phase phase_ = Phase::idle;
    SteadyTime deadline_ = SteadyTime::max();
    SteadyTime started_;
    InputBuffer input_;
    HeadParser parser_;
    RequestData data_;
    const Route* route_ = nullptr;
    std::size_t route_index_ = 0;
    std::string body_;  ///< of a request whose body did not come with its head
    ByteBudget::Share held_{shared_->bodies};
    std::optional<std::uint64_t> body_left_;  ///< still to be read; nullopt: nobody knows
    std::string leftover_;                    ///< read behind a chunked body
    std::string out_;
    std::size_t body_in_input_ = 0;
    bool is_resting_ = false;
    bool keep_alive_ = false;
    bool timed_out_ = false;
};

}  // namespace fc::http
