#pragma once

#include "flowcatalyst/cli/misbehaviour.h"
#include "flowcatalyst/cli/signature_check.h"
#include "runtime/service.h"

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace fc::cli {

struct ListenerOptions {
    std::string host = "127.0.0.1";
    std::uint16_t port = 9000;  ///< 0: any free one
    Misbehaviour misbehaviour;
    Millis delay{};                            ///< before each answer
    std::optional<SignatureCheck> signatures;  ///< nullopt: they are not checked
    bool is_one_group = false;                 ///< all deliveries to a path are one message group
};

struct ListenerCounts {
    std::size_t deliveries = 0;
    std::size_t accepted = 0;
    std::size_t again = 0;
    std::size_t bad_signatures = 0;
    std::size_t out_of_order = 0;
};

/// A webhook target for people: judges each delivery, answers 200, or 401 when its signature is bad, or as
/// its misbehaviour says. io thread only.
class Listener : public Service {
public:
    using Print = std::function<void(std::string_view line)>;

    /// Listens at once. Throws runtime_error naming the port or the address when it cannot.
    Listener(boost::asio::io_context& io, ListenerOptions options, Print print);
    ~Listener() override;

    std::uint16_t port() const;
    const ListenerCounts& counts() const;

    std::string_view name() const override { return "listener"; }
    Task<> run() override;
    /// Breaks off what is not answered yet.
    Task<> stop(Millis deadline) override;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace fc::cli
