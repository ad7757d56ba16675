//! Where messages may be sent: the syntax of mail addresses and URLs, and the addresses that are never asked.
//!
//! A subscription makes the server send requests to an address that a user chose. It must not become a way to the
//! metadata service or to Goru's own API. Loopback and private addresses are allowed otherwise: people try Goru on one
//! machine, and whoever may subscribe may also start instances there.

use super::protocol::Protocol;
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    str::FromStr,
};

/// The longest mail address (RFC 5321, section 4.5.3.1.3).
pub const MAXIMUM_ADDRESS_LENGTH: usize = 254;
/// The longest URL of an endpoint.
pub const MAXIMUM_URL_LENGTH: usize = 2048;

/// Why an endpoint is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEndpoint {
    /// Not a mail address.
    #[error("Email address: it must be of the form name@domain")]
    Mail,
    /// Not a URL of the protocol.
    #[error("it must be a URL of the form {0}://host[:port]/path")]
    Url(Protocol),
    /// An address that is never asked.
    #[error("{0}")]
    Forbidden(#[from] ForbiddenAddress),
}

/// Why an address is never asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ForbiddenAddress {
    /// The metadata service and everything else that is link-local.
    #[error("link-local addresses, among them the metadata service, cannot be endpoints")]
    LinkLocal,
    /// The API of this server.
    #[error("the API of this server cannot be an endpoint")]
    OwnApi,
    /// Nobody listens there.
    #[error("unspecified, broadcast and multicast addresses cannot be endpoints")]
    NotUnicast,
}

/// A URL taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url {
    /// `http` or `https`.
    pub secure: bool,
    /// `user:password` before the `@`, percent-encoded as given; sent as basic authentication.
    pub user_info: Option<String>,
    /// A name or an address (an IPv6 one without brackets).
    pub host: String,
    /// The port.
    pub port: u16,
    /// Path and query, beginning with `/`.
    pub path_and_query: String,
}

/// Whether an endpoint fits its protocol. `api`: where this server's API listens, if that is known.
///
/// # Errors
/// When it is not of the protocol's form, or names an address that is never asked.
pub fn check(protocol: Protocol, endpoint: &str, api: Option<SocketAddr>) -> Result<(), InvalidEndpoint> {
    match protocol {
        Protocol::Email | Protocol::EmailJson if is_mail_address(endpoint) => Ok(()),
        Protocol::Email | Protocol::EmailJson => Err(InvalidEndpoint::Mail),
        Protocol::Http | Protocol::Https => {
            let url: Url = endpoint.parse().map_err(|()| InvalidEndpoint::Url(protocol))?;
            if url.secure != (protocol == Protocol::Https) {
                return Err(InvalidEndpoint::Url(protocol));
            }
            url.literal_address().map_or(Ok(()), |ip| Ok(may_connect(SocketAddr::new(ip, url.port), api)?))
        }
    }
}

/// Whether the server may connect there. Asked with the address that a name was resolved to, immediately before
/// connecting, so that a name cannot change its meaning in between.
///
/// # Errors
/// Says why not.
pub fn may_connect(to: SocketAddr, api: Option<SocketAddr>) -> Result<(), ForbiddenAddress> {
    let ip = plain(to.ip());
    let (link_local, other) = match ip {
        IpAddr::V4(v4) => (v4.is_link_local(), v4.is_unspecified() || v4.is_broadcast() || v4.is_multicast()),
        IpAddr::V6(v6) => (v6.is_unicast_link_local() || v6 == METADATA_V6, v6.is_unspecified() || v6.is_multicast()),
    };
    let is_api = |api: SocketAddr| {
        let at = plain(api.ip());
        to.port() == api.port() && (ip == at || ip.is_loopback() || at.is_unspecified())
    };
    if link_local {
        Err(ForbiddenAddress::LinkLocal)
    } else if other {
        Err(ForbiddenAddress::NotUnicast)
    } else if api.is_some_and(is_api) {
        Err(ForbiddenAddress::OwnApi)
    } else {
        Ok(())
    }
}

/// The metadata service by IPv6 (EC2 user guide, instance metadata).
const METADATA_V6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);

/// An IPv4 address that is written as an IPv6 one is what it is.
fn plain(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => ip,
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(ip, IpAddr::V4),
    }
}

/// Whether this is a mail address that a header can carry: `name@domain`, no quoting, no comments (RFC 5321, narrowed).
pub fn is_mail_address(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let atom = |c: u8| c.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&c);
    let local_fits = local.len() <= 64 && local.split('.').all(|part| !part.is_empty() && part.bytes().all(atom));
    text.len() <= MAXIMUM_ADDRESS_LENGTH && local_fits && is_host_name(domain)
}

fn is_host_name(text: &str) -> bool {
    let label = |part: &str| {
        !part.is_empty()
            && part.len() <= 63
            && !part.starts_with('-')
            && !part.ends_with('-')
            && part.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_'))
    };
    !text.is_empty() && text.len() <= 253 && text.split('.').all(label)
}

impl Url {
    /// The address, if the host is written as one.
    pub fn literal_address(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }

    /// `host` or `host:port`, as the header `Host` wants it.
    pub fn authority(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        let usual = if self.secure { 443 } else { 80 };
        if self.port == usual { host } else { format!("{host}:{}", self.port) }
    }
}

impl FromStr for Url {
    type Err = ();

    /// The part of RFC 3986 that names an HTTP resource. Anything that a header or another reader could take for
    /// something else is refused.
    fn from_str(text: &str) -> Result<Self, ()> {
        if text.len() > MAXIMUM_URL_LENGTH
            || !text.bytes().all(|c| c.is_ascii_graphic() && !b"\\\"<>^`{|}#".contains(&c))
        {
            return Err(());
        }
        let (scheme, rest) = text.split_once("://").ok_or(())?;
        let secure = match scheme {
            "http" => false,
            "https" => true,
            _ => return Err(()),
        };
        let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let (user_info, place) = match authority.rsplit_once('@') {
            Some((user, place)) if !user.contains('@') => (Some(user.to_owned()), place),
            Some(_) => return Err(()),
            None => (None, authority),
        };
        let (host, port) = host_and_port(place, secure)?;
        let path_and_query = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        Ok(Self { secure, user_info, host, port, path_and_query })
    }
}

fn host_and_port(text: &str, secure: bool) -> Result<(String, u16), ()> {
    let usual = if secure { 443 } else { 80 };
    let port_of = |text: &str| match text.strip_prefix(':') {
        None if text.is_empty() => Ok(usual),
        Some(digits) if !digits.is_empty() && digits.bytes().all(|c| c.is_ascii_digit()) => {
            digits.parse().ok().filter(|port| *port != 0).ok_or(())
        }
        Some(_) | None => Err(()),
    };
    if let Some(rest) = text.strip_prefix('[') {
        let (address, port) = rest.split_once(']').ok_or(())?;
        let address: Ipv6Addr = address.parse().map_err(|_| ())?;
        return Ok((address.to_string(), port_of(port)?));
    }
    let (host, port) = text.split_at(text.find(':').unwrap_or(text.len()));
    // A name that ends in a number is an IPv4 address or nothing: `127.1` and `2130706433` would reach 127.0.0.1.
    let numeric = host.rsplit('.').next().is_some_and(is_numeric);
    let host = match host.parse::<Ipv4Addr>() {
        Ok(address) => address.to_string(),
        Err(_) if is_host_name(host) && !numeric => host.to_ascii_lowercase(),
        Err(_) => return Err(()),
    };
    Ok((host, port_of(port)?))
}

fn is_numeric(label: &str) -> bool {
    let hex = label.strip_prefix("0x").or_else(|| label.strip_prefix("0X"));
    label.bytes().all(|c| c.is_ascii_digit()) || hex.is_some_and(|rest| rest.bytes().all(|c| c.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_addresses_cannot_carry_anything_else() {
        for (text, valid) in [
            ("kim@example.com", true),
            ("kim.lee+alarms@sub.example.co.kr", true),
            ("kim@localhost", true),
            ("o'neil@example.com", true),
            ("", false),
            ("kim", false),
            ("@example.com", false),
            ("kim@", false),
            ("kim@@example.com", false),
            ("kim@exa mple.com", false),
            ("kim@example.com\r\nBcc: x@example.com", false),
            ("kim@example.com, lee@example.com", false),
            ("<kim@example.com>", false),
            (".kim@example.com", false),
            ("kim@-example.com", false),
            ("kim@example..com", false),
            (&*format!("{}@example.com", "k".repeat(65)), false),
        ] {
            assert_eq!(is_mail_address(text), valid, "{text:?}");
        }
    }

    #[test]
    fn urls_are_taken_apart() {
        for (text, expected) in [
            ("http://example.com", Some((false, "example.com", 80, "/"))),
            ("https://Example.com/hook?x=1", Some((true, "example.com", 443, "/hook?x=1"))),
            ("http://127.0.0.1:9000/a", Some((false, "127.0.0.1", 9000, "/a"))),
            ("http://[::1]:9000/", Some((false, "::1", 9000, "/"))),
            ("http://u:p@h:1?q", Some((false, "h", 1, "/?q"))),
            ("http://", None),
            ("http:///x", None),
            ("http://h:0/", None),
            ("http://h:65536/", None),
            ("http://h:/", None),
            ("http://h:+1/", None),
            ("http://127.1/", None),
            ("http://2130706433/", None),
            ("http://0x7f.0x1/", None),
            ("http://[::1/", None),
            ("http://[x]/", None),
            ("ftp://h/", None),
            ("h", None),
            ("http://h/a b", None),
            ("http://h/\r\nX: y", None),
            ("http://h\\@evil/", None),
            ("http://a@b@c/", None),
            ("http://h/#f", None),
        ] {
            let found = text.parse::<Url>().ok();
            let found = found.as_ref().map(|u| (u.secure, u.host.as_str(), u.port, u.path_and_query.as_str()));
            assert_eq!(found, expected, "{text:?}");
        }
    }

    #[test]
    fn the_metadata_service_and_the_api_are_never_asked() {
        let api: SocketAddr = "127.0.0.1:4566".parse().unwrap();
        let everywhere: SocketAddr = "0.0.0.0:4566".parse().unwrap();
        for (to, api, expected) in [
            ("127.0.0.1:9000", api, Ok(())),
            ("10.0.0.1:80", api, Ok(())),
            ("[::1]:9000", api, Ok(())),
            ("93.184.216.34:443", api, Ok(())),
            ("10.0.0.1:4566", api, Ok(())),
            ("127.0.0.1:4566", api, Err(ForbiddenAddress::OwnApi)),
            ("127.9.9.9:4566", api, Err(ForbiddenAddress::OwnApi)),
            ("[::1]:4566", api, Err(ForbiddenAddress::OwnApi)),
            ("[::ffff:127.0.0.1]:4566", api, Err(ForbiddenAddress::OwnApi)),
            ("10.0.0.1:4566", everywhere, Err(ForbiddenAddress::OwnApi)),
            ("169.254.169.254:80", api, Err(ForbiddenAddress::LinkLocal)),
            ("[::ffff:169.254.169.254]:80", api, Err(ForbiddenAddress::LinkLocal)),
            ("[fe80::1]:80", api, Err(ForbiddenAddress::LinkLocal)),
            ("[fd00:ec2::254]:80", api, Err(ForbiddenAddress::LinkLocal)),
            ("0.0.0.0:80", api, Err(ForbiddenAddress::NotUnicast)),
            ("224.0.0.1:80", api, Err(ForbiddenAddress::NotUnicast)),
        ] {
            assert_eq!(may_connect(to.parse().unwrap(), Some(api)), expected, "{to}");
        }
    }

    #[test]
    fn an_endpoint_must_fit_its_protocol() {
        for (protocol, endpoint, valid) in [
            (Protocol::Email, "kim@example.com", true),
            (Protocol::EmailJson, "http://x/", false),
            (Protocol::Http, "http://127.0.0.1:9/", true),
            (Protocol::Http, "https://x/", false),
            (Protocol::Https, "https://x/", true),
            (Protocol::Https, "kim@example.com", false),
            (Protocol::Http, "http://169.254.169.254/latest/meta-data/", false),
        ] {
            assert_eq!(check(protocol, endpoint, None).is_ok(), valid, "{protocol} {endpoint}");
        }
    }
}
