#include "http/client_tls.h"

#include <boost/asio/ssl/error.hpp>

#include <array>

namespace fc::http {
namespace {

int session_index() {
    static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return index;
}

int on_new_session(SSL* ssl, SSL_SESSION* session) {
    auto* slot = static_cast<TlsSession*>(SSL_get_ex_data(ssl, session_index()));
    if (slot == nullptr) return 0;
    slot->session.reset(session);
    return 1;  // the reference is ours now
}

}  // namespace

ClientTls::ClientTls(const ClientSettings& settings) : context_(boost::asio::ssl::context::tls_client) {
    SSL_CTX_set_min_proto_version(context_.native_handle(), TLS1_2_VERSION);
    if (settings.verify_peer) {
        context_.set_default_verify_paths();
        if (!settings.ca_file.empty()) context_.load_verify_file(settings.ca_file);
    }
    context_.set_verify_mode(
        settings.verify_peer ? boost::asio::ssl::verify_peer : boost::asio::ssl::verify_none);
    SSL_CTX_set_session_cache_mode(
        context_.native_handle(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
    SSL_CTX_sess_set_new_cb(context_.native_handle(), &on_new_session);
}

void ClientTls::prepare(SSL* ssl, const std::string& host, TlsSession& session) const {
    // An address is no server name (RFC 6066 section 3) and is compared with other fields of the certificate.
    if (IpAddress::parse(host)) {
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str());
    } else {
        SSL_set_tlsext_host_name(ssl, host.c_str());
        SSL_set1_host(ssl, host.c_str());
    }
    static constexpr std::array<unsigned char, 9> protocols{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    SSL_set_alpn_protos(ssl, protocols.data(), protocols.size());
    SSL_set_ex_data(ssl, session_index(), &session);
    if (session.session) SSL_set_session(ssl, session.session.get());
}

std::string ClientTls::failure_detail(SSL* ssl, const boost::system::error_code& error) {
    const auto verified = SSL_get_verify_result(ssl);
    if (verified != X509_V_OK) {
        return std::string("the certificate is not trusted: ") + X509_verify_cert_error_string(verified);
    }
    return "the TLS handshake failed: " + error.message();
}

}  // namespace fc::http
