//! EC2's variant of the query protocol: lists of a request have no word before their index (`Filter.1.Value.2`), the
//! answer has no result element, and the request id is an element of its own.
//!
//! Source: the Smithy specification of `aws.protocols#ec2Query`.

use super::Response;
use super::form::{self, Style};
use crate::shape::{Operation, Service, Shape};
use crate::value::{Structure, Value};
use crate::xml::XmlWriter;

/// Reads the input from decoded parameters.
///
/// # Errors
/// A sentence when a key nests too deep.
pub fn decode(shape: &Shape, parameters: &[(String, String)]) -> Result<Value, String> {
    form::decode(shape, parameters, Style::Ec2)
}

/// Writes the answer.
pub fn encode(service: &Service, operation: &Operation, output: &Structure, request_id: &str) -> Response {
    let root = format!("{}Response", operation.name);
    let mut xml = XmlWriter::new();
    xml.open_root(&root, service.xml_namespace);
    xml.text_element("requestId", request_id);
    xml.members(operation.output, output);
    xml.close(&root);
    Response::xml(200, xml.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::testing::{EC2, EVERYTHING, list, operation, parameters, strings, structure};
    use crate::value::Expected;

    fn one(form: &str, name: &'static str, expected: Value) {
        let expected = Value::Structure(structure(vec![(name, expected)]));
        assert_eq!(decode(&EVERYTHING, &parameters(form)), Ok(expected), "{form}");
    }

    #[test]
    fn every_list_of_a_request_is_flat() {
        one("Names.1=a&Names.2=b", "Names", strings(&["a", "b"]));
        one("Names.12=c&Names.3=b", "Names", strings(&["b", "c"]));
        one("Names=", "Names", list(vec![]));
        one("FlatThings.1=a", "FlatThings", strings(&["a"]));
        let inner = structure(vec![("Names", strings(&["x", "y"]))]);
        one("Selves.1.Names.1=x&Selves.1.Names.2=y", "Selves", list(vec![Value::Structure(inner)]));
        one("Names.member.1=a", "Names", Value::malformed(".member", Expected::List));
        one("Names.0=a", "Names", Value::malformed(".0", Expected::List));
    }

    #[test]
    fn members_go_by_their_form_name_in_and_their_wire_name_out() {
        one("RenamedIn=a", "Renamed", Value::String("a".into()));
        let output = structure(vec![("Renamed", Value::String("a".into())), ("Items", strings(&["b"]))]);
        let response = encode(&EC2, operation("Echo"), &output, "r-1");
        let expected = "<EchoResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>r-1</requestId>\
            <renamedOut>a</renamedOut><itemSet><item>b</item></itemSet></EchoResponse>";
        assert_eq!(String::from_utf8(response.body).unwrap(), expected);
    }
}
