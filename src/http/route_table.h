#pragma once

#include "http/route.h"

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fc::http {

/// All routes of a server, found by the segments of a path. A literal segment wins over a parameter; a slash
/// at the end makes no difference. Immutable once it serves, so that several servers may share it.
class RouteTable {
public:
    using Parameters = std::vector<std::pair<std::string, std::string>>;
    struct Match {
        const Route* route = nullptr;  ///< nullptr: no such path, or not this method
        std::size_t index = 0;         ///< of the route
        std::string allow;             ///< the methods of the path; "" when there is no such path
        bool is_malformed = false;     ///< a broken percent escape
    };

    RouteTable();
    /// Two routes of one method and path are a bug and end the process.
    explicit RouteTable(std::vector<Route> routes);
    ~RouteTable();
    RouteTable(RouteTable&&) noexcept;
    RouteTable& operator=(RouteTable&&) noexcept;

    /// HEAD finds the route of GET. `parameters` takes the path's, decoded.
    Match find(Method method, std::string_view path, Parameters& parameters) const;
    const std::vector<Route>& routes() const { return routes_; }

private:
    static constexpr std::size_t method_count = 8;
    struct Node;
    void insert(std::size_t index);
    const Node* walk(
        const Node& node, std::string_view rest, Parameters& parameters, bool& is_malformed) const;
    const Node* walk_parameter(
        const Node& node,
        std::string_view segment,
        std::string_view rest,
        Parameters& parameters,
        bool& malformed) const;

    std::vector<Route> routes_;
    std::unique_ptr<Node> root_;
};

}  // namespace fc::http
