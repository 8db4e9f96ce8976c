#pragma once

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
    std::list<Connection*> connections;
    SteadyTime now;    ///< as of the last tick: precise enough for timeouts
    std::string date;  ///< the Date header line, as of the last tick
    bool draining = false;

    void count(const Route* route, std::size_t index, int status);
    void time(const Route* route, std::size_t index, double seconds);
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

private:
    enum class Phase { idle, head, body, handler, write, linger };

    Task<> run();
    Task<> refuse();
    /// False: the connection is over.
    Task<bool> read_head();
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
    void prepare_request();
    /// Passes over a body that nobody asked for, if all of it is here.
    void skip_body();
    void drop_body();
    void finish_request();
    Task<bool> write(Response response);
    Task<bool> write_all(std::string_view body);
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
    std::string body_;      ///< of a request whose body did not come with its head
    std::string leftover_;  ///< read behind a chunked body
    std::string out_;
    std::size_t body_in_input_ = 0;
    bool body_is_read_ = false;
    bool keep_alive_ = false;
    bool timed_out_ = false;
};

}  // namespace fc::http
