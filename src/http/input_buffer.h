#pragma once

#include <boost/asio/buffer.hpp>

#include <cstddef>
#include <string_view>
#include <vector>

namespace fc::http {

/// How many bytes behind a body can be read: the JSON parser looks at them.
inline constexpr std::size_t spare_bytes = 64;

/// Bytes read from a socket and not used yet. `spare_bytes` behind the end can be read.
class InputBuffer {
public:
    std::string_view view() const { return {bytes_.data() + begin_, end_ - begin_}; }
    void consume(std::size_t count);
    void append(std::string_view bytes);
    /// Room for at least one byte at the end; moves what view() showed, unless there is room already.
    boost::asio::mutable_buffer room();
    void commit(std::size_t count) { end_ += count; }

private:
    void make_room(std::size_t count);

    std::vector<char> bytes_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

}  // namespace fc::http
