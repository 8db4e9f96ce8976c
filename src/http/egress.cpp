#include "http/egress.h"

#include "codec/text.h"

#include <boost/asio/ip/address.hpp>
#include <boost/url/parse.hpp>

#include <algorithm>
#include <charconv>
#include <span>

namespace fc::http {
namespace {

struct Block {
    std::uint32_t base;
    unsigned prefix_bits;
    const char* name;
};

struct Block6 {
    std::array<std::uint16_t, 4>
        base;  // no block is longer than 64 bits but the single addresses handled apart
    unsigned prefix_bits;
    const char* name;
};

// https://www.iana.org/assignments/iana-ipv4-special-registry, and multicast.
constexpr Block blocks4[] = {
    {0x00000000, 8, "this network"},
    {0x0a000000, 8, "private"},
    {0x64400000, 10, "shared by carriers"},
    {0x7f000000, 8, "loopback"},
    {0xa9fe0000, 16, "link-local"},
    {0xac100000, 12, "private"},
    {0xc0000000, 24, "protocol assignments"},
    {0xc0000200, 24, "documentation"},
    {0xc01fc400, 24, "AS112"},
    {0xc034c100, 24, "multicast tunnelling"},
    {0xc0586300, 24, "6to4 relay"},
    {0xc0a80000, 16, "private"},
    {0xc0af3000, 24, "AS112"},
    {0xc6120000, 15, "benchmarking"},
    {0xc6336400, 24, "documentation"},
    {0xcb007100, 24, "documentation"},
    {0xe0000000, 4, "multicast"},
    {0xf0000000, 4, "reserved"},
};

// https://www.iana.org/assignments/iana-ipv6-special-registry, those inside the global unicast block
// 2000::/3.
constexpr Block6 blocks6[] = {
    {{0x2001, 0x0000}, 32, "Teredo"},
    {{0x2001, 0x0000}, 23, "protocol assignments"},
    {{0x2001, 0x0db8}, 32, "documentation"},
    {{0x2002}, 16, "6to4"},
    {{0x2620, 0x004f, 0x8000}, 48, "AS112"},
    {{0x3fff}, 20, "documentation"},
};

// Outside of 2000::/3 nothing is public: these only give the refusal its name.
constexpr Block6 blocks6_outside[] = {
    {{0x0064, 0xff9b, 0x0001}, 48, "local NAT64"},
    {{0x0100}, 64, "discard"},
    {{0x5f00}, 16, "segment routing"},
    {{0xfc00}, 7, "unique local"},
    {{0xfe80}, 10, "link-local"},
    {{0xfec0}, 10, "site-local"},
    {{0xff00}, 8, "multicast"},
};

std::uint32_t last_four(const IpAddress& address) {
    std::uint32_t number = 0;
    for (std::size_t i = 12; i < 16; ++i) number = number << 8 | address.bytes[i];
    return number;
}

bool same_prefix(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b, unsigned bits) {
    const auto whole = bits / 8;
    if (!std::equal(a.begin(), a.begin() + whole, b.begin())) return false;
    const auto rest = bits % 8;
    return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

bool is_in(const IpAddress& address, const Block6& block) {
    std::array<std::uint8_t, 8> base{};
    for (std::size_t i = 0; i < block.base.size(); ++i) {
        base[2 * i] = static_cast<std::uint8_t>(block.base[i] >> 8);
        base[2 * i + 1] = static_cast<std::uint8_t>(block.base[i]);
    }
    return same_prefix(address.bytes, base, block.prefix_bits);
}

bool is_mapped(const IpAddress& address) {
    static constexpr std::array<std::uint8_t, 12> prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    return same_prefix(address.bytes, prefix, 96);
}

/// 64:ff9b::/96 of RFC 6052: a gateway turns the address into the IPv4 address in its last four bytes.
bool is_nat64(const IpAddress& address) {
    static constexpr std::array<std::uint8_t, 12> prefix{0x00, 0x64, 0xff, 0x9b};
    return same_prefix(address.bytes, prefix, 96);
}

bool is_loopback(const IpAddress& address) {
    if (address.is_v4) return address.bytes[12] == 127;
    std::array<std::uint8_t, 16> loopback{};
    loopback[15] = 1;
    return address.bytes == loopback;
}

const char* special_name4(const IpAddress& address) {
    const auto number = last_four(address);
    for (const auto& block : blocks4) {
        if ((number ^ block.base) >> (32 - block.prefix_bits) == 0) return block.name;
    }
    return nullptr;
}

const char* special_name6(const IpAddress& address) {
    if (is_loopback(address)) return "loopback";
    const bool first_96_zero = std::all_of(
        address.bytes.begin(), address.bytes.begin() + 12, [](std::uint8_t byte) { return byte == 0; });
    if (first_96_zero) return last_four(address) == 0 ? "unspecified" : "IPv4-compatible";
    if (address.bytes[0] >> 5 == 1) {
        for (const auto& block : blocks6) {
            if (is_in(address, block)) return block.name;
        }
        return nullptr;
    }
    for (const auto& block : blocks6_outside) {
        if (is_in(address, block)) return block.name;
    }
    return "reserved";
}

/// One part of an address as C libraries read it: decimal, 0x hexadecimal or 0 octal.
std::optional<std::uint64_t> legacy_number(std::string_view text) {
    int base = 10;
    if (text.size() > 1 && text[0] == '0') {
        base = text[1] == 'x' || text[1] == 'X' ? 16 : 8;
        text.remove_prefix(base == 16 ? 2 : 1);
    }
    std::uint64_t number = 0;
    const auto end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, number, base);
    if (parsed.ec != std::errc{} || parsed.ptr != end || number > 0xffffffffU) return std::nullopt;
    return number;
}

/// "127.1", "2130706433" and "0x7f.0.0.1" are addresses for getaddrinfo, so a check of literals reads them
/// too.
std::optional<IpAddress> legacy_v4(std::string_view host) {
    std::vector<std::uint64_t> parts;
    for (std::string_view rest = host;;) {
        const auto dot = rest.find('.');
        const auto part = legacy_number(rest.substr(0, dot));
        if (!part || parts.size() == 4) return std::nullopt;
        parts.push_back(*part);
        if (dot == std::string_view::npos) break;
        rest.remove_prefix(dot + 1);
    }
    std::uint64_t number = parts.back();
    if (number >> (8 * (5 - parts.size())) != 0) return std::nullopt;
    for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
        if (parts[i] > 255) return std::nullopt;
        number |= parts[i] << (24 - 8 * i);
    }
    return IpAddress::v4(static_cast<std::uint32_t>(number));
}

bool is_localhost(std::string_view host) {
    if (host.ends_with('.')) host.remove_suffix(1);
    std::string lower(host);
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
    return lower == "localhost" || lower.ends_with(".localhost");
}

}  // namespace

IpAddress IpAddress::v4(std::uint32_t number) {
    IpAddress address;
    address.is_v4 = true;
    address.bytes[10] = address.bytes[11] = 0xff;
    for (unsigned i = 0; i < 4; ++i)
        address.bytes[12 + i] = static_cast<std::uint8_t>(number >> (24 - 8 * i));
    return address;
}

IpAddress IpAddress::v6(const std::array<std::uint8_t, 16>& bytes) {
    return IpAddress{.bytes = bytes, .is_v4 = false};
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
    if (text.find('%') != std::string_view::npos)
        return std::nullopt;  // a zone names an interface of this machine
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(text, error);
    if (error) return std::nullopt;
    return address.is_v4() ? v4(address.to_v4().to_uint()) : v6(address.to_v6().to_bytes());
}

std::string IpAddress::to_string() const {
    if (is_v4) return boost::asio::ip::address_v4(last_four(*this)).to_string();
    return boost::asio::ip::address_v6(bytes).to_string();
}

Result<Cidr> Cidr::parse(std::string_view text) {
    const auto slash = text.find('/');
    const auto base = IpAddress::parse(text.substr(0, slash));
    const auto refused = [&](const char* why) {
        return invalid("INVALID_CIDR", "'" + std::string(text) + "' is no address block: " + why);
    };
    if (!base) return refused("the address is malformed");
    const unsigned bits_max = base->is_v4 ? 32 : 128;
    unsigned bits = bits_max;
    if (slash != std::string_view::npos) {
        const auto digits = text.substr(slash + 1);
        const auto end = digits.data() + digits.size();
        const auto parsed = std::from_chars(digits.data(), end, bits);
        if (parsed.ec != std::errc{} || parsed.ptr != end || bits > bits_max)
            return refused("the prefix length is");
    }
    Cidr block;
    block.base_ = *base;
    block.prefix_bits_ = base->is_v4 ? bits + 96 : bits;
    block.text_ = text;
    return block;
}

Result<std::vector<Cidr>> Cidr::parse_list(std::string_view text) {
    std::vector<Cidr> blocks;
    for (const auto part : codec::split_list(text)) {
        auto block = parse(part);
        if (!block) return block.error();
        blocks.push_back(std::move(*block));
    }
    return blocks;
}

bool Cidr::contains(const IpAddress& address) const {
    return address.is_v4 == base_.is_v4 && same_prefix(address.bytes, base_.bytes, prefix_bits_);
}

std::optional<std::string> EgressFilter::refusal(const IpAddress& address) const {
    for (const auto& block : settings_.allowed) {
        if (block.contains(address)) return std::nullopt;
    }
    if (!address.is_v4 && (is_mapped(address) || is_nat64(address))) {
        const auto embedded = refusal(IpAddress::v4(last_four(address)));
        if (!embedded) return std::nullopt;
        return address.to_string() + " leads to an IPv4 address: " + *embedded;
    }
    if (settings_.loopback_allowed && is_loopback(address)) return std::nullopt;
    const auto* name = address.is_v4 ? special_name4(address) : special_name6(address);
    if (name == nullptr) return std::nullopt;
    return address.to_string() + " is not a public address (" + name + ")";
}

std::optional<Error> EgressFilter::refuses_literal(const Url& url) const {
    const auto parsed = boost::urls::parse_uri(url.text());
    if (!parsed) return invalid("INVALID_URL", "the URL is malformed");
    const auto host = parsed->host_address();
    auto address = IpAddress::parse(host);
    if (!address) address = legacy_v4(host);
    if (!address && is_localhost(host)) address = IpAddress::v4(0x7f000001);
    if (!address) return std::nullopt;
    const auto why = refusal(*address);
    if (!why) return std::nullopt;
    return invalid("REFUSED_ADDRESS", *why);
}

}  // namespace fc::http
