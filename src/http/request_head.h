#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace fc::http {

enum class Method : std::uint8_t { get, head, post, put, patch, remove, options, other };

std::string_view to_string(Method method);

/// True for "Content-Type" and "content-type"; ASCII only.
bool equal_names(std::string_view a, std::string_view b);

/// A request line and its header fields: views into the connection's buffer.
struct RequestHead {
    struct Field {
        std::string_view name;
        std::string_view value;
    };

    Method method = Method::other;
    std::string_view method_text;
    std::string_view path;   ///< as sent, still percent-encoded; starts with '/', or is "*"
    std::string_view query;  ///< without its '?'
    std::vector<Field> fields;

    // What the server itself asks for on every request is picked out while parsing.
    std::string_view authorization;
    std::string_view origin;
    std::string_view
        correlation_id;  ///< X-Correlation-ID, else X-Request-ID; "" when absent or not fit to echo
    std::uint64_t content_length = 0;
    bool is_chunked = false;
    bool is_http_1_0 = false;
    bool keep_alive = false;
    bool expects_continue = false;

    bool has_body() const { return is_chunked || content_length > 0; }
    /// The first field of that name in any case; "" when absent.
    std::string_view header(std::string_view name) const;
    void clear();
};

/// Why a request cannot be read: the status to answer and one sentence. The connection closes after it.
struct HeadFault {
    int status = 400;
    std::string_view detail;
};

struct HeadLimits {
    std::size_t head_bytes_max = 16 * 1024;
    std::size_t line_bytes_max = 8 * 1024;  ///< of the request line
    std::size_t fields_max = 100;
};

/// Reads request heads (RFC 9112), strictly: what two parsers could read in two ways is refused.
class HeadParser {
public:
    enum class State { incomplete, complete, faulty };

    explicit HeadParser(HeadLimits limits = {}) : limits_(limits) {}

    /// `input` starts where the last head ended and only grows until the head is complete. Then `head` points
    /// into it.
    State parse(std::string_view input, RequestHead& head);
    /// Bytes of the complete head, with the empty line.
    std::size_t size() const { return size_; }
    const HeadFault& fault() const { return fault_; }
    /// Before the next request of the connection.
    void restart() { *this = HeadParser(limits_); }

private:
    State fail(int status, std::string_view detail);
    bool parse_request_line(std::string_view line, RequestHead& head);
    bool parse_target(std::string_view target, RequestHead& head);
    bool parse_field(std::string_view line, RequestHead& head);
    bool note_field(const RequestHead::Field& field, RequestHead& head);
    bool note_length(std::string_view value, RequestHead& head);
    void note_connection(std::string_view value);
    bool check_framing(RequestHead& head);

    HeadLimits limits_;
    HeadFault fault_;
    std::size_t searched_ = 0;
    std::size_t size_ = 0;
    int minor_version_ = 1;
    int hosts_ = 0;
    bool has_length_ = false;
    bool asks_close_ = false;
    bool asks_keep_alive_ = false;
};

/// Takes a chunked body apart (RFC 9112 section 7.1). Chunk extensions and trailers are read and dropped,
/// within a bound.
class ChunkedDecoder {
public:
    enum class State { reading, done, malformed, too_large };

    explicit ChunkedDecoder(std::size_t body_bytes_max) : body_bytes_max_(body_bytes_max) {}

    /// Appends body bytes to `body` and returns how many bytes of `input` were used: all, unless the body is
    /// over.
    template <class Body>
    std::size_t feed(std::string_view input, Body& body) {
        std::size_t used = 0;
        while (used < input.size() && state_ == State::reading) {
            if (part_ == Part::data) {
                const auto count = take_data(input.size() - used);
                body.append(input.substr(used, count));
                used += count;
            } else {
                take(input[used++]);
            }
        }
        return used;
    }
    State state() const { return state_; }

private:
    enum class Part {
        size,
        extension,
        size_end,
        data,
        data_cr,
        data_lf,
        trailer_start,
        trailer,
        trailer_lf,
        last_lf
    };

    void take(char c);
    void take_size(char c);
    std::size_t take_data(std::size_t available);
    void begin_chunk();
    void expect(char c, char wanted, Part next);

    std::size_t body_bytes_max_;
    std::size_t body_bytes_ = 0;
    std::uint64_t chunk_left_ = 0;
    std::size_t digits_ = 0;
    std::size_t overhead_ = 0;  ///< bytes of extensions and trailers
    Part part_ = Part::size;
    State state_ = State::reading;
};

}  // namespace fc::http
