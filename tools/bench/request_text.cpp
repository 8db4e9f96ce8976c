#include "bench/request_text.h"

#include "base/random.h"

namespace fc::bench {
namespace {

constexpr std::size_t type_digits = 6;
constexpr std::size_t group_digits = 6;
constexpr std::size_t ordered_digits = 19;
constexpr std::size_t random_digits = 32;

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '"') out += '\\';
        out += c;
    }
    return out;
}

// splitmix64: one step gives a well spread 64-bit value of a counter.
std::uint64_t spread(std::uint64_t value) {
    value += 0x9e3779b97f4a7c15U;
    value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
    value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
    return value ^ (value >> 31U);
}

void write_hex(char* at, std::uint64_t value) {
    for (int shift = 60; shift >= 0; shift -= 4) *at++ = "0123456789abcdef"[(value >> shift) & 0xfU];
}

}  // namespace

std::string event_type_of(const Load& load, unsigned place) {
    if (load.types == 1) return load.event_type;
    std::string digits(type_digits, '0');
    write_digits(digits.data(), type_digits, place);
    return load.event_type + '.' + digits;
}

RequestText::RequestText(const Load& load, const Target& target, std::string_view run_tag)
    : load_(load),
      seed_(random_u64()) {
    std::string body = load.batch > 1 ? R"({"events":[)" : "";
    for (unsigned i = 0; i < load.batch; ++i) {
        if (i > 0) body += ',';
        append_event(body, load, run_tag);
    }
    if (load.batch > 1) body += "]}";
    text_ = "POST " + target.address.base_path + "/api/events" + (load.batch > 1 ? "/batch" : "") +
            " HTTP/1.1\r\nHost: " + target.address.authority() + "\r\nAuthorization: Bearer " + target.token +
            "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
            "\r\n\r\n";
    const std::size_t head = text_.size();
    for (auto& places : events_) {
        places.type += head;
        places.mark += head;
        places.group += head;
        places.dedup += head;
    }
    text_ += body;
}

void RequestText::append_event(std::string& body, const Load& load, std::string_view run_tag) {
    const Payload payload{run_tag, load.bytes};
    const std::string_view data = payload.text;
    Places places{};
    body += R"({"type":")" + event_type_of(load, 0);
    places.type = body.size() - type_digits;
    body += R"(","source":"bench","data":")" + escaped(data.substr(0, payload.mark_at));
    places.mark = body.size();
    body += escaped(data.substr(payload.mark_at)) + '"';
    if (load.groups > 0) {
        body += R"(,"messageGroup":"fcb-)" + std::string{run_tag} + '-';
        places.group = body.size();
        body += std::string(group_digits, '0') + '"';
    }
    if (load.dedup != Dedup::none) {
        body += R"(,"deduplicationId":")";
        if (load.dedup == Dedup::ordered) body += "fcb-" + std::string{run_tag} + '-';
        places.dedup = body.size();
        body += std::string(load.dedup == Dedup::ordered ? ordered_digits : random_digits, '0') + '"';
    }
    body += '}';
    events_.push_back(places);
}

void RequestText::set(std::size_t index, const Mark& mark) {
    const auto& places = events_[index];
    write_mark(text_.data() + places.mark, mark);
    if (load_.types > 1)
        write_digits(text_.data() + places.type, type_digits, type_of_group(load_, mark.group));
    if (load_.groups > 0) write_digits(text_.data() + places.group, group_digits, mark.group);
    if (load_.dedup == Dedup::ordered) write_digits(text_.data() + places.dedup, ordered_digits, mark.number);
    if (load_.dedup == Dedup::random) {
        write_hex(text_.data() + places.dedup, spread(seed_ + 2 * mark.number));
        write_hex(text_.data() + places.dedup + 16, spread(seed_ + 2 * mark.number + 1));
    }
}

}  // namespace fc::bench
