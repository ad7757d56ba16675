//! A small client of AWS's query protocol, enough for the demonstration.

use anyhow::{Context, bail};
use http_body_util::{BodyExt, Full};
use hyper::{Request, StatusCode, body::Bytes, http::request::Builder};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// A service, as requests name it.
#[derive(Clone, Copy)]
pub enum Service {
    /// EC2.
    Ec2,
    /// Elastic Load Balancing v2.
    Elbv2,
    /// EC2 Auto Scaling.
    AutoScaling,
    /// CloudWatch.
    CloudWatch,
    /// SNS.
    Sns,
}

impl Service {
    fn version(self) -> &'static str {
        match self {
            Self::Ec2 => "2016-11-15",
            Self::Elbv2 => "2015-12-01",
            Self::AutoScaling => "2011-01-01",
            Self::CloudWatch => "2010-08-01",
            Self::Sns => "2010-03-31",
        }
    }
}

/// Calls one operation at `api` (`http://address:port`) and returns the XML of its answer.
pub async fn call(api: &str, service: Service, action: &str, parameters: &[(&str, &str)]) -> anyhow::Result<String> {
    let authority = api.strip_prefix("http://").context("the API is not reached over http")?;
    let encode = |text: &str| text.bytes().map(percent).collect::<String>();
    let mut body = format!("Action={action}&Version={}", service.version());
    for (name, value) in parameters {
        body += &format!("&{}={}", encode(name), encode(value));
    }
    let request = Request::post("/").header("content-type", "application/x-www-form-urlencoded; charset=utf-8");
    let (status, answer) = send(authority, request, body).await?;
    if !status.is_success() {
        let part = |tag| values(&answer, tag).into_iter().next().unwrap_or_default();
        bail!("{action}: {status} {}: {}", part("Code"), part("Message"));
    }
    Ok(answer)
}

/// Follows a link, as the reader of a mail does.
pub async fn get(link: &str) -> anyhow::Result<()> {
    let rest = link.strip_prefix("http://").context("the link is not for http")?;
    let (authority, path) = rest.split_once('/').context("the link has no path")?;
    let (status, answer) = send(authority, Request::get(format!("/{path}")), String::new()).await?;
    anyhow::ensure!(status.is_success(), "{link}: {status} {answer}");
    Ok(())
}

async fn send(authority: &str, request: Builder, body: String) -> anyhow::Result<(StatusCode, String)> {
    let stream = TcpStream::connect(authority).await.with_context(|| format!("cannot connect to {authority}"))?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let request = request.header("host", authority).body(Full::new(Bytes::from(body)))?;
    let response = sender.send_request(request).await?;
    let status = response.status();
    Ok((status, String::from_utf8(response.into_body().collect().await?.to_bytes().to_vec())?))
}

/// The texts of all elements of that name.
pub fn values(xml: &str, tag: &str) -> Vec<String> {
    let (open, close) = (format!("<{tag}>"), format!("</{tag}>"));
    let mut rest = xml;
    let mut found = Vec::new();
    while let Some((_, after)) = rest.split_once(&open) {
        let Some((value, after)) = after.split_once(&close) else { break };
        found.push(value.to_owned());
        rest = after;
    }
    found
}

/// The text of the first element of that name.
pub fn value(xml: &str, tag: &str) -> anyhow::Result<String> {
    values(xml, tag).into_iter().next().with_context(|| format!("the answer has no {tag}"))
}

fn percent(byte: u8) -> String {
    match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_found_in_order() {
        let xml = "<a><id>1</id><x/><id>2</id></a>";
        assert_eq!(values(xml, "id"), ["1", "2"]);
        assert!(value(xml, "none").is_err());
    }
}
