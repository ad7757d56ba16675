//! The error a client gets: AWS's code, status and fault, our sentence.
//!
//! One [`AwsError`] serves every protocol; how each of them shows it is written here once. Which codes a service has
//! is in the generated tables ([`ErrorShape`]); this file invents none.

use std::borrow::Cow;

use serde_json::json;

use crate::protocol::{Response, json, rpc_cbor};
use crate::shape::{ErrorShape, Fault, Protocol, Service};
use crate::xml::XmlWriter;

/// An answer that is an error.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct AwsError {
    /// The code that query, ec2 and rest-xml clients see, such as `TargetGroupNotFound`.
    pub code: Cow<'static, str>,
    /// The name that JSON and CBOR clients see when it is not the code, such as `InvalidParameterValueException`.
    pub shape: Option<Cow<'static, str>>,
    /// HTTP status.
    pub status: u16,
    /// Whose fault it is.
    pub fault: Fault,
    /// Our sentence: what is wrong, of which resource, and what to do.
    pub message: String,
    /// Further members of the error's shape, by their name on the wire; all of AWS's that we use are text.
    pub members: Vec<(&'static str, String)>,
}

impl AwsError {
    /// An error by its code.
    pub fn new(code: impl Into<Cow<'static, str>>, status: u16, fault: Fault, message: impl Into<String>) -> Self {
        Self { code: code.into(), shape: None, status, fault, message: message.into(), members: Vec::new() }
    }

    /// An error that the caller must correct, status 400.
    pub fn sender(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self::new(code, 400, Fault::Sender, message)
    }

    /// An error of ours that the caller may try again, status 500.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new("InternalFailure", 500, Fault::Receiver, message)
    }

    /// An error that the service's tables describe.
    pub fn from_shape(shape: &ErrorShape, message: impl Into<String>) -> Self {
        let error = Self::new(shape.code, shape.status, shape.fault, message);
        if shape.shape == shape.code { error } else { error.with_shape(shape.shape) }
    }

    /// The same error with another name in JSON and CBOR.
    pub fn with_shape(mut self, shape: impl Into<Cow<'static, str>>) -> Self {
        self.shape = Some(shape.into());
        self
    }

    /// The same error with another HTTP status.
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// The same error with one more member.
    pub fn with_member(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.members.push((name, value.into()));
        self
    }

    /// The name in JSON and CBOR.
    pub fn shape_name(&self) -> &str {
        self.shape.as_deref().unwrap_or(&self.code)
    }
}

/// Writes an error as the clients of a protocol read it. `service` is `None` when the request was so strange that it
/// belongs to no service; then there is no namespace.
pub fn encode_error(protocol: Protocol, service: Option<&Service>, error: &AwsError, request_id: &str) -> Response {
    let mut response = match protocol {
        Protocol::Query | Protocol::RestXml => query_error(service, error, request_id),
        Protocol::Ec2 => ec2_error(error, request_id),
        Protocol::Json => json_error(service, error),
        Protocol::RpcV2Cbor => rpc_cbor::error_response(error),
    };
    if matches!(protocol, Protocol::Json | Protocol::RpcV2Cbor)
        && service.is_some_and(|service| service.query_compatible)
    {
        response.headers.push(("x-amzn-query-error", format!("{};{}", error.code, fault_name(error.fault))));
    }
    response.headers.push(("x-amzn-requestid", request_id.to_owned()));
    response
}

fn query_error(service: Option<&Service>, error: &AwsError, request_id: &str) -> Response {
    let mut xml = XmlWriter::new();
    xml.open_root("ErrorResponse", service.map_or("", |service| service.xml_namespace));
    xml.open("Error");
    xml.text_element("Type", fault_name(error.fault));
    write_error_members(&mut xml, error);
    xml.close("Error");
    xml.text_element("RequestId", request_id);
    xml.close("ErrorResponse");
    Response::xml(error.status, xml.into_bytes())
}

fn ec2_error(error: &AwsError, request_id: &str) -> Response {
    let mut xml = XmlWriter::new();
    xml.open_root("Response", "");
    xml.open("Errors");
    xml.open("Error");
    write_error_members(&mut xml, error);
    xml.close("Error");
    xml.close("Errors");
    xml.text_element("RequestID", request_id);
    xml.close("Response");
    Response::xml(error.status, xml.into_bytes())
}

fn write_error_members(xml: &mut XmlWriter, error: &AwsError) {
    xml.text_element("Code", &error.code);
    xml.text_element("Message", &error.message);
    for (name, value) in &error.members {
        xml.text_element(name, value);
    }
}

fn json_error(service: Option<&Service>, error: &AwsError) -> Response {
    let mut body = serde_json::Map::new();
    body.insert("__type".into(), json!(error.shape_name()));
    body.insert("message".into(), json!(error.message));
    for (name, value) in &error.members {
        body.insert((*name).to_owned(), json!(value));
    }
    let bytes = serde_json::Value::Object(body).to_string().into_bytes();
    let mut response = Response::new(error.status, json::content_type(service), bytes);
    response.headers.push(("x-amzn-errortype", error.shape_name().to_owned()));
    response
}

/// The word for a fault in query errors and in `x-amzn-query-error`.
fn fault_name(fault: Fault) -> &'static str {
    match fault {
        Fault::Sender => "Sender",
        Fault::Receiver => "Receiver",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::testing::{CLOUDWATCH, ELBV2};

    fn text(response: &Response) -> String {
        String::from_utf8(response.body.clone()).unwrap()
    }

    fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
        response.headers.iter().find(|(found, _)| *found == name).map(|(_, value)| value.as_str())
    }

    #[test]
    fn query_errors_name_type_code_message_and_request() {
        let error = AwsError::sender("TargetGroupNotFound", "no target group <web> & \u{0}co");
        let response = encode_error(Protocol::Query, Some(&ELBV2), &error, "r-1");
        let expected = "<ErrorResponse xmlns=\"http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/\"><Error>\
             <Type>Sender</Type><Code>TargetGroupNotFound</Code><Message>no target group &lt;web&gt; &amp; co</Message>\
             </Error><RequestId>r-1</RequestId></ErrorResponse>";
        assert_eq!(text(&response), expected);
        assert_eq!((response.status, header(&response, "content-type")), (400, Some("text/xml")));
        assert_eq!(header(&response, "x-amzn-requestid"), Some("r-1"));
    }

    #[test]
    fn ec2_errors_have_their_own_nesting_and_spelling() {
        let error = AwsError::sender("InvalidVpcID.NotFound", "no vpc-1");
        let response = encode_error(Protocol::Ec2, None, &error, "r-2");
        let expected = "<Response><Errors><Error><Code>InvalidVpcID.NotFound</Code><Message>no vpc-1</Message></Error>\
             </Errors><RequestID>r-2</RequestID></Response>";
        assert_eq!(text(&response), expected);
    }

    #[test]
    fn json_errors_carry_the_shape_and_the_query_code() {
        let error = AwsError::sender("InvalidParameterValue", "bad").with_shape("InvalidParameterValueException");
        let response = encode_error(Protocol::Json, Some(&CLOUDWATCH), &error, "r-3");
        let body: serde_json::Value = serde_json::from_slice(&response.body).unwrap();
        assert_eq!(body, json!({"__type": "InvalidParameterValueException", "message": "bad"}));
        assert_eq!(header(&response, "x-amzn-errortype"), Some("InvalidParameterValueException"));
        assert_eq!(header(&response, "x-amzn-query-error"), Some("InvalidParameterValue;Sender"));
        assert_eq!(header(&response, "content-type"), Some("application/x-amz-json-1.0"));
    }

    #[test]
    fn further_members_are_shown_beside_the_message() {
        let error = AwsError::sender("ResourceNotFound", "none").with_member("ResourceId", "cpu-high");
        let query = text(&encode_error(Protocol::Query, Some(&CLOUDWATCH), &error, "r"));
        assert!(query.contains("<Message>none</Message><ResourceId>cpu-high</ResourceId></Error>"), "{query}");
        let json = text(&encode_error(Protocol::Json, Some(&CLOUDWATCH), &error, "r"));
        assert!(json.contains("\"ResourceId\":\"cpu-high\""), "{json}");
    }

    #[test]
    fn an_error_of_the_tables_keeps_its_two_names_and_status() {
        let shape = ErrorShape { shape: "XFault", code: "X", status: 409, fault: Fault::Receiver };
        let error = AwsError::from_shape(&shape, "m");
        assert_eq!(
            (&*error.code, error.shape_name(), error.status, error.fault),
            ("X", "XFault", 409, Fault::Receiver)
        );
    }
}
