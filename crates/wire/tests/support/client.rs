//! The client's half: writes requests and reads answers over the same shape tables as the server's half.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use wire::Value;
use wire::protocol::rest_xml::decode_element;
use wire::protocol::{Response, json, rpc_cbor, text};
use wire::shape::{Kind, List, Map, Member, Operation, Protocol, Service, Shape, TimestampFormat};
use wire::value::Structure;
use wire::xml::Element;

use super::vectors::Sent;

/// Writes a request as a client of the protocol does, without a signature.
pub fn request(service: &Service, operation: &Operation, protocol: Protocol, input: &Structure) -> Sent {
    let (path, headers, body): (String, Vec<(&str, String)>, Vec<u8>) = match protocol {
        Protocol::Query | Protocol::Ec2 => {
            let form = "application/x-www-form-urlencoded; charset=utf-8".to_owned();
            ("/".into(), vec![("content-type", form)], form_body(service, operation, protocol, input))
        }
        Protocol::Json => {
            let target = format!("{}.{}", service.target_prefix.unwrap(), operation.name);
            let headers = vec![("content-type", json::content_type(Some(service))), ("x-amz-target", target)];
            ("/".into(), headers, json::encode(operation.input, input))
        }
        Protocol::RpcV2Cbor => {
            let path = format!("/service/{}/operation/{}", service.target_prefix.unwrap(), operation.name);
            let headers = vec![("content-type", "application/cbor".into()), ("smithy-protocol", "rpc-v2-cbor".into())];
            (path, headers, rpc_cbor::encode(operation.input, input))
        }
        Protocol::RestXml => panic!("no served service speaks rest-xml yet"),
    };
    let mut map = http::HeaderMap::new();
    map.insert("host", "localhost".parse().unwrap());
    for (name, value) in headers {
        map.insert(http::HeaderName::from_bytes(name.as_bytes()).unwrap(), value.parse().unwrap());
    }
    Sent { method: "POST".into(), path, query: String::new(), headers: map, body }
}

fn form_body(service: &Service, operation: &Operation, protocol: Protocol, input: &Structure) -> Vec<u8> {
    let mut pairs =
        vec![("Action".to_owned(), operation.name.to_owned()), ("Version".to_owned(), service.api_version.to_owned())];
    let mut writer = FormWriter { pairs: &mut pairs, ec2: protocol == Protocol::Ec2 };
    writer.structure("", operation.input, input);
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish().into_bytes()
}

struct FormWriter<'a> {
    pairs: &'a mut Vec<(String, String)>,
    ec2: bool,
}

impl FormWriter<'_> {
    fn structure(&mut self, prefix: &str, shape: &Shape, structure: &Structure) {
        for (name, value) in &structure.members {
            let member = shape.member(name).unwrap();
            let key =
                if prefix.is_empty() { self.key(member).to_owned() } else { format!("{prefix}.{}", self.key(member)) };
            self.value(&key, member.shape, value);
        }
    }

    fn key(&self, member: &Member) -> &'static str {
        if let Kind::List(list) = &member.shape.kind
            && list.flattened
            && !self.ec2
            && list.element_name != "member"
        {
            return list.element_name;
        }
        member.form
    }

    fn value(&mut self, key: &str, shape: &Shape, value: &Value) {
        match (&shape.kind, value) {
            (Kind::Structure(_), Value::Structure(structure)) => self.structure(key, shape, structure),
            (Kind::List(list), Value::List(values)) => self.list(key, list, values),
            (Kind::Map(map), Value::Map(entries)) => self.map(key, map, entries),
            (_, scalar) => {
                let text = text::format(scalar, TimestampFormat::Iso8601).unwrap();
                self.pairs.push((key.to_owned(), text));
            }
        }
    }

    fn list(&mut self, key: &str, list: &List, values: &[Value]) {
        if values.is_empty() && !self.ec2 {
            self.pairs.push((key.to_owned(), String::new()));
        }
        let key = if self.ec2 || list.flattened { key.to_owned() } else { format!("{key}.{}", list.element_name) };
        for (index, value) in values.iter().enumerate() {
            self.value(&format!("{key}.{}", index + 1), list.element, value);
        }
    }

    fn map(&mut self, key: &str, map: &Map, entries: &[(String, Value)]) {
        let key = if self.ec2 || map.flattened { key.to_owned() } else { format!("{key}.entry") };
        for (index, (name, value)) in entries.iter().enumerate() {
            self.pairs.push((format!("{key}.{}.{}", index + 1, map.key_name), name.clone()));
            self.value(&format!("{key}.{}.{}", index + 1, map.value_name), map.value, value);
        }
    }
}

/// Reads the output from an answer as a client of the protocol does.
pub fn output(operation: &Operation, protocol: Protocol, response: &Response) -> Value {
    assert_eq!(response.status, 200);
    match protocol {
        Protocol::Json => json::decode(operation.output, &response.body).unwrap(),
        Protocol::RpcV2Cbor => rpc_cbor::decode(operation.output, &response.body).unwrap(),
        Protocol::Query | Protocol::Ec2 | Protocol::RestXml => xml_output(operation, protocol, &response.body),
    }
}

fn xml_output(operation: &Operation, protocol: Protocol, body: &[u8]) -> Value {
    let mut root = Element::parse(std::str::from_utf8(body).unwrap()).unwrap();
    assert_eq!(root.name, format!("{}Response", operation.name));
    let request_id = if protocol == Protocol::Ec2 { "requestId" } else { "ResponseMetadata" };
    assert!(root.child(request_id).is_some());
    root.children.retain(|child| child.name != request_id);
    match operation.result_wrapper {
        Some(wrapper) => decode_element(root.child(wrapper).unwrap(), operation.output),
        None => decode_element(&root, operation.output),
    }
}

/// Base64 of an answer's body, as the vectors hold it.
pub fn base64(bytes: &[u8]) -> String {
    BASE64.encode(bytes)
}
