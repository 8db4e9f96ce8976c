#pragma once

#include "store/embedded/writer.h"

#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <optional>
#include <utility>

namespace fc::store::sqlite {

/// A function of a Transaction as an operation that resumes a coroutine.
template <class F, class Handler>
class TaskOp final : public WriteOp {
public:
    using Answer = std::invoke_result_t<F&, Transaction&>;

    TaskOp(F work, Handler handler) : work_(std::move(work)), handler_(std::move(handler)) {}
    void apply(Transaction& transaction) override { answer_.emplace(work_(transaction)); }
    void complete(std::exception_ptr failure) override {
        auto handler = std::move(handler_);
        if (failure) {
            std::move(handler)(std::move(failure), Answer{});
        } else {
            std::move(handler)(nullptr, std::move(*answer_));
        }
    }

private:
    F work_;
    Handler handler_;
    std::optional<Answer> answer_;
};

struct WriteOptions {
    Durability durability = Durability::power_cut;
    bool urgent = true;
    std::size_t rows = 1;
};

/// Runs `work` in the next commit; the task ends with what it returned once that is durable, or throws why
/// not.
template <class F>
Task<std::invoke_result_t<F&, Transaction&>> write(Writer& writer, WriteOptions options, F work) {
    using Answer = std::invoke_result_t<F&, Transaction&>;
    auto token = boost::asio::use_awaitable_t<Executor>{};
    auto submit = [&writer, options](auto handler, F function) {
        using Op = TaskOp<F, decltype(handler)>;
        auto operation = std::make_unique<Op>(std::move(function), std::move(handler));
        operation->durability = options.durability;
        operation->urgent = options.urgent;
        operation->rows = options.rows;
        writer.submit(std::move(operation));
    };
    return boost::asio::async_initiate<decltype(token), void(std::exception_ptr, Answer)>(
        std::move(submit), token, std::move(work));
}

}  // namespace fc::store::sqlite
