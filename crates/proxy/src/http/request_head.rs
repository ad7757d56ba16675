//! The head of a request: read strictly, judged while it is read, and written anew for the target.
//!
//! Everything that two servers could read in two ways is either refused here, removed, or put into one form. Nothing
//! of the client's bytes reaches a target but names and values of fields that were understood as such.

use super::{
    Version,
    body::Body,
    desync::{Finding, Findings, Lookalike, lookalike},
    forwarded::{ForwardedTls, MAXIMUM_FORWARDED_ADDRESSES, count_addresses, write_forwarded_for, write_trace_id},
    header::{self, ConnectionOptions, Mask, Storage},
    host::Host,
};
use crate::{error::ProxyError, target_group::stickiness};
use httparse::{Header, Status};
use model::elbv2::snapshot::XffMode;

/// The longest request line (ELB quotas: 16 K).
pub const MAXIMUM_REQUEST_LINE: usize = 16 * 1024;
/// The longest single header field (ELB quotas: 16 K).
pub const MAXIMUM_HEADER: usize = 16 * 1024;
/// All header fields together (ELB quotas: 64 K).
pub const MAXIMUM_HEADERS_SIZE: usize = 64 * 1024;
/// The longest head that is waited for.
pub const MAXIMUM_HEAD: usize = MAXIMUM_REQUEST_LINE + MAXIMUM_HEADERS_SIZE;

/// A request's head.
#[derive(Debug)]
pub struct RequestHead<'h, 'b> {
    /// How many bytes it has, the empty line included.
    pub length: usize,
    /// The method.
    pub method: &'b str,
    /// Path and query (or `*`); of an absolute form what follows the authority, which may be empty or begin with `?`.
    pub path: &'b str,
    /// The version of the client.
    pub version: Version,
    /// The host: of an absolute form the authority, else the Host field; absent only in HTTP/1.0.
    pub host: Option<Host<'b>>,
    /// What follows.
    pub body: Body,
    /// Whether the client wants to keep the connection.
    pub keep_alive: bool,
    /// Whether the client waits for `100 Continue` before it sends the body.
    pub expects_continue: bool,
    /// The protocol that the client wants to change to, when that is possible here.
    pub upgrade: Option<&'b [u8]>,
    /// What was noticed.
    pub findings: Findings,
    raw_host: Option<&'b [u8]>,
    bytes: &'b [u8],
    headers: &'h [Header<'b>],
    fields: Fields<'b>,
}

/// What the header fields say, collected in one pass.
#[derive(Debug, Default)]
struct Fields<'b> {
    drop: Mask,
    connection: ConnectionOptions,
    hosts: usize,
    host: Option<&'b [u8]>,
    content_length: Option<u64>,
    /// What fields say that some servers take for Content-Length or Transfer-Encoding.
    other_length: Option<u64>,
    other_coding: bool,
    chunked: bool,
    identity: bool,
    expects_continue: bool,
    upgrades: usize,
    upgrade: Option<&'b [u8]>,
    forwarded_for: Mask,
    forwarded_addresses: usize,
    trailers: bool,
    trace_id: Option<&'b [u8]>,
    user_agent: Option<&'b [u8]>,
    invalid_names: Mask,
    findings: Findings,
}

/// How a request is written for its target.
#[derive(Clone, Copy, Debug)]
pub struct Rewriting<'a> {
    /// What is done with X-Forwarded-For.
    pub xff_mode: XffMode,
    /// The client, as it is written there.
    pub client: &'a [u8],
    /// The listener's port.
    pub port: u16,
    /// The lines that tell the target how the request came to the listener ([`forwarded_lines`](super::forwarded::forwarded_lines)).
    pub forwarded_lines: &'a [u8],
    /// Whether Host goes through untouched.
    pub preserve_host: bool,
    /// The Host of requests that have none.
    pub default_host: &'a str,
    /// What takes the place of the host, and of path and query.
    pub host: Option<&'a [u8]>,
    /// See [`Self::host`].
    pub target: Option<&'a [u8]>,
    /// Whether fields with invalid names are left out.
    pub drop_invalid_names: bool,
    /// Names of fields that clients must not send, besides those that none may ever send.
    pub reserved: &'a [Box<str>],
    /// Whether the target is told that the client knows trailers, if it does: targets of gRPC ask for that.
    pub trailers: bool,
    /// The client's TLS, if it has any.
    pub tls: Option<ForwardedTls<'a>>,
    /// Seconds since 1970, for the trace id.
    pub seconds: i64,
    /// Randomness for the trace id.
    pub random: [u64; 2],
}

impl<'h, 'b> RequestHead<'h, 'b> {
    /// Reads a head at the beginning of `bytes`; `None` when it is not complete.
    ///
    /// # Errors
    /// The answer that the client gets.
    pub fn parse(bytes: &'b [u8], storage: &'h mut Storage<'b>) -> Result<Option<Self>, ProxyError> {
        let mut request = httparse::Request::new(&mut []);
        let length = match request.parse_with_uninit_headers(bytes, storage) {
            Ok(Status::Complete(length)) => length,
            Ok(Status::Partial) => return check_partial(bytes).map(|()| None),
            Err(error) => return Err(fault_of(error, bytes)),
        };
        let (Some(method), Some(target), Some(minor)) = (request.method, request.path, request.version) else {
            return Err(ProxyError::BadRequest("request line"));
        };
        let headers: &'h [Header<'b>] = request.headers;
        let version = if minor == 1 { Version::Http11 } else { Version::Http10 };
        check_shape(bytes, method, target, headers, length)?;
        check_method(method)?;
        let mut fields = Fields::default();
        for (i, header) in headers.iter().enumerate() {
            read_field(&mut fields, i, header, headers)?;
        }
        let (authority, path) = split_target(method, target)?;
        let host = choose_host(authority, &fields, version)?;
        let body = frame(&mut fields, version, method)?;
        let upgrade = upgrade(&fields, version, method, &body);
        let ConnectionOptions { close, keep_alive, upgrade: _ } = fields.connection;
        Ok(Some(Self {
            length,
            method,
            path,
            version,
            host,
            expects_continue: fields.expects_continue && version == Version::Http11 && !body.is_complete(),
            body,
            keep_alive: !close && (version == Version::Http11 || keep_alive),
            upgrade,
            findings: fields.findings,
            raw_host: authority.or(fields.host),
            bytes,
            headers,
            fields,
        }))
    }

    /// Whether sending it twice does what sending it once does (RFC 9110 section 9.2.2).
    pub fn is_idempotent(&self) -> bool {
        matches!(self.method, "GET" | "HEAD" | "OPTIONS" | "PUT" | "DELETE")
    }

    /// Whether it is a call of gRPC, by its type of content.
    pub fn is_grpc(&self) -> bool {
        const TYPE: &[u8] = b"application/grpc";
        let content_type = self.headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-type"));
        let begins = |value: &[u8]| value.get(..TYPE.len()).is_some_and(|start| start.eq_ignore_ascii_case(TYPE));
        content_type.is_some_and(|header| {
            begins(header.value) && matches!(header.value.get(TYPE.len()), None | Some(b'+' | b';' | b' '))
        })
    }

    /// All header fields.
    pub fn fields(&self) -> &'h [Header<'b>] {
        self.headers
    }

    /// `User-Agent`.
    pub fn user_agent(&self) -> Option<&'b [u8]> {
        self.fields.user_agent
    }

    /// The values of the cookies with a name.
    pub fn cookies<'n>(&self, name: &'n str) -> impl Iterator<Item = &'b [u8]> + use<'h, 'b, 'n> {
        let fields = self.headers.iter().filter(|header| header.name.eq_ignore_ascii_case("cookie"));
        stickiness::cookies(fields.map(|header| header.value), name)
    }

    /// Whether fields are left out because of their names when invalid ones are dropped.
    pub fn has_invalid_names(&self) -> bool {
        self.fields.invalid_names != Mask::default()
    }

    /// Checks what only the configuration can decide.
    ///
    /// # Errors
    /// Too many addresses in X-Forwarded-For, when they would be forwarded with one more.
    pub fn check(&self, xff_mode: XffMode) -> Result<(), ProxyError> {
        let appended = xff_mode == XffMode::Append;
        if appended && self.fields.forwarded_addresses > MAXIMUM_FORWARDED_ADDRESSES {
            return Err(ProxyError::TooManyForwardedAddresses);
        }
        Ok(())
    }

    /// Appends the head that the target gets. Returns where the value of X-Amzn-Trace-Id lies in `out`.
    pub fn write(&self, rewriting: &Rewriting<'_>, out: &mut Vec<u8>) -> std::ops::Range<usize> {
        out.reserve(self.length + 512);
        self.write_request_line(rewriting.target, out);
        self.write_host(rewriting, out);
        self.write_kept_fields(rewriting, out);
        self.write_framing(out);
        self.write_connection(out);
        if rewriting.trailers && self.fields.trailers {
            out.extend_from_slice(b"TE: trailers\r\n");
        }
        let existing =
            (0..self.headers.len()).filter(|i| self.fields.forwarded_for.has(*i)).map(|i| self.headers[i].value);
        write_forwarded_for(rewriting.xff_mode, existing, rewriting.client, out);
        out.extend_from_slice(rewriting.forwarded_lines);
        if let Some(tls) = rewriting.tls {
            tls.write(out);
        }
        out.extend_from_slice(b"X-Amzn-Trace-Id: ");
        let from = out.len();
        write_trace_id(self.fields.trace_id, rewriting.seconds, rewriting.random, out);
        let trace_id = from..out.len();
        out.extend_from_slice(b"\r\n\r\n");
        trace_id
    }

    fn write_request_line(&self, other_target: Option<&[u8]>, out: &mut Vec<u8>) {
        out.extend_from_slice(self.method.as_bytes());
        out.push(b' ');
        let target = other_target.unwrap_or(self.path.as_bytes());
        if !matches!(target.first(), Some(b'/' | b'*')) {
            out.push(b'/');
        }
        out.extend_from_slice(target);
        out.extend_from_slice(b" HTTP/1.1\r\n");
    }

    fn write_host(&self, rewriting: &Rewriting<'_>, out: &mut Vec<u8>) {
        out.extend_from_slice(b"Host: ");
        match (rewriting.host, self.host, self.raw_host) {
            (Some(host), _, _) => out.extend_from_slice(host),
            (None, Some(_), Some(raw)) if rewriting.preserve_host => out.extend_from_slice(raw),
            (None, Some(host), _) => host.write(rewriting.port, out),
            (None, None, _) => out.extend_from_slice(rewriting.default_host.as_bytes()),
        }
        out.extend_from_slice(b"\r\n");
    }

    fn write_kept_fields(&self, rewriting: &Rewriting<'_>, out: &mut Vec<u8>) {
        let mut drop = self.fields.drop;
        for i in 0..self.headers.len() {
            let invalid = rewriting.drop_invalid_names && self.fields.invalid_names.has(i);
            let replaced = rewriting.xff_mode != XffMode::Preserve && self.fields.forwarded_for.has(i);
            let ours = rewriting.reserved.iter().any(|name| name.eq_ignore_ascii_case(self.headers[i].name));
            if invalid || replaced || ours {
                drop.add(i);
            }
        }
        header::copy(self.bytes, self.headers, drop, false, self.length - 2, out);
    }

    fn write_framing(&self, out: &mut Vec<u8>) {
        match (&self.body, self.fields.content_length) {
            (Body::Chunked(_), _) => out.extend_from_slice(b"Transfer-Encoding: chunked\r\n"),
            (Body::None | Body::Length(_) | Body::UntilClose, Some(length)) => {
                out.extend_from_slice(b"Content-Length: ");
                header::write_number(length, out);
                out.extend_from_slice(b"\r\n");
            }
            (Body::None | Body::Length(_) | Body::UntilClose, None) => {}
        }
    }

    fn write_connection(&self, out: &mut Vec<u8>) {
        if let Some(protocol) = self.upgrade {
            out.extend_from_slice(b"Connection: Upgrade\r\nUpgrade: ");
            out.extend_from_slice(protocol);
            out.extend_from_slice(b"\r\n");
        }
    }
}

/// Whether a head that is not complete may still become a good one.
pub(crate) fn check_partial(bytes: &[u8]) -> Result<(), ProxyError> {
    let line_end = bytes.iter().take(MAXIMUM_REQUEST_LINE + 1).position(|b| *b == b'\n');
    if line_end.is_none() && bytes.len() > MAXIMUM_REQUEST_LINE {
        return Err(ProxyError::UriTooLong);
    }
    if bytes.len() >= MAXIMUM_HEAD {
        return Err(ProxyError::BadRequest("header fields too large"));
    }
    Ok(())
}

/// Why httparse refused the bytes.
fn fault_of(error: httparse::Error, bytes: &[u8]) -> ProxyError {
    use httparse::Error as E;
    let line = bytes.split(|b| *b == b'\n').next().unwrap_or_default();
    match error {
        E::Version if names_a_version(line) => ProxyError::UnsupportedVersion,
        _ if line.len() > MAXIMUM_REQUEST_LINE => ProxyError::UriTooLong,
        E::Version => ProxyError::BadRequest("version"),
        E::HeaderName => ProxyError::BadRequest("header name"),
        E::HeaderValue => ProxyError::BadRequest("header value"),
        E::NewLine => ProxyError::BadRequest("line end"),
        E::Token => ProxyError::BadRequest("request line"),
        E::TooManyHeaders => ProxyError::BadRequest("too many header fields"),
        E::Status => ProxyError::BadRequest("status"),
    }
}

/// Whether a request line ends with a version that is one, only not ours.
fn names_a_version(line: &[u8]) -> bool {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let mut words = line.split(|b| *b == b' ').skip(2);
    let (Some([b'H', b'T', b'T', b'P', b'/', major, b'.', minor]), None) = (words.next(), words.next()) else {
        return false;
    };
    major.is_ascii_digit() && minor.is_ascii_digit()
}

/// Sizes and line ends.
fn check_shape(
    bytes: &[u8],
    method: &str,
    target: &str,
    headers: &[Header<'_>],
    length: usize,
) -> Result<(), ProxyError> {
    const VERSION_AND_SPACES: usize = 10;
    if header::offset(bytes, method.as_bytes()) != 0 {
        return Err(ProxyError::BadRequest("bytes before the request line"));
    }
    let line = method.len() + target.len() + VERSION_AND_SPACES;
    if line > MAXIMUM_REQUEST_LINE {
        return Err(ProxyError::UriTooLong);
    }
    if length - line > MAXIMUM_HEADERS_SIZE || headers.iter().any(|h| h.name.len() + h.value.len() + 2 > MAXIMUM_HEADER)
    {
        return Err(ProxyError::BadRequest("header fields too large"));
    }
    // The request line is one line: method, space, target, space, version, CRLF, and then the first field.
    let after_line = headers.first().map_or(length - 2, |h| header::offset(bytes, h.name.as_bytes()));
    if after_line != line + 2 || !header::has_only_crlf(&bytes[..length], headers, length - 2) {
        return Err(ProxyError::BadRequest("line end"));
    }
    Ok(())
}

/// TRACE is refused as AWS does; CONNECT, because a load balancer is no tunnel to elsewhere.
fn check_method(method: &str) -> Result<(), ProxyError> {
    match method {
        "TRACE" | "CONNECT" => Err(ProxyError::MethodNotAllowed),
        _ => Ok(()),
    }
}

/// One field. The length of the name tells most fields apart without looking at them.
fn read_field<'b>(
    fields: &mut Fields<'b>,
    i: usize,
    header: &Header<'b>,
    headers: &[Header<'b>],
) -> Result<(), ProxyError> {
    let (name, value) = (header.name.as_bytes(), header.value);
    let is = |known: &[u8]| name.eq_ignore_ascii_case(known);
    match name.len() {
        2 if is(b"te") => {
            fields.drop.add(i);
            fields.trailers |= value.eq_ignore_ascii_case(b"trailers");
        }
        4 if is(b"host") => {
            fields.drop.add(i);
            fields.hosts += 1;
            fields.host = Some(value);
        }
        6 if is(b"expect") => {
            fields.drop.add(i);
            if !value.eq_ignore_ascii_case(b"100-continue") {
                return Err(ProxyError::ExpectationFailed);
            }
            fields.expects_continue = true;
        }
        7 if is(b"upgrade") => {
            fields.drop.add(i);
            fields.upgrades += 1;
            fields.upgrade = Some(value);
        }
        10 if is(b"connection") => {
            fields.drop.add(i);
            header::read_connection(value, headers, &mut fields.drop, &mut fields.connection);
        }
        10 if is(b"keep-alive") => fields.drop.add(i),
        10 if is(b"user-agent") => fields.user_agent = Some(value),
        14 if is(b"content-length") => read_content_length(fields, i, value)?,
        14 if is(b"http2-settings") => fields.drop.add(i),
        15 if is(b"x-forwarded-for") => {
            fields.forwarded_for.add(i);
            fields.forwarded_addresses += count_addresses(value);
        }
        15 if is(b"x-amzn-trace-id") => {
            fields.drop.add(i);
            fields.trace_id.get_or_insert(value);
        }
        16 if is(b"x-forwarded-port") || is(b"proxy-connection") => fields.drop.add(i),
        17 if is(b"transfer-encoding") => read_transfer_encoding(fields, i, value)?,
        17 if is(b"x-forwarded-proto") => fields.drop.add(i),
        _ => {
            if is_ours(name) {
                fields.drop.add(i);
            }
            if !header::has_valid_name(header) {
                fields.invalid_names.add(i);
            }
            if let Some(lookalike) = lookalike(name) {
                read_lookalike(fields, lookalike, value)?;
            }
        }
    }
    Ok(())
}

/// Fields that only a load balancer may set: targets believe them.
fn is_ours(name: &[u8]) -> bool {
    const PREFIXES: [&[u8]; 3] = [b"x-amzn-oidc-", b"x-amzn-mtls-", b"x-amzn-tls-"];
    name.len() > 11
        && name[0].eq_ignore_ascii_case(&b'x')
        && PREFIXES.iter().any(|p| name.get(..p.len()).is_some_and(|start| start.eq_ignore_ascii_case(p)))
}

fn read_content_length(fields: &mut Fields<'_>, i: usize, value: &[u8]) -> Result<(), ProxyError> {
    let length = header::number(value).ok_or(ProxyError::BadRequest("Content-Length"))?;
    // Written anew: the same number twice becomes one field, leading zeros go.
    fields.drop.add(i);
    match fields.content_length {
        None => fields.content_length = Some(length),
        Some(before) if before == length => fields.findings.add(Finding::DuplicateContentLength),
        Some(_) => return Err(ProxyError::BadRequest("several Content-Length fields")),
    }
    Ok(())
}

fn read_transfer_encoding(fields: &mut Fields<'_>, i: usize, value: &[u8]) -> Result<(), ProxyError> {
    fields.drop.add(i);
    if fields.chunked || fields.identity {
        return Err(ProxyError::BadRequest("several Transfer-Encoding fields"));
    }
    if value.eq_ignore_ascii_case(b"chunked") {
        fields.chunked = true;
    } else if value.eq_ignore_ascii_case(b"identity") {
        fields.identity = true;
        fields.findings.add(Finding::UndefinedTransferEncodingSemantics);
    } else {
        return Err(ProxyError::UnsupportedTransferCoding);
    }
    Ok(())
}

/// A field that some servers take for one that frames the body goes through, as long as it would frame it in the same way.
fn read_lookalike(fields: &mut Fields<'_>, lookalike: Lookalike, value: &[u8]) -> Result<(), ProxyError> {
    fields.findings.add(Finding::SuspiciousHeader);
    match lookalike {
        Lookalike::ContentLength => {
            let length = header::number(value).ok_or(ProxyError::BadRequest("Content-Length"))?;
            if fields.other_length.replace(length).is_some_and(|before| before != length) {
                return Err(ProxyError::BadRequest("several Content-Length fields"));
            }
        }
        Lookalike::TransferEncoding => {
            if !value.eq_ignore_ascii_case(b"chunked") && !value.eq_ignore_ascii_case(b"identity") {
                return Err(ProxyError::UnsupportedTransferCoding);
            }
            if std::mem::replace(&mut fields.other_coding, true) {
                return Err(ProxyError::BadRequest("several Transfer-Encoding fields"));
            }
        }
    }
    Ok(())
}

/// The authority, if the target has one, and the path.
fn split_target<'b>(method: &str, target: &'b str) -> Result<(Option<&'b [u8]>, &'b str), ProxyError> {
    const BAD: ProxyError = ProxyError::BadRequest("request target");
    if target.bytes().any(|b| b == b'#') {
        return Err(BAD);
    }
    if target.starts_with('/') {
        return Ok((None, target));
    }
    if target == "*" {
        return if method == "OPTIONS" { Ok((None, target)) } else { Err(BAD) };
    }
    let rest = strip_scheme(target).ok_or(BAD)?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    Ok((Some(&rest.as_bytes()[..end]), &rest[end..]))
}

fn strip_scheme(target: &str) -> Option<&str> {
    ["http://", "https://"].into_iter().find_map(|scheme| {
        let start = target.get(..scheme.len())?;
        start.eq_ignore_ascii_case(scheme).then(|| &target[scheme.len()..])
    })
}

fn choose_host<'b>(
    authority: Option<&'b [u8]>,
    fields: &Fields<'b>,
    version: Version,
) -> Result<Option<Host<'b>>, ProxyError> {
    const BAD: ProxyError = ProxyError::BadRequest("Host");
    // A second Host is refused in every mode: the first server to read it may not be the one that routes by it.
    if fields.hosts > 1 || (fields.hosts == 0 && version == Version::Http11) {
        return Err(BAD);
    }
    let of_field = fields.host.map(|value| Host::parse(value).ok_or(BAD)).transpose()?;
    match authority {
        Some(authority) => Host::parse(authority).map(Some).ok_or(BAD),
        None => Ok(of_field),
    }
}

/// Where the body ends (RFC 9112 section 6.3).
fn frame(fields: &mut Fields<'_>, version: Version, method: &str) -> Result<Body, ProxyError> {
    if fields.chunked || fields.identity {
        if version == Version::Http10 {
            return Err(ProxyError::BadRequest("Transfer-Encoding in HTTP/1.0"));
        }
        match fields.content_length {
            Some(_) if fields.identity => return Err(ProxyError::BadRequest("Content-Length with Transfer-Encoding")),
            Some(_) => fields.findings.add(Finding::BothTeClPresent),
            None => {}
        }
    }
    if fields.other_coding && (fields.chunked || fields.identity) {
        return Err(ProxyError::BadRequest("several Transfer-Encoding fields"));
    }
    if fields.content_length.zip(fields.other_length).is_some_and(|(length, other)| length != other) {
        return Err(ProxyError::BadRequest("several Content-Length fields"));
    }
    let body = if fields.chunked { Body::chunked() } else { Body::of_length(fields.content_length.unwrap_or(0)) };
    if matches!(method, "GET" | "HEAD") {
        if fields.chunked || fields.identity {
            fields.findings.add(Finding::UndefinedTransferEncodingSemantics);
        } else if !body.is_complete() {
            fields.findings.add(Finding::UndefinedContentLengthSemantics);
        } else if fields.content_length.is_some() {
            fields.findings.add(Finding::GetHeadZeroContentLength);
        }
    }
    Ok(body)
}

/// Whether the request may leave HTTP. A body, an older version, several protocols or HTTP/2 in clear text make it an
/// ordinary request: a server may always ignore Upgrade (RFC 9110 section 7.8).
fn upgrade<'b>(fields: &Fields<'b>, version: Version, method: &str, body: &Body) -> Option<&'b [u8]> {
    let protocol = fields.upgrade.filter(|_| fields.connection.upgrade && fields.upgrades == 1)?;
    let possible = version == Version::Http11 && method == "GET" && body.is_complete();
    let one_token = !protocol.is_empty() && !protocol.contains(&b',');
    let to_http =
        ["h2c", "h2", "http/2.0", "http/1.1", "tls/1.0"].iter().any(|p| protocol.eq_ignore_ascii_case(p.as_bytes()));
    (possible && one_token && !to_http).then_some(protocol)
}

#[cfg(test)]
mod tests;
