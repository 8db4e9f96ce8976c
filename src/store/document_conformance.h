#pragma once

#include "store/store_fixture.h"

/// The part of store_conformance.h about entities.
namespace fc::store {

class DocumentConformance : public StoreConformance {
protected:
    static Change insert(std::uint64_t id, std::string code, std::uint64_t client = 0) {
        return {Change::Kind::insert, "pools", {Tsid{id}, Tsid{client}, std::move(code), "{}"}};
    }
    static Change replace(std::uint64_t id, std::string code, std::string text) {
        return {Change::Kind::replace, "pools", {Tsid{id}, {}, std::move(code), std::move(text)}};
    }
    static Change remove(std::uint64_t id) { return {Change::Kind::remove, "pools", {Tsid{id}, {}, "", ""}}; }
    /// The code of the error; "" when the changes were stored.
    std::string commit(std::vector<Change> changes) {
        const auto done = run(documents().commit(std::move(changes)));
        return done ? "" : done.error().code;
    }
    std::vector<std::uint64_t> stored() {
        std::vector<std::uint64_t> ids;
        for (const auto& each : run(documents().load("pools"))) ids.push_back(each.id.value);
        return ids;
    }
    using Numbers = std::vector<std::uint64_t>;
};

TEST_P(DocumentConformance, ChangesAreReadBackAlsoAfterARestart) {
    EXPECT_EQ(commit({insert(3, "c"), insert(1, "a"), insert(2, "b", 9)}), "");
    EXPECT_EQ(commit({replace(1, "z", "{\"n\":2}"), remove(3)}), "");
    reopen();
    EXPECT_EQ(stored(), (Numbers{1, 2})) << "by id";
    const auto found = run(documents().find("pools", Tsid{1})).value();
    EXPECT_EQ(found.code, "z");
    EXPECT_EQ(found.text, "{\"n\":2}");
    EXPECT_EQ(run(documents().find("pools", Tsid{2}))->client_id, Tsid{9});
    EXPECT_FALSE(run(documents().find("pools", Tsid{3})));
    EXPECT_FALSE(run(documents().find("subscriptions", Tsid{1})));
    EXPECT_TRUE(run(documents().load("subscriptions")).empty());
}

TEST_P(DocumentConformance, RefusedChangeLeavesNothingOfItsUnitOfWork) {
    ASSERT_EQ(commit({insert(1, "a")}), "");
    EXPECT_EQ(commit({insert(2, "b"), replace(1, "a", "changed"), insert(3, "a")}), "CODE_EXISTS");
    EXPECT_EQ(stored(), Numbers{1});
    EXPECT_EQ(run(documents().find("pools", Tsid{1}))->text, "{}");
    EXPECT_EQ(commit({remove(1), remove(4)}), "NOT_FOUND");
    EXPECT_EQ(stored(), Numbers{1});
    EXPECT_EQ(commit({insert(2, "b")}), "") << "the refused one does not hold its code";
}

TEST_P(DocumentConformance, CodeIsUniqueWithinAClientAndWithoutOne) {
    EXPECT_EQ(commit({insert(1, "a"), insert(2, "a", 5), insert(3, "a", 6)}), "");
    EXPECT_EQ(commit({insert(4, "a")}), "CODE_EXISTS");
    EXPECT_EQ(commit({insert(4, "a", 5)}), "CODE_EXISTS");
    EXPECT_EQ(commit({insert(5, ""), insert(6, "")}), "") << "no code is no conflict";
}

TEST_P(DocumentConformance, ReplaceTellsATakenCodeFromAMissingEntity) {
    ASSERT_EQ(commit({insert(1, "a"), insert(2, "b")}), "");
    EXPECT_EQ(commit({replace(2, "a", "{}")}), "CODE_EXISTS");
    EXPECT_EQ(commit({replace(3, "c", "{}")}), "NOT_FOUND");
    EXPECT_EQ(commit({replace(2, "b", "{}")}), "") << "its own code is free to keep";
}

TEST_P(DocumentConformance, RefusedUnitOfWorkDoesNotDisturbItsNeighbours) {
    // Submitted together, so that they may share a commit.
    int done = 0;
    const auto count = [&](std::exception_ptr failure, Result<void> answer) {
        EXPECT_FALSE(failure);
        if (answer) ++done;
    };
    boost::asio::co_spawn(io, documents().commit({insert(1, "a")}), count);
    boost::asio::co_spawn(io, documents().commit({insert(2, "b"), insert(3, "a")}), count);
    boost::asio::co_spawn(io, documents().commit({insert(4, "d")}), count);
    io.restart();
    io.run();
    EXPECT_EQ(done, 2);
    EXPECT_EQ(stored(), (Numbers{1, 4}));
}

TEST_P(DocumentConformance, IdsOfEntitiesRaiseTheFloor) {
    ASSERT_EQ(commit({insert(900'000, "a")}), "");
    reopen();
    EXPECT_EQ(store->id_floor(), 900'000u);
}

}  // namespace fc::store
