#pragma once

#include "http/client.h"

#include <boost/asio/ssl/context.hpp>

#include <memory>
#include <optional>
#include <string>

namespace fc::http {

struct FreeSession {
    void operator()(SSL_SESSION* session) const noexcept { SSL_SESSION_free(session); }
};

/// The newest session that a host gave us, to resume from: half of a handshake's CPU is spared.
struct TlsSession {
    std::unique_ptr<SSL_SESSION, FreeSession> session;
};

/// How all TLS connections of a client are made. Throws system_error when the CA file cannot be read.
class ClientTls {
public:
    explicit ClientTls(const ClientSettings& settings);

    boost::asio::ssl::context& context() { return context_; }

    /// Sets server name, expected identity, ALPN and the session to resume. `session` is also where sessions
    /// that this connection is given go, so it must live as long as `ssl`.
    void prepare(SSL* ssl, const std::string& host, TlsSession& session) const;

    /// To be called before `ssl` is freed: OpenSSL takes a session whose connection has not seen a shutdown
    /// for broken.
    static void keep_session(SSL* ssl) { SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN); }

    /// Why a handshake failed, with what is wrong with the certificate if that is it.
    static std::string failure_detail(SSL* ssl, const boost::system::error_code& error);

private:
    boost::asio::ssl::context context_;
};

}  // namespace fc::http
