//! Bytes made by the real botocore are read as what they mean; Goru's answers are the bytes that botocore was seen to
//! read (`e2e/wire_vectors.py check`).
//!
//! `WRITE_VECTORS=1` writes the answers anew; then the script must check them, and both are committed.

#![allow(clippy::unwrap_used)]

#[path = "../../wire/tests/support/mod.rs"]
mod support;

use serde_json::{Value as Json, json};
use support::client::base64;
use support::plain;
use support::vectors::{Sent, load, path, text};
use wire::error::encode_error;
use wire::identify::{Call, identify};
use wire::protocol::{Response, decode, encode};
use wire::shape::{Fault, Protocol, Service};
use wire::{AwsError, Value};

const REQUEST_ID: &str = "request-1";

fn service(vector: &Json) -> &'static Service {
    let name = text(vector, "service");
    api::SERVICES.iter().find(|service| service.name == name).unwrap_or_else(|| panic!("no service {name}"))
}

fn protocol(vector: &Json) -> Protocol {
    match text(vector, "protocol") {
        "query" => Protocol::Query,
        "ec2" => Protocol::Ec2,
        "json" => Protocol::Json,
        "smithy-rpc-v2-cbor" => Protocol::RpcV2Cbor,
        other => panic!("no protocol {other}"),
    }
}

#[test]
fn requests_of_botocore_are_read_as_what_they_mean() {
    for vector in load("requests.json") {
        let sent = Sent::of(&vector);
        let call = identify(&sent.request(), api::SERVICES).unwrap_or_else(|refused| panic!("{refused:?}"));
        let found = (call.service.name, call.operation.name, call.protocol);
        assert_eq!(found, (text(&vector, "service"), text(&vector, "operation"), protocol(&vector)));
        let meaning = plain::read(call.operation.input, &vector["input"]);
        let read = decode(&call, &sent.request()).unwrap();
        assert_eq!(plain::sorted(&read), plain::sorted(&meaning), "{}", vector["name"]);
    }
}

#[test]
fn requests_of_botocore_are_found_without_their_signature() {
    for vector in load("requests.json") {
        let mut sent = Sent::of(&vector);
        sent.headers.remove("authorization");
        let call = identify(&sent.request(), api::SERVICES).unwrap_or_else(|refused| panic!("{refused:?}"));
        assert_eq!((call.service.name, call.operation.name), (text(&vector, "service"), text(&vector, "operation")));
    }
}

fn answer(vector: &Json) -> Response {
    let (service, protocol) = (service(vector), protocol(vector));
    if let Some(code) = vector["code"].as_str() {
        let status = u16::try_from(vector["status"].as_u64().unwrap()).unwrap();
        let error = AwsError::new(code.to_owned(), status, Fault::Sender, text(vector, "message"));
        let shape = vector["shape"].as_str().map(str::to_owned);
        let error = shape.map_or(error.clone(), |shape| error.with_shape(shape));
        return encode_error(protocol, Some(service), &error, REQUEST_ID);
    }
    let operation = service.operation(text(vector, "operation")).unwrap();
    let call = Call { service, operation, protocol, parameters: Vec::new() };
    encode(&call, &plain::read(operation.output, &vector["output"]), REQUEST_ID)
}

fn as_json(vector: &Json, response: &Response) -> Json {
    json!({
        "name": vector["name"],
        "status": response.status,
        "headers": response.headers,
        "body": base64(&response.body),
        "text": String::from_utf8(response.body.clone()).ok(),
    })
}

#[test]
fn answers_are_the_bytes_that_botocore_has_read() {
    let answers: Vec<Json> = load("outputs.json").iter().map(|vector| as_json(vector, &answer(vector))).collect();
    if std::env::var_os("WRITE_VECTORS").is_some() {
        std::fs::write(path("answers.json"), serde_json::to_string_pretty(&answers).unwrap() + "\n").unwrap();
    }
    for (written, checked) in answers.iter().zip(load("answers.json")) {
        assert_eq!(*written, checked, "check the new bytes with e2e/wire_vectors.py, see the head of this file");
    }
    assert_eq!(answers.len(), load("answers.json").len());
}

#[test]
fn values_of_the_vectors_are_described_by_the_tables() {
    for vector in load("outputs.json").iter().filter(|vector| vector["output"].is_object()) {
        let operation = service(vector).operation(text(vector, "operation")).unwrap();
        assert!(matches!(plain::read(operation.output, &vector["output"]), Value::Structure(_)));
    }
}
