#pragma once

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <bit>

namespace fc::codec {

/// The first byte in [p, end) that JSON text cannot hold as it is: a quote, a backslash or a control
/// character; else `end`.
inline const char* find_special(const char* p, const char* end) {
#ifdef __SSE2__
    const auto quote = _mm_set1_epi8('"');
    const auto backslash = _mm_set1_epi8('\\');
    const auto last_control = _mm_set1_epi8(0x1f);
    for (; end - p >= 16; p += 16) {
        const auto bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
        const auto control = _mm_cmpeq_epi8(_mm_max_epu8(bytes, last_control), last_control);
        const auto marks = _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash));
        const auto found = static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(marks, control)));
        if (found != 0) return p + std::countr_zero(found);
    }
#endif
    while (p != end && *p != '"' && *p != '\\' && static_cast<unsigned char>(*p) >= 0x20) ++p;
    return p;
}

}  // namespace fc::codec
