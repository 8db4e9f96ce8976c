#include "codec/json.h"

#include <gtest/gtest.h>

#include <limits>

namespace fc::codec::json_test {

enum class State { closed, half_open };
BOOST_DESCRIBE_ENUM(State, closed, half_open)

struct Inner {
    std::string name;
    std::optional<int> weight;
    bool operator==(const Inner&) const = default;
};
BOOST_DESCRIBE_STRUCT(Inner, (), (name, weight))

struct Everything {
    bool is_on = false;
    int small = 0;
    std::uint64_t large = 0;
    double ratio = 0;
    std::string display_name;
    State state = State::closed;
    std::optional<std::string> note;
    std::vector<Inner> inner_items;
    std::map<std::string, int> counts;
    Id<Inner> inner_id;
    TimePoint created_at{};
    seconds delay_seconds{};
    Millis wait{};
    Url target;
    Code code;
    Bounded<1, 900> timeout_seconds = 30;
    Secret api_key;
    RawJson data;
    bool operator==(const Everything&) const = default;
};
BOOST_DESCRIBE_STRUCT(
    Everything,
    (),
    (is_on,
     small,
     large,
     ratio,
     display_name,
     state,
     note,
     inner_items,
     counts,
     inner_id,
     created_at,
     delay_seconds,
     wait,
     target,
     code,
     timeout_seconds,
     api_key,
     data))

struct Subscription {
    Code code;
    Url target;
    int retries_max = 3;
    int retries_min = 0;
};
BOOST_DESCRIBE_STRUCT(Subscription, (), (code, target, retries_max, retries_min))

struct Base {
    int id = 0;
};
BOOST_DESCRIBE_STRUCT(Base, (), (id))
struct Derived : Base {
    std::string access_token;
};
BOOST_DESCRIBE_STRUCT(Derived, (Base), (access_token))

/// Accepts "order.created" and {"name": "order.created"}.
struct TypeName {
    std::string name;
};
struct Filter {
    std::vector<TypeName> types;
};
BOOST_DESCRIBE_STRUCT(Filter, (), (types))

}  // namespace fc::codec::json_test

namespace fc::codec {

using namespace json_test;

template <>
struct Rules<Subscription> {
    static constexpr auto required = std::tuple{&Subscription::code, &Subscription::target};
    static constexpr auto names = std::tuple{
        spelling(&Subscription::target, "targetUrl"), alias(&Subscription::retries_max, "retries")};
    static void check(const Subscription& in, Faults<Subscription>& faults) {
        faults.expect(
            in.retries_min <= in.retries_max, &Subscription::retries_min, "must not exceed retriesMax");
    }
};

template <>
struct Rules<Derived> {
    static constexpr auto naming = Naming::snake_case;
};

template <>
struct Traits<TypeName> {
    static void read(JsonValue in, TypeName& out, const Place& at) {
        const auto name = in.is_object() ? in.find("name") : in;
        Traits<std::string>::read(name, out.name, at);
    }
    static void write(JsonWriter& out, const TypeName& type) { out.text(type.name); }
};

namespace {

template <class T>
std::string faults(std::string_view json) {
    const auto read = from_json<T>(json);
    if (read) return "accepted";
    std::string text = read.error().code;
    for (const auto& field : read.error().fields) text += "\n" + field.pointer + " " + field.detail;
    return text;
}

std::string syntax_fault(std::string_view json) {
    const auto read = from_json<RawJson>(json);
    return read ? "accepted" : read.error().code + " " + read.error().detail;
}

constexpr std::string_view full =
    R"({"isOn":true,"small":-7,"large":18446744073709551615,"ratio":0.25,"displayName":"a\"b\\c\n\u0001é",)"
    R"("state":"HALF_OPEN","note":"","innerItems":[{"name":"x","weight":2},{"name":"y"}],"counts":{"a/b":1},)"
    R"("innerId":"0HZXEQ5Y8JY5Z","createdAt":"2026-01-31T10:20:30.123Z","delaySeconds":5,"wait":250,)"
    R"("target":"https://example.com/hook","code":"order.created","timeoutSeconds":900,"apiKey":"***",)"
    R"("data":{"b": 1e400, "a":[ 12345678901234567890123 ],"a":null}})";

TEST(Json, EveryTypeComesBackAsItWent) {
    const auto read = from_json<Everything>(full).value();
    EXPECT_EQ(to_json(read), full);
    EXPECT_EQ(read.display_name, "a\"b\\c\n\x01é");
    EXPECT_EQ(read.inner_items[1], (Inner{"y", std::nullopt}));
    EXPECT_EQ(read.data.text, R"({"b": 1e400, "a":[ 12345678901234567890123 ],"a":null})");
    EXPECT_EQ(from_json<Everything>(to_json(read)).value(), read);
}

TEST(Json, AbsentValuesAreNotWritten) {
    EXPECT_EQ(
        to_json(Everything{}),
        R"({"isOn":false,"small":0,"large":0,"ratio":0,"displayName":"","state":"CLOSED",)"
        R"("innerItems":[],"counts":{},)"
        R"("createdAt":"1970-01-01T00:00:00.000Z","delaySeconds":0,"wait":0,"timeoutSeconds":30})");
}

TEST(Json, SecretIsMaskedUnlessRevealed) {
    Everything value;
    value.api_key = Secret{"hush"};
    EXPECT_NE(to_json(value).find(R"("apiKey":"***")"), std::string::npos);
    EXPECT_NE(to_json(value, Reveal::yes).find(R"("apiKey":"hush")"), std::string::npos);
}

TEST(Json, UnknownMembersAreIgnoredAndTheLastOfTwoWins) {
    const auto read =
        from_json<Inner>(R"({"other":{"name":[1]},"name":7,"name":"b","weight":1,"weight":null})").value();
    EXPECT_EQ(read, (Inner{"b", std::nullopt}));
}

TEST(Json, TheLastOfTwoEntriesOfAMapWinsWhole) {
    using Map = std::map<std::string, Inner>;
    const auto map = from_json<Map>(R"({"a":{"name":"x"},"a":{"weight":2},"b":{},"b":null})").value();
    EXPECT_EQ(map, (Map{{"a", {"", 2}}}));
}

TEST(Json, NullOfAMemberWithADefaultIsAbsent) {
    EXPECT_EQ(from_json<Everything>(R"({"timeoutSeconds":null,"state":null})").value(), Everything{});
}

TEST(Json, EscapedKeysAreTheNamesTheyStandFor) {
    EXPECT_EQ(from_json<Inner>(R"({"n\u0061me":"\ud83d\ude00\/\t"})").value().name, "😀/\t");
}

TEST(Json, EnumeratorsAreReadInAnyCase) {
    EXPECT_EQ(from_json<State>(R"("Half_Open")").value(), State::half_open);
}

TEST(Json, IntegersMayBeWrittenWithAnExponentOrPoint) {
    EXPECT_EQ(from_json<std::vector<int>>("[1e3, 30.0, -0]").value(), (std::vector{1000, 30, 0}));
    EXPECT_EQ((from_json<Bounded<1, 2000>>("1e3").value().value()), 1000);
}

TEST(Json, NumbersKeepTheirExtremes) {
    const auto lowest = std::numeric_limits<std::int64_t>::min();
    EXPECT_EQ(from_json<std::int64_t>(to_json(lowest)).value(), lowest);
    EXPECT_EQ(from_json<double>(to_json(5e-324)).value(), 5e-324);
    EXPECT_EQ(to_json(std::numeric_limits<double>::infinity()), "null");
}

TEST(Json, EachFieldErrorNamesItsPointer) {
    EXPECT_EQ(
        faults<Everything>(R"({"isOn":1,"small":99999999999,"large":-1,"ratio":1e400,"displayName":[],)"
                           R"("state":"ajar","note":1,)"
                           R"("innerItems":[{"name":"x"},null,{"name":2,"weight":1.5}],)"
                           R"("counts":{"a/b~":"x"},"innerId":"short",)"
                           R"("createdAt":"yesterday","delaySeconds":"5","target":"ftp://x/",)"
                           R"("code":"No Code","timeoutSeconds":0})"),
        "VALIDATION_FAILED\n"
        "/isOn must be true or false\n"
        "/small must be from -2147483648 to 2147483647\n"
        "/large must be an integer\n"
        "/ratio is a number too large or too small to keep\n"
        "/displayName must be a string\n"
        "/state must be one of CLOSED, HALF_OPEN\n"
        "/note must be a string\n"
        "/innerItems/1 must not be null\n"
        "/innerItems/2/name must be a string\n"
        "/innerItems/2/weight must be an integer\n"
        "/counts/a~1b~0 must be an integer\n"
        "/innerId must be an id of 13 characters\n"
        "/createdAt must be a date and time as in 2026-01-31T10:20:30Z\n"
        "/delaySeconds must be an integer\n"
        "/target must start with http:// or https://\n"
        "/code must be lower-case letters, digits, '-' and '_' in segments joined by '.' or ':', as in "
        "\"order.created\"\n"
        "/timeoutSeconds must be from 1 to 900");
}

TEST(Json, WrongKindOfBodyIsAnErrorOfTheWhole) {
    EXPECT_EQ(faults<Inner>("[]"), "VALIDATION_FAILED\n must be an object");
    EXPECT_EQ(faults<std::vector<Inner>>("{}"), "VALIDATION_FAILED\n must be an array");
}

TEST(Json, ErrorsOfOneBodyAreBounded) {
    std::string items;
    for (int i = 0; i < 500; ++i) items += "true,";
    const auto read = from_json<std::vector<int>>("[" + items + "true]");
    EXPECT_EQ(read.error().fields.size(), field_errors_max);
    EXPECT_EQ(read.error().detail, "/0 must be an integer (and 99 more)");
}

TEST(Rules, RequiredMembersMustBeThere) {
    EXPECT_EQ(
        faults<Subscription>(R"({"target":null})"),
        "VALIDATION_FAILED\n/code is required\n/target is required");
}

TEST(Rules, AliasIsReadAndSpellingIsWrittenToo) {
    const auto read = from_json<Subscription>(R"({"code":"a","targetUrl":"http://x/","retries":7})").value();
    EXPECT_EQ(
        to_json(read),
        R"({"code":"a","target":"http://x/","targetUrl":"http://x/","retriesMax":7,"retriesMin":0})");
}

TEST(Rules, ChecksBetweenMembersRunOnceEachMemberIsRight) {
    constexpr auto json = R"({"code":"a","target":"http://x/","retriesMin":4})";
    EXPECT_EQ(faults<Subscription>(json), "VALIDATION_FAILED\n/retriesMin must not exceed retriesMax");
}

TEST(Rules, SnakeCaseNamingAndBasesFirst) {
    auto value = from_json<Derived>(R"({"access_token":"t","id":4})").value();
    EXPECT_EQ(to_json(value), R"({"id":4,"access_token":"t"})");
}

TEST(Traits, ATypeMayAcceptSeveralForms) {
    const auto read = from_json<Filter>(R"({"types":["a",{"name":"b"}]})").value();
    EXPECT_EQ(to_json(read), R"({"types":["a","b"]})");
    EXPECT_EQ(faults<Filter>(R"({"types":[{"nam":"b"}]})"), "VALIDATION_FAILED\n/types/0 must be a string");
}

struct Malformed {
    std::string_view text;
    std::string_view fault;
};

constexpr auto ends = "the text ends too early";
constexpr Malformed malformed_texts[] = {
    {"", ends},
    {" ", ends},
    {"{", ends},
    {R"({"a")", ends},
    {R"({"a" 1})", "expected ':' after a key"},
    {R"({"a":})", "expected a value"},
    {R"({"a":1,})", "expected a key in double quotes"},
    {R"({"a":1 "b":2})", "expected ',' or '}' after a member"},
    {R"({a:1})", "expected a key in double quotes"},
    {R"({'a':1})", "expected a key in double quotes"},
    {R"({"a":{"b":[1,}})", "expected a value"},
    {"[1,]", "expected a value"},
    {"[1 2]", "expected ',' or ']' after an element"},
    {"[1}", "expected ',' or ']' after an element"},
    {"[1", ends},
    {"1 1", "something follows the value"},
    {"{}x", "something follows the value"},
    {"01", "a number must not start with 0"},
    {"-", ends},
    {"-a", "expected a digit"},
    {"+1", "expected a value"},
    {".5", "expected a value"},
    {"1.", ends},
    {"1.e1", "expected a digit"},
    {"1e", ends},
    {"1e+", ends},
    {"0x1", "something follows the value"},
    {"NaN", "expected a value"},
    {"tru", "expected a value"},
    {"nulL", "expected a value"},
    {"truefalse", "something follows the value"},
    {"\"", ends},
    {"\"abcdefghijklmnopqrstuvwxyz", ends},
    {"\"\\", ends},
    {"\"\\\"", ends},
    {R"("\x")", "unknown escape"},
    {R"("\u12g4")", "\\u needs four hexadecimal digits"},
    {R"("\u12")", "\\u needs four hexadecimal digits"},
    {R"("\ud800")", "half of a surrogate pair"},
    {R"("\ud800\u0041")", "half of a surrogate pair"},
    {R"("\udc00")", "half of a surrogate pair"},
    {"\"a\nb\"", "a control character must be written as an escape"},
    {"\"0123456789abcdef\x01\"", "a control character must be written as an escape"},
    {std::string_view{"\"\0\"", 3}, "a control character must be written as an escape"},
    {"\xef\xbb\xbf{}", "expected a value"},
    {"\"\xc3\x28\"", "the text is not valid UTF-8"},
    {"\"\xed\xa0\x80\"", "the text is not valid UTF-8"},
    {"\"\xc0\xaf\"", "the text is not valid UTF-8"},
    {"\"\xf4\x90\x80\x80\"", "the text is not valid UTF-8"},
    {"\"\xff", "the text is not valid UTF-8"},
    {"/* c */ 1", "expected a value"},
};

TEST(Json, MalformedTextNamesTheByte) {
    for (const auto& [text, fault] : malformed_texts) {
        const auto found = syntax_fault(text);
        EXPECT_TRUE(found.starts_with("INVALID_JSON at byte ")) << text << " -> " << found;
        EXPECT_TRUE(found.ends_with(fault)) << text << " -> " << found;
    }
    EXPECT_EQ(syntax_fault(R"({"a":1,"b":[tru]})"), "INVALID_JSON at byte 12: expected a value");
    EXPECT_EQ(syntax_fault("[\"é\xff\"]"), "INVALID_JSON at byte 4: the text is not valid UTF-8");
}

TEST(Json, MalformedInsideSkippedValuesIsFound) {
    EXPECT_EQ(faults<Inner>(R"({"unknown":{"x":[01]},"name":"a"})"), "INVALID_JSON");
}

TEST(Json, DepthIsBounded) {
    const auto nested = [](std::size_t levels) {
        return std::string(levels, '[') + std::string(levels, ']');
    };
    EXPECT_EQ(syntax_fault(nested(depth_max)), "accepted");
    EXPECT_EQ(syntax_fault(nested(depth_max + 1)), "INVALID_JSON at byte 64: nested deeper than 64 levels");
    EXPECT_TRUE(syntax_fault(std::string(1'000'000, '[')).starts_with("INVALID_JSON at byte 64"));
}

TEST(Json, EveryTruncationOfAValidTextIsRefused) {
    for (std::size_t length = 0; length < full.size(); ++length) {
        const std::string part{full.substr(0, length)};
        EXPECT_FALSE(from_json<RawJson>(part)) << part;
    }
}

TEST(Json, RawValuesKeepTheBytesBetweenTheirBrackets) {
    EXPECT_EQ(
        from_json<std::vector<RawJson>>("[ null , {\"b\":1 , \"a\":-0.0e+1} ]").value()[1].text,
        "{\"b\":1 , \"a\":-0.0e+1}");
    EXPECT_EQ(from_json<RawJson>(" null ").value().text, "null");
}

}  // namespace
}  // namespace fc::codec
