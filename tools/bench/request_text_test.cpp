#include "bench/request_text.h"

#include "bench/frame.h"
#include "codec/json.h"

#include <boost/describe/class.hpp>
#include <gtest/gtest.h>

namespace fc::bench {
namespace {

constexpr std::string_view tag = "0a1b2c3d";
const Target target{.address = {.host = "127.0.0.1", .port = 8080, .base_path = "/fc"}, .token = "secret"};

struct Event {
    std::string type;
    std::string data;
    std::optional<std::string> message_group;
    std::optional<std::string> deduplication_id;
};
BOOST_DESCRIBE_STRUCT(Event, (), (type, data, message_group, deduplication_id))
struct Batch {
    std::vector<Event> events;
};
BOOST_DESCRIBE_STRUCT(Batch, (), (events))

template <class T>
T body_of(const RequestText& request) {
    const auto frame = first_frame(request.text()).value();
    EXPECT_EQ(frame.size, request.text().size());
    return codec::from_json<T>(frame.body).value();
}

TEST(RequestText, IsOneEventForTheSingleRoute) {
    RequestText request{Load{.groups = 10}, target, tag};
    const Mark mark{.number = 41, .group = 7, .intended = Nanos{1'234}};
    request.set(0, mark);
    EXPECT_TRUE(request.text().starts_with("POST /fc/api/events HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n"));
    EXPECT_EQ(header(request.text(), "authorization"), "Bearer secret");
    const auto event = body_of<Event>(request);
    EXPECT_EQ(event.type, "bench.event");
    EXPECT_EQ(event.message_group, "fcb-0a1b2c3d-000007");
    EXPECT_EQ(event.deduplication_id, std::nullopt);
    EXPECT_TRUE(Payload(tag, 200).matches(event.data));
    std::size_t from = 0;
    EXPECT_EQ(MarkReader{tag}.next(event.data, from), mark);
}

TEST(RequestText, BatchCarriesItsEventsInOrder) {
    RequestText request{Load{.batch = 100, .groups = 0, .dedup = Dedup::ordered}, target, tag};
    for (std::uint64_t i = 0; i < 100; ++i) request.set(i, Mark{.number = 500 + i});
    EXPECT_TRUE(request.text().starts_with("POST /fc/api/events/batch "));
    const auto events = body_of<Batch>(request).events;
    ASSERT_EQ(events.size(), 100U);
    EXPECT_EQ(events[0].deduplication_id, "fcb-0a1b2c3d-0000000000000000500");
    EXPECT_EQ(events[99].deduplication_id, "fcb-0a1b2c3d-0000000000000000599");
    EXPECT_EQ(events[0].message_group, std::nullopt);
}

TEST(RequestText, GroupSaysWhichOfManyTypes) {
    const Load load{.groups = 10, .types = 4};
    RequestText request{load, target, tag};
    request.set(0, Mark{.number = 1, .group = 7});
    EXPECT_EQ(body_of<Event>(request).type, "bench.event.000003");
    EXPECT_EQ(body_of<Event>(request).type, event_type_of(load, type_of_group(load, 7)));
}

TEST(RequestText, RandomKeysDiffer) {
    RequestText request{Load{.batch = 2, .dedup = Dedup::random}, target, tag};
    request.set(0, Mark{.number = 1, .group = 1});
    request.set(1, Mark{.number = 2, .group = 1});
    const auto events = body_of<Batch>(request).events;
    EXPECT_EQ(events.at(0).deduplication_id.value().size(), 32U);
    EXPECT_NE(events.at(0).deduplication_id, events.at(1).deduplication_id);
}

TEST(BaseUrl, NamesALoopbackServerOrIsRefused) {
    const auto address = parse_base_url("http://localhost:8080/fc/");
    EXPECT_EQ(address.host, "127.0.0.1");
    EXPECT_EQ(address.port, 8080);
    EXPECT_EQ(address.base_path, "/fc");
    EXPECT_EQ(parse_base_url("http://127.0.0.1").port, 80);
    for (const char* bad :
         {"https://127.0.0.1", "http://10.0.0.1:80", "http://127.0.0.1:0", "http://127.0.0.1:8x"}) {
        EXPECT_THROW(parse_base_url(bad), std::runtime_error) << bad;
    }
}

}  // namespace
}  // namespace fc::bench
