#include "bench/frame.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace fc::bench {
namespace {

constexpr std::string_view answer = "HTTP/1.1 201 Created\r\nServer: x\r\ncontent-LENGTH:  5 \r\n\r\nhello";

TEST(Frame, IsCompleteOnlyWithItsWholeBody) {
    for (std::size_t size = 0; size < answer.size(); ++size)
        EXPECT_FALSE(first_frame(answer.substr(0, size))) << size;
    const auto frame = first_frame(answer);
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->body, "hello");
    EXPECT_EQ(frame->size, answer.size());
    EXPECT_EQ(status_of(frame->head), 201);
}

TEST(Frame, LeavesTheNextMessageAlone) {
    const std::string two = std::string{answer} + "HTTP/1.1 204 No Content\r\n\r\n";
    const auto frame = first_frame(two);
    ASSERT_TRUE(frame);
    const auto second = first_frame(std::string_view{two}.substr(frame->size));
    ASSERT_TRUE(second);
    EXPECT_EQ(status_of(second->head), 204);
    EXPECT_EQ(second->body, "");
}

TEST(Frame, WhatItDoesNotReadIsSaid) {
    EXPECT_THROW(first_frame("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), std::runtime_error);
    EXPECT_THROW(first_frame("HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\n"), std::runtime_error);
}

TEST(Header, IsFoundInAnyCaseAndOnlyByItsWholeName) {
    constexpr std::string_view head = "POST /x HTTP/1.1\r\nX-Webhook-Id: no\r\nWebhook-Id:yes\r\n";
    EXPECT_EQ(header(head, "webhook-id"), "yes");
    EXPECT_EQ(header(head, "webhook"), "");
}

}  // namespace
}  // namespace fc::bench
