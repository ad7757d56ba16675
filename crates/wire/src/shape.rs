//! Static tables that describe what a structure looks like on the wire.
//!
//! A [`Shape`] is AWS's name for a type: a scalar, a list, a map or a structure of [`Member`]s. The tables are
//! generated into the crate `api` from AWS's service definitions and our own overlay; the codecs, the validation and
//! the tests all read the same tables, so that nothing about a single operation is ever written by hand.
//!
//! This file knows no service and does no decoding. Names: a member has AWS's own name (`name`), the name it
//! carries in XML, JSON and CBOR (`wire`) and the key it has in a form body (`form`).

use std::sync::OnceLock;

use regex::Regex;

/// One type of an AWS service: its kind, and what its values must satisfy.
#[derive(Debug)]
pub struct Shape {
    /// AWS's name of the shape, such as `CreateTargetGroupInput`.
    pub name: &'static str,
    /// What the value is made of.
    pub kind: Kind,
    /// What the value must satisfy beyond its kind.
    pub constraint: Constraint,
    /// Whether values are secrets, which no error message and no log may repeat.
    pub sensitive: bool,
}

/// What a value of a shape is made of.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// True or false.
    Boolean,
    /// A 32-bit signed integer.
    Integer,
    /// A 64-bit signed integer.
    Long,
    /// A single precision number; held as f64.
    Float,
    /// A double precision number.
    Double,
    /// Text; enumerations are strings with [`Constraint::values`].
    String,
    /// Bytes, base64 in every text protocol.
    Blob,
    /// A point in time; `None` means that the protocol's own default format is used.
    Timestamp(Option<TimestampFormat>),
    /// Values of one shape, in order.
    List(List),
    /// Values of one shape by a string key.
    Map(Map),
    /// Named members.
    Structure(Structure),
    /// A type that Goru does not describe because every member of this type is refused. A codec may decode it to
    /// any value; validation never looks inside.
    Opaque,
}

/// The element of a list and how lists of this shape are written.
#[derive(Clone, Copy, Debug)]
pub struct List {
    /// Shape of each element.
    pub element: &'static Shape,
    /// Name of one element in XML and in a form (`member` unless the definition says otherwise; `item` in most of EC2).
    pub element_name: &'static str,
    /// Whether elements repeat under the member's own name, without an element around them. (In the ec2 protocol
    /// every list of a *request* is flattened whatever this says.)
    pub flattened: bool,
}

/// Key and value of a map and how maps of this shape are written.
#[derive(Clone, Copy, Debug)]
pub struct Map {
    /// Shape of the key: always a string.
    pub key: &'static Shape,
    /// Shape of each value.
    pub value: &'static Shape,
    /// Name of the key in XML and in a form (`key` unless the definition says otherwise).
    pub key_name: &'static str,
    /// Name of the value in XML and in a form (`value` unless the definition says otherwise).
    pub value_name: &'static str,
    /// Whether entries repeat under the member's own name, without an `entry` element around each.
    pub flattened: bool,
}

/// The members of a structure.
#[derive(Clone, Copy, Debug)]
pub struct Structure {
    /// Members ordered by name, refused ones included.
    pub members: &'static [Member],
    /// REST protocols: the member whose value is the whole body.
    pub payload: Option<&'static str>,
}

/// One member of a structure.
#[derive(Clone, Copy, Debug)]
pub struct Member {
    /// AWS's name: the one in the SDKs and in [`crate::value::Structure`].
    pub name: &'static str,
    /// Name in XML, JSON and CBOR.
    pub wire: &'static str,
    /// Key in a form body: equal to `wire` in the query protocol, the (capitalised) query name in ec2.
    pub form: &'static str,
    /// Shape of the value.
    pub shape: &'static Shape,
    /// Whether a request without it is refused. Says nothing about answers.
    pub required: bool,
    /// Whether clients fill it with a random token that makes the call idempotent.
    pub idempotency_token: bool,
    /// Format that this member uses instead of the one of its shape or of the protocol.
    pub timestamp: Option<TimestampFormat>,
    /// Where a REST protocol puts it.
    pub location: Location,
    /// Why Goru does not accept it in a request, for a member that AWS knows and Goru refuses. Says nothing about
    /// answers: encoders write such a member when the answer has it.
    pub refused: Option<&'static str>,
}

/// Where a REST protocol puts a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Location {
    /// In the body: the only place for query, ec2, JSON and CBOR.
    Body,
    /// In the path, at `{wire}` of the URI template.
    Uri,
    /// In the query string, under `wire`.
    QueryString,
    /// In the header `wire`.
    Header,
    /// In all headers that begin with `wire`.
    Headers,
    /// The status code of the answer.
    StatusCode,
}

/// How a timestamp is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimestampFormat {
    /// `2026-11-20T12:00:00Z`, fractions of a second allowed.
    Iso8601,
    /// Seconds since the epoch, as a number, fractions allowed.
    UnixSeconds,
    /// `Fri, 20 Nov 2026 12:00:00 GMT`.
    Rfc822,
}

/// What a value must satisfy beyond its kind.
#[derive(Clone, Copy, Debug)]
pub struct Constraint {
    /// Least value of a number; least length of text (characters), bytes, a list or a map (elements).
    pub minimum: Option<f64>,
    /// Greatest value of a number; greatest length of text (characters), bytes, a list or a map (elements).
    pub maximum: Option<f64>,
    /// Pattern that the whole text must match.
    pub pattern: Option<&'static Pattern>,
    /// The only texts allowed; empty when any text is.
    pub values: &'static [&'static str],
}

impl Constraint {
    /// No constraint.
    pub const NONE: Self = Self { minimum: None, maximum: None, pattern: None, values: &[] };
}

/// A regular expression that is compiled on first use.
#[derive(Debug)]
pub struct Pattern {
    source: &'static str,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// A pattern in the syntax of the crate `regex`; it is matched against the whole text.
    pub const fn new(source: &'static str) -> Self {
        Self { source, compiled: OnceLock::new() }
    }

    /// The pattern as written.
    pub fn source(&self) -> &'static str {
        self.source
    }

    /// The compiled pattern, `None` when it does not compile (a test of `api` holds that all do).
    pub fn compiled(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| Regex::new(&format!("^(?:{})$", self.source)).ok()).as_ref()
    }

    /// Whether the whole text matches.
    pub fn matches(&self, text: &str) -> bool {
        self.compiled().is_some_and(|regex| regex.is_match(text))
    }
}

/// Plain true or false.
pub static BOOLEAN: Shape = Shape::new("Boolean", Kind::Boolean);
/// A 32-bit integer without limits of its own.
pub static INTEGER: Shape = Shape::new("Integer", Kind::Integer);
/// A 64-bit integer without limits of its own.
pub static LONG: Shape = Shape::new("Long", Kind::Long);
/// A number of single precision without limits of its own.
pub static FLOAT: Shape = Shape::new("Float", Kind::Float);
/// A number of double precision without limits of its own.
pub static DOUBLE: Shape = Shape::new("Double", Kind::Double);
/// Text without limits of its own.
pub static STRING: Shape = Shape::new("String", Kind::String);
/// Bytes without limits of their own.
pub static BLOB: Shape = Shape::new("Blob", Kind::Blob);
/// A point in time in the format of the protocol.
pub static TIMESTAMP: Shape = Shape::new("Timestamp", Kind::Timestamp(None));
/// Shape of the inputs and outputs that have no members.
pub static EMPTY: Shape = Shape::structure("Empty", &[]);
/// Shape behind refused members whose own type is not described.
pub static OPAQUE: Shape = Shape::new("Opaque", Kind::Opaque);

impl Shape {
    /// A shape without constraints.
    pub const fn new(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, constraint: Constraint::NONE, sensitive: false }
    }

    /// A structure.
    pub const fn structure(name: &'static str, members: &'static [Member]) -> Self {
        Self::new(name, Kind::Structure(Structure { members, payload: None }))
    }

    /// A list whose elements are called `member`.
    pub const fn list(name: &'static str, element: &'static Shape) -> Self {
        Self::list_of(name, element, "member", false)
    }

    /// A list whose elements have a name of their own, or that is flattened.
    pub const fn list_of(name: &'static str, element: &'static Shape, element_name: &'static str, flat: bool) -> Self {
        Self::new(name, Kind::List(List { element, element_name, flattened: flat }))
    }

    /// A map whose entries are written as `key` and `value`.
    pub const fn map(name: &'static str, key: &'static Shape, value: &'static Shape) -> Self {
        Self::map_of(name, key, value, "key", "value", false)
    }

    /// A map with names of its own, or that is flattened.
    pub const fn map_of(
        name: &'static str,
        key: &'static Shape,
        value: &'static Shape,
        key_name: &'static str,
        value_name: &'static str,
        flattened: bool,
    ) -> Self {
        Self::new(name, Kind::Map(Map { key, value, key_name, value_name, flattened }))
    }

    /// The same shape with a least value or length.
    pub const fn min(mut self, minimum: f64) -> Self {
        self.constraint.minimum = Some(minimum);
        self
    }

    /// The same shape with a greatest value or length.
    pub const fn max(mut self, maximum: f64) -> Self {
        self.constraint.maximum = Some(maximum);
        self
    }

    /// The same shape with a pattern.
    pub const fn pattern(mut self, pattern: &'static Pattern) -> Self {
        self.constraint.pattern = Some(pattern);
        self
    }

    /// The same shape with a closed list of texts.
    pub const fn values(mut self, values: &'static [&'static str]) -> Self {
        self.constraint.values = values;
        self
    }

    /// The same shape for secrets.
    pub const fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }

    /// The same structure with one member as the whole body (REST protocols).
    pub const fn payload(mut self, member: &'static str) -> Self {
        if let Kind::Structure(structure) = self.kind {
            self.kind = Kind::Structure(Structure { payload: Some(member), ..structure });
        }
        self
    }

    /// The members of a structure; none for every other kind.
    pub const fn members(&self) -> &'static [Member] {
        match self.kind {
            Kind::Structure(structure) => structure.members,
            Kind::Boolean
            | Kind::Integer
            | Kind::Long
            | Kind::Float
            | Kind::Double
            | Kind::String
            | Kind::Blob
            | Kind::Timestamp(_)
            | Kind::List(_)
            | Kind::Map(_)
            | Kind::Opaque => &[],
        }
    }

    /// The member that AWS calls `name`.
    pub fn member(&self, name: &str) -> Option<&'static Member> {
        self.members().iter().find(|member| member.name == name)
    }

    /// The member that is called `wire` in XML, JSON and CBOR.
    pub fn member_by_wire(&self, wire: &str) -> Option<&'static Member> {
        self.members().iter().find(|member| member.wire == wire)
    }
}

impl Member {
    /// A member that has the same name everywhere, is optional and accepted.
    pub const fn new(name: &'static str, shape: &'static Shape) -> Self {
        Self {
            name,
            wire: name,
            form: name,
            shape,
            required: false,
            idempotency_token: false,
            timestamp: None,
            location: Location::Body,
            refused: None,
        }
    }

    /// A member that AWS knows and Goru refuses, with the reason.
    pub const fn refused(name: &'static str, reason: &'static str) -> Self {
        let mut member = Self::new(name, &OPAQUE);
        member.refused = Some(reason);
        member
    }

    /// The same member, written in answers and refused in requests, with the reason.
    pub const fn answer_only(mut self, reason: &'static str) -> Self {
        self.refused = Some(reason);
        self
    }

    /// The same member with other names in XML, JSON and CBOR (`wire`) and in forms (`form`).
    pub const fn named(mut self, wire: &'static str, form: &'static str) -> Self {
        self.wire = wire;
        self.form = form;
        self
    }

    /// The same member, required.
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// The same member as the token that makes the call idempotent.
    pub const fn idempotency_token(mut self) -> Self {
        self.idempotency_token = true;
        self
    }

    /// The same member with a timestamp format of its own.
    pub const fn timestamp(mut self, format: TimestampFormat) -> Self {
        self.timestamp = Some(format);
        self
    }

    /// The same member at another place of a REST request or answer.
    pub const fn at(mut self, location: Location) -> Self {
        self.location = location;
        self
    }
}

/// A protocol of AWS: how requests and answers become bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// Form body in, XML out.
    Query,
    /// EC2's variant of query.
    Ec2,
    /// JSON with `X-Amz-Target`; version 1.0 or 1.1 by [`Service::json_version`].
    Json,
    /// Paths and XML bodies.
    RestXml,
    /// CBOR at `/service/<service>/operation/<operation>`.
    RpcV2Cbor,
}

/// One AWS service as a client sees it.
#[derive(Debug)]
pub struct Service {
    /// The name that the `aws` CLI and our folders use, such as `elbv2`.
    pub name: &'static str,
    /// AWS's service id, such as `Elastic Load Balancing v2`.
    pub service_id: &'static str,
    /// Name in the credential scope of a signature.
    pub signing_name: &'static str,
    /// Value of `Version` in a form body.
    pub api_version: &'static str,
    /// Protocols that Goru serves for it.
    pub protocols: &'static [Protocol],
    /// XML namespace of the answers, empty for a service without XML.
    pub xml_namespace: &'static str,
    /// What stands before the dot in `X-Amz-Target`; in rpc-v2-cbor also the service name of the path.
    pub target_prefix: Option<&'static str>,
    /// `1.0` or `1.1`, for services that speak JSON.
    pub json_version: Option<&'static str>,
    /// Whether JSON and CBOR errors carry `x-amzn-query-error` with the query code.
    pub query_compatible: bool,
    /// Codes for requests that violate the shape of their input.
    pub violations: ViolationCodes,
    /// Operations that Goru serves, ordered by name.
    pub operations: &'static [Operation],
    /// Operations that AWS has and Goru does not serve, ordered by name.
    pub unserved: &'static [&'static str],
    /// Errors of the service: those that AWS models and those of our overlay.
    pub errors: &'static [ErrorShape],
}

impl Service {
    /// The served operation of that name.
    pub fn operation(&self, name: &str) -> Option<&'static Operation> {
        self.operations.binary_search_by(|operation| operation.name.cmp(name)).ok().map(|index| &self.operations[index])
    }

    /// Whether AWS has that operation and Goru does not serve it.
    pub fn is_unserved(&self, name: &str) -> bool {
        self.unserved.binary_search(&name).is_ok()
    }

    /// The error that clients know by that code.
    pub fn error(&self, code: &str) -> Option<&'static ErrorShape> {
        self.errors.iter().find(|error| error.code == code)
    }
}

/// One operation of a service.
#[derive(Debug)]
pub struct Operation {
    /// AWS's name.
    pub name: &'static str,
    /// Shape of the request.
    pub input: &'static Shape,
    /// Shape of the answer.
    pub output: &'static Shape,
    /// Query: the element around the output, such as `CreateTargetGroupResult`; `None` when the answer has no result.
    pub result_wrapper: Option<&'static str>,
    /// Method, URI template and status for REST protocols.
    pub http: Http,
}

/// How a REST protocol addresses an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Http {
    /// `POST` for the protocols that are not REST.
    pub method: &'static str,
    /// Template with `{name}` and `{name+}`; `/` for the protocols that are not REST.
    pub uri: &'static str,
    /// Status of a successful answer.
    pub status: u16,
    /// rest-xml: name of the root element of the request body.
    pub input_root: Option<&'static str>,
}

impl Http {
    /// `POST /`, answered with 200: every protocol that is not REST.
    pub const RPC: Self = Self { method: "POST", uri: "/", status: 200, input_root: None };
}

/// One error of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorShape {
    /// AWS's shape name: the `__type` of JSON and CBOR. Equal to `code` where AWS models none.
    pub shape: &'static str,
    /// The code that query, ec2 and rest-xml show.
    pub code: &'static str,
    /// HTTP status.
    pub status: u16,
    /// Whose fault it is.
    pub fault: Fault,
}

/// Whose fault an error is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The caller's: repeating the same call does not help.
    Sender,
    /// The service's: the call may be repeated.
    Receiver,
}

/// The codes by which a service answers requests that violate the shape of their input. All have status 400.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ViolationCodes {
    /// A required member is absent.
    pub missing: &'static str,
    /// A member that AWS does not have.
    pub unknown: &'static str,
    /// A member that AWS has and Goru refuses.
    pub refused: &'static str,
    /// A value outside its range, length, pattern or enumeration.
    pub invalid: &'static str,
    /// A value that is not of the member's type at all.
    pub malformed: &'static str,
}
