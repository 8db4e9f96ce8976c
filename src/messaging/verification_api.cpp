#include "messaging/verification_api.h"

namespace fc::messaging {

http::Routes VerificationApi::routes() {
    http::Routes routes("/api/verification", "Verification");
    routes.get(
        "",
        "Recount events and dispatch jobs",
        http::bind(this, &VerificationApi::verify),
        http::Permission{"platform:admin:store:verify"});
    return routes;
}

Task<VerificationView> VerificationApi::verify() {
    auto found = co_await messages_->verify();
    co_return VerificationView{found.events, found.jobs, found.open, std::move(found.differences)};
}

}  // namespace fc::messaging
