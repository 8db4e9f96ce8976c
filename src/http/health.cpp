#include "http/health.h"

#include <algorithm>

namespace fc::http {
namespace {

enum class HealthStatus { up, down };
BOOST_DESCRIBE_ENUM(HealthStatus, up, down)

struct HealthCheck {
    std::string name;
    HealthStatus status = HealthStatus::up;
    std::optional<std::map<std::string, std::string>> data;
};
BOOST_DESCRIBE_STRUCT(HealthCheck, (), (name, status, data))

struct HealthReport {
    HealthStatus status = HealthStatus::up;
    std::optional<std::vector<HealthCheck>> checks;
};
BOOST_DESCRIBE_STRUCT(HealthReport, (), (status, checks))

HealthCheck ask(const std::string& name, const std::function<CheckResult()>& check) {
    HealthCheck answer{name, HealthStatus::up, std::nullopt};
    CheckResult result;
    try {
        result = check();
    } catch (const std::exception& error) {
        result = {false, {{"error", error.what()}}};
    }
    if (!result.is_up) answer.status = HealthStatus::down;
    if (!result.data.empty()) answer.data = std::move(result.data);
    return answer;
}

}  // namespace

void Health::add(std::string name, std::function<CheckResult()> check) {
    checks_.push_back({std::move(name), std::move(check)});
}

Response Health::report() const {
    HealthReport report;
    for (const auto& check : checks_) {
        if (!report.checks) report.checks.emplace();
        report.checks->push_back(ask(check.name, check.ask));
        if (report.checks->back().status == HealthStatus::down) report.status = HealthStatus::down;
    }
    Response response;
    response.status = report.status == HealthStatus::up ? 200 : 503;
    response.body = codec::to_json(report);
    response.headers.emplace_back("Cache-Control", "no-store");
    return response;
}

Routes Health::routes() {
    const auto all = [this](Request) { return report(); };
    const auto alive = [](Request) {
        Response response;
        response.body = codec::to_json(HealthReport{});
        return response;
    };
    Routes routes("/q/health", "Health");
    const std::vector<int> up_or_down{200, 503};
    routes.get("", "Combined health", all, open_to_all).gives<HealthReport>().answers_with(up_or_down);
    routes.get("/live", "Liveness probe", alive, open_to_all).gives<HealthReport>();
    routes.get("/ready", "Readiness probe", all, open_to_all).gives<HealthReport>().answers_with(up_or_down);
    return routes;
}

Routes metrics_routes(const metrics::Registry& registry, Access access) {
    static constexpr std::string_view exposition_type = "text/plain; version=0.0.4; charset=utf-8";
    const auto expose = [&registry](Request) {
        Response response;
        response.content_type = exposition_type;
        response.body = registry.exposition();
        return response;
    };
    Routes routes("", "Health");
    routes.get("/metrics", "Metrics for Prometheus", expose, access).answers_with(exposition_type);
    routes.get("/q/metrics", "Metrics for Prometheus", expose, access).answers_with(exposition_type).hidden();
    return routes;
}

}  // namespace fc::http
