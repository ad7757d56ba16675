//! Whether a request satisfies the shape of its input: every violation at once, in AWS's code and our words.
//!
//! Checks what the shape tables know - required, unknown and refused members, enumerations, ranges, lengths, patterns,
//! and scalars that could not be read. What depends on other members or on records is the handlers' business.
//! After it, conversion into the generated types cannot fail.

use std::fmt;

use crate::error::AwsError;
use crate::shape::{Constraint, Kind, List, Map, Operation, Service, Shape};
use crate::value::{Expected, Malformed, Structure, Value};

/// Violations that one error message lists; the others are only counted.
const SHOWN_VIOLATIONS: usize = 20;

/// One way in which a request violates the shape of its input.
#[derive(Clone, Debug, PartialEq)]
pub struct Violation {
    /// The parameter, by its key in a form (equal to AWS's name except in EC2); indexes count from 1.
    pub path: String,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with a parameter.
#[derive(Clone, Debug, PartialEq)]
pub enum Problem {
    /// AWS has no such parameter.
    Unknown,
    /// AWS has it and Goru refuses it, for this reason.
    Refused(&'static str),
    /// It is absent and must not be.
    Missing,
    /// It is not of its type.
    Malformed(Malformed),
    /// A text that is none of the enumeration.
    NotOneOf {
        /// The text, cut like that of a [`Malformed`].
        text: String,
        /// What it may be.
        values: &'static [&'static str],
    },
    /// A number outside its range.
    OutOfRange {
        /// The number.
        number: f64,
        /// Where it has to be.
        bounds: Bounds,
    },
    /// A length (of text in characters, of bytes, of a list or map in elements) outside its range.
    Length {
        /// The length.
        length: usize,
        /// Where it has to be.
        bounds: Bounds,
    },
    /// A text that does not match its pattern.
    Pattern {
        /// The text, cut like that of a [`Malformed`].
        text: String,
        /// The pattern.
        pattern: &'static str,
    },
}

/// An interval whose ends belong to it; either end may be open.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// Least value.
    pub minimum: Option<f64>,
    /// Greatest value.
    pub maximum: Option<f64>,
}

/// Checks the input of an operation.
///
/// # Errors
/// The service's own error for bad input, its message naming every violation.
pub fn check(service: &Service, operation: &Operation, input: &Value) -> Result<(), AwsError> {
    let violations = violations(operation.input, input);
    if violations.is_empty() { Ok(()) } else { Err(error(service, operation, &violations)) }
}

/// Everything that is wrong with a value, in the order of the members that came and then of those that are missing.
pub fn violations(shape: &'static Shape, value: &Value) -> Vec<Violation> {
    let mut found = Vec::new();
    visit(shape, value, "", &mut found);
    found
}

/// One error for all violations of a request. The code is that of the gravest: a parameter that is not there at all
/// comes before one that is refused, then what cannot be read, what is missing and what is out of bounds.
pub fn error(service: &Service, operation: &Operation, violations: &[Violation]) -> AwsError {
    let gravest = violations.iter().map(|violation| &violation.problem).min_by_key(|problem| problem.gravity());
    let code = gravest.map_or(service.violations.invalid, |problem| problem.code(service));
    let message = message(code, operation, violations);
    match service.error(code) {
        Some(shape) => AwsError::from_shape(shape, message),
        None => AwsError::sender(code, message),
    }
}

impl Problem {
    /// The same problem of a secret: what the client sent is not repeated.
    fn without_text(self) -> Self {
        let hidden = || String::from("(hidden)");
        match self {
            Self::Malformed(malformed) => Self::Malformed(Malformed { text: hidden(), ..malformed }),
            Self::NotOneOf { values, .. } => Self::NotOneOf { text: hidden(), values },
            Self::Pattern { pattern, .. } => Self::Pattern { text: hidden(), pattern },
            Self::Unknown | Self::Refused(_) | Self::Missing | Self::OutOfRange { .. } | Self::Length { .. } => self,
        }
    }

    fn gravity(&self) -> u8 {
        match self {
            Self::Unknown => 0,
            Self::Refused(_) => 1,
            Self::Malformed(_) => 2,
            Self::Missing => 3,
            Self::NotOneOf { .. } | Self::OutOfRange { .. } | Self::Length { .. } | Self::Pattern { .. } => 4,
        }
    }

    fn code(&self, service: &Service) -> &'static str {
        let codes = &service.violations;
        match self {
            Self::Unknown => codes.unknown,
            Self::Refused(_) => codes.refused,
            Self::Malformed(_) => codes.malformed,
            Self::Missing => codes.missing,
            Self::NotOneOf { .. } | Self::OutOfRange { .. } | Self::Length { .. } | Self::Pattern { .. } => {
                codes.invalid
            }
        }
    }
}

/// The sentence for all violations. Where AWS's code is `ValidationError` its message begins with their number, which
/// is what people look for in a log.
fn message(code: &str, operation: &Operation, violations: &[Violation]) -> String {
    let shown = violations.iter().take(SHOWN_VIOLATIONS).map(|violation| violation.sentence(operation));
    let mut text = shown.collect::<Vec<_>>().join("; ");
    if violations.len() > SHOWN_VIOLATIONS {
        text.push_str(&format!("; and {} more", violations.len() - SHOWN_VIOLATIONS));
    }
    match violations.len() {
        1 if code != "ValidationError" => text,
        1 => format!("1 validation error detected: {text}"),
        count => format!("{count} validation errors detected: {text}"),
    }
}

impl Violation {
    fn sentence(&self, operation: &Operation) -> String {
        let path = &self.path;
        match &self.problem {
            Problem::Unknown => format!("{path} is not a parameter of {}", operation.name),
            Problem::Refused(reason) => format!("{path} is a parameter that Goru does not accept: {reason}"),
            Problem::Missing => format!("{path} is required"),
            Problem::Malformed(malformed) => format!("{path} must be {}, not {:?}", malformed.expected, malformed.text),
            Problem::NotOneOf { text, values } => format!("{path} must be one of {}, not {text:?}", values.join(", ")),
            Problem::OutOfRange { number, bounds } => format!("{path} must be {bounds}, not {number}"),
            Problem::Length { length, bounds } => format!("the length of {path} must be {bounds}, not {length}"),
            Problem::Pattern { text, pattern } => format!("{path} must match {pattern}, not be {text:?}"),
        }
    }
}

impl Bounds {
    fn of(constraint: &Constraint) -> Self {
        Self { minimum: constraint.minimum, maximum: constraint.maximum }
    }

    /// NaN is in no interval that has an end.
    fn contain(self, number: f64) -> bool {
        self.minimum.is_none_or(|minimum| number >= minimum) && self.maximum.is_none_or(|maximum| number <= maximum)
    }
}

impl fmt::Display for Bounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.minimum, self.maximum) {
            (Some(minimum), Some(maximum)) if minimum == maximum => write!(f, "{minimum}"),
            (Some(minimum), Some(maximum)) => write!(f, "between {minimum} and {maximum}"),
            (Some(minimum), None) => write!(f, "at least {minimum}"),
            (None, Some(maximum)) => write!(f, "at most {maximum}"),
            (None, None) => f.write_str("anything"),
        }
    }
}

fn visit(shape: &'static Shape, value: &Value, path: &str, found: &mut Vec<Violation>) {
    let mut note = |problem: Problem| {
        let problem = if shape.sensitive { problem.without_text() } else { problem };
        found.push(Violation { path: path.into(), problem });
    };
    let constraint = &shape.constraint;
    match (shape.kind, value) {
        (Kind::Opaque, _) | (Kind::Boolean, Value::Boolean(_)) | (Kind::Timestamp(_), Value::Timestamp(_)) => {}
        (_, Value::Malformed(malformed)) => note(Problem::Malformed(malformed.clone())),
        (Kind::Integer, Value::Integer(number)) => integer(*number, i32_bounds(constraint)).into_iter().for_each(note),
        (Kind::Long, Value::Integer(number)) => integer(*number, Bounds::of(constraint)).into_iter().for_each(note),
        (Kind::Float | Kind::Double, Value::Double(number)) => range(*number, constraint).into_iter().for_each(note),
        (Kind::String, Value::String(text)) => string(text, constraint).into_iter().for_each(note),
        (Kind::Blob, Value::Blob(bytes)) => length(bytes.len(), constraint).into_iter().for_each(note),
        (Kind::List(list), Value::List(elements)) => {
            length(elements.len(), constraint).into_iter().for_each(note);
            visit_list(list, elements, path, found);
        }
        (Kind::Map(map), Value::Map(entries)) => {
            length(entries.len(), constraint).into_iter().for_each(note);
            visit_map(map, entries, path, found);
        }
        (Kind::Structure(_), Value::Structure(structure)) => visit_structure(shape, structure, path, found),
        (kind, _) => note(Problem::Malformed(Malformed::new("a value of another type", expected(kind)))),
    }
}

fn visit_list(list: List, elements: &[Value], path: &str, found: &mut Vec<Violation>) {
    for (index, element) in elements.iter().enumerate() {
        visit(list.element, element, &format!("{path}.{}", index + 1), found);
    }
}

fn visit_map(map: Map, entries: &[(String, Value)], path: &str, found: &mut Vec<Violation>) {
    for (key, value) in entries {
        let path = format!("{path}.{key}");
        string(key, &map.key.constraint)
            .map(|problem| Violation { path: path.clone(), problem })
            .into_iter()
            .for_each(|violation| found.push(violation));
        visit(map.value, value, &path, found);
    }
}

fn visit_structure(shape: &'static Shape, structure: &Structure, path: &str, found: &mut Vec<Violation>) {
    let inside = |key: &str| if path.is_empty() { key.into() } else { format!("{path}.{key}") };
    for (name, value) in &structure.members {
        match shape.member(name) {
            Some(member) => match member.refused {
                Some(reason) => found.push(Violation { path: inside(member.form), problem: Problem::Refused(reason) }),
                None => visit(member.shape, value, &inside(member.form), found),
            },
            None => found.push(Violation { path: inside(name), problem: Problem::Unknown }),
        }
    }
    for name in &structure.unknown {
        found.push(Violation { path: inside(name), problem: Problem::Unknown });
    }
    for member in shape.members().iter().filter(|member| member.required && structure.get(member.name).is_none()) {
        found.push(Violation { path: inside(member.form), problem: Problem::Missing });
    }
}

/// The bounds of a 32-bit integer, narrowed by what AWS says.
fn i32_bounds(constraint: &Constraint) -> Bounds {
    let minimum = constraint.minimum.unwrap_or(i32::MIN.into());
    Bounds { minimum: Some(minimum), maximum: Some(constraint.maximum.unwrap_or(i32::MAX.into())) }
}

fn integer(number: i64, bounds: Bounds) -> Option<Problem> {
    // Rounding matters only beyond 2^53, where no bound of AWS lies.
    let number = number as f64;
    (!bounds.contain(number)).then_some(Problem::OutOfRange { number, bounds })
}

fn range(number: f64, constraint: &Constraint) -> Option<Problem> {
    let bounds = Bounds::of(constraint);
    (!bounds.contain(number)).then_some(Problem::OutOfRange { number, bounds })
}

fn length(length: usize, constraint: &Constraint) -> Option<Problem> {
    let bounds = Bounds::of(constraint);
    (!bounds.contain(length as f64)).then_some(Problem::Length { length, bounds })
}

/// A text violates its enumeration, else its length, else its pattern: one problem per text is enough to mend it.
fn string(text: &str, constraint: &Constraint) -> Option<Problem> {
    if !constraint.values.is_empty() && !constraint.values.contains(&text) {
        return Some(Problem::NotOneOf { text: cut(text), values: constraint.values });
    }
    let bad_length = length(text.chars().count(), constraint);
    let bad_pattern = || {
        let pattern = constraint.pattern.filter(|pattern| !pattern.matches(text))?;
        Some(Problem::Pattern { text: cut(text), pattern: pattern.source() })
    };
    bad_length.or_else(bad_pattern)
}

fn cut(text: &str) -> String {
    text.chars().take(Malformed::TEXT_LIMIT).collect()
}

fn expected(kind: Kind) -> Expected {
    match kind {
        Kind::Boolean => Expected::Boolean,
        Kind::Integer | Kind::Long => Expected::Integer,
        Kind::Float | Kind::Double => Expected::Number,
        Kind::String | Kind::Opaque => Expected::String,
        Kind::Blob => Expected::Blob,
        Kind::Timestamp(_) => Expected::Timestamp,
        Kind::List(_) => Expected::List,
        Kind::Map(_) => Expected::Map,
        Kind::Structure(_) => Expected::Structure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::{EMPTY, ErrorShape, Fault, Http, Member, Pattern, ViolationCodes};

    static NAME_PATTERN: Pattern = Pattern::new("[a-z]+");
    static NAME: Shape = Shape::new("Name", Kind::String).min(2.0).max(4.0).pattern(&NAME_PATTERN);
    static SECRET: Shape = Shape::new("Secret", Kind::String).pattern(&NAME_PATTERN).sensitive();
    static COLOR: Shape = Shape::new("Color", Kind::String).values(&["red", "blue"]);
    static PORT: Shape = Shape::new("Port", Kind::Integer).min(1.0).max(65535.0);
    static PORTS: Shape = Shape::list("Ports", &PORT).max(2.0);
    static LABELS: Shape = Shape::map("Labels", &NAME, &PORT);
    static INNER: Shape = Shape::structure("Inner", &[Member::new("Port", &PORT).named("port", "PortKey").required()]);
    static INNERS: Shape = Shape::list("Inners", &INNER);
    static MIX_INPUT: Shape = Shape::structure(
        "MixInput",
        &[
            Member::new("Color", &COLOR),
            Member::new("Inner", &INNERS),
            Member::new("Labels", &LABELS),
            Member::new("Name", &NAME).required(),
            Member::new("Plain", &crate::shape::INTEGER),
            Member::new("Ports", &PORTS),
            Member::refused("Gloss", "no gloss yet"),
            Member::new("Secret", &SECRET),
            Member::new("Share", &crate::shape::DOUBLE),
        ],
    );
    static MIX: Operation =
        Operation { name: "Mix", input: &MIX_INPUT, output: &EMPTY, result_wrapper: None, http: Http::RPC };

    fn service(violations: ViolationCodes, errors: &'static [ErrorShape]) -> Service {
        Service {
            name: "paint",
            service_id: "Paint",
            signing_name: "paint",
            api_version: "1",
            protocols: &[],
            xml_namespace: "",
            target_prefix: None,
            json_version: None,
            query_compatible: false,
            violations,
            operations: &[],
            unserved: &[],
            errors,
        }
    }

    const CODES: ViolationCodes = ViolationCodes {
        missing: "MissingParameter",
        unknown: "UnknownParameter",
        refused: "UnsupportedOperation",
        invalid: "InvalidParameterValue",
        malformed: "Malformed",
    };

    fn input(members: Vec<(&'static str, Value)>) -> Value {
        let named = members.iter().any(|(name, _)| *name == "Name");
        let name = (!named).then(|| ("Name", Value::String("good".into())));
        Value::Structure(Structure { members: name.into_iter().chain(members).collect(), unknown: Vec::new() })
    }

    fn sentences(value: &Value) -> Vec<String> {
        violations(&MIX_INPUT, value).iter().map(|violation| violation.sentence(&MIX)).collect()
    }

    fn structure(members: Vec<(&'static str, Value)>) -> Value {
        Value::Structure(Structure { members, unknown: Vec::new() })
    }

    #[test]
    fn each_kind_of_violation_names_the_parameter_and_what_it_must_be() {
        let text = |text: &str| Value::String(text.into());
        let table: Vec<((&str, Value), &str)> = vec![
            (("Color", text("green")), r#"Color must be one of red, blue, not "green""#),
            (("Name", text("a")), "the length of Name must be between 2 and 4, not 1"),
            (("Name", text("한국어말씀")), "the length of Name must be between 2 and 4, not 5"),
            (("Name", text("ab1")), r#"Name must match [a-z]+, not be "ab1""#),
            (("Name", text("abc\n")), r#"Name must match [a-z]+, not be "abc\n""#),
            (("Ports", Value::List(vec![Value::Integer(0)])), "Ports.1 must be between 1 and 65535, not 0"),
            (("Plain", Value::Integer(1 << 31)), "Plain must be between -2147483648 and 2147483647, not 2147483648"),
            (("Plain", Value::malformed("1e3", Expected::Integer)), r#"Plain must be an integer, not "1e3""#),
            (("Plain", text("5")), r#"Plain must be an integer, not "a value of another type""#),
            (("Gloss", Value::Boolean(true)), "Gloss is a parameter that Goru does not accept: no gloss yet"),
            (("Inner", Value::List(vec![structure(vec![])])), "Inner.1.PortKey is required"),
            (
                ("Labels", Value::Map(vec![("A".into(), Value::Integer(1))])),
                "the length of Labels.A must be between 2 and 4, not 1",
            ),
        ];
        for ((name, value), expected) in table {
            let name = MIX_INPUT.member(name).expect("a member of the input").name;
            assert_eq!(sentences(&input(vec![(name, value)])), [expected]);
        }
    }

    #[test]
    fn bounds_belong_to_the_range() {
        for port in [1, 65535] {
            assert_eq!(sentences(&input(vec![("Ports", Value::List(vec![Value::Integer(port)]))])), [""; 0]);
        }
        let three = vec![Value::Integer(1); 3];
        assert_eq!(
            sentences(&input(vec![("Ports", Value::List(three))])),
            ["the length of Ports must be at most 2, not 3"]
        );
        assert_eq!(sentences(&input(vec![("Share", Value::Double(f64::NAN))])), [""; 0]);
    }

    #[test]
    fn a_secret_is_not_repeated() {
        let found = sentences(&input(vec![("Secret", Value::String("PASSWORD".into()))]));
        assert_eq!(found, [r#"Secret must match [a-z]+, not be "(hidden)""#]);
        let found = sentences(&input(vec![("Secret", Value::malformed("PASSWORD", Expected::String))]));
        assert_eq!(found, [r#"Secret must be text, not "(hidden)""#]);
    }

    #[test]
    fn nothing_is_looked_at_behind_a_refused_member() {
        let gloss = structure(vec![("Anything", Value::malformed("?", Expected::Boolean))]);
        assert_eq!(violations(&MIX_INPUT, &input(vec![("Gloss", gloss)])).len(), 1);
    }

    #[test]
    fn every_violation_is_named_at_once_and_the_gravest_gives_the_code() {
        let mut inner = Structure::default();
        inner.unknown.push("Prt".into());
        let mut top = Structure::default();
        top.push("Color", Value::String("green".into()));
        top.push("Gloss", Value::Boolean(true));
        top.push("Inner", Value::List(vec![Value::Structure(inner)]));
        let error = check(&service(CODES, &[]), &MIX, &Value::Structure(top)).expect_err("five violations");
        assert_eq!((&*error.code, error.status), ("UnknownParameter", 400));
        assert_eq!(
            error.message,
            "5 validation errors detected: Color must be one of red, blue, not \"green\"; \
             Gloss is a parameter that Goru does not accept: no gloss yet; Inner.1.Prt is not a parameter of Mix; \
             Inner.1.PortKey is required; Name is required"
        );
    }

    #[test]
    fn the_code_follows_the_kind_of_violation() {
        let unknown = Value::Structure(Structure {
            members: vec![("Name", Value::String("good".into()))],
            unknown: vec!["Colour".into()],
        });
        let table = [
            (unknown, "UnknownParameter"),
            (input(vec![("Gloss", Value::Boolean(true))]), "UnsupportedOperation"),
            (input(vec![("Color", Value::String("x".into()))]), "InvalidParameterValue"),
            (input(vec![("Plain", Value::malformed("x", Expected::Integer))]), "Malformed"),
            (structure(vec![]), "MissingParameter"),
        ];
        for (value, code) in table {
            let error = check(&service(CODES, &[]), &MIX, &value).expect_err("one violation");
            assert_eq!(error.code, code);
        }
        assert_eq!(check(&service(CODES, &[]), &MIX, &input(vec![])), Ok(()));
    }

    #[test]
    fn a_modelled_error_brings_its_shape_and_validation_errors_their_number() {
        static MODELLED: [ErrorShape; 1] =
            [ErrorShape { shape: "MissingFault", code: "MissingParameter", status: 422, fault: Fault::Sender }];
        let error = check(&service(CODES, &MODELLED), &MIX, &structure(vec![])).expect_err("no name");
        assert_eq!(
            (error.shape_name(), error.status, error.message.as_str()),
            ("MissingFault", 422, "Name is required")
        );
        let codes = ViolationCodes { missing: "ValidationError", ..CODES };
        let error = check(&service(codes, &[]), &MIX, &structure(vec![])).expect_err("no name");
        assert_eq!(error.message, "1 validation error detected: Name is required");
    }

    #[test]
    fn the_message_stays_bounded() {
        let many = Structure {
            members: vec![("Name", Value::String("good".into()))],
            unknown: (0..1000).map(|number| format!("P{number}")).collect(),
        };
        let error = check(&service(CODES, &[]), &MIX, &Value::Structure(many)).expect_err("a thousand violations");
        assert!(error.message.starts_with("1000 validation errors detected: P0 is not"), "{}", error.message);
        assert!(error.message.ends_with("; and 980 more"), "{}", error.message);
    }
}
