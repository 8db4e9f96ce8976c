#include "store/embedded/embedded_store.h"

#include "store/embedded/scratch_store_test.h"
#include "store/store_conformance.h"

namespace fc::store {
namespace {

class EmbeddedHarness final : public StoreHarness {
public:
    std::unique_ptr<Store> open(
        boost::asio::io_context& io, BlockingPool& threads, const Clock& clock) override {
        return open_embedded_store({.path = directory_.file()}, io, threads, clock);
    }

private:
    ScratchDirectory directory_;
};

const StoreBackend embedded{"Embedded", [] { return std::make_unique<EmbeddedHarness>(); }};

}  // namespace

INSTANTIATE_TEST_SUITE_P(Embedded, StoreConformance, testing::Values(embedded));
INSTANTIATE_TEST_SUITE_P(Embedded, OrderConformance, testing::Values(embedded));
INSTANTIATE_TEST_SUITE_P(Embedded, DocumentConformance, testing::Values(embedded));

}  // namespace fc::store
