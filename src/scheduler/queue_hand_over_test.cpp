#include "scheduler/queue_hand_over.h"

#include "protocol/dispatch_message.h"
#include "scheduler/processing_api.h"

#include <gtest/gtest.h>

#include <set>

namespace fc::scheduler {
namespace {

/// Keeps what was published; confirms all but the first `failures` batches.
class RecordingQueue final : public queue::Queue {
public:
    std::vector<queue::OutgoingMessage> published;
    int failures = 0;

    Task<queue::StreamState> stream() override { co_return queue::StreamState{}; }
    Task<std::vector<queue::PublishOutcome>> publish(std::vector<queue::OutgoingMessage> messages) override {
        const auto outcome = failures-- > 0 ? queue::PublishOutcome::failed : queue::PublishOutcome::stored;
        std::vector<queue::PublishOutcome> outcomes(messages.size(), outcome);
        std::move(messages.begin(), messages.end(), std::back_inserter(published));
        co_return outcomes;
    }
    Task<std::vector<queue::SubjectBacklog>> subjects() override {
        co_return std::vector<queue::SubjectBacklog>{};
    }
    Task<std::unique_ptr<queue::Consumer>> take_pool(queue::PoolSubject) override { co_return nullptr; }
    bool is_connected() const override { return true; }
    void stop() override {}
};

struct Publishing {
    boost::asio::io_context io;
    RecordingQueue queue;
    Secret key{"app key"};

    QueueHandOver start(std::uint64_t start_id) {
        QueueHandOverSettings settings{"http://localhost:8080/api/dispatch/process", key, Tsid{start_id}};
        return {std::move(settings), QueueHandOver::Parts{io.get_executor(), nullptr, &queue, nullptr}};
    }
    void run() {
        io.restart();
        io.run();
    }
    static JobPtr job(std::uint64_t id) {
        store::ReadyJob ready;
        ready.job.id = Tsid{id};
        return std::make_shared<HeldJob>(std::move(ready));
    }
};

}  // namespace

TEST(QueueHandOver, PointerNamesTheJobItsPoolAndTheProcessingEndpointWithAToken) {
    Publishing publishing;
    auto hand_over = publishing.start(1);
    hand_over.hand_over("default", Publishing::job(42));
    publishing.run();
    ASSERT_EQ(publishing.queue.published.size(), 1U);
    const auto& message = publishing.queue.published[0];
    EXPECT_EQ(message.subject, queue::PoolSubject::of_pool("default"));
    const auto pointer = protocol::parse_dispatch_message(message.body).value();
    EXPECT_EQ(pointer.id, Tsid{42}.to_string());
    EXPECT_EQ(pointer.mediation_target, "http://localhost:8080/api/dispatch/process");
    EXPECT_EQ(pointer.auth_token.reveal(), processing_token(publishing.key, pointer.id));
}

TEST(QueueHandOver, NoPublicationCarriesTheMessageIdOfAnotherNorOfAnEarlierStart) {
    Publishing publishing;
    for (const std::uint64_t start_id : {1, 2}) {
        auto hand_over = publishing.start(start_id);
        for (int n = 0; n < 3; ++n) hand_over.hand_over("default", Publishing::job(42));
        publishing.run();
    }
    std::set<std::string> message_ids;
    for (const auto& message : publishing.queue.published) message_ids.insert(message.message_id);
    EXPECT_EQ(publishing.queue.published.size(), 6U);
    EXPECT_EQ(message_ids.size(), 6U) << "the broker drops what it takes for a duplicate";
}

TEST(QueueHandOver, WhatWasNotConfirmedIsPublishedAgainUnderItsId) {
    Publishing publishing;
    publishing.queue.failures = 1;
    auto hand_over = publishing.start(1);
    hand_over.hand_over("default", Publishing::job(42));
    publishing.run();
    ASSERT_EQ(publishing.queue.published.size(), 2U);
    EXPECT_EQ(publishing.queue.published[0].message_id, publishing.queue.published[1].message_id);
}

}  // namespace fc::scheduler
