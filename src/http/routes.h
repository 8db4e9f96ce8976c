#pragma once

#include "http/binding.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fc::http {

/// A member function with its object, as a handler.
template <class Object, class R, class... A>
auto bind(Object* object, R (Object::*function)(A...)) {
    return [object, function](A... arguments) { return (object->*function)(std::move(arguments)...); };
}
template <class Object, class R, class... A>
auto bind(const Object* object, R (Object::*function)(A...) const) {
    return [object, function](A... arguments) { return (object->*function)(std::move(arguments)...); };
}

/// A table of routes below one prefix. A handler takes, in any order, at most one described struct and any of
/// `Caller`, `Trace` and `Request`, and returns a value, a `Result`, or a `Task` of either; values may be
/// described structs, `RawJson`, `Page`, `Created`, `Answer`, `NoContent` and `Response`. Members of the
/// struct that the path names come from the path, the others from the query (GET, DELETE) or the JSON body.
/// ```
/// Routes("/api/subscriptions", "Subscriptions")
///     .post("/{id}/pause", "Pause a subscription", bind(this, &SubscriptionApi::pause),
///     Permission{"platform:messaging:subscription:update"})
/// ```
class Routes {
public:
    explicit Routes(std::string prefix = "", std::string tag = "")
        : prefix_(std::move(prefix)),
          tag_(std::move(tag)) {}

    template <class Handler>
    Routes& get(std::string_view path, std::string_view summary, Handler handler, Access access) {
        return add<Method::get>(path, summary, std::move(handler), access);
    }
    template <class Handler>
    Routes& post(std::string_view path, std::string_view summary, Handler handler, Access access) {
        return add<Method::post>(path, summary, std::move(handler), access);
    }
    template <class Handler>
    Routes& put(std::string_view path, std::string_view summary, Handler handler, Access access) {
        return add<Method::put>(path, summary, std::move(handler), access);
    }
    template <class Handler>
    Routes& patch(std::string_view path, std::string_view summary, Handler handler, Access access) {
        return add<Method::patch>(path, summary, std::move(handler), access);
    }
    template <class Handler>
    Routes& remove(std::string_view path, std::string_view summary, Handler handler, Access access) {
        return add<Method::remove>(path, summary, std::move(handler), access);
    }
    /// All of another table, with its own prefix.
    Routes& add(Routes other);
    /// Serves what is at and below `path` in the table by now at `other` too, without saying so in the API
    /// document. What already has such a name of its own keeps it.
    Routes& alias(std::string_view other, std::string_view path);

    // What the last route has of its own:
    /// The largest body it reads; more is answered 413.
    Routes& body_bytes_max(std::size_t bytes);
    /// Is answered 503 while the server is behind: it stores what somebody else can send again.
    Routes& sheds();
    /// Serves, but is not in the API document.
    Routes& hidden();
    /// What its summary does not say, in Markdown. Texts of the API document have static lifetime.
    Routes& says(std::string_view details);
    /// A body that is accepted, as JSON: the tests send it.
    Routes& example(std::string_view body);
    /// A body that it answers, as JSON.
    Routes& shows(std::string_view body);
    /// A header field that its handler reads.
    Routes& reads(const HeaderField& field);
    /// The type of an answer that is not JSON.
    Routes& answers_with(std::string_view content_type);
    /// The statuses of success, most usual first.
    Routes& answers_with(std::vector<int> statuses);
    /// For handlers that read the Request themselves: the body they expect.
    template <class T>
    Routes& takes() {
        routes_.back().description.request = codec::schema_of<T>;
        return *this;
    }
    /// Besides: a body of another media type, with its JSON Schema.
    Routes& also_takes(MediaType other);
    /// For handlers that write a Response themselves: the body they give.
    template <class T>
    Routes& gives() {
        routes_.back().description.response = codec::schema_of<T>;
        return *this;
    }
    /// The body of that status, where it is another than those of the other statuses.
    template <class T>
    Routes& gives(int status) {
        routes_.back().description.other_responses[status] = codec::schema_of<T>;
        return *this;
    }

    const std::vector<Route>& all() const { return routes_; }
    std::vector<Route> take() { return std::move(routes_); }

private:
    template <Method Verb, class Handler>
    Routes& add(std::string_view path, std::string_view summary, Handler handler, Access access) {
        using Bound = binding::Binding<Handler, Verb>;
        Route route;
        route.method = Verb;
        route.path = prefix_ + std::string(path);
        route.access = access;
        route.description.summary = summary;
        route.description.tag = tag_;
        binding::describe_input<typename Bound::Input, Verb>(parameter_names(route.path), route.description);
        Bound::Given::describe(route.description);
        if constexpr (Bound::is_task) {
            route.later = [handler = std::move(handler)](Request request) {
                return Bound::answer_later(&handler, request);
            };
        } else {
            route.now = [handler = std::move(handler)](Request request) {
                return Bound::answer_now(handler, request);
            };
        }
        routes_.push_back(std::move(route));
        return *this;
    }

    std::string prefix_;
    std::string tag_;
    std::vector<Route> routes_;
};

}  // namespace fc::http
