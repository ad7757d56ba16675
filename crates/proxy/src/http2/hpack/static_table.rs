//! The static table (RFC 7541 appendix A), each entry as a line of text.

use super::decoder::Name;

/// How many entries it has. They are numbered from 1.
pub const LENGTH: usize = 61;

/// An entry.
pub struct Entry {
    /// `name: value` and CRLF.
    pub line: &'static str,
    /// The length of the name.
    pub name_length: u16,
    /// What the name is.
    pub name: Name,
}

macro_rules! entries {
    ($($name:literal $value:literal,)*) => {
        [$(Entry {
            line: concat!($name, ": ", $value, "\r\n"),
            name_length: short($name.len()),
            name: Name::of($name.as_bytes()),
        },)*]
    };
}

const fn short(length: usize) -> u16 {
    let bytes = length.to_le_bytes();
    u16::from_le_bytes([bytes[0], bytes[1]])
}

/// The entry with a number from 1 on.
#[inline]
pub fn entry(index: usize) -> Option<&'static Entry> {
    ENTRIES.get(index.wrapping_sub(1))
}

static ENTRIES: [Entry; LENGTH] = entries! {
    ":authority" "",
    ":method" "GET",
    ":method" "POST",
    ":path" "/",
    ":path" "/index.html",
    ":scheme" "http",
    ":scheme" "https",
    ":status" "200",
    ":status" "204",
    ":status" "206",
    ":status" "304",
    ":status" "400",
    ":status" "404",
    ":status" "500",
    "accept-charset" "",
    "accept-encoding" "gzip, deflate",
    "accept-language" "",
    "accept-ranges" "",
    "accept" "",
    "access-control-allow-origin" "",
    "age" "",
    "allow" "",
    "authorization" "",
    "cache-control" "",
    "content-disposition" "",
    "content-encoding" "",
    "content-language" "",
    "content-length" "",
    "content-location" "",
    "content-range" "",
    "content-type" "",
    "cookie" "",
    "date" "",
    "etag" "",
    "expect" "",
    "expires" "",
    "from" "",
    "host" "",
    "if-match" "",
    "if-modified-since" "",
    "if-none-match" "",
    "if-range" "",
    "if-unmodified-since" "",
    "last-modified" "",
    "link" "",
    "location" "",
    "max-forwards" "",
    "proxy-authenticate" "",
    "proxy-authorization" "",
    "range" "",
    "referer" "",
    "refresh" "",
    "retry-after" "",
    "server" "",
    "set-cookie" "",
    "strict-transport-security" "",
    "transfer-encoding" "",
    "user-agent" "",
    "vary" "",
    "via" "",
    "www-authenticate" "",
};
