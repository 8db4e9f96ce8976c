#pragma once

#include "http/routes.h"
#include "scheduler/scheduler.h"

#include <boost/describe/class.hpp>

namespace fc::scheduler {

struct ProcessRequest {
    std::string message_id;
};
BOOST_DESCRIBE_STRUCT(ProcessRequest, (), (message_id))

/// What the router reads: `ack` settles the pointer, else it comes again after `delay_seconds`.
struct ProcessAnswer {
    bool ack = false;
    std::optional<std::string> message;
    std::optional<std::int64_t> delay_seconds;
};
BOOST_DESCRIBE_STRUCT(ProcessAnswer, (), (ack, message, delay_seconds))

/// The token that allows a pointer's bearer to have that job delivered: lower-case hex HMAC-SHA-256 of the
/// job's id.
std::string processing_token(const Secret& app_key, std::string_view job_id);

/// `POST /api/dispatch/process`: what a router in another process calls for our own pointers. It answers once
/// the outcome or the wait is in the store, which keeps time: so it hardly ever asks the queue to bring a
/// pointer again. Source: reference 3.9.
class ProcessingApi {
public:
    ProcessingApi(Scheduler* scheduler, const Secret* app_key) : scheduler_(scheduler), app_key_(app_key) {}
    http::Routes routes();

private:
    Task<http::Response> process(http::Request request);

    Scheduler* scheduler_;
    const Secret* app_key_;
};

}  // namespace fc::scheduler
