//! The five protocols: bytes of a request to a [`Value`], a [`Value`] to the bytes of an answer.
//!
//! One file per protocol, all driven by the shape tables; what they share (scalars as text, the tree of a form) has
//! a file of its own. Decoding never stops at a bad member, only at a body that is no body of the protocol at all.

pub mod ec2;
mod form;
pub mod json;
pub mod query;
pub mod rest_xml;
pub mod rpc_cbor;
pub mod text;

#[cfg(test)]
pub(crate) mod testing;

pub use form::parse as parse_form;

use crate::error::AwsError;
use crate::identify::Call;
use crate::request::Request;
use crate::shape::Protocol;
use crate::value::{Structure, Value};

/// Deepest nesting of values, and of segments in the key of a form parameter.
pub const MAX_DEPTH: usize = 32;
/// Most parameters in a form.
pub const MAX_PARAMETERS: usize = 100_000;
/// Most elements in one list or entries in one map, and the greatest index in a form.
pub const MAX_LIST_LENGTH: usize = 10_000;
/// Most names of unknown members that are kept for the error message.
pub const MAX_UNKNOWN: usize = 100;

/// An HTTP answer: status, header fields with lower-case names, body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// HTTP status code.
    pub status: u16,
    /// Header fields; `content-length` is the server's to add.
    pub headers: Vec<(&'static str, String)>,
    /// Body.
    pub body: Vec<u8>,
}

impl Response {
    /// An answer with one header, its content type.
    pub fn new(status: u16, content_type: impl Into<String>, body: Vec<u8>) -> Self {
        Self { status, headers: vec![("content-type", content_type.into())], body }
    }

    /// An XML answer.
    pub fn xml(status: u16, body: Vec<u8>) -> Self {
        Self::new(status, "text/xml", body)
    }
}

/// Reads the input of an identified call. The result is always a [`Value::Structure`]; what does not fit the shape
/// is marked inside it for validation.
///
/// # Errors
/// `MalformedInput` (in JSON and CBOR `SerializationException`) when the body is not one of the protocol.
pub fn decode(call: &Call, request: &Request<'_>) -> Result<Value, AwsError> {
    let input = call.operation.input;
    let decoded = match call.protocol {
        Protocol::Query => query::decode(input, &call.parameters),
        Protocol::Ec2 => ec2::decode(input, &call.parameters),
        Protocol::Json => json::decode(input, request.content),
        Protocol::RpcV2Cbor => rpc_cbor::decode(input, request.content),
        Protocol::RestXml => rest_xml::decode(call.operation, request),
    };
    decoded.map_err(|message| malformed_body(call.protocol, message))
}

/// Writes the output of a call. `output` is what the operation's output shape describes.
pub fn encode(call: &Call, output: &Value, request_id: &str) -> Response {
    let nothing = Structure::default();
    let structure = if let Value::Structure(structure) = output { structure } else { &nothing };
    let mut response = match call.protocol {
        Protocol::Query => query::encode(call.service, call.operation, structure, request_id),
        Protocol::Ec2 => ec2::encode(call.service, call.operation, structure, request_id),
        Protocol::Json => json::respond(call.service, call.operation, structure),
        Protocol::RpcV2Cbor => rpc_cbor::respond(call.operation, structure),
        Protocol::RestXml => rest_xml::encode(call.service, call.operation, structure),
    };
    response.headers.push(("x-amzn-requestid", request_id.to_owned()));
    response
}

/// The error for a body that is not one of the protocol.
pub(crate) fn malformed_body(protocol: Protocol, message: impl Into<String>) -> AwsError {
    let error = AwsError::sender("MalformedInput", message);
    match protocol {
        Protocol::Json | Protocol::RpcV2Cbor => error.with_shape("SerializationException"),
        Protocol::Query | Protocol::Ec2 | Protocol::RestXml => error,
    }
}

/// Notes a member that the shape does not have, up to [`MAX_UNKNOWN`] of them.
pub(crate) fn note_unknown(structure: &mut Structure, name: &str) {
    if structure.unknown.len() < MAX_UNKNOWN {
        structure.unknown.push(name.chars().take(crate::value::Malformed::TEXT_LIMIT).collect());
    }
}
