#pragma once

#include "queue/queue_fixture_conformance.h"

/// The contract of the port, run on every backend. A backend's test includes this once and says
/// `INSTANTIATE_TEST_SUITE_P(Nats, QueueConformance, testing::Values(...))`.
namespace fc::queue {

TEST_P(QueueConformance, MessageArrivesAsPublishedAndIsGoneAfterItsAck) {
    publish({"one"});
    take();
    auto messages = fetch(10);
    ASSERT_EQ(messages.size(), 1u);
    EXPECT_EQ(messages[0]->body(), "body of one");
    EXPECT_EQ(messages[0]->id(), "one");
    EXPECT_EQ(messages[0]->group(), "group-one");
    EXPECT_EQ(messages[0]->deliveries(), 1u);
    messages[0]->ack();
    EXPECT_TRUE(fetch(10, short_wait).empty());
    EXPECT_TRUE(run(queue->subjects()).empty());
    take();
    EXPECT_TRUE(fetch(10, short_wait).empty());
}

TEST_P(QueueConformance, KeepsTheOrderOfPublishing) {
    publish(numbered(3'000));
    take();
    EXPECT_EQ(ids(fetch_all(3'000)), numbered(3'000));
}

TEST_P(QueueConformance, WaitingFetchGetsAMessageWhenItIsPublished) {
    take();
    std::optional<Messages> got;
    boost::asio::co_spawn(io, consumer->fetch(5, long_wait), [&](std::exception_ptr, Messages messages) {
        got = std::move(messages);
    });
    io.run_for(Millis{100});
    ASSERT_FALSE(got);
    const auto start = std::chrono::steady_clock::now();
    publish({"late"});
    run_until([&] { return got.has_value(); });
    EXPECT_EQ(ids(*got), std::vector<std::string>{"late"});
    EXPECT_LT(since(start), Millis{2'000});
}

TEST_P(QueueConformance, FetchIsBoundedAndEndsWithItsWait) {
    publish(numbered(25));
    take();
    std::vector<std::string> seen;
    while (seen.size() < 25) {
        auto messages = fetch(10);
        ASSERT_FALSE(messages.empty());
        ASSERT_LE(messages.size(), 10u);
        for (const auto& id : ids(messages)) seen.push_back(id);
    }
    EXPECT_EQ(seen, numbered(25));
    const auto start = std::chrono::steady_clock::now();
    EXPECT_TRUE(fetch(10, short_wait).empty());
    EXPECT_GE(since(start), short_wait);
    EXPECT_LT(since(start), short_wait + Millis{2'000});
}

TEST_P(QueueConformance, NackedMessageComesBackAfterItsDelayAndOthersDoNotWait) {
    publish({"a", "b"});
    take();
    auto messages = fetch_all(2);
    ASSERT_EQ(ids(messages), (std::vector<std::string>{"a", "b"}));
    const auto start = std::chrono::steady_clock::now();
    messages[0]->nack(Millis{700});
    messages[1]->ack();
    publish({"c"});
    EXPECT_EQ(ids(fetch(10)), std::vector<std::string>{"c"});
    auto again = fetch(10);
    ASSERT_EQ(ids(again), std::vector<std::string>{"a"});
    EXPECT_GE(since(start), Millis{650});
    EXPECT_LT(since(start), Millis{5'000});
    EXPECT_EQ(again[0]->deliveries(), 2u);
}

TEST_P(QueueConformance, NackWithoutDelayStillWaits) {
    publish({"a"});
    take();
    auto messages = fetch(1);
    const auto start = std::chrono::steady_clock::now();
    messages.at(0)->nack(Millis{0});
    ASSERT_EQ(fetch(1).size(), 1u);
    EXPECT_GE(since(start), nack_delay_min - Millis{20});
}

TEST_P(QueueConformance, ExtendedMessageStaysOutAndAForgottenOneComesBack) {
    open_queue(Millis{1'500});
    publish({"a"});
    take();
    auto messages = fetch(1);
    ASSERT_EQ(messages.size(), 1u);
    for (int i = 0; i < 4; ++i) {
        EXPECT_TRUE(fetch(1, Millis{700}).empty()) << "delivered again although extended";
        messages[0]->extend();
    }
    const auto start = std::chrono::steady_clock::now();
    auto again = fetch(1);
    ASSERT_EQ(ids(again), std::vector<std::string>{"a"});
    EXPECT_GE(since(start), Millis{1'300});
}

TEST_P(QueueConformance, MessageThatNobodyFetchedIsNotDeliveredTwice) {
    open_queue(Millis{1'000});
    take();
    EXPECT_TRUE(fetch(10, short_wait).empty());  // leaves the wish for ten at the broker
    publish({"a"});
    io.run_for(Millis{2'500});
    auto messages = fetch(10);
    ASSERT_EQ(ids(messages), std::vector<std::string>{"a"});
    messages[0]->ack();
    EXPECT_TRUE(fetch(10, Millis{1'500}).empty());
}

TEST_P(QueueConformance, MessageIdIsRefusedWithinTheWindowEvenAfterItsAck) {
    publish({"a"});
    auto twice = std::vector<OutgoingMessage>{};
    twice.push_back(message("a"));
    twice.push_back(message("b"));
    EXPECT_EQ(
        run(queue->publish(std::move(twice))),
        (std::vector{PublishOutcome::duplicate, PublishOutcome::stored}));
    take();
    auto messages = fetch_all(2);
    EXPECT_EQ(ids(messages), (std::vector<std::string>{"a", "b"}));
    for (auto& each : messages) each->ack();
    auto acked = std::vector<OutgoingMessage>{};
    acked.push_back(message("a"));
    EXPECT_EQ(run(queue->publish(std::move(acked))), std::vector{PublishOutcome::duplicate});
    publish({"a-2"});
    EXPECT_EQ(ids(fetch(10)), std::vector<std::string>{"a-2"});
}

TEST_P(QueueConformance, MessagesWithoutAnIdAreNotDeduplicatedAndGetOne) {
    auto batch = std::vector<OutgoingMessage>{};
    batch.push_back(message(""));
    batch.push_back(message(""));
    EXPECT_EQ(run(queue->publish(std::move(batch))), std::vector(2, PublishOutcome::stored));
    take();
    auto messages = fetch_all(2);
    ASSERT_EQ(messages.size(), 2u);
    EXPECT_NE(messages[0]->id(), "");
    EXPECT_NE(messages[0]->id(), messages[1]->id());
}

TEST_P(QueueConformance, TakingAPoolBringsBackAllUnsettledInOrderBeforeLaterOnes) {
    publish(numbered(6));
    take();
    auto messages = fetch_all(4);
    ASSERT_EQ(messages.size(), 4u);
    messages[1]->ack();
    messages[2]->nack(Millis{60'000});
    publish({"later"});
    take();
    EXPECT_EQ(ids(fetch_all(6)), (std::vector<std::string>{"m0", "m2", "m3", "m4", "m5", "later"}));
}

TEST_P(QueueConformance, FormerOwnerIsToldThatItsPoolWasTaken) {
    publish({"a"});
    take();
    ASSERT_EQ(fetch(10).size(), 1u);
    auto former = std::move(consumer);
    auto other = harness->open(io, Millis{30'000});
    consumer = run(other->take_pool(PoolSubject::of_pool("default")));
    EXPECT_EQ(failure_of(former->fetch(10, long_wait)), QueueErrc::consumer_lost);
    EXPECT_EQ(ids(fetch(10)), std::vector<std::string>{"a"});
    former.reset();
    consumer.reset();
    other->stop();
}

TEST_P(QueueConformance, AnyBytesAreHandedThrough) {
    const std::string bytes{"\xff\x00{\r\n\"id\":", 11};
    auto batch = std::vector<OutgoingMessage>{};
    batch.push_back(message("bytes"));
    batch.back().body = bytes;
    batch.push_back(message("empty"));
    batch.back().body.clear();
    batch.push_back(message("large"));
    batch.back().body.assign(500'000, 'x');
    EXPECT_EQ(run(queue->publish(std::move(batch))), std::vector(3, PublishOutcome::stored));
    take();
    auto messages = fetch_all(3);
    ASSERT_EQ(messages.size(), 3u);
    EXPECT_EQ(messages[0]->body(), bytes);
    EXPECT_EQ(messages[1]->body(), "");
    EXPECT_EQ(messages[2]->body().size(), 500'000u);
}

TEST_P(QueueConformance, EveryPoolCodeHasItsOwnMessages) {
    const std::vector<std::string> pools = {
        "default",
        "a.b",
        "a",
        "*",
        "a.>",
        "two words",
        "50%",
        "a%2Eb",
        "käse",
        "tab\there",
        std::string(250, '.')};
    std::vector<OutgoingMessage> batch;
    for (std::size_t i = 0; i < pools.size(); ++i)
        batch.push_back(message("for-" + std::to_string(i), pools[i]));
    EXPECT_EQ(run(queue->publish(std::move(batch))), std::vector(pools.size(), PublishOutcome::stored));

    std::vector<std::string> present;
    for (const auto& backlog : run(queue->subjects())) {
        EXPECT_EQ(backlog.messages, 1u);
        present.push_back(backlog.subject.pool_key());
    }
    EXPECT_TRUE(std::is_permutation(present.begin(), present.end(), pools.begin(), pools.end()));

    for (std::size_t i = 0; i < pools.size(); ++i) {
        take(PoolSubject::of_pool(pools[i]));
        auto messages = fetch(10);
        EXPECT_EQ(ids(messages), std::vector<std::string>{"for-" + std::to_string(i)}) << pools[i];
        EXPECT_TRUE(fetch(10, Millis{20}).empty()) << pools[i];
    }
}

TEST_P(QueueConformance, SubjectsThatOthersWroteUnencodedAreConsumedToo) {
    const auto foreign = PoolSubject::present("a.b").value();
    auto batch = std::vector<OutgoingMessage>{};
    batch.push_back({.subject = foreign, .message_id = "x", .group = "", .body = "theirs"});
    batch.push_back(message("ours", "a.b"));
    EXPECT_EQ(run(queue->publish(std::move(batch))), std::vector(2, PublishOutcome::stored));
    EXPECT_EQ(run(queue->subjects()).size(), 2u);
    take(foreign);
    EXPECT_EQ(ids(fetch(10)), std::vector<std::string>{"x"});
    take(PoolSubject::of_pool("a.b"));
    EXPECT_EQ(ids(fetch(10)), std::vector<std::string>{"ours"});
}

TEST_P(QueueConformance, StopEndsAWaitingFetch) {
    take();
    std::exception_ptr failure;
    boost::asio::co_spawn(
        io, consumer->fetch(1, Millis{60'000}), [&](std::exception_ptr error, Messages) { failure = error; });
    io.run_for(Millis{50});
    const auto start = std::chrono::steady_clock::now();
    queue->stop();
    run_until([&] { return failure != nullptr; }, Millis{1'000});
    EXPECT_LT(since(start), Millis{1'000});
    EXPECT_THROW(std::rethrow_exception(failure), boost::system::system_error);
    EXPECT_EQ(failure_of(queue->stream()), QueueErrc::stopped);
}

TEST_P(QueueConformance, CancelledFetchLosesNothing) {
    take();
    boost::asio::cancellation_signal cancel;
    std::exception_ptr failure;
    auto ended = [&](std::exception_ptr error, Messages) { failure = error; };
    boost::asio::co_spawn(
        io, consumer->fetch(1, Millis{60'000}), boost::asio::bind_cancellation_slot(cancel.slot(), ended));
    io.run_for(Millis{50});
    cancel.emit(boost::asio::cancellation_type::terminal);
    run_until([&] { return failure != nullptr; }, Millis{1'000});
    EXPECT_THROW(std::rethrow_exception(failure), boost::system::system_error);
    publish({"after"});
    EXPECT_EQ(ids(fetch(1)), std::vector<std::string>{"after"});
}

TEST_P(QueueConformance, AckBeforeStopIsNotLost) {
    publish({"a", "b"});
    take();
    auto messages = fetch_all(2);
    ASSERT_EQ(messages.size(), 2u);
    messages[0]->ack();
    queue->stop();
    open_queue(Millis{30'000});
    take();
    EXPECT_EQ(ids(fetch(10)), std::vector<std::string>{"b"});
}

TEST_P(QueueConformance, NothingIsLostWhenTheServerRestarts) {
    publish(numbered(50));
    take();
    auto held = fetch_all(10);
    ASSERT_EQ(held.size(), 10u);
    harness->stop_server();
    wait_for_connection(false);
    for (int i = 0; i < 5; ++i) held[i]->ack();  // sent when the connection is back
    harness->start_server();
    wait_for_connection(true);
    auto rest = fetch_all(40);
    auto expected = numbered(50);
    EXPECT_EQ(ids(rest), std::vector(expected.begin() + 10, expected.end()));
    publish({"new"});
    EXPECT_EQ(ids(fetch(1)), std::vector<std::string>{"new"});
    take();
    expected.erase(expected.begin(), expected.begin() + 5);
    expected.push_back("new");
    EXPECT_EQ(ids(fetch_all(46)), expected);
}

TEST_P(QueueConformance, UnreachableServerFailsAtOnceAndComesBack) {
    harness->stop_server();
    wait_for_connection(false);
    auto batch = std::vector<OutgoingMessage>{};
    batch.push_back(message("a"));
    EXPECT_EQ(run(queue->publish(std::move(batch))), std::vector{PublishOutcome::failed});
    EXPECT_EQ(failure_of(queue->take_pool(PoolSubject::of_pool("default"))), QueueErrc::unreachable);
    EXPECT_EQ(failure_of(queue->stream()), QueueErrc::unreachable);
    harness->start_server();
    wait_for_connection(true);
    publish({"a"});
    take();
    EXPECT_EQ(ids(fetch(10)), std::vector<std::string>{"a"});
}

TEST_P(QueueConformance, LostStreamIsTold) {
    publish(numbered(3));
    const auto before = run(queue->stream());
    EXPECT_EQ(before.last_sequence, 3u);
    EXPECT_EQ(before.messages, 3u);
    publish({"more"});
    harness->stop_server();
    wait_for_connection(false);
    harness->start_server();
    wait_for_connection(true);
    EXPECT_TRUE(is_same_stream(before, run(queue->stream())));

    take();
    harness->stop_server();
    wait_for_connection(false);
    harness->lose_data();
    harness->start_server();
    wait_for_connection(true);
    EXPECT_EQ(failure_of(consumer->fetch(1, long_wait)), QueueErrc::consumer_lost);
    EXPECT_FALSE(is_same_stream(before, run(queue->stream())));
    publish({"first-again"});
    take();
    EXPECT_EQ(ids(fetch(1)), std::vector<std::string>{"first-again"});
}

}  // namespace fc::queue
