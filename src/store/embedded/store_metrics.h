#pragma once

#include "runtime/metrics.h"

#include <boost/describe/class.hpp>

namespace fc::store::sqlite {

/// What the store does, by `operation`: commit (many writes share one), read, checkpoint. Any thread.
struct StoreMetrics {
    metrics::Counter operations_total;  ///< by `operation` and `result`: success, error
    metrics::Histogram operation_duration_seconds;
    metrics::Counter writes_total;  ///< that shared the commits
};
BOOST_DESCRIBE_STRUCT(StoreMetrics, (), (operations_total, operation_duration_seconds, writes_total))

/// The handles of one operation.
struct OperationMetrics {
    metrics::Counter succeeded;
    metrics::Counter failed;
    metrics::Histogram seconds;

    OperationMetrics() = default;
    OperationMetrics(const StoreMetrics& all, const std::string& operation)
        : succeeded(all.operations_total.with({{"operation", operation}, {"result", "success"}})),
          failed(all.operations_total.with({{"operation", operation}, {"result", "error"}})),
          seconds(all.operation_duration_seconds.with({{"operation", operation}})) {}

    void count(bool success, double took) {
        (success ? succeeded : failed).increment();
        seconds.observe(took);
    }
};

}  // namespace fc::store::sqlite
