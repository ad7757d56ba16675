//! The query protocol: a form in, XML out (ELB, Auto Scaling, CloudWatch, SNS, STS, IAM).
//!
//! The answer stands in `<OpResponse><OpResult>…</OpResult><ResponseMetadata>`; an operation without output has no
//! result element. Source: the Smithy specification of `aws.protocols#awsQuery`.

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
    form::decode(shape, parameters, Style::Query)
}

/// Writes the answer.
pub fn encode(service: &Service, operation: &Operation, output: &Structure, request_id: &str) -> Response {
    let root = format!("{}Response", operation.name);
    let mut xml = XmlWriter::new();
    xml.open_root(&root, service.xml_namespace);
    if let Some(wrapper) = operation.result_wrapper {
        xml.open(wrapper);
        xml.members(operation.output, output);
        xml.close(wrapper);
    } else {
        xml.members(operation.output, output);
    }
    xml.open("ResponseMetadata");
    xml.text_element("RequestId", request_id);
    xml.close("ResponseMetadata");
    xml.close(&root);
    Response::xml(200, xml.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::testing::{CLOUDWATCH, EVERYTHING, list, operation, parameters, strings, structure};
    use crate::value::{Expected, Timestamp};

    fn check(form: &str, expected: Structure) {
        assert_eq!(decode(&EVERYTHING, &parameters(form)), Ok(Value::Structure(expected)), "{form}");
    }

    fn one(form: &str, name: &'static str, expected: Value) {
        check(form, structure(vec![(name, expected)]));
    }

    #[test]
    fn scalars_are_read_by_their_kind() {
        one("Text=a%20b", "Text", Value::String("a b".into()));
        one("Text=", "Text", Value::String(String::new()));
        one("Count=5", "Count", Value::Integer(5));
        one("Ratio=1e-05", "Ratio", Value::Double(1e-5));
        one("Flag=false", "Flag", Value::Boolean(false));
        one("When=2023-11-14T22:13:20Z", "When", Value::Timestamp(Timestamp(1_700_000_000_000)));
        one("Data=aGk%3D", "Data", Value::Blob(b"hi".to_vec()));
        one("Action=X&Version=1&Text=a&X-Amz-Date=1&X-Amz-Signature=2", "Text", Value::String("a".into()));
    }

    #[test]
    fn bad_scalars_are_marked_and_do_not_stop_the_others() {
        let expected = structure(vec![
            ("Count", Value::malformed("1e3", Expected::Integer)),
            ("Flag", Value::malformed("TRUE", Expected::Boolean)),
            ("Text", Value::String("x".into())),
        ]);
        check("Count=1e3&Flag=TRUE&Text=x", expected);
        one("Count=", "Count", Value::malformed("", Expected::Integer));
        one("Text=a&Text=a", "Text", Value::malformed("a", Expected::SingleValue));
        one("Text.member.1=a", "Text", Value::malformed(".member", Expected::String));
        one("Count.1=5", "Count", Value::malformed(".1", Expected::Integer));
        one("Count=5&Count.1=5", "Count", Value::malformed(".1", Expected::Integer));
    }

    #[test]
    fn lists_are_read_in_the_order_of_their_indexes() {
        one("Names.member.1=a&Names.member.2=b", "Names", strings(&["a", "b"]));
        one("Names.member.2=b&Names.member.10=c&Names.member.1=a", "Names", strings(&["a", "b", "c"]));
        one("Names.member.7=b&Names.member.3=a", "Names", strings(&["a", "b"]));
        one("Names=", "Names", list(vec![]));
        one("Names.member.1=", "Names", strings(&[""]));
        one("Things.Thing.1=a", "Things", strings(&["a"]));
        one("Flat.1=a&Flat.2=b", "Flat", strings(&["a", "b"]));
        one("FlatThing.1=a", "FlatThings", strings(&["a"]));
    }

    #[test]
    fn lists_with_impossible_keys_are_malformed() {
        let cases = [
            ("Names=a", "a"),
            ("Names.1=a", ".1"),
            ("Names.member.0=a", ".0"),
            ("Names.member.-1=a", ".-1"),
            ("Names.member.01=a", ".01"),
            ("Names.member.99999999=a", ".99999999"),
            ("Names.member.x=a", ".x"),
            ("Names.member=a", "a"),
            ("Names.entry.1=a", ".entry"),
            ("Names.member.1=a&Names=b", "b"),
        ];
        for (form, text) in cases {
            one(form, "Names", Value::malformed(text, Expected::List));
        }
        one("Names.member.1.member.1=a", "Names", list(vec![Value::malformed(".member", Expected::String)]));
        one("Names.member.1=a&Names.member.1=b", "Names", list(vec![Value::malformed("b", Expected::SingleValue)]));
    }

    #[test]
    fn structures_nest_and_name_what_they_do_not_have() {
        let inner = structure(vec![("Text", Value::String("a".into())), ("Names", strings(&["b"]))]);
        one("Self.Text=a&Self.Names.member.1=b", "Self", Value::Structure(inner.clone()));
        one("Selves.member.1.Text=a&Selves.member.1.Names.member.1=b", "Selves", list(vec![Value::Structure(inner)]));
        one("Self=", "Self", Value::Structure(Structure::default()));
        one("Self=x", "Self", Value::malformed("x", Expected::Structure));
        let unknown = Structure { members: vec![], unknown: vec!["Nope".into(), "text".into()] };
        check("Nope.member.1.X=1&text=a&Nope.member.2=b", unknown.clone());
        one("Self.Nope=1&Self.text=2", "Self", Value::Structure(unknown));
    }

    #[test]
    fn maps_pair_keys_with_values() {
        let entry = |key: &str, value: &str| (key.to_owned(), Value::String(value.into()));
        one("Map.entry.1.key=a&Map.entry.1.value=b", "Map", Value::Map(vec![entry("a", "b")]));
        one("Map=", "Map", Value::Map(vec![]));
        one("FlatMap.1.K=a&FlatMap.1.V=b", "FlatMap", Value::Map(vec![entry("a", "b")]));
        for (form, text) in [
            ("Map.entry.1.key=a", "an entry without value"),
            ("Map.entry.1.value=a", "an entry without key"),
            ("Map.entry.1.key=a&Map.entry.1.value=b&Map.entry.1.x=c", "x"),
            ("Map.entry.1.key=a&Map.entry.1.value=b&Map.entry.2.key=a&Map.entry.2.value=c", "a twice"),
            ("Map.1.key=a", ".1"),
        ] {
            one(form, "Map", Value::malformed(text, Expected::Map));
        }
    }

    #[test]
    fn keys_have_a_bounded_depth() {
        let key = ["Self"; crate::protocol::MAX_DEPTH].join(".");
        assert!(decode(&EVERYTHING, &parameters(&format!("{key}=1"))).is_ok());
        assert!(decode(&EVERYTHING, &parameters(&format!("{key}.Self=1"))).is_err());
    }

    #[test]
    fn answers_stand_in_response_and_result() {
        let output = structure(vec![("Text", Value::String("a".into()))]);
        let response = encode(&CLOUDWATCH, operation("Echo"), &output, "r-1");
        let expected = "<EchoResponse xmlns=\"http://monitoring.amazonaws.com/doc/2010-08-01/\"><EchoResult><Text>a</Text>\
            </EchoResult><ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></EchoResponse>";
        assert_eq!(String::from_utf8(response.body).unwrap(), expected);
        let response = encode(&CLOUDWATCH, operation("Quiet"), &Structure::default(), "r-1");
        let expected = "<QuietResponse xmlns=\"http://monitoring.amazonaws.com/doc/2010-08-01/\"><ResponseMetadata>\
            <RequestId>r-1</RequestId></ResponseMetadata></QuietResponse>";
        assert_eq!(String::from_utf8(response.body).unwrap(), expected);
    }
}
