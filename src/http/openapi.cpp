#include "http/openapi.h"

#include "base/error.h"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

namespace fc::http {
namespace {

using codec::JsonWriter;
using codec::Schemas;

std::string lower_case(std::string_view text) {
    std::string out(text);
    std::ranges::transform(
        out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return out;
}

bool is_alphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// "List dispatch jobs" as "listDispatchJobs".
std::string to_identifier(std::string_view text) {
    std::string out;
    bool raise = false;
    for (char c : text) {
        if (!is_alphanumeric(c)) {
            raise = !out.empty();
            continue;
        }
        if (raise && c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
        if (out.empty() && c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
        out += c;
        raise = false;
    }
    return out;
}

/// "{rest...}" is our notation, not OpenAPI's.
std::string document_path(std::string path) {
    if (const auto dots = path.find("...}"); dots != std::string::npos) path.erase(dots, 3);
    return path;
}

/// "Get an event type" of `/api/bff/...` as "bffGetEventType".
std::string operation_name(const Route& route) {
    std::string words = route.path.starts_with("/api/bff/") ? "bff" : "";
    std::istringstream summary(route.description.summary);
    for (std::string word; summary >> word;) {
        if (word != "a" && word != "an" && word != "the") words += ' ' + word;
    }
    return to_identifier(words);
}

/// Names for code generators: the summary's words, with the tag where that is not enough, with all where it
/// must.
std::map<const Route*, std::string> operation_ids(const std::vector<const Route*>& routes) {
    std::map<std::string, int> uses;
    for (const auto* route : routes) ++uses[operation_name(*route)];
    std::map<const Route*, std::string> ids;
    std::set<std::string> taken;
    for (const auto* route : routes) {
        const auto& text = route->description;
        auto id = operation_name(*route);
        if (uses[id] > 1 || id.empty()) id = to_identifier(id + " " + text.tag);
        if (!taken.insert(id).second) {
            id =
                to_identifier(text.summary + " " + std::string(to_string(route->method)) + " " + route->path);
            taken.insert(id);
        }
        ids[route] = id;
    }
    return ids;
}

constexpr std::string_view problem_example = R"({"type":"about:blank","title":"Bad Request","status":400,)"
                                             R"("detail":"/source is required","instance":"/api/events",)"
                                             R"("error":"VALIDATION_FAILED","message":"/source is required",)"
                                             R"("errors":[{"pointer":"/source","detail":"is required"}]})";

std::string_view place_name(ParameterDescription::Place place) {
    using Place = ParameterDescription::Place;
    return place == Place::path ? "path" : place == Place::query ? "query" : "header";
}

class DocumentWriter {
public:
    explicit DocumentWriter(const ApiInfo& info)
        : info_(info),
          schemas_("#/components/schemas/", info.glossary) {}

    std::string write(std::vector<const Route*> routes) {
        const auto order = [](const Route* a, const Route* b) {
            return std::pair(a->path, a->method) < std::pair(b->path, b->method);
        };
        std::ranges::sort(routes, order);
        ids_ = operation_ids(routes);
        for (const auto* route : routes) {
            if (route->description.request) route->description.request(schemas_);
        }
        schemas_.only_written_follow();
        json_.begin_object();
        member("openapi", "3.1.0");
        write_info();
        write_tags();
        json_.plain_key("paths");
        json_.begin_object();
        for (std::size_t i = 0; i < routes.size(); ++i) {
            const bool is_first = i == 0 || routes[i - 1]->path != routes[i]->path;
            const bool is_last = i + 1 == routes.size() || routes[i + 1]->path != routes[i]->path;
            if (is_first) {
                json_.key(document_path(routes[i]->path));
                json_.begin_object();
            }
            write_operation(*routes[i]);
            if (is_last) json_.end_object();
        }
        json_.end_object();
        write_components();
        json_.end_object();
        return std::move(out_);
    }

private:
    void member(std::string_view key, std::string_view value) {
        json_.plain_key(key);
        json_.text(value);
    }
    void write_info() {
        json_.plain_key("info");
        json_.begin_object();
        member("title", info_.title);
        member("version", info_.version);
        if (!info_.description.empty()) member("description", info_.description);
        json_.end_object();
        json_.plain_key("servers");
        json_.raw(R"([{"url":"/","description":"The product that serves this document"}])");
    }
    void write_tags() {
        json_.plain_key("tags");
        json_.begin_array();
        for (const auto& [name, description] : info_.tags) {
            json_.element();
            json_.begin_object();
            member("name", name);
            member("description", description);
            json_.end_object();
        }
        json_.end_array();
    }
    void write_operation(const Route& route) {
        const auto& text = route.description;
        json_.plain_key(lower_case(to_string(route.method)));
        json_.begin_object();
        member("operationId", ids_.at(&route));
        member("summary", text.summary);
        if (!text.details.empty()) member("description", text.details);
        if (!text.tag.empty()) {
            json_.plain_key("tags");
            json_.begin_array();
            json_.text(text.tag);
            json_.end_array();
        }
        if (!route.access.permission().empty()) member("x-permission", route.access.permission());
        if (route.access.is_open()) {
            json_.plain_key("security");
            json_.raw("[]");
        }
        write_parameters(text);
        if (text.request) write_request(text);
        write_responses(route);
        json_.end_object();
    }
    void write_parameters(const RouteDescription& text) {
        if (text.parameters.empty()) return;
        json_.plain_key("parameters");
        json_.begin_array();
        for (const auto& parameter : text.parameters) {
            json_.element();
            json_.begin_object();
            member("name", parameter.name);
            member("in", place_name(parameter.place));
            if (const auto meaning = meaning_of(parameter); !meaning.empty()) member("description", meaning);
            if (parameter.required) {
                json_.plain_key("required");
                json_.boolean(true);
            }
            json_.plain_key("schema");
            json_.raw(parameter.schema(schemas_));
            json_.end_object();
        }
        json_.end_array();
    }
    std::string_view meaning_of(const ParameterDescription& parameter) const {
        if (!parameter.description.empty()) return parameter.description;
        const auto word = info_.glossary.find(parameter.name);
        return word == info_.glossary.end() ? std::string_view{} : word->second;
    }
    void write_content(const MediaType& type) {
        json_.plain_key("content");
        json_.begin_object();
        write_media_type(type);
        json_.end_object();
    }
    void write_media_type(const MediaType& type) {
        json_.key(type.name);
        json_.begin_object();
        json_.plain_key("schema");
        json_.raw(type.schema);
        if (!type.example.empty()) {
            json_.plain_key("example");
            json_.raw(type.example);
        }
        json_.end_object();
    }
    void write_request(const RouteDescription& text) {
        json_.plain_key("requestBody");
        json_.begin_object();
        json_.plain_key("required");
        json_.boolean(text.is_request_required);
        json_.plain_key("content");
        json_.begin_object();
        const auto schema = text.request(schemas_);
        write_media_type({json_type, schema, text.example});
        for (const auto& other : text.other_requests) write_media_type(other);
        json_.end_object();
        json_.end_object();
    }
    void write_responses(const Route& route) {
        const auto& text = route.description;
        json_.plain_key("responses");
        json_.begin_object();
        for (const int status : text.statuses) {
            if (!text.other_responses.contains(status)) write_response(status, text, text.response);
        }
        for (const auto& [status, schema] : text.other_responses) write_response(status, text, schema);
        for (const int status : problem_statuses(route)) {
            if (text.other_responses.contains(status)) continue;
            json_.plain_key(std::to_string(status));
            json_.raw(R"({"$ref":"#/components/responses/Problem"})");
        }
        json_.plain_key("default");
        json_.raw(R"({"$ref":"#/components/responses/Problem"})");
        json_.end_object();
    }
    void write_response(int status, const RouteDescription& text, const SchemaWriter& schema) {
        constexpr std::string_view plain = R"({"type":"string"})";
        json_.plain_key(std::to_string(status));
        json_.begin_object();
        member("description", reason_phrase(status));
        const auto example = status == text.statuses.front() ? text.response_example : std::string_view{};
        if (schema && status != 204)
            write_content({text.response_type, schema(schemas_), example});
        else if (text.response_type != json_type)
            write_content({text.response_type, plain, ""});
        json_.end_object();
    }
    static std::vector<int> problem_statuses(const Route& route) {
        const auto& text = route.description;
        std::vector<int> statuses;
        if (text.request || !text.parameters.empty()) statuses.push_back(400);
        if (!route.access.is_open()) statuses.push_back(401);
        if (!route.access.permission().empty()) statuses.push_back(403);
        const bool names_a_thing = !parameter_names(route.path).empty();
        if (names_a_thing) statuses.push_back(404);
        const bool changes_it = names_a_thing && route.method != Method::get;
        if (changes_it || text.may_exist_already) statuses.push_back(409);
        if (text.request) statuses.push_back(413);
        if (route.sheds) statuses.push_back(503);
        return statuses;
    }
    void write_components() {
        const auto problem = schemas_.of<Problem>();
        json_.plain_key("components");
        json_.begin_object();
        json_.plain_key("schemas");
        json_.raw(schemas_.components());
        json_.plain_key("responses");
        json_.begin_object();
        json_.plain_key("Problem");
        json_.begin_object();
        member("description", "What went wrong (RFC 9457)");
        write_content({problem_type, problem, problem_example});
        json_.end_object();
        json_.end_object();
        json_.plain_key("securitySchemes");
        json_.raw(R"({"bearer":{"type":"http","scheme":"bearer"}})");
        json_.end_object();
        json_.plain_key("security");
        json_.raw(R"([{"bearer":[]}])");
    }

    const ApiInfo& info_;
    std::string out_;
    JsonWriter json_{out_};
    Schemas schemas_;
    std::map<const Route*, std::string> ids_;
};

}  // namespace

std::string openapi_document(const std::vector<Route>& routes, const ApiInfo& info) {
    std::vector<const Route*> shown;
    for (const auto& route : routes) {
        if (!route.description.is_hidden) shown.push_back(&route);
    }
    return DocumentWriter(info).write(std::move(shown));
}

void add_api_document(Routes& routes, const ApiInfo& info) {
    const auto document = [text = openapi_document(routes.all(), info)](Request) {
        Response response;
        response.static_body = text;
        return response;
    };
    const auto page = [](Request) {
        Response response;
        response.content_type = html_type;
        response.static_body = swagger_page;
        response.headers.emplace_back(
            "Content-Security-Policy",
            "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'; "
            "frame-ancestors 'none'");
        return response;
    };
    Routes own;
    own.get("/swagger/openapi.json", "API document", document, open_to_all).hidden();
    own.get("/swagger/doc.json", "API document", document, open_to_all).hidden();
    own.get("/swagger", "API page", page, open_to_all).hidden();
    own.get("/swagger/index.html", "API page", page, open_to_all).hidden();
    routes.add(std::move(own));
}

}  // namespace fc::http
