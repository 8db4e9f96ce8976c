#include "http/input_buffer.h"

#include <algorithm>

namespace fc::http {

void InputBuffer::consume(std::size_t count) {
    begin_ += count;
    if (begin_ == end_) begin_ = end_ = 0;
}

void InputBuffer::append(std::string_view bytes) {
    make_room(bytes.size());
    std::copy(bytes.begin(), bytes.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(end_));
    end_ += bytes.size();
}

boost::asio::mutable_buffer InputBuffer::room() {
    make_room(1);
    return {bytes_.data() + end_, bytes_.size() - spare_bytes - end_};
}

void InputBuffer::make_room(std::size_t count) {
    if (end_ + count + spare_bytes <= bytes_.size()) return;
    const auto used = end_ - begin_;
    std::copy(
        bytes_.begin() + static_cast<std::ptrdiff_t>(begin_),
        bytes_.begin() + static_cast<std::ptrdiff_t>(end_),
        bytes_.begin());
    begin_ = 0;
    end_ = used;
    if (used + count + spare_bytes > bytes_.size()) {
        bytes_.resize(std::max<std::size_t>({4096, bytes_.size() * 2, used + count + spare_bytes}));
    }
}

}  // namespace fc::http
