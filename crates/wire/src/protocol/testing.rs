//! Shapes and services for the unit tests of this crate: one structure with a member of every kind, and a few
//! services that differ in protocol. The real tables are in the crate `api`, which depends on this one.

use super::parse_form;
use crate::shape::{Http, Kind, Location, Member, Operation, Protocol, Service, Shape, ViolationCodes};
use crate::value::{Structure, Value};

static TEXT: Shape = Shape::new("Text", Kind::String);
static COUNT: Shape = Shape::new("Count", Kind::Long);
static RATIO: Shape = Shape::new("Ratio", Kind::Double);
static FLAG: Shape = Shape::new("Flag", Kind::Boolean);
static WHEN: Shape = Shape::new("When", Kind::Timestamp(None));
static DATA: Shape = Shape::new("Data", Kind::Blob);
static NAMES: Shape = Shape::list("Names", &TEXT);
static THINGS: Shape = Shape::list_of("Things", &TEXT, "Thing", false);
static ITEMS: Shape = Shape::list_of("Items", &TEXT, "item", false);
static FLAT: Shape = Shape::list_of("Flat", &TEXT, "member", true);
static FLAT_THINGS: Shape = Shape::list_of("FlatThings", &TEXT, "FlatThing", true);
static SELVES: Shape = Shape::list("Selves", &EVERYTHING);
static MAP: Shape = Shape::map("Map", &TEXT, &TEXT);
static FLAT_MAP: Shape = Shape::map_of("FlatMap", &TEXT, &TEXT, "K", "V", true);
static EVERYTHING_MEMBERS: [Member; 17] = [
    Member::new("Text", &TEXT),
    Member::new("Count", &COUNT),
    Member::new("Ratio", &RATIO),
    Member::new("Flag", &FLAG),
    Member::new("When", &WHEN),
    Member::new("Data", &DATA),
    Member::new("Renamed", &TEXT).named("renamedOut", "RenamedIn"),
    Member::new("Names", &NAMES),
    Member::new("Things", &THINGS),
    Member::new("Items", &ITEMS).named("itemSet", "Item"),
    Member::new("Flat", &FLAT),
    Member::new("FlatThings", &FLAT_THINGS),
    Member::new("Self", &EVERYTHING),
    Member::new("Selves", &SELVES),
    Member::new("Map", &MAP),
    Member::new("FlatMap", &FLAT_MAP),
    Member::refused("Refused", "not yet"),
];
/// A structure with a member of every kind.
pub(crate) static EVERYTHING: Shape = Shape::structure("Everything", &EVERYTHING_MEMBERS);

static OPERATIONS: [Operation; 2] = [
    Operation {
        name: "Echo",
        input: &EVERYTHING,
        output: &EVERYTHING,
        result_wrapper: Some("EchoResult"),
        http: Http::RPC,
    },
    Operation {
        name: "Quiet",
        input: &crate::shape::EMPTY,
        output: &crate::shape::EMPTY,
        result_wrapper: None,
        http: Http::RPC,
    },
];

static REST_MEMBERS: [Member; 7] = [
    Member::new("Id", &TEXT).at(Location::Uri).required(),
    Member::new("Names", &NAMES).named("name", "name").at(Location::QueryString),
    Member::new("Count", &COUNT).named("x-count", "x-count").at(Location::Header),
    Member::new("Map", &MAP).named("x-meta-", "x-meta-").at(Location::Headers),
    Member::new("Text", &TEXT),
    Member::new("Items", &ITEMS),
    Member::new("Selves", &SELVES),
];
/// A structure with members at every place of a REST request.
pub(crate) static REST: Shape = Shape::structure("Rest", &REST_MEMBERS);
static REST_OPERATIONS: [Operation; 1] = [Operation {
    name: "PutThing",
    input: &REST,
    output: &REST,
    result_wrapper: None,
    http: Http { method: "POST", uri: "/2013-04-01/thing/{Id}/rest", status: 201, input_root: Some("PutThingRequest") },
}];

const CODES: ViolationCodes = ViolationCodes {
    missing: "ValidationError",
    unknown: "ValidationError",
    refused: "ValidationError",
    invalid: "ValidationError",
    malformed: "ValidationError",
};

const BASE: Service = Service {
    name: "base",
    service_id: "Base",
    signing_name: "base",
    api_version: "2000-01-01",
    protocols: &[Protocol::Query],
    xml_namespace: "",
    target_prefix: None,
    json_version: None,
    query_compatible: false,
    violations: CODES,
    operations: &OPERATIONS,
    unserved: &["Lost"],
    errors: &[],
};

/// Query; shares its signing name with [`ELB`].
pub(crate) static ELBV2: Service = Service {
    name: "elbv2",
    signing_name: "elasticloadbalancing",
    api_version: "2015-12-01",
    xml_namespace: "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/",
    ..BASE
};
/// Query; shares its signing name with [`ELBV2`].
pub(crate) static ELB: Service =
    Service { name: "elb", signing_name: "elasticloadbalancing", api_version: "2012-06-01", ..BASE };
/// The ec2 protocol.
pub(crate) static EC2: Service = Service {
    name: "ec2",
    signing_name: "ec2",
    api_version: "2016-11-15",
    protocols: &[Protocol::Ec2],
    xml_namespace: "http://ec2.amazonaws.com/doc/2016-11-15/",
    ..BASE
};
/// CBOR, JSON 1.0 and query.
pub(crate) static CLOUDWATCH: Service = Service {
    name: "cloudwatch",
    signing_name: "monitoring",
    api_version: "2010-08-01",
    protocols: &[Protocol::RpcV2Cbor, Protocol::Json, Protocol::Query],
    xml_namespace: "http://monitoring.amazonaws.com/doc/2010-08-01/",
    target_prefix: Some("GraniteServiceVersion20100801"),
    json_version: Some("1.0"),
    query_compatible: true,
    ..BASE
};
/// JSON 1.1 only.
pub(crate) static ACM: Service = Service {
    name: "acm",
    signing_name: "acm",
    api_version: "2015-12-08",
    protocols: &[Protocol::Json],
    target_prefix: Some("CertificateManager"),
    json_version: Some("1.1"),
    ..BASE
};
/// rest-xml.
pub(crate) static ROUTE53: Service = Service {
    name: "route53",
    signing_name: "route53",
    api_version: "2013-04-01",
    protocols: &[Protocol::RestXml],
    xml_namespace: "https://route53.amazonaws.com/doc/2013-04-01/",
    operations: &REST_OPERATIONS,
    ..BASE
};
/// All of the above.
pub(crate) static SERVICES: [&Service; 6] = [&ELBV2, &ELB, &EC2, &CLOUDWATCH, &ACM, &ROUTE53];

/// The operation of that name.
pub(crate) fn operation(name: &str) -> &'static Operation {
    CLOUDWATCH.operation(name).or_else(|| ROUTE53.operation(name)).unwrap()
}

/// The pairs of a form.
pub(crate) fn parameters(form: &str) -> Vec<(String, String)> {
    parse_form(form.as_bytes()).unwrap()
}

/// A structure without unknown members.
pub(crate) fn structure(members: Vec<(&'static str, Value)>) -> Structure {
    Structure { members, unknown: Vec::new() }
}

/// A list.
pub(crate) fn list(values: Vec<Value>) -> Value {
    Value::List(values)
}

/// A list of texts.
pub(crate) fn strings(values: &[&str]) -> Value {
    list(values.iter().map(|value| Value::String((*value).to_owned())).collect())
}
