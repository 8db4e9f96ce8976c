#pragma once

#include "http/routes.h"
#include "store/message_log.h"

#include <boost/describe/class.hpp>

namespace fc::messaging {

/// The recount of `flowcatalyst verify`, made inside the running process.
struct VerificationView {
    std::int64_t events = 0;
    std::int64_t jobs = 0;
    std::int64_t open = 0;
    std::vector<std::string> differences;
};
BOOST_DESCRIBE_STRUCT(VerificationView, (), (events, jobs, open, differences))

/// `GET /api/verification`.
class VerificationApi {
public:
    explicit VerificationApi(store::MessageLog* messages) : messages_(messages) {}
    http::Routes routes();

private:
    Task<VerificationView> verify();
    store::MessageLog* messages_;
};

}  // namespace fc::messaging
