// Any text as JSON: accepted as another parser does, and read and written without loss.
#include "round_trip.h"
#include "target.h"

#include <boost/describe.hpp>
#include <boost/json/parse.hpp>

namespace fc::fuzz {

enum class Kind { one, other_one };
BOOST_DESCRIBE_ENUM(Kind, one, other_one)

struct Inner {
    std::int64_t number = 0;
    std::optional<std::string> text;
};
BOOST_DESCRIBE_STRUCT(Inner, (), (number, text))

/// A member of each kind that the codec knows.
struct Sample {
    bool flag = false;
    std::int32_t small = 0;
    std::uint64_t large = 0;
    double real = 0;
    Kind kind = Kind::one;
    std::string text;
    Tsid id;
    TimePoint time;
    Millis wait{};
    Bounded<-5, 5> bounded = 0;
    std::optional<Text<2, 5>> word;
    Url url;
    Code code;
    Secret secret;
    RawJson raw;
    std::optional<std::optional<std::int64_t>> maybe;
    std::vector<Inner> list;
    std::map<std::string, Inner> map;
};
BOOST_DESCRIBE_STRUCT(
    Sample,
    (),
    (flag,
     small,
     large,
     real,
     kind,
     text,
     id,
     time,
     wait,
     bounded,
     word,
     url,
     code,
     secret,
     raw,
     maybe,
     list,
     map))

namespace {

/// What Boost.JSON says of it; nullopt when it gives up at a number that is too large for it.
std::optional<bool> is_json_elsewhere(std::string_view text) {
    boost::json::parse_options options;
    options.max_depth = codec::depth_max;
    boost::json::error_code error;
    boost::json::parse({text.data(), text.size()}, error, {}, options);
    if (error == boost::json::error::exponent_overflow) return std::nullopt;
    return !error;
}

/// With the bytes of `raw` written anew.
std::string canonical(const Sample& sample) {
    const auto text = codec::to_json(sample, codec::Reveal::yes);
    return rewritten(codec::JsonDocument::parse(text).value().root());
}

}  // namespace

void run(std::string_view input) {
    const auto document = codec::JsonDocument::parse(input);
    const auto elsewhere = is_json_elsewhere(input);
    FC_ASSERT(!elsewhere || *elsewhere == document.has_value(), "two parsers accept the same");
    if (!document) return;
    const auto text = rewritten(document->root());
    const auto again = codec::JsonDocument::parse(text);
    FC_ASSERT(again.has_value(), "what is written can be read");
    FC_ASSERT(rewritten(again->root()) == text, "what is read again is written the same");

    const auto sample = codec::from_json_value<Sample>(document->root());
    if (!sample) return;
    check_round_trip(*sample);
    const auto by_parts = codec::from_json_value<Sample>(again->root());
    FC_ASSERT(
        by_parts && canonical(*by_parts) == canonical(*sample), "of a member given twice the last counts");
}

}  // namespace fc::fuzz
