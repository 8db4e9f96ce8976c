#pragma once

#include "flowcatalyst/cli/transfer_line.h"
#include "store/store.h"

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace fc::cli {

/// Puts the lines of an export into a store. Ids are kept, so what is there already is left as it is, and an
/// import that was broken off is simply made again. An event is kept as history: nothing is delivered.
class Importer {
public:
    struct Counts {
        std::size_t stored = 0;
        std::size_t present = 0;
        std::size_t faulty = 0;
        std::size_t new_secrets = 0;  ///< subscriptions that came without theirs
    };
    using Refused = std::function<void(std::size_t line, const std::string& why)>;

    Importer(store::Store& store, Refused refused) : store_(store), refused_(std::move(refused)) {}

    Task<> take(std::string text);
    /// Stores the last events.
    Task<> finish();
    const Counts& counts() const { return counts_; }

private:
    Task<Result<void>> take_entity(TransferLine line);
    Task<Result<void>> take_event(TransferLine line);
    /// A subscription: its pool, and whether its secret is new.
    void adapt(const TransferLine& line, store::Document& entity);
    Task<std::optional<Tsid>> default_pool();

    store::Store& store_;
    Refused refused_;
    Counts counts_;
    std::size_t line_ = 0;
    std::vector<store::NewEvent> waiting_;
    std::map<Tsid, Tsid> pools_;  ///< the platform's default pool there -> here
};

}  // namespace fc::cli
