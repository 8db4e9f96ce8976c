#pragma once

#include "bench/load.h"

#include <boost/describe/class.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fc::bench {

/// `request` is "METHOD /path".
struct ApiCall {
    std::string request;
    std::string json_body;
};
struct ApiAnswer {
    int status = 0;
    std::string body;
    bool is_success() const { return status / 100 == 2; }
};

/// A blocking request on a connection of its own, for preparing and asking, not for load. Throws
/// std::system_error when nobody answers within 10 s.
ApiAnswer call_api(const Target& target, std::string_view request, std::string_view json_body = {});
/// The same for many, some at a time; answers in the order of the calls. Throws std::runtime_error with the
/// first answer that is no success.
std::vector<ApiAnswer> call_api_often(const Target& target, const std::vector<ApiCall>& calls);

struct CreateSubscription {
    std::string name;
    std::vector<std::string> event_types;
    std::string target_url;
    std::optional<std::string> mode{};
    std::optional<std::string> dispatch_pool_id{};
};
BOOST_DESCRIBE_STRUCT(CreateSubscription, (), (name, event_types, target_url, mode, dispatch_pool_id))

struct CreatedSubscription {
    std::string id;
    std::string signing_secret;
};
BOOST_DESCRIBE_STRUCT(CreatedSubscription, (), (id, signing_secret))

/// Throws std::runtime_error with the API's answer when it refuses one.
std::vector<CreatedSubscription> create_subscriptions(
    const Target& target, const std::vector<CreateSubscription>& requests);

/// Subscriptions that exist as long as this object.
class BenchSubscriptions {
public:
    BenchSubscriptions(Target target, const std::vector<CreateSubscription>& requests)
        : target_(std::move(target)),
          created_(create_subscriptions(target_, requests)) {}
    ~BenchSubscriptions();
    BenchSubscriptions(const BenchSubscriptions&) = delete;
    BenchSubscriptions& operator=(const BenchSubscriptions&) = delete;
    const std::string& signing_secret(unsigned index) const { return created_[index].signing_secret; }

private:
    Target target_;
    std::vector<CreatedSubscription> created_;
};

}  // namespace fc::bench
