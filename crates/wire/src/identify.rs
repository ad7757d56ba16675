//! Which service, protocol and operation a request is for.
//!
//! The evidence, strongest first: a path or header of RPC v2 CBOR, the `X-Amz-Target` of JSON, a path of a REST
//! service, `Action` and `Version` of a form. The signing name in the credential scope (unverified here) narrows the
//! services; a request that is signed for one service and asks another is refused as a wrong scope. Without a
//! signature (`auth.mode = "none"`) the rest decides alone. Classic ELB and ELBv2 share everything but `Version`.

use std::collections::BTreeSet;
use std::fmt;

use crate::error::AwsError;
use crate::protocol::{malformed_body, parse_form, rest_xml, rpc_cbor};
use crate::request::Request;
use crate::shape::{Operation, Protocol, Service};
use crate::sigv4::{self, SignatureError};

/// A request whose operation is known.
#[derive(Clone)]
pub struct Call {
    /// The service.
    pub service: &'static Service,
    /// The operation.
    pub operation: &'static Operation,
    /// The protocol the client speaks, and the answer must speak.
    pub protocol: Protocol,
    /// Decoded parameters of the query string and the form body; empty for the other protocols.
    pub parameters: Vec<(String, String)>,
}

impl fmt::Debug for Call {
    // Parameters may hold passwords and keys, so they are never shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{} over {:?}", self.service.name, self.operation.name, self.protocol)
    }
}

/// Why a request is for no operation of ours, with all that is needed to answer it.
#[derive(Clone, Debug)]
pub struct Unidentified {
    /// The protocol in which to answer.
    pub protocol: Protocol,
    /// The service, as far as it is known.
    pub service: Option<&'static Service>,
    /// The answer.
    pub error: AwsError,
}

/// Finds the operation of a request among the services that Goru has.
///
/// # Errors
/// [`Unidentified`] with `MissingAction`, `InvalidAction`, `NoSuchVersion`, `SignatureDoesNotMatch` (signed for another
/// service), `MalformedInput`, `InvalidQueryParameter` or `MethodNotAllowed`; for JSON and CBOR under the names that
/// their clients know.
pub fn identify(request: &Request<'_>, services: &[&'static Service]) -> Result<Call, Unidentified> {
    let scope = Scope { signing_name: signing_name(request), services };
    if let Some((target, operation)) = rpc_path(request.path) {
        return scope.by_target(Protocol::RpcV2Cbor, target, operation).and_then(|call| with_cbor_body(call, request));
    }
    if let Some(target) = request.header("x-amz-target") {
        let (target, operation) = target.rsplit_once('.').unwrap_or(("", target));
        return scope.by_target(Protocol::Json, target, operation).and_then(|call| with_json_body(call, request));
    }
    if let Some(found) = scope.by_rest_path(request) {
        return found;
    }
    scope.by_form(request)
}

/// `/service/<name>/operation/<name>`, also behind a prefix, as the protocol allows.
fn rpc_path(path: &str) -> Option<(&str, &str)> {
    let mut from_the_end = path.rsplit('/');
    let operation = from_the_end.next()?;
    (from_the_end.next()? == "operation").then_some(())?;
    let service = from_the_end.next()?;
    (from_the_end.next()? == "service").then_some((service, operation))
}

/// The signing name that the credential scope claims.
fn signing_name(request: &Request<'_>) -> Option<String> {
    sigv4::parse(request).ok().map(|claim| claim.service)
}

fn with_cbor_body(call: Call, request: &Request<'_>) -> Result<Call, Unidentified> {
    let protocol_header = request.header("smithy-protocol");
    let media_type = request.media_type();
    let problem = if request.method != "POST" {
        Some("the operation must be called with POST")
    } else if protocol_header != Some(rpc_cbor::PROTOCOL_NAME) {
        Some("the header smithy-protocol must be rpc-v2-cbor")
    } else if !(media_type == "application/cbor" || media_type.is_empty() && request.content.is_empty()) {
        Some("the content type must be application/cbor")
    } else {
        None
    };
    problem.map_or(Ok(call.clone()), |problem| Err(call.refused(malformed_body(Protocol::RpcV2Cbor, problem))))
}

fn with_json_body(call: Call, request: &Request<'_>) -> Result<Call, Unidentified> {
    let is_json = matches!(&*request.media_type(), "application/x-amz-json-1.0" | "application/x-amz-json-1.1");
    let problem = if request.method != "POST" {
        Some("the operation must be called with POST")
    } else if !is_json {
        Some("the content type must be application/x-amz-json-1.0 or application/x-amz-json-1.1")
    } else if !is_utf8_charset(request) {
        Some("the body must be UTF-8")
    } else {
        None
    };
    problem.map_or(Ok(call.clone()), |problem| Err(call.refused(malformed_body(Protocol::Json, problem))))
}

fn is_utf8_charset(request: &Request<'_>) -> bool {
    request.charset().is_none_or(|charset| matches!(&*charset, "utf-8" | "utf8" | "us-ascii"))
}

impl Call {
    fn refused(&self, error: AwsError) -> Unidentified {
        Unidentified { protocol: self.protocol, service: Some(self.service), error }
    }
}

/// The services among which a request may choose.
struct Scope<'a> {
    signing_name: Option<String>,
    services: &'a [&'static Service],
}

impl Scope<'_> {
    /// The service that `matches`, if the signature was made for it.
    fn find(
        &self,
        protocol: Protocol,
        matches: impl Fn(&Service) -> bool,
    ) -> Result<Option<&'static Service>, Unidentified> {
        let speaks = |service: &&&'static Service| service.protocols.contains(&protocol) && matches(service);
        let Some(service) = self.services.iter().find(speaks) else { return Ok(None) };
        match &self.signing_name {
            Some(name) if name != service.signing_name => Err(Unidentified {
                protocol,
                service: Some(service),
                error: SignatureError::WrongScope(format!(
                    "the credential must be scoped to the service {}",
                    service.signing_name
                ))
                .to_aws_error(protocol),
            }),
            Some(_) | None => Ok(Some(service)),
        }
    }

    fn by_target(&self, protocol: Protocol, target: &str, operation: &str) -> Result<Call, Unidentified> {
        match self.find(protocol, |service| service.target_prefix == Some(target))? {
            Some(service) => operation_of(service, protocol, operation, Vec::new()),
            None => Err(Unidentified { protocol, service: None, error: unknown_target(target, operation) }),
        }
    }

    /// A path that fits an operation of a REST service; `None` when the path is none of theirs.
    fn by_rest_path(&self, request: &Request<'_>) -> Option<Result<Call, Unidentified>> {
        let version = request.path.split('/').nth(1).filter(|version| !version.is_empty())?;
        let service = match self.find(Protocol::RestXml, |service| service.api_version == version).transpose()? {
            Ok(service) => service,
            Err(wrong_scope) => return Some(Err(wrong_scope)),
        };
        let fits = |operation: &&Operation| {
            operation.http.method == request.method && rest_xml::match_path(operation.http.uri, request.path).is_some()
        };
        let call = match service.operations.iter().find(fits) {
            Some(operation) => Ok(Call { service, operation, protocol: Protocol::RestXml, parameters: Vec::new() }),
            None => Err(Unidentified {
                protocol: Protocol::RestXml,
                service: Some(service),
                error: AwsError::sender(
                    "InvalidAction",
                    format!(
                        "{} {} is no operation of {} that Goru supports",
                        request.method, request.path, service.name
                    ),
                )
                .with_status(404),
            }),
        };
        Some(call)
    }

    fn by_form(&self, request: &Request<'_>) -> Result<Call, Unidentified> {
        let service = self.service_of_scope();
        let protocol = service.map_or(Protocol::Query, form_protocol);
        // Whoever wants a service that is not here is told so, whatever else does not fit.
        let refuse = |error| Unidentified { protocol, service, error: self.unknown_service().unwrap_or(error) };
        check_form_request(request).map_err(refuse)?;
        let parameters = form_parameters(request).map_err(refuse)?;
        let action = only(&parameters, "Action").map_err(refuse)?.filter(|action| !action.is_empty());
        let Some(action) = action else { return Err(refuse(missing_action())) };
        let version = only(&parameters, "Version").map_err(refuse)?.unwrap_or_default();
        let Some(service) = self.by_version(&version)? else { return Err(refuse(self.bad_version(&action, &version))) };
        operation_of(service, form_protocol(service), &action, parameters)
    }

    /// The service with forms whose version is asked for.
    fn by_version(&self, version: &str) -> Result<Option<&'static Service>, Unidentified> {
        let query = self.find(Protocol::Query, |service| service.api_version == version)?;
        match query {
            Some(service) => Ok(Some(service)),
            None => self.find(Protocol::Ec2, |service| service.api_version == version),
        }
    }

    /// The error of a request that is signed for a service that Goru does not have.
    fn unknown_service(&self) -> Option<AwsError> {
        let name = self.signing_name.as_deref()?;
        let known: BTreeSet<&str> = self.services.iter().map(|service| service.signing_name).collect();
        let listed: Vec<&str> = known.iter().copied().collect();
        let message = || format!("Goru does not have the service {name:.128}; it has {}", listed.join(", "));
        (!known.contains(name)).then(|| AwsError::sender("InvalidAction", message()))
    }

    fn bad_version(&self, action: &str, version: &str) -> AwsError {
        if version.is_empty() {
            let message = format!("{action:.128} is asked for without the parameter Version");
            return AwsError::sender("InvalidAction", message);
        }
        let is_meant = |service: &&&'static Service| Some(service.signing_name) == self.signing_name.as_deref();
        let meant: Vec<&str> = self.services.iter().filter(is_meant).map(|service| service.api_version).collect();
        let message = match self.signing_name.as_deref().filter(|_| !meant.is_empty()) {
            Some(name) => format!("Goru has {name} in version {}, not in {version:.128}", meant.join(", ")),
            None => format!("no service here has the version {version:.128} that is asked for"),
        };
        AwsError::sender("NoSuchVersion", message)
    }

    /// The first service with forms that the signature names; only good for the form of errors.
    fn service_of_scope(&self) -> Option<&'static Service> {
        let name = self.signing_name.as_deref()?;
        let has_forms = |service: &&&'static Service| {
            service.signing_name == name
                && service.protocols.iter().any(|protocol| matches!(protocol, Protocol::Query | Protocol::Ec2))
        };
        self.services.iter().find(has_forms).copied()
    }
}

fn form_protocol(service: &Service) -> Protocol {
    if service.protocols.contains(&Protocol::Ec2) { Protocol::Ec2 } else { Protocol::Query }
}

/// Method, path and content type of a form; an empty body needs no content type.
fn check_form_request(request: &Request<'_>) -> Result<(), AwsError> {
    if !request.path.bytes().all(|byte| byte == b'/') {
        return Err(AwsError::sender("InvalidAction", format!("there is nothing at {}", request.path)).with_status(404));
    }
    match request.method {
        "POST" if request.content.is_empty() => Ok(()),
        "POST" if request.media_type() != "application/x-www-form-urlencoded" => {
            Err(malformed_body(Protocol::Query, "the content type must be application/x-www-form-urlencoded"))
        }
        "POST" if !is_utf8_charset(request) => Err(malformed_body(Protocol::Query, "the body must be UTF-8")),
        "POST" => Ok(()),
        "GET" if request.content.is_empty() => Ok(()),
        "GET" => Err(malformed_body(Protocol::Query, "a GET request must not have a body")),
        other => {
            let message = format!("the method {other} is not allowed here; use POST");
            Err(AwsError::sender("MethodNotAllowed", message).with_status(405))
        }
    }
}

fn form_parameters(request: &Request<'_>) -> Result<Vec<(String, String)>, AwsError> {
    let parse = |bytes: &[u8]| parse_form(bytes).map_err(|message| malformed_body(Protocol::Query, message));
    let mut parameters = parse(request.query.as_bytes())?;
    parameters.extend(parse(request.content)?);
    Ok(parameters)
}

/// The value of a parameter that chooses the operation; several are only good if they agree.
fn only(parameters: &[(String, String)], name: &str) -> Result<Option<String>, AwsError> {
    let mut values = parameters.iter().filter(|(found, _)| found == name).map(|(_, value)| value);
    let Some(first) = values.next() else { return Ok(None) };
    match values.find(|other| *other != first) {
        Some(other) => Err(AwsError::sender(
            "InvalidQueryParameter",
            format!("{name} is given as {first} and as {other}; give it once"),
        )),
        None => Ok(Some(first.clone())),
    }
}

fn operation_of(
    service: &'static Service,
    protocol: Protocol,
    name: &str,
    parameters: Vec<(String, String)>,
) -> Result<Call, Unidentified> {
    match service.operation(name) {
        Some(operation) => Ok(Call { service, operation, protocol, parameters }),
        None => {
            Err(Unidentified { protocol, service: Some(service), error: unknown_operation(service, protocol, name) })
        }
    }
}

/// `InvalidAction`, which every client understands; the message tells the two reasons apart.
fn unknown_operation(service: &Service, protocol: Protocol, name: &str) -> AwsError {
    let message = if service.is_unserved(name) {
        format!("{name} is an operation of {} that Goru does not support", service.service_id)
    } else {
        format!("{} has no operation {name:.128} in version {}", service.service_id, service.api_version)
    };
    in_protocol(protocol, AwsError::sender("InvalidAction", message))
}

fn unknown_target(target: &str, operation: &str) -> AwsError {
    let message = format!("Goru has no service {target:.128} with an operation {operation:.128} in this protocol");
    in_protocol(Protocol::Json, AwsError::sender("InvalidAction", message))
}

fn in_protocol(protocol: Protocol, error: AwsError) -> AwsError {
    match protocol {
        Protocol::Json | Protocol::RpcV2Cbor => error.with_shape("UnknownOperationException"),
        Protocol::Query | Protocol::Ec2 | Protocol::RestXml => error,
    }
}

fn missing_action() -> AwsError {
    AwsError::sender("MissingAction", "the request names no operation; it must have the parameter Action")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::testing::SERVICES;

    const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded; charset=utf-8");
    const JSON: (&str, &str) = ("content-type", "application/x-amz-json-1.0");

    struct Sent {
        parts: http::request::Parts,
        body: String,
    }

    fn sent(method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Sent {
        let mut builder = http::Request::builder().method(method).uri(target).header("host", "localhost");
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        Sent { parts: builder.body(()).unwrap().into_parts().0, body: body.into() }
    }

    fn form(body: &str) -> Sent {
        sent("POST", "/", &[FORM], body)
    }

    fn signed(service: &str, headers: &[(&str, &str)], body: &str) -> Sent {
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential=AKID/20260102/eu-west-1/{service}/aws4_request, SignedHeaders=host, Signature={}",
            "ab".repeat(32)
        );
        let mut all = vec![("authorization", authorization.as_str()), ("x-amz-date", "20260102T030405Z")];
        all.extend(headers);
        sent("POST", "/", &all, body)
    }

    fn found(sent: &Sent) -> Result<(&'static str, &'static str, Protocol), (String, u16, Protocol)> {
        let request = Request::new(&sent.parts, sent.body.as_bytes());
        match identify(&request, &SERVICES) {
            Ok(call) => Ok((call.service.name, call.operation.name, call.protocol)),
            Err(refused) => Err((refused.error.code.into_owned(), refused.error.status, refused.protocol)),
        }
    }

    #[test]
    fn version_tells_the_services_of_one_signing_name_apart() {
        for (version, service) in [("2015-12-01", "elbv2"), ("2012-06-01", "elb")] {
            let body = format!("Action=Echo&Version={version}");
            assert_eq!(found(&signed("elasticloadbalancing", &[FORM], &body)), Ok((service, "Echo", Protocol::Query)));
            assert_eq!(found(&form(&body)), Ok((service, "Echo", Protocol::Query)));
        }
    }

    #[test]
    fn one_service_is_found_over_three_protocols() {
        let target = ("x-amz-target", "GraniteServiceVersion20100801.Echo");
        assert_eq!(found(&signed("monitoring", &[JSON, target], "{}")), Ok(("cloudwatch", "Echo", Protocol::Json)));
        assert_eq!(found(&form("Version=2010-08-01&Action=Echo")), Ok(("cloudwatch", "Echo", Protocol::Query)));
        let path = "/service/GraniteServiceVersion20100801/operation/Echo";
        let headers = [("smithy-protocol", "rpc-v2-cbor"), ("content-type", "application/cbor")];
        assert_eq!(found(&sent("POST", path, &headers, "")), Ok(("cloudwatch", "Echo", Protocol::RpcV2Cbor)));
        let prefixed = format!("/goru{path}");
        assert_eq!(found(&sent("POST", &prefixed, &headers, "")), Ok(("cloudwatch", "Echo", Protocol::RpcV2Cbor)));
    }

    #[test]
    fn get_with_a_query_string_is_a_call_too() {
        let get = sent("GET", "/?Action=Echo&Version=2016-11-15&Text=a%20b", &[], "");
        assert_eq!(found(&get), Ok(("ec2", "Echo", Protocol::Ec2)));
        let request = Request::new(&get.parts, b"");
        let call = identify(&request, &SERVICES).unwrap();
        assert!(call.parameters.contains(&("Text".into(), "a b".into())));
        let with_body = sent("GET", "/?Action=Echo&Version=2016-11-15", &[FORM], "Text=a");
        assert_eq!(found(&with_body), Err(("MalformedInput".into(), 400, Protocol::Query)));
    }

    #[test]
    fn rest_paths_are_found_by_version_and_template() {
        assert_eq!(
            found(&sent("POST", "/2013-04-01/thing/Z1/rest", &[], "")),
            Ok(("route53", "PutThing", Protocol::RestXml))
        );
        let wrong_method = sent("DELETE", "/2013-04-01/thing/Z1/rest", &[], "");
        assert_eq!(found(&wrong_method), Err(("InvalidAction".into(), 404, Protocol::RestXml)));
    }

    #[test]
    fn a_service_or_version_that_is_not_here_is_named_together_with_those_that_are() {
        let message = |sent: &Sent| {
            let refused = identify(&Request::new(&sent.parts, sent.body.as_bytes()), &SERVICES).unwrap_err().error;
            format!("{}: {}", refused.code, refused.message)
        };
        for body in ["", "Action=Echo&Version=1999-01-01"] {
            let said = message(&signed("s3", &[FORM], body));
            assert!(said.starts_with("InvalidAction: Goru does not have the service s3; it has "), "{said}");
            assert!(said.contains("ec2, elasticloadbalancing"), "{said}");
        }
        let said = message(&signed("ec2", &[FORM], "Action=Echo&Version=1999-01-01"));
        assert_eq!(said, "NoSuchVersion: Goru has ec2 in version 2016-11-15, not in 1999-01-01");
    }

    #[test]
    fn requests_for_nothing_are_refused_in_the_protocol_they_speak() {
        let query = |code: &str, status| Err((code.to_owned(), status, Protocol::Query));
        let cases = [
            (form(""), query("MissingAction", 400)),
            (form("Version=2015-12-01"), query("MissingAction", 400)),
            (form("Action=&Version=2015-12-01"), query("MissingAction", 400)),
            (form("Action=Nope&Version=2015-12-01"), query("InvalidAction", 400)),
            (form("Action=Lost&Version=2015-12-01"), query("InvalidAction", 400)),
            (form("Action=Echo"), query("InvalidAction", 400)),
            (form("Action=Echo&Version=1999-01-01"), query("NoSuchVersion", 400)),
            (form("Action=Echo&Version=2016-11-15&Version=2015-12-01"), query("InvalidQueryParameter", 400)),
            (
                sent("POST", "/?Action=Quiet", &[FORM], "Action=Echo&Version=2015-12-01"),
                query("InvalidQueryParameter", 400),
            ),
            (sent("POST", "/", &[JSON], "{}"), query("MalformedInput", 400)),
            (
                sent(
                    "POST",
                    "/",
                    &[("content-type", "application/x-www-form-urlencoded; charset=utf-16")],
                    "Action=Echo",
                ),
                query("MalformedInput", 400),
            ),
            (form("Action=Echo&Version=2015-12-01&Text=%ff"), query("MalformedInput", 400)),
            (sent("PUT", "/", &[FORM], "Action=Echo&Version=2015-12-01"), query("MethodNotAllowed", 405)),
            (sent("POST", "/favicon.ico", &[FORM], "Action=Echo&Version=2015-12-01"), query("InvalidAction", 404)),
            (
                signed("ec2", &[FORM], "Action=Nope&Version=2016-11-15"),
                Err(("InvalidAction".into(), 400, Protocol::Ec2)),
            ),
            (
                signed("ec2", &[FORM], "Action=Echo&Version=2014-01-01"),
                Err(("NoSuchVersion".into(), 400, Protocol::Ec2)),
            ),
            (
                sent("POST", "/", &[JSON, ("x-amz-target", "CertificateManager.Nope")], "{}"),
                Err(("InvalidAction".into(), 400, Protocol::Json)),
            ),
            (
                sent("POST", "/", &[JSON, ("x-amz-target", "Nobody.Echo")], "{}"),
                Err(("InvalidAction".into(), 400, Protocol::Json)),
            ),
            (
                sent("POST", "/", &[JSON, ("x-amz-target", "Echo")], "{}"),
                Err(("InvalidAction".into(), 400, Protocol::Json)),
            ),
            (
                sent("POST", "/", &[FORM, ("x-amz-target", "CertificateManager.Echo")], "{}"),
                Err(("MalformedInput".into(), 400, Protocol::Json)),
            ),
            (
                sent("POST", "/service/Nobody/operation/Echo", &[], ""),
                Err(("InvalidAction".into(), 400, Protocol::RpcV2Cbor)),
            ),
            (
                sent("POST", "/service/GraniteServiceVersion20100801/operation/Echo", &[], ""),
                Err(("MalformedInput".into(), 400, Protocol::RpcV2Cbor)),
            ),
        ];
        for (request, expected) in cases {
            assert_eq!(found(&request), expected, "{} {} {}", request.parts.method, request.parts.uri, request.body);
        }
    }

    #[test]
    fn an_operation_that_only_aws_has_is_named() {
        let request = form("Action=Lost&Version=2015-12-01");
        let refused = identify(&Request::new(&request.parts, request.body.as_bytes()), &SERVICES).unwrap_err();
        assert!(
            refused.error.message.contains("Lost is an operation of Base that Goru does not support"),
            "{:?}",
            refused.error
        );
    }

    #[test]
    fn a_signature_for_another_service_does_not_match() {
        let wrong = Err(("SignatureDoesNotMatch".to_owned(), 403, Protocol::Ec2));
        assert_eq!(found(&signed("sts", &[FORM], "Action=Echo&Version=2016-11-15")), wrong);
        let target = ("x-amz-target", "GraniteServiceVersion20100801.Echo");
        let request = signed("acm", &[JSON, target], "{}");
        let refused = identify(&Request::new(&request.parts, b"{}"), &SERVICES).unwrap_err();
        assert_eq!(refused.error.shape_name(), "InvalidSignatureException");
    }

    #[test]
    fn a_compressed_form_is_read_from_its_content() {
        let request = form("not a form: compressed bytes");
        let compressed = Request::new(&request.parts, request.body.as_bytes());
        assert_eq!(identify(&compressed, &SERVICES).unwrap_err().error.code, "MissingAction");
        let call = identify(&compressed.with_content(b"Action=Echo&Version=2015-12-01"), &SERVICES).unwrap();
        assert_eq!((call.service.name, call.operation.name), ("elbv2", "Echo"));
    }

    #[test]
    fn debug_output_of_a_call_holds_no_parameter() {
        let request = form("Action=Echo&Version=2015-12-01&Text=s3cr3t");
        let call = identify(&Request::new(&request.parts, request.body.as_bytes()), &SERVICES).unwrap();
        assert!(!format!("{call:?}").contains("s3cr3t"));
    }
}
