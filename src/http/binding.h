#pragma once

#include "codec/form.h"
#include "codec/schema.h"
#include "http/answers.h"
#include "http/problem.h"
#include "http/route.h"

#include <algorithm>
#include <concepts>
#include <span>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

/// How `Routes` turns a handler that knows no HTTP into one that does. Nothing here is for other folders.
namespace fc::http::binding {

template <class... Arguments>
struct Signature {
    using Decayed = std::tuple<std::remove_cvref_t<Arguments>...>;
};

template <class F>
struct SignatureOf : SignatureOf<decltype(&F::operator())> {};
template <class R, class... A>
struct SignatureOf<R (*)(A...)> {
    using Arguments = typename Signature<A...>::Decayed;
    using Result = R;
};
template <class R, class C, class... A>
struct SignatureOf<R (C::*)(A...)> : SignatureOf<R (*)(A...)> {};
template <class R, class C, class... A>
struct SignatureOf<R (C::*)(A...) const> : SignatureOf<R (*)(A...)> {};

template <class T>
inline constexpr bool is_injected =
    std::is_same_v<T, Caller> || std::is_same_v<T, Trace> || std::is_same_v<T, Request>;

struct NoInput {};

/// The one argument that comes out of the request: path, query and body.
template <class Arguments>
struct InputOf;
template <>
struct InputOf<std::tuple<>> {
    using Type = NoInput;
};
template <class First, class... Rest>
struct InputOf<std::tuple<First, Rest...>> {
    using Later = typename InputOf<std::tuple<Rest...>>::Type;
    static_assert(
        is_injected<First> || std::is_same_v<Later, NoInput>,
        "a handler takes one described struct; put the fields of both into one");
    using Type = std::conditional_t<is_injected<First>, Later, First>;
};

template <class T>
struct TaskOf {
    static constexpr bool is_task = false;
    using Type = T;
};
template <class T>
struct TaskOf<Task<T>> {
    static constexpr bool is_task = true;
    using Type = T;
};

using Pairs = std::vector<std::pair<std::string, std::string>>;

/// INVALID_QUERY names what is broken: an escape, UTF-8, or more than 200 parameters.
Result<Pairs> parse_query(std::string_view query);

constexpr bool has_body_input(Method method) {
    return method == Method::post || method == Method::put || method == Method::patch;
}

template <class Input, Method Verb>
Result<Input> read_input(const Request& request) {
    if constexpr (std::is_same_v<Input, NoInput>) {
        return NoInput{};
    } else if constexpr (has_body_input(Verb)) {
        return codec::from_request<Input>(request.body(), request.parameters());
    } else {
        auto pairs = parse_query(request.query());
        if (!pairs) return pairs.error();
        std::vector<FieldError> faults;
        if (request.method() == Method::get)
            faults = codec::faults_of_names(*pairs, codec::input_names<Input>);
        // The last wins: what the path says cannot be said otherwise by the query.
        pairs->insert(pairs->end(), request.parameters().begin(), request.parameters().end());
        return codec::from_strings<Input>(*pairs, std::move(faults));
    }
}

template <class Argument, class Input>
Argument take_argument(const Request& request, Input& input) {
    if constexpr (std::is_same_v<Argument, Caller>) {
        return request.caller();
    } else if constexpr (std::is_same_v<Argument, Trace>) {
        return request.trace();
    } else if constexpr (std::is_same_v<Argument, Request>) {
        return request;
    } else {
        return std::move(input);
    }
}

/// How a value becomes an answer, and what the API document says about it.
template <class T>
struct AnswerOf {
    static Response make(T&& value, const Request&) {
        Response response;
        codec::write_json(response.body, value);
        return response;
    }
    static void describe(RouteDescription& description) { description.response = codec::schema_of<T>; }
};
template <>
struct AnswerOf<Response> {
    static Response make(Response&& response, const Request&) { return std::move(response); }
    static void describe(RouteDescription&) {}
};
template <>
struct AnswerOf<NoContent> {
    static Response make(NoContent&&, const Request&) {
        Response response;
        response.status = 204;
        return response;
    }
    static void describe(RouteDescription& description) { description.statuses = {204}; }
};
template <class T>
struct AnswerOf<Answer<T>> {
    static Response make(Answer<T>&& answer, const Request& request) {
        auto response = AnswerOf<T>::make(std::move(answer.body), request);
        response.status = answer.status;
        response.headers = std::move(answer.headers);
        return response;
    }
    static void describe(RouteDescription& description) { AnswerOf<T>::describe(description); }
};
template <class T>
struct AnswerOf<Created<T>> {
    static Response make(Created<T>&& created, const Request& request) {
        auto location = std::move(created.location);
        if constexpr (requires { created.body.id.to_string(); }) {
            if (location.empty()) location = location_below(request.path(), created.body.id.to_string());
        }
        auto response = AnswerOf<T>::make(std::move(created.body), request);
        response.status = created.existed ? 200 : 201;
        if (!location.empty()) response.headers.emplace_back("Location", std::move(location));
        return response;
    }
    static void describe(RouteDescription& description) {
        AnswerOf<T>::describe(description);
        // What is there already is answered as it is, if the body can say so, or else refused.
        constexpr bool is_answered = requires(const T& body) { body.duplicate; };
        description.statuses = is_answered ? std::vector<int>{201, 200} : std::vector<int>{201};
        description.may_exist_already = !is_answered;
    }
    static std::string location_below(std::string_view path, const std::string& id) {
        if (path.ends_with('/')) path.remove_suffix(1);
        return std::string(path) + '/' + id;
    }
};
template <class T>
struct AnswerOf<Result<T>> {
    static Response make(Result<T>&& result, const Request& request) {
        if (!result) return failure_response(result.error(), request);
        if constexpr (std::is_void_v<T>) {
            return AnswerOf<NoContent>::make({}, request);
        } else {
            return AnswerOf<T>::make(std::move(*result), request);
        }
    }
    static void describe(RouteDescription& description) {
        AnswerOf<std::conditional_t<std::is_void_v<T>, NoContent, T>>::describe(description);
    }
};

template <class Handler, class... Arguments>
auto call(const Handler& handler, const Request& request, auto& input, std::tuple<Arguments...>*) {
    return handler(take_argument<Arguments>(request, input)...);
}

template <class Handler, Method Verb>
struct Binding {
    using Arguments = typename SignatureOf<Handler>::Arguments;
    using Returned = typename SignatureOf<Handler>::Result;
    using Input = typename InputOf<Arguments>::Type;
    using Value = typename TaskOf<Returned>::Type;
    using Given = AnswerOf<std::conditional_t<std::is_void_v<Value>, NoContent, Value>>;
    static constexpr bool is_task = TaskOf<Returned>::is_task;
    static constexpr Arguments* arguments = nullptr;

    static Response answer_now(const Handler& handler, Request request) {
        auto input = read_input<Input, Verb>(request);
        if (!input) return failure_response(input.error(), request);
        if constexpr (std::is_void_v<Value>) {
            call(handler, request, *input, arguments);
            return Given::make({}, request);
        } else {
            return Given::make(call(handler, request, *input, arguments), request);
        }
    }
    static Task<Response> answer_later(const Handler* handler, Request request) {
        auto input = read_input<Input, Verb>(request);
        if (!input) co_return failure_response(input.error(), request);
        auto task = call(*handler, request, *input, arguments);
        if constexpr (std::is_void_v<Value>) {
            co_await std::move(task);
            co_return Given::make({}, request);
        } else {
            auto value = co_await std::move(task);
            co_return Given::make(std::move(value), request);
        }
    }
};

/// The members of an Input, as its API document needs them: names as read, and schemas.
struct InputMembers {
    std::span<const codec::InputName> names;
    std::span<const codec::SchemaMember> members;
};

/// Adds the parameters that `input` takes from the path and, unless it has a body, from the query; true when
/// the path names all of its members.
bool describe_parameters(
    const InputMembers& input,
    bool has_body,
    const std::vector<std::string>& path_names,
    RouteDescription& description);

/// Adds what of the path nothing reads.
void describe_path(const std::vector<std::string>& path_names, RouteDescription& description);

/// What the API document says about the parameters and the body that an Input takes.
template <class Input, Method Verb>
void describe_input(const std::vector<std::string>& path_names, RouteDescription& description) {
    bool has_body = has_body_input(Verb) && !std::is_same_v<Input, NoInput>;
    if constexpr (codec::Described<Input>) {
        if constexpr (has_body_input(Verb)) description.is_request_required = !codec::from_json<Input>("{}");
        const InputMembers input{codec::input_names<Input>, codec::schema_members<Input>};
        if (describe_parameters(input, has_body_input(Verb), path_names, description)) has_body = false;
    }
    if constexpr (!std::is_same_v<Input, NoInput>) {
        if (has_body) description.request = codec::schema_of<Input>;
    }
    describe_path(path_names, description);
}

}  // namespace fc::http::binding
