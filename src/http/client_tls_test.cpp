#include "http/client_tls.h"

#include "http/client_fixture.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <unistd.h>

namespace fc::http {
namespace {

using Kind = TransportFailureKind;
namespace ssl = boost::asio::ssl;

/// A certificate that signs itself, for the names of `alternatives` ("IP:127.0.0.1,DNS:localhost"), as PEM.
struct SelfSigned {
    std::string certificate;
    std::string key;

    explicit SelfSigned(const char* alternatives) {
        const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> pair(EVP_EC_gen("P-256"), &EVP_PKEY_free);
        const std::unique_ptr<X509, decltype(&X509_free)> x509(X509_new(), &X509_free);
        X509_set_version(x509.get(), 2);
        ASN1_INTEGER_set(X509_get_serialNumber(x509.get()), 1);
        X509_gmtime_adj(X509_getm_notBefore(x509.get()), -60);
        X509_gmtime_adj(X509_getm_notAfter(x509.get()), 3600);
        X509_set_pubkey(x509.get(), pair.get());
        const auto* name = reinterpret_cast<const unsigned char*>("test");
        X509_NAME_add_entry_by_txt(X509_get_subject_name(x509.get()), "CN", MBSTRING_ASC, name, -1, -1, 0);
        X509_set_issuer_name(x509.get(), X509_get_subject_name(x509.get()));
        X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, alternatives);
        X509_add_ext(x509.get(), extension, -1);
        X509_EXTENSION_free(extension);
        X509_sign(x509.get(), pair.get(), EVP_sha256());
        certificate = pem([&](BIO* out) { PEM_write_bio_X509(out, x509.get()); });
        key = pem([&](BIO* out) {
            PEM_write_bio_PrivateKey(out, pair.get(), nullptr, nullptr, 0, nullptr, nullptr);
        });
    }

    template <class Write>
    static std::string pem(Write write) {
        const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), &BIO_free);
        write(out.get());
        char* bytes = nullptr;
        const auto size = BIO_get_mem_data(out.get(), &bytes);
        return {bytes, static_cast<std::size_t>(size)};
    }
};

class ClientTlsTest : public ClientFixture {
protected:
    ClientTlsTest() : server_context_(ssl::context::tls_server) {
        serve_with(SelfSigned("IP:127.0.0.1,DNS:localhost"));
        ca_path_ = std::filesystem::temp_directory_path() / ("fc-ca-" + std::to_string(getpid()) + ".pem");
    }
    ~ClientTlsTest() override { std::filesystem::remove(ca_path_); }

    void serve_with(const SelfSigned& identity) {
        const auto certificate = boost::asio::buffer(identity.certificate);
        server_context_.use_certificate_chain(certificate);
        server_context_.use_private_key(boost::asio::buffer(identity.key), ssl::context::pem);
        served_ = identity.certificate;
    }
    void trust_the_server() {
        std::ofstream(ca_path_) << served_;
        settings_.ca_file = ca_path_.string();
    }

    ssl::context server_context_;
    std::string served_;
    std::filesystem::path ca_path_;
};

TEST_F(ClientTlsTest, SendsOverTlsToAPeerItTrusts) {
    trust_the_server();
    ScriptedServer server(
        io_, {{read_request(), answer("a"), read_request(), answer("b")}}, &server_context_);
    Client client(io_.get_executor(), settings_);
    const auto first = send(client, post(server.url(), std::string(100'000, 'x')));
    EXPECT_EQ(failure_of(first), "none");
    EXPECT_EQ(first.body, "a");
    EXPECT_GT(first.timings.tls.count(), 0);
    const auto second = send(client, post(server.url()));
    EXPECT_EQ(second.body, "b");
    EXPECT_EQ(second.timings.tls.count(), 0);
    EXPECT_EQ(server.connections, 1U);
}

TEST_F(ClientTlsTest, RefusesACertificateOfNobodyItTrusts) {
    ScriptedServer server(io_, {{read_request(), answer("a")}}, &server_context_);
    Client client(io_.get_executor(), settings_);
    const auto response = send(client, post(server.url()));
    ASSERT_TRUE(response.failure);
    EXPECT_EQ(response.failure->kind, Kind::tls);
    EXPECT_NE(response.failure->detail.find("certificate is not trusted"), std::string::npos)
        << response.failure->detail;
    EXPECT_TRUE(server.requests.empty());
}

TEST_F(ClientTlsTest, RefusesACertificateOfAnotherHost) {
    serve_with(SelfSigned("DNS:other.example"));
    trust_the_server();
    ScriptedServer server(io_, {{read_request(), answer("a")}}, &server_context_);
    Client client(io_.get_executor(), settings_);
    const auto by_name = "https://localhost:" + std::to_string(server.port()) + "/";
    for (const auto& url : {server.url(), by_name}) {
        const auto response = send(client, post(url));
        ASSERT_TRUE(response.failure) << url;
        EXPECT_EQ(response.failure->kind, Kind::tls);
        EXPECT_NE(response.failure->detail.find("mismatch"), std::string::npos) << response.failure->detail;
    }
    EXPECT_TRUE(server.requests.empty());
}

TEST_F(ClientTlsTest, NewConnectionsResumeTheSession) {
    trust_the_server();
    for (const auto version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        SSL_CTX_set_min_proto_version(server_context_.native_handle(), version);
        SSL_CTX_set_max_proto_version(server_context_.native_handle(), version);
        ScriptedServer server(
            io_, {{read_request(), answer("a", "Connection: close\r\n"), end()}}, &server_context_);
        Client client(io_.get_executor(), settings_);
        const auto by_name = "https://localhost:" + std::to_string(server.port()) + "/";
        for (int i = 0; i < 5; ++i) EXPECT_EQ(send(client, post(by_name)).body, "a");
        EXPECT_EQ(server.connections, 5U);
        EXPECT_EQ(server.resumed, 4U) << version;
    }
}

TEST_F(ClientTlsTest, AHandshakeThatNeverEndsIsATimeout) {
    ScriptedServer silent(io_, {{wait(Millis{60'000})}});
    Client client(io_.get_executor(), settings_);
    auto request = post("https://127.0.0.1:" + std::to_string(silent.port()) + "/");
    request.connect_timeout = Millis{80};
    const auto response = send(client, request);
    ASSERT_TRUE(response.failure);
    EXPECT_EQ(response.failure->kind, Kind::timeout) << response.failure->detail;
    EXPECT_LT(response.timings.total, std::chrono::milliseconds(3000));
}

TEST_F(ClientTlsTest, APeerThatSpeaksNoTlsIsATlsFailure) {
    ScriptedServer plain(io_, {{read_some(), answer("a")}});
    Client client(io_.get_executor(), settings_);
    const auto response = send(client, post("https://127.0.0.1:" + std::to_string(plain.port()) + "/"));
    ASSERT_TRUE(response.failure);
    EXPECT_EQ(response.failure->kind, Kind::tls) << response.failure->detail;
}

TEST_F(ClientTlsTest, AStaleTlsConnectionIsReplaced) {
    trust_the_server();
    ScriptedServer server(
        io_, {{read_request(), answer("a"), end()}, {read_request(), answer("b")}}, &server_context_);
    Client client(io_.get_executor(), settings_);
    EXPECT_EQ(send(client, post(server.url())).body, "a");
    run_for(Millis{30});
    const auto second = send(client, post(server.url()));
    EXPECT_EQ(second.body, "b") << failure_of(second);
}

}  // namespace
}  // namespace fc::http
