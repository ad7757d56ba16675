//! A small AWS client for the bench: query protocol, SigV4, one keep-alive connection, blocking.
//!
//! Every call is signed as a real client signs it, so that the server's verification is part of what is measured. Answers are
//! searched for the few elements that the bench needs; this is no XML parser.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

/// How long one call may take.
const CALL: Duration = Duration::from_secs(30);
/// The largest answer that is read.
const MAXIMUM_ANSWER_BYTES: usize = 64 << 20;
/// A connection that was idle for so long is not used again: the server may be about to close it.
const MAXIMUM_IDLE: Duration = Duration::from_secs(5);
const CONTENT_TYPE: &str = "application/x-www-form-urlencoded; charset=utf-8";

/// Where and as whom to call.
#[derive(Clone)]
pub struct Endpoint {
    pub address: SocketAddr,
    pub region: String,
    pub access_key: String,
    pub secret_key: String,
}

/// A service: its signing name and the version of its query API.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Service {
    Ec2,
    ElbV2,
    AutoScaling,
    CloudWatch,
}

impl Service {
    fn signing_name(self) -> &'static str {
        match self {
            Self::Ec2 => "ec2",
            Self::ElbV2 => "elasticloadbalancing",
            Self::AutoScaling => "autoscaling",
            Self::CloudWatch => "monitoring",
        }
    }

    fn version(self) -> &'static str {
        match self {
            Self::Ec2 => "2016-11-15",
            Self::ElbV2 => "2015-12-01",
            Self::AutoScaling => "2011-01-01",
            Self::CloudWatch => "2010-08-01",
        }
    }
}

/// One keep-alive connection at a time.
pub struct Client {
    endpoint: Endpoint,
    stream: BufReader<TcpStream>,
    used_at: Instant,
}

impl Client {
    pub fn connect(endpoint: &Endpoint) -> Result<Self> {
        Ok(Self { endpoint: endpoint.clone(), stream: open(endpoint.address)?, used_at: Instant::now() })
    }

    /// Calls an operation and returns the answer's body.
    ///
    /// # Errors
    /// When the answer is not 200; the error holds the body.
    pub fn call(&mut self, service: Service, action: &str, parameters: &[(&str, &str)]) -> Result<String> {
        if self.used_at.elapsed() > MAXIMUM_IDLE {
            self.stream = open(self.endpoint.address)?;
        }
        let body = form(service, action, parameters);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock is before 1970")?.as_secs();
        let request = signed_request(&self.endpoint, service.signing_name(), &body, &iso_basic(now));
        self.stream.get_mut().write_all(request.as_bytes())?;
        let (status, answer) = read_answer(&mut self.stream)?;
        self.used_at = Instant::now();
        if status != 200 {
            bail!("{action} was answered with {status}: {answer}");
        }
        Ok(answer)
    }
}

fn open(address: SocketAddr) -> Result<BufReader<TcpStream>> {
    let stream = TcpStream::connect_timeout(&address, CALL).context("cannot reach the API")?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(CALL))?;
    Ok(BufReader::new(stream))
}

fn form(service: Service, action: &str, parameters: &[(&str, &str)]) -> String {
    let mut body = format!("Action={action}&Version={}", service.version());
    for (name, value) in parameters {
        body.push_str(&format!("&{name}={}", percent_encoded(value)));
    }
    body
}

fn percent_encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

/// A whole POST with the headers that Signature Version 4 wants; `time` is `YYYYMMDDTHHMMSSZ`.
fn signed_request(endpoint: &Endpoint, service: &str, body: &str, time: &str) -> String {
    let date = &time[..8];
    let host = endpoint.address;
    let scope = format!("{date}/{}/{service}/aws4_request", endpoint.region);
    let canonical = format!(
        "POST\n/\n\ncontent-type:{CONTENT_TYPE}\nhost:{host}\nx-amz-date:{time}\n\ncontent-type;host;x-amz-date\n{}",
        hex(&Sha256::digest(body))
    );
    let to_sign = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{}", hex(&Sha256::digest(canonical)));
    let signature = hex(&sign(&signing_key(&endpoint.secret_key, date, &endpoint.region, service), &to_sign));
    format!(
        "POST / HTTP/1.1\r\nHost: {host}\r\nContent-Type: {CONTENT_TYPE}\r\nX-Amz-Date: {time}\r\nContent-Length: {}\r\n\
         Authorization: AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders=content-type;host;x-amz-date, Signature={signature}\r\n\r\n{body}",
        body.len(),
        endpoint.access_key
    )
}

fn signing_key(secret: &str, date: &str, region: &str, service: &str) -> Vec<u8> {
    let key = format!("AWS4{secret}").into_bytes();
    [date, region, service, "aws4_request"].iter().fold(key, |key, part| sign(&key, part))
}

fn sign(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `YYYYMMDDTHHMMSSZ` of seconds since 1970.
fn iso_basic(seconds: u64) -> String {
    let (year, month, day) = civil_date(seconds / 86_400);
    let second_of_day = seconds % 86_400;
    format!(
        "{year:04}{month:02}{day:02}T{:02}{:02}{:02}Z",
        second_of_day / 3600,
        second_of_day / 60 % 60,
        second_of_day % 60
    )
}

/// Year, month, day of a number of days since 1970-01-01 (the Gregorian calendar has cycles of 146,097 days; counting from
/// March puts the leap day at the end of the year).
fn civil_date(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (cycle, day_of_cycle) = (days / 146_097, days % 146_097);
    let year_of_cycle = (day_of_cycle - day_of_cycle / 1460 + day_of_cycle / 36_524 - day_of_cycle / 146_096) / 365;
    let day_of_year = day_of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (cycle * 400 + year_of_cycle + u64::from(month <= 2), month, day)
}

/// Status and body of an HTTP/1.1 answer with Content-Length.
fn read_answer(stream: &mut impl BufRead) -> Result<(u16, String)> {
    let mut line = String::new();
    if stream.read_line(&mut line)? == 0 {
        bail!("the connection was closed without an answer");
    }
    let status = line.split(' ').nth(1).and_then(|status| status.parse().ok()).context("no status")?;
    let mut length = None;
    loop {
        line.clear();
        stream.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse::<usize>().ok();
        }
    }
    let length =
        length.filter(|length| *length <= MAXIMUM_ANSWER_BYTES).context("an answer without a sane Content-Length")?;
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    Ok((status, String::from_utf8(body)?))
}

/// The texts of all elements with this name, in order.
pub fn texts<'a>(xml: &'a str, element: &str) -> Vec<&'a str> {
    let (open, close) = (format!("<{element}>"), format!("</{element}>"));
    xml.split(open.as_str()).skip(1).filter_map(|rest| rest.split_once(close.as_str())).map(|(text, _)| text).collect()
}

/// The text of the first element with this name.
pub fn text<'a>(xml: &'a str, element: &str) -> Result<&'a str> {
    texts(xml, element).first().copied().with_context(|| format!("no <{element}> in {xml}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        let cases = [
            (0, "19700101T000000Z"),
            (951_782_400, "20000229T000000Z"),
            (1_440_938_160, "20150830T123600Z"),
            (1_795_176_000, "20261120T120000Z"),
        ];
        for (seconds, expected) in cases {
            assert_eq!(iso_basic(seconds), expected);
        }
    }

    /// The derived key that AWS publishes in its guide to Signature Version 4.
    #[test]
    fn the_signing_key_is_the_published_one() {
        let key = signing_key("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "20150830", "us-east-1", "iam");
        assert_eq!(hex(&key), "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9");
    }

    #[test]
    fn answers_are_read_one_after_another() {
        let mut bytes =
            &b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabcHTTP/1.1 400 Bad\r\nA: b\r\nContent-Length: 0\r\n\r\n"[..];
        assert_eq!(read_answer(&mut bytes).unwrap(), (200, "abc".to_owned()));
        assert_eq!(read_answer(&mut bytes).unwrap(), (400, String::new()));
        assert!(read_answer(&mut bytes).is_err());
    }

    #[test]
    fn elements_are_found_in_order() {
        let xml = "<a><id>1</id><id>2</id></a>";
        assert_eq!(texts(xml, "id"), ["1", "2"]);
        assert!(text(xml, "name").is_err());
    }

    #[test]
    fn values_are_encoded_as_the_query_protocol_wants() {
        let body = form(Service::Ec2, "RunInstances", &[("ImageId", "ami-1"), ("UserData", "a b+c/é")]);
        assert_eq!(body, "Action=RunInstances&Version=2016-11-15&ImageId=ami-1&UserData=a%20b%2Bc%2F%C3%A9");
    }
}
