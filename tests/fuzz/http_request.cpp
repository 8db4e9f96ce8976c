// What a connection receives: the first byte says in what pieces, the rest is a request. Head, body, route
// and binding are done as Connection does them, but for the socket.
#include "http/request_head.h"
#include "http/route_table.h"
#include "http/routes.h"
#include "target.h"

#include <boost/describe/class.hpp>

namespace fc::fuzz {

using http::ChunkedDecoder;
using http::HeadParser;
using http::RequestHead;

struct Thing {
    std::string id;
    std::optional<std::int64_t> number;
    std::vector<std::string> tags;
};
BOOST_DESCRIBE_STRUCT(Thing, (), (id, number, tags))

namespace {

// Narrow, so that short inputs reach them.
constexpr http::HeadLimits limits{.head_bytes_max = 1024, .line_bytes_max = 128, .fields_max = 16};
constexpr std::size_t body_bytes_max = 256;

struct HeadReading {
    HeadParser parser{limits};
    HeadParser::State state = HeadParser::State::incomplete;
    RequestHead head;
};

HeadReading read_head(std::string_view input, std::size_t step) {
    HeadReading reading;
    for (std::size_t size = 0; size < input.size() && reading.state == HeadParser::State::incomplete;) {
        size = std::min(size + step, input.size());
        reading.state = reading.parser.parse(input.substr(0, size), reading.head);
    }
    return reading;
}

/// The head as it would be sent on: what was understood, and nothing else.
std::string text_of(const RequestHead& head) {
    std::string text(head.method_text);
    text.append(" ").append(head.path);
    if (!head.query.empty()) text.append("?").append(head.query);
    text += head.is_http_1_0 ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n";
    for (const auto& [name, value] : head.fields) text.append(name).append(": ").append(value).append("\r\n");
    return text + "\r\n";
}

void check_sent_on(const HeadReading& reading) {
    const auto text = text_of(reading.head);
    HeadParser parser({.head_bytes_max = 1 << 20, .line_bytes_max = limits.head_bytes_max});
    RequestHead again;
    FC_ASSERT(parser.parse(text, again) == HeadParser::State::complete, "what was understood can be sent on");
    FC_ASSERT(parser.size() == text.size() && text_of(again) == text, "and is understood as the same");
    FC_ASSERT(
        again.content_length == reading.head.content_length && again.is_chunked == reading.head.is_chunked &&
            again.keep_alive == reading.head.keep_alive,
        "with a body of the same frame");
}

struct BodyReading {
    ChunkedDecoder decoder{body_bytes_max};
    std::string body;
    std::size_t used = 0;
};

BodyReading read_chunks(std::string_view input, std::size_t step) {
    BodyReading reading;
    while (reading.used < input.size() && reading.decoder.state() == ChunkedDecoder::State::reading)
        reading.used += reading.decoder.feed(input.substr(reading.used, step), reading.body);
    return reading;
}

std::string in_chunks(std::string_view body, std::size_t step) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (; !body.empty(); body.remove_prefix(std::min(step, body.size()))) {
        const auto chunk = body.substr(0, step);
        text.append({digits[chunk.size() / 16], digits[chunk.size() % 16]});
        text.append("\r\n").append(chunk).append("\r\n");
    }
    return text + "0\r\n\r\n";
}

/// The body, when all of it is there.
std::optional<std::string> read_chunked(std::string_view input, std::size_t step) {
    auto whole = read_chunks(input, input.size());
    const auto pieces = read_chunks(input, step);
    FC_ASSERT(
        pieces.decoder.state() == whole.decoder.state() && pieces.used == whole.used &&
            pieces.body == whole.body,
        "a body is the same however it is cut");
    FC_ASSERT(whole.body.size() <= body_bytes_max, "a body has its limit");
    if (whole.decoder.state() != ChunkedDecoder::State::done) return std::nullopt;
    FC_ASSERT(read_chunks(in_chunks(whole.body, step), 7).body == whole.body, "chunks do not change a body");
    return std::move(whole.body);
}

http::Routes routes() {
    const auto echo = [](Thing thing) { return thing; };
    const auto find = [](Thing thing) -> Result<Thing> {
        if (!thing.number) return not_found("NOT_FOUND", "there is no thing " + thing.id);
        return thing;
    };
    http::Routes routes("/things");
    routes.get("", "List", echo, http::open_to_all);
    routes.post("", "Create", echo, http::open_to_all);
    routes.get("/{id}", "Get", find, http::open_to_all);
    routes.put("/{id}", "Edit", echo, http::open_to_all);
    routes.remove("/{id}/tags/{tags...}", "Remove", find, http::open_to_all);
    return routes;
}

void answer(http::RequestData data) {
    static const http::RouteTable table(routes().take());
    const auto match = table.find(data.head.method, data.head.path, data.parameters);
    if (!match.route) return;
    const auto response = match.route->now(http::Request(data));
    FC_ASSERT(codec::JsonDocument::parse(response.body).has_value(), "an answer is JSON");
}

}  // namespace

void run(std::string_view input) {
    if (input.empty()) return;
    const std::size_t step = 1 + static_cast<unsigned char>(input[0]) % 64;
    input.remove_prefix(1);
    const auto whole = read_head(input, input.size());
    const auto pieces = read_head(input, step);
    FC_ASSERT(
        pieces.state == whole.state && pieces.parser.fault().status == whole.parser.fault().status,
        "a head is the same however it is cut");
    if (whole.state != HeadParser::State::complete) return;
    FC_ASSERT(
        pieces.parser.size() == whole.parser.size() && text_of(pieces.head) == text_of(whole.head),
        "with all that it says");
    check_sent_on(whole);

    http::RequestData data;
    data.head = whole.head;
    const auto rest = input.substr(whole.parser.size());
    std::optional<std::string> body(rest.substr(0, whole.head.content_length));
    if (whole.head.is_chunked) body = read_chunked(rest, step);
    if (!body || body->size() < whole.head.content_length) return;
    data.body = *body;
    answer(std::move(data));
}

}  // namespace fc::fuzz
