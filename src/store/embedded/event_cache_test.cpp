#include "store/embedded/event_cache.h"

#include <gtest/gtest.h>

namespace fc::store::sqlite {
namespace {

/// Of an event with so many bytes of data.
constexpr std::size_t size_of(std::size_t bytes) {
    return sizeof(EventRecord) + bytes;
}

std::shared_ptr<const EventRecord> event(std::uint64_t id, std::size_t bytes) {
    EventRecord made;
    made.id = Tsid{id};
    made.data.assign(bytes, 'x');
    return std::make_shared<const EventRecord>(std::move(made));
}

std::string cached(const EventCache& cache, std::uint64_t last) {
    std::string ids;
    for (std::uint64_t id = 1; id <= last; ++id) {
        if (cache.find(Tsid{id})) ids += std::to_string(id) + ' ';
    }
    return ids;
}

/// As many small ones as it holds: a single one may take an eighth of it.
constexpr std::size_t room_for_8 = 8 * size_of(10);

TEST(EventCache, KeepsTheNewest) {
    EventCache cache(room_for_8);
    for (std::uint64_t id = 1; id <= 10; ++id) cache.put(event(id, 10));
    EXPECT_EQ(cached(cache, 10), "3 4 5 6 7 8 9 10 ");
    EXPECT_EQ(cache.find(Tsid{7})->id, Tsid{7});
}

TEST(EventCache, OneThatIsLargeDoesNotDriveOutTheOthers) {
    EventCache cache(room_for_8);
    cache.put(event(1, 10));
    cache.put(event(2, 11));
    EXPECT_EQ(cached(cache, 2), "1 ");
}

TEST(EventCache, TwiceTheSameIsOne) {
    EventCache cache(room_for_8);
    for (std::uint64_t id = 1; id <= 8; ++id) cache.put(event(id, 10));
    cache.put(event(8, 10));
    EXPECT_EQ(cached(cache, 8), "1 2 3 4 5 6 7 8 ");
}

TEST(EventCache, ForgetsOneOrAll) {
    EventCache cache(room_for_8);
    for (std::uint64_t id = 1; id <= 8; ++id) cache.put(event(id, 10));
    cache.forget(Tsid{2});
    EXPECT_EQ(cached(cache, 8), "1 3 4 5 6 7 8 ");
    cache.put(event(9, 10));
    EXPECT_EQ(cached(cache, 9), "3 4 5 6 7 8 9 ")
        << "the forgotten one keeps its room until it would have left";
    cache.clear();
    cache.put(event(1, 10));
    EXPECT_EQ(cached(cache, 9), "1 ");
}

}  // namespace
}  // namespace fc::store::sqlite
