//! rest-xml: members in the path, the query string and header fields, the rest as an XML document (Route 53).
//!
//! Source: the Smithy specification of `aws.protocols#restXml`. Streaming bodies and the S3 flavour of errors are not
//! here.

use http::HeaderMap;
use percent_encoding::percent_decode_str;

use super::{MAX_LIST_LENGTH, Response, note_unknown, parse_form, text};
use crate::request::Request;
use crate::shape::{Kind, List, Location, Map, Member, Operation, Service, Shape, TimestampFormat};
use crate::value::{Expected, Structure, Value};
use crate::xml::{Element, XmlWriter, flattened_list, flattened_name};

/// The labels of a path that fits a URI template such as `/2013-04-01/hostedzone/{Id}`; `None` when it does not fit.
/// `{name}` is one segment and never empty, `{name+}` is the rest of the path.
pub fn match_path(template: &str, path: &str) -> Option<Vec<(String, String)>> {
    let mut labels = Vec::new();
    let mut segments = path.split('/');
    for part in template.split('?').next().unwrap_or("").split('/') {
        let label = part.strip_prefix('{').and_then(|part| part.strip_suffix('}'));
        match label.map(|label| label.strip_suffix('+').map_or((label, false), |label| (label, true))) {
            None if segments.next() == Some(part) => {}
            Some((label, false)) => labels.push((label.to_owned(), decoded(segments.next()?)?)),
            Some((label, true)) => {
                let rest: Vec<&str> = segments.by_ref().collect();
                labels.push((label.to_owned(), decoded(&rest.join("/"))?));
            }
            None => return None,
        }
    }
    segments.next().is_none().then_some(labels)
}

fn decoded(segment: &str) -> Option<String> {
    let text = percent_decode_str(segment).decode_utf8().ok()?;
    (!text.is_empty()).then(|| text.into_owned())
}

/// Reads the input of an operation.
///
/// # Errors
/// A sentence when the query string is not UTF-8, the body is not XML, or its root element is another one.
pub fn decode(operation: &Operation, request: &Request<'_>) -> Result<Value, String> {
    let labels = match_path(operation.http.uri, request.path).ok_or("the path is not the one of the operation")?;
    let parameters = parse_form(request.query.as_bytes())?;
    let mut result = Structure::default();
    for member in operation.input.members() {
        let value = match member.location {
            Location::Uri => label(member, &labels),
            Location::QueryString => query_member(member, &parameters),
            Location::Header => header_member(member, request.headers),
            Location::Headers => prefixed_headers(member, request.headers),
            Location::Body | Location::StatusCode => None,
        };
        if let Some(value) = value {
            result.push(member.name, value);
        }
    }
    unknown_parameters(operation.input, &parameters, &mut result);
    body(operation, request.content, &mut result)?;
    Ok(Value::Structure(result))
}

fn label(member: &Member, labels: &[(String, String)]) -> Option<Value> {
    let (_, text) = labels.iter().find(|(name, _)| name == member.wire)?;
    Some(text::parse(&member.shape.kind, text))
}

fn query_member(member: &Member, parameters: &[(String, String)]) -> Option<Value> {
    let mut values = parameters.iter().filter(|(name, _)| name == member.wire).map(|(_, value)| value.as_str());
    if let Kind::List(list) = &member.shape.kind {
        let elements: Vec<Value> = values.map(|text| text::parse(&list.element.kind, text)).collect();
        return (!elements.is_empty()).then_some(Value::List(elements));
    }
    let first = values.next()?;
    let read = text::parse(&member.shape.kind, first);
    Some(values.next().map_or(read, |second| Value::malformed(second, Expected::SingleValue)))
}

fn unknown_parameters(shape: &Shape, parameters: &[(String, String)], result: &mut Structure) {
    for (name, _) in parameters {
        let is_member = |member: &Member| member.location == Location::QueryString && member.wire == name;
        if !shape.members().iter().any(is_member) && !crate::sigv4::is_signature_parameter(name) {
            note_unknown(result, name);
        }
    }
}

fn header_member(member: &Member, headers: &HeaderMap) -> Option<Value> {
    let mut values = headers.get_all(member.wire).iter();
    let first = String::from_utf8_lossy(values.next()?.as_bytes()).trim().to_owned();
    let read = text::parse(&member.shape.kind, &first);
    Some(if values.next().is_some() { Value::malformed(&first, Expected::SingleValue) } else { read })
}

fn prefixed_headers(member: &Member, headers: &HeaderMap) -> Option<Value> {
    let prefix = member.wire.to_ascii_lowercase();
    let entries: Vec<(String, Value)> = headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str().strip_prefix(&prefix)?, value)))
        .map(|(name, value)| (name.to_owned(), Value::String(String::from_utf8_lossy(value.as_bytes()).into_owned())))
        .collect();
    (!entries.is_empty()).then_some(Value::Map(entries))
}

/// Reads the members that the XML document holds; no document is an empty one.
fn body(operation: &Operation, content: &[u8], result: &mut Structure) -> Result<(), String> {
    if content.iter().all(u8::is_ascii_whitespace) {
        return Ok(());
    }
    let document = std::str::from_utf8(content).map_err(|_| "the body is not valid UTF-8")?;
    let root = Element::parse(document).map_err(|error| error.to_string())?;
    if operation.http.input_root.is_some_and(|expected| expected != root.name) {
        return Err(format!("the body must be an element {}", operation.http.input_root.unwrap_or_default()));
    }
    match payload(operation.input) {
        Some(member) => result.push(member.name, decode_element(&root, member.shape)),
        None => read_members(&root, operation.input, result),
    }
    Ok(())
}

fn payload(shape: &Shape) -> Option<&'static Member> {
    let Kind::Structure(structure) = &shape.kind else { return None };
    shape.member(structure.payload?)
}

/// Reads an element as a value of `shape`. (Also reads what [`XmlWriter`] writes, which the tests use.)
pub fn decode_element(element: &Element, shape: &Shape) -> Value {
    match &shape.kind {
        Kind::Structure(_) => {
            let mut result = Structure::default();
            read_members(element, shape, &mut result);
            Value::Structure(result)
        }
        Kind::List(list) => list_of(&element.children.iter().collect::<Vec<_>>(), Some(list.element_name), list),
        Kind::Map(map) => map_of(&element.children.iter().collect::<Vec<_>>(), map),
        Kind::Boolean
        | Kind::Integer
        | Kind::Long
        | Kind::Float
        | Kind::Double
        | Kind::String
        | Kind::Blob
        | Kind::Timestamp(_)
        | Kind::Opaque => scalar(element, &shape.kind),
    }
}

fn scalar(element: &Element, kind: &Kind) -> Value {
    match element.children.first() {
        Some(child) => Value::malformed(&format!("<{}>", child.name), super::json::expected(kind)),
        None => text::parse(kind, &element.text),
    }
}

fn read_members(element: &Element, shape: &Shape, result: &mut Structure) {
    let in_body = |member: &&Member| matches!(member.location, Location::Body);
    for member in shape.members().iter().filter(in_body) {
        let name = element_name(member);
        let found: Vec<&Element> = element.children.iter().filter(|child| child.name == name).collect();
        if let Some(value) = read_member(&found, member.shape) {
            result.push(member.name, value);
        }
    }
    for child in &element.children {
        if !shape.members().iter().filter(in_body).any(|member| element_name(member) == child.name) {
            note_unknown(result, &child.name);
        }
    }
}

fn read_member(found: &[&Element], shape: &Shape) -> Option<Value> {
    let first = *found.first()?;
    if let Some(list) = flattened_list(shape) {
        return Some(list_of(found, None, list));
    }
    if let Kind::Map(map) = &shape.kind
        && map.flattened
    {
        return Some(map_of(found, map));
    }
    let repeated = found.len() > 1;
    Some(if repeated { Value::malformed(&first.name, Expected::SingleValue) } else { decode_element(first, shape) })
}

fn element_name(member: &Member) -> &'static str {
    flattened_list(member.shape).map_or(member.wire, |list| flattened_name(member.wire, list))
}

fn list_of(elements: &[&Element], name: Option<&str>, list: &List) -> Value {
    if elements.len() > MAX_LIST_LENGTH {
        return Value::malformed(&format!("{} elements", elements.len()), Expected::List);
    }
    if let Some(stranger) = elements.iter().find(|element| name.is_some_and(|name| element.name != name)) {
        return Value::malformed(&format!("<{}>", stranger.name), Expected::List);
    }
    Value::List(elements.iter().map(|element| decode_element(element, list.element)).collect())
}

fn map_of(elements: &[&Element], map: &Map) -> Value {
    if elements.len() > MAX_LIST_LENGTH {
        return Value::malformed(&format!("{} entries", elements.len()), Expected::Map);
    }
    let mut entries = Vec::new();
    for element in elements {
        match (element.child(map.key_name), element.child(map.value_name)) {
            (Some(key), Some(value)) => entries.push((key.text.clone(), decode_element(value, map.value))),
            (_, _) => return Value::malformed(&format!("<{}>", element.name), Expected::Map),
        }
    }
    Value::Map(entries)
}

/// Writes the answer: header members, the status, and the document.
pub fn encode(service: &Service, operation: &Operation, output: &Structure) -> Response {
    let mut response = Response::xml(operation.http.status, document(service, operation, output));
    for (name, value) in &output.members {
        let Some(member) = operation.output.member(name) else { continue };
        match member.location {
            Location::Header => {
                let format = text::timestamp_format(&member.shape.kind, member.timestamp, TimestampFormat::Rfc822);
                response.headers.extend(text::format(value, format).map(|text| (member.wire, text)));
            }
            Location::StatusCode => {
                if let Value::Integer(status) = value {
                    response.status = u16::try_from(*status).unwrap_or(operation.http.status);
                }
            }
            // No operation of the tables answers with a map of headers, and no answer has a path or a query string.
            Location::Body | Location::Uri | Location::QueryString | Location::Headers => {}
        }
    }
    response
}

fn document(service: &Service, operation: &Operation, output: &Structure) -> Vec<u8> {
    let mut xml = XmlWriter::new();
    if let Some(member) = payload(operation.output) {
        if let Some(Value::Structure(inner)) = output.get(member.name) {
            xml.document(member.wire, service.xml_namespace, member.shape, inner);
        }
        return xml.into_bytes();
    }
    let in_body = |name: &str| operation.output.member(name).is_some_and(|member| member.location == Location::Body);
    let members = output.members.iter().filter(|(name, _)| in_body(name)).cloned().collect();
    let body = Structure { members, unknown: Vec::new() };
    xml.document(&format!("{}Response", operation.name), service.xml_namespace, operation.output, &body);
    xml.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::testing::{ROUTE53, operation, strings, structure};

    fn decode_request(target: &str, headers: &[(&str, &str)], body: &str) -> Result<Value, String> {
        let mut builder = http::Request::post(target);
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        let parts = builder.body(()).unwrap().into_parts().0;
        decode(operation("PutThing"), &Request::new(&parts, body.as_bytes()))
    }

    #[test]
    fn paths_fit_their_templates() {
        let label = |name: &str, text: &str| vec![(name.to_owned(), text.to_owned())];
        let cases = [
            ("/a/{Id}/rrset", "/a/Z1/rrset", Some(label("Id", "Z1"))),
            ("/a/{Id}/rrset", "/a/Z%2F1/rrset", Some(label("Id", "Z/1"))),
            ("/a/{Key+}", "/a/b/c", Some(label("Key", "b/c"))),
            ("/a/{Id}", "/a/", None),
            ("/a/{Id}", "/a/b/c", None),
            ("/a/{Id}", "/A/b", None),
            ("/a/{Id}", "/a/%ff", None),
            ("/a", "/a", Some(vec![])),
        ];
        for (template, path, expected) in cases {
            assert_eq!(match_path(template, path), expected, "{template} {path}");
        }
    }

    #[test]
    fn members_come_from_every_place_of_a_request() {
        let body = "<PutThingRequest xmlns=\"x\"><Text>a</Text><Items><item>b</item></Items>\
            <Selves><member><Count>5</Count></member></Selves></PutThingRequest>";
        let headers = [("x-count", "7"), ("x-meta-Color", "red")];
        let found = decode_request("/2013-04-01/thing/Z1/rest?name=x&name=y&bad=1", &headers, body).unwrap();
        let mut expected = structure(vec![
            ("Id", Value::String("Z1".into())),
            ("Names", strings(&["x", "y"])),
            ("Count", Value::Integer(7)),
            ("Map", Value::Map(vec![("color".into(), Value::String("red".into()))])),
            ("Text", Value::String("a".into())),
        ]);
        expected.unknown.push("bad".into());
        expected.push("Items", strings(&["b"]));
        expected.push("Selves", Value::List(vec![Value::Structure(structure(vec![("Count", Value::Integer(5))]))]));
        assert_eq!(found, Value::Structure(expected));
    }

    #[test]
    fn documents_of_another_form_are_refused_or_marked() {
        let path = "/2013-04-01/thing/Z1/rest";
        assert!(decode_request(path, &[], "<Other/>").is_err());
        assert!(decode_request(path, &[], "<PutThingRequest>").is_err());
        assert!(decode_request("/2013-04-01/other", &[], "").is_err());
        let body = "<PutThingRequest><Text>a</Text><Text>b</Text><Nope/></PutThingRequest>";
        let Ok(Value::Structure(found)) = decode_request(path, &[("x-count", "+5")], body) else { panic!() };
        assert_eq!(found.get("Text"), Some(&Value::malformed("Text", Expected::SingleValue)));
        assert_eq!(found.get("Count"), Some(&Value::malformed("+5", Expected::Integer)));
        assert_eq!(found.unknown, ["Nope"]);
    }

    #[test]
    fn answers_put_members_into_headers_and_document() {
        let output = structure(vec![("Count", Value::Integer(3)), ("Text", Value::String("<a>".into()))]);
        let response = encode(&ROUTE53, operation("PutThing"), &output);
        assert_eq!(response.status, 201);
        assert!(response.headers.contains(&("x-count", "3".into())));
        let expected = "<PutThingResponse xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"><Text>&lt;a&gt;</Text>\
            </PutThingResponse>";
        assert_eq!(String::from_utf8(response.body).unwrap(), expected);
    }
}
