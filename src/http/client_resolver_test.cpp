#include "http/client_resolver.h"

#include "http/client_fixture.h"

#include <atomic>
#include <map>
#include <semaphore>

namespace fc::http {
namespace {

/// What a scripted name server knows; `asked` is counted on its threads.
struct Names {
    std::map<std::string, std::vector<IpAddress>> addresses;
    std::atomic<int> asked{0};
    std::atomic<bool> is_down{false};
    std::counting_semaphore<> slow{0};  ///< lookups of "slow.*" wait for it

    NameLookup lookup() {
        return [this](const std::string& host) -> NameAnswer {
            ++asked;
            if (host.starts_with("slow.")) slow.acquire();
            const auto found = addresses.find(host);
            if (found == addresses.end() || is_down) return {.addresses = {}, .error = "no such name"};
            return {.addresses = found->second, .error = {}};
        };
    }
};

struct Answered {
    std::optional<NameAnswer> answer;
    bool is_done = false;
};

class ClientResolverTest : public ClientFixture {
protected:
    std::shared_ptr<Answered> ask(ClientResolver& resolver, const std::string& host, Millis patience) {
        auto answered = std::make_shared<Answered>();
        const auto deadline = std::chrono::steady_clock::now() + patience;
        const auto on_end = [answered](const std::exception_ptr&, std::optional<NameAnswer> answer) {
            answered->is_done = true;
            answered->answer = std::move(answer);
        };
        boost::asio::co_spawn(io_, resolver.resolve(host, deadline), on_end);
        return answered;
    }
    std::optional<NameAnswer> resolve(ClientResolver& resolver, const std::string& host) {
        const auto answered = ask(resolver, host, Millis{5000});
        while (!answered->is_done) {
            io_.restart();
            io_.run_one_for(Millis{5000});
        }
        return answered->answer;
    }

    void run_for(Millis duration) {
        // A lookup on a thread of its own is no work that the context knows of.
        const auto guard = boost::asio::make_work_guard(io_);
        ClientFixture::run_for(duration);
    }

    Names names_;
    IpAddress one_ = IpAddress::v4(0x08080801);
    IpAddress two_ = IpAddress::v4(0x08080802);
};

TEST_F(ClientResolverTest, AddressesAndLocalhostAreNotLookedUp) {
    ClientResolver resolver(io_.get_executor(), std::chrono::seconds(30), names_.lookup());
    EXPECT_EQ(resolve(resolver, "8.8.8.1")->addresses, std::vector{one_});
    EXPECT_EQ(resolve(resolver, "localhost")->addresses.size(), 2U);
    EXPECT_EQ(names_.asked, 0);
}

TEST_F(ClientResolverTest, AnswersAreKeptAndSharedByThoseWhoWait) {
    names_.addresses["a.example"] = {one_, two_};
    ClientResolver resolver(io_.get_executor(), std::chrono::seconds(30), names_.lookup());
    const auto first = ask(resolver, "a.example", Millis{5000});
    const auto second = ask(resolver, "a.example", Millis{5000});
    EXPECT_EQ(resolve(resolver, "a.example")->addresses, (std::vector{one_, two_}));
    EXPECT_EQ(resolve(resolver, "a.example")->addresses, (std::vector{one_, two_}));
    EXPECT_TRUE(first->is_done && second->is_done);
    EXPECT_EQ(names_.asked, 1);
}

TEST_F(ClientResolverTest, AnOldAnswerIsGivenWhileItIsRenewed) {
    names_.addresses["a.example"] = {one_};
    ClientResolver resolver(io_.get_executor(), std::chrono::seconds(0), names_.lookup());
    EXPECT_EQ(resolve(resolver, "a.example")->addresses, std::vector{one_});
    names_.addresses["a.example"] = {two_};
    EXPECT_EQ(resolve(resolver, "a.example")->addresses, std::vector{one_});
    run_for(Millis{50});
    EXPECT_EQ(resolve(resolver, "a.example")->addresses, std::vector{two_});
}

TEST_F(ClientResolverTest, AnOldAnswerOutlivesAnOutageOfTheNameServer) {
    names_.addresses["a.example"] = {one_};
    ClientResolver resolver(io_.get_executor(), std::chrono::seconds(0), names_.lookup());
    EXPECT_EQ(resolve(resolver, "a.example")->addresses, std::vector{one_});
    names_.is_down = true;
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(resolve(resolver, "a.example")->addresses, std::vector{one_});
        run_for(Millis{10});
    }
    EXPECT_EQ(names_.asked, 2) << "a failure is kept too";
}

TEST_F(ClientResolverTest, AFailureIsKeptForAWhile) {
    ClientResolver resolver(io_.get_executor(), std::chrono::seconds(30), names_.lookup());
    EXPECT_EQ(resolve(resolver, "none.example")->error, "no such name");
    EXPECT_EQ(resolve(resolver, "none.example")->error, "no such name");
    EXPECT_EQ(names_.asked, 1);
}

TEST_F(ClientResolverTest, ASlowNameDelaysNoOtherAndEndsAtItsDeadline) {
    names_.addresses["a.example"] = {one_};
    ClientResolver resolver(io_.get_executor(), std::chrono::seconds(30), names_.lookup());
    const auto slow = ask(resolver, "slow.example", Millis{50});
    EXPECT_EQ(resolve(resolver, "a.example")->addresses, std::vector{one_});
    EXPECT_FALSE(slow->is_done);
    run_for(Millis{100});
    EXPECT_TRUE(slow->is_done);
    EXPECT_FALSE(slow->answer);
    names_.slow.release(10);
}

TEST_F(ClientResolverTest, TheClientConnectsToTheAllowedAddressesOfANameOnly) {
    ScriptedServer server(io_, {{read_request(), answer("a")}});
    names_.addresses["mixed.example"] = {IpAddress::v4(0x0a000001), IpAddress::v4(0x7f000001)};
    names_.addresses["private.example"] = {IpAddress::v4(0x0a000001), *IpAddress::parse("::ffff:10.0.0.1")};
    settings_.lookup = names_.lookup();
    Client client(io_.get_executor(), settings_);
    const auto port = ":" + std::to_string(server.port()) + "/";
    const auto mixed = send(client, post("http://mixed.example" + port));
    EXPECT_EQ(mixed.body, "a") << failure_of(mixed);
    EXPECT_LT(mixed.timings.connect, std::chrono::milliseconds(1000)) << "10.0.0.1 was not tried";
    const auto refused = send(client, post("http://private.example" + port));
    ASSERT_TRUE(refused.failure);
    EXPECT_EQ(refused.failure->kind, TransportFailureKind::refused_address);
}

}  // namespace
}  // namespace fc::http
