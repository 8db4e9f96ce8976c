#pragma once

#include "codec/schema.h"
#include "http/routes.h"

#include <string>
#include <string_view>
#include <vector>

namespace fc::http {

struct ApiInfo {
    std::string title = "FlowCatalyst";
    std::string version = "0.1.0";
    std::string description{};
    codec::Glossary tags{};      ///< what the operations of a tag are about
    codec::Glossary glossary{};  ///< what parameters and members of that name are
};

/// The OpenAPI 3.1 document of all routes that are not hidden, compact JSON, in an order that does not depend
/// on the order of the routes.
std::string openapi_document(const std::vector<Route>& routes, const ApiInfo& info);

/// Adds `/swagger/openapi.json` (also `doc.json`) and the page `/swagger` (also `index.html`) for the routes
/// that are in the table so far.
void add_api_document(Routes& routes, const ApiInfo& info);

/// A page that lists the operations of `/swagger/openapi.json` and tries them out. Needs nothing from
/// elsewhere.
extern const std::string_view swagger_page;

}  // namespace fc::http
