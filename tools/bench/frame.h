#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace fc::bench {

/// One HTTP/1.1 message with Content-Length, in the buffer it was read into.
struct Frame {
    std::string_view head;  ///< start line and header lines, each with its end
    std::string_view body;
    std::size_t size = 0;  ///< of the whole message
};

/// The first message of `bytes`; nullopt when it is not complete. Throws std::runtime_error on what this tool
/// does not speak (chunked bodies, a bad length): both ends are ours, so that is a finding, not an input.
std::optional<Frame> first_frame(std::string_view bytes);
/// Value of a header, without surrounding blanks; "" when absent. `name` in lower case.
std::string_view header(std::string_view head, std::string_view name);
/// Status of an answer; 0 when its first line is none.
int status_of(std::string_view head);

}  // namespace fc::bench
