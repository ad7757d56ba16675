//! The text of `crates/api/src/<service>/*.rs`.
//!
//! Plain tables, one line per member; whatever is more than a table is a macro of `wire::convert`. rustfmt goes over
//! the text afterwards.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use anyhow::{Context, Result, bail};

use super::definition::{Operation, Reference, Shape};
use super::names;
use super::surface::{Fate, Member, Surface};

/// The files of one service, by name.
///
/// # Errors
/// When the definition is inconsistent or two names meet in Rust.
pub fn service(surface: &Surface) -> Result<BTreeMap<&'static str, String>> {
    let errors = Errors::collect(surface)?;
    Ok(BTreeMap::from([
        ("mod.rs", module(surface, &errors)?),
        ("operations.rs", operations(surface)),
        ("types.rs", types(surface)?),
        ("shapes.rs", shapes(surface)?),
        ("errors.rs", errors.text(surface)),
    ]))
}

/// `crates/api/src/lib.rs`.
pub fn library(services: &[String]) -> String {
    let mut text = String::from(
        "//! The AWS services that Goru speaks: operations, types, shape tables and errors.\n//!\n\
         //! Everything here is generated from `shapes/` by `cargo xtask codegen` (docs/adding-an-operation.md); it holds no\n\
         //! behaviour and knows no records. Types carry plain strings and numbers: handlers parse them into `model` types.\n\n",
    );
    for service in services {
        let _ = writeln!(text, "pub mod {service};");
    }
    text.push_str("\n/// Every service, ordered by its name.\npub static SERVICES: &[&wire::shape::Service] = &[");
    text.extend(services.iter().map(|service| format!("&{service}::SERVICE, ")));
    text.push_str("];\n");
    text
}

/// `crates/api/tests/support/conversions.rs`: both types of every operation, for the tests.
///
/// # Errors
/// When a definition lacks a shape.
pub fn conversions(surfaces: &[Surface]) -> Result<String> {
    let mut text = String::from(
        "//! Every operation with a way through the types of its input and its output.\n//!\n\
         //! Written by `cargo xtask codegen`.\n\nuse super::{Conversion, nothing, through};\n\n\
         pub static CONVERSIONS: &[Conversion] = &[\n",
    );
    for surface in surfaces {
        let service = surface.name;
        let way = |shape: &Option<String>| match shape {
            Some(shape) => {
                Ok::<_, anyhow::Error>(format!("through::<api::{service}::types::{}>", surface.rust_type(shape)?))
            }
            None => Ok("nothing".into()),
        };
        for (name, operation) in &surface.definition.operations {
            let (input, output) = (way(&operation.input)?, way(&operation.output)?);
            writeln!(text, "(&api::{service}::SERVICE, {name:?}, {input}, {output}),")?;
        }
    }
    text.push_str("];\n");
    Ok(text)
}

fn header(surface: &Surface, what: &str) -> String {
    let (service, name) = (&surface.definition.service, surface.name);
    format!(
        "//! {what} of {} ({}).\n//!\n//! Written by `cargo xtask codegen` from `shapes/{name}.json` and `shapes/{name}.toml`; \
         change those instead.\n\n",
        service.service_id, service.api_version
    )
}

fn module(surface: &Surface, errors: &Errors) -> Result<String> {
    let service = &surface.definition.service;
    let violations = &surface.overlay.service.violations;
    let mut text = header(surface, "What Goru serves");
    text.push_str("#![allow(missing_docs, clippy::enum_variant_names, clippy::upper_case_acronyms)]\n\n");
    text.push_str("pub mod errors;\npub mod operations;\npub mod shapes;\npub mod types;\n\n");
    text.push_str("pub use errors::ErrorCode;\npub use operations::Operation;\n\n");
    text.push_str("pub static SERVICE: wire::shape::Service = wire::shape::Service {\n");
    let mut line = |name: &str, value: String| writeln!(text, "    {name}: {value},");
    line("name", format!("{:?}", surface.name))?;
    line("service_id", format!("{:?}", service.service_id))?;
    line("signing_name", format!("{:?}", service.signing_name))?;
    line("api_version", format!("{:?}", service.api_version))?;
    line("protocols", format!("&[{}]", protocols(&service.protocols)?))?;
    line("xml_namespace", format!("{:?}", service.xml_namespace.as_deref().unwrap_or_default()))?;
    line("target_prefix", format!("{:?}", service.target_prefix))?;
    line("json_version", format!("{:?}", service.json_version))?;
    line("query_compatible", service.query_compatible.to_string())?;
    let codes = [
        ("missing", &violations.missing),
        ("unknown", &violations.unknown),
        ("refused", &violations.refused),
        ("invalid", &violations.invalid),
        ("malformed", &violations.malformed),
    ];
    let codes: Result<Vec<String>> = codes.iter().map(|(name, code)| violation(errors, name, code)).collect();
    line("violations", format!("wire::shape::ViolationCodes {{ {} }}", codes?.join(", ")))?;
    line("operations", "operations::OPERATIONS".into())?;
    line("unserved", "Operation::KNOWN_BUT_UNSERVED".into())?;
    line("errors", "errors::ERRORS".into())?;
    text.push_str("};\n");
    Ok(text)
}

fn violation(errors: &Errors, name: &str, code: &str) -> Result<String> {
    if !errors.rows.values().any(|error| error.code == code) {
        bail!("the code {code} for violations is neither modelled nor in [errors]");
    }
    Ok(format!("{name}: {code:?}"))
}

fn protocols(protocols: &[String]) -> Result<String> {
    let names = protocols.iter().map(|protocol| match protocol.as_str() {
        "query" => Ok("wire::shape::Protocol::Query"),
        "ec2" => Ok("wire::shape::Protocol::Ec2"),
        "json" => Ok("wire::shape::Protocol::Json"),
        "rest-xml" => Ok("wire::shape::Protocol::RestXml"),
        "smithy-rpc-v2-cbor" => Ok("wire::shape::Protocol::RpcV2Cbor"),
        other => bail!("there is no codec for the protocol {other}"),
    });
    Ok(names.collect::<Result<Vec<_>>>()?.join(", "))
}

fn operations(surface: &Surface) -> String {
    let mut text = header(surface, "Operations");
    let lacks_a_side = |operation: &Operation| operation.input.is_none() || operation.output.is_none();
    let imports = if surface.definition.operations.values().any(lacks_a_side) { "{EMPTY, Http}" } else { "Http" };
    let _ = writeln!(text, "use super::shapes;\nuse wire::shape::{imports};\n\nwire::operations! {{");
    for (name, operation) in &surface.definition.operations {
        let shape = |shape: &Option<String>| match shape {
            Some(shape) => format!("&shapes::{}", names::constant(shape)),
            None => "&EMPTY".into(),
        };
        let (input, output) = (shape(&operation.input), shape(&operation.output));
        let _ = writeln!(text, "    {name}({input}, {output}, {:?}, {}),", operation.result_wrapper, http(operation));
    }
    text.push_str("}\n\nimpl Operation {\n    /// Operations that AWS has and Goru does not serve, ordered by name.\n");
    text.push_str("    pub const KNOWN_BUT_UNSERVED: &'static [&'static str] = &[\n");
    for name in &surface.definition.other_operations {
        let _ = writeln!(text, "        {name:?},");
    }
    text.push_str("    ];\n}\n");
    text
}

fn http(operation: &Operation) -> String {
    match &operation.http {
        None => "Http::RPC".into(),
        Some(http) => format!(
            "Http {{ method: {:?}, uri: {:?}, status: {}, input_root: {:?} }}",
            http.method, http.uri, http.status, http.input_root
        ),
    }
}

fn types(surface: &Surface) -> Result<String> {
    let mut text = header(surface, "Inputs, outputs and enumerations");
    let mut taken = BTreeSet::new();
    for (name, shape) in surface.shapes() {
        let type_name = match shape.kind.as_str() {
            "structure" => structure(surface, name, &mut text)?,
            "string" => match Surface::variants(shape) {
                Some(variants) => enumeration(name, shape, &variants, &mut text),
                None => continue,
            },
            _ => continue,
        };
        if !taken.insert(type_name.clone()) {
            bail!("two shapes would be the type {type_name}");
        }
    }
    Ok(text)
}

fn structure(surface: &Surface, name: &str, text: &mut String) -> Result<String> {
    let type_name = surface.rust_type(name)?;
    let default = if surface.has_default(name)? { ": Default" } else { "" };
    let _ = writeln!(text, "wire::structure! {{ {type_name}{default} {{");
    for member in surface.members(name)?.iter().filter(|member| member.fate.has_field()) {
        let inner = surface.rust_type(&member.reference.shape)?;
        let field_type = if surface.is_bare(name, member) { inner } else { format!("Option<{inner}>") };
        let secret = if surface.definition.shape(&member.reference.shape)?.sensitive { " as secret" } else { "" };
        let _ = writeln!(text, "    {:?} {}: {field_type}{secret},", member.name, names::field(member.name));
    }
    text.push_str("} }\n\n");
    Ok(type_name)
}

fn enumeration(name: &str, shape: &Shape, variants: &[String], text: &mut String) -> String {
    let type_name = names::type_name(name);
    let _ = writeln!(text, "wire::enumeration! {{ {type_name} {{");
    for (variant, value) in variants.iter().zip(&shape.values) {
        let _ = writeln!(text, "    {variant} = {value:?},");
    }
    text.push_str("} }\n\n");
    type_name
}

fn shapes(surface: &Surface) -> Result<String> {
    let mut text = header(surface, "Shape tables");
    let mut statics = String::new();
    let mut taken = BTreeSet::new();
    for (name, _) in surface.shapes().filter(|(name, shape)| has_table(surface, name, shape)) {
        let constant = names::constant(name);
        if !taken.insert(constant.clone()) {
            bail!("two shapes would be the table {constant}");
        }
        table(surface, name, &mut statics)?;
    }
    let used = |word: &str| statics.contains(word);
    let imports = ["Kind", "Location", "Member", "Pattern", "Shape", "TimestampFormat"].into_iter();
    let scalars = SCALARS.iter().map(|(_, table)| *table);
    let names: Vec<_> = imports.filter(|name| used(&format!("{name}::"))).collect();
    let tables: Vec<_> = scalars.filter(|table| used(&format!("&{table})")) || used(&format!("&{table}, "))).collect();
    let imports = [tables, names].concat();
    if used("types::") {
        text.push_str("use super::types;\n");
    }
    if !imports.is_empty() {
        let _ = writeln!(text, "use wire::shape::{{{}}};\n", imports.join(", "));
    }
    Ok(text + &statics)
}

/// Scalars without constraints share one table each.
const SCALARS: [(&str, &str); 8] = [
    ("blob", "BLOB"),
    ("boolean", "BOOLEAN"),
    ("double", "DOUBLE"),
    ("float", "FLOAT"),
    ("integer", "INTEGER"),
    ("long", "LONG"),
    ("string", "STRING"),
    ("timestamp", "TIMESTAMP"),
];

/// Whether a shape has a table of its own instead of one of [`SCALARS`].
fn has_table(surface: &Surface, name: &str, shape: &Shape) -> bool {
    match shape.kind.as_str() {
        "structure" | "list" | "map" => true,
        "timestamp" => shape.timestamp_format.is_some(),
        _ => !constraints(surface, name, shape).is_empty(),
    }
}

fn reference(surface: &Surface, name: &str) -> Result<String> {
    let shape = surface.definition.shape(name)?;
    if has_table(surface, name, shape) {
        return Ok(format!("&{}", names::constant(name)));
    }
    let scalar = SCALARS.iter().find(|(kind, _)| *kind == shape.kind);
    scalar
        .map(|(_, table)| format!("&{table}"))
        .with_context(|| format!("{name} is of the unknown kind {}", shape.kind))
}

fn table(surface: &Surface, name: &str, text: &mut String) -> Result<()> {
    let shape = surface.definition.shape(name)?;
    let constant = names::constant(name);
    if let Some(pattern) = pattern(surface, name, shape) {
        let _ = writeln!(text, "static {constant}_PATTERN: Pattern = Pattern::new({});", raw(&pattern));
    }
    let constraints = constraints(surface, name, shape);
    let body = match shape.kind.as_str() {
        "structure" => structure_table(surface, name, shape)?,
        "list" => list_table(surface, name, shape)?,
        "map" => map_table(surface, name, shape)?,
        "timestamp" => {
            let format = timestamp_format(shape.timestamp_format.as_deref().unwrap_or_default())?;
            format!("Shape::new({name:?}, Kind::Timestamp(Some({format})))")
        }
        kind => format!("Shape::new({name:?}, Kind::{})", names::capitalised(kind)),
    };
    let _ = writeln!(text, "pub static {constant}: Shape = {body}{constraints};");
    Ok(())
}

fn structure_table(surface: &Surface, name: &str, shape: &Shape) -> Result<String> {
    let mut text = format!("Shape::structure({name:?}, &[\n");
    for member in surface.members(name)?.iter().filter(|member| member.fate != Fate::LeftOut) {
        let _ = writeln!(text, "    {},", member_row(surface, name, member)?);
    }
    text.push_str("])");
    if let Some(payload) = &shape.payload {
        let _ = write!(text, ".payload({payload:?})");
    }
    Ok(text)
}

fn member_row(surface: &Surface, structure: &str, member: &Member) -> Result<String> {
    let name = member.name;
    let mut row = match member.fate {
        Fate::Refused(reason) => format!("Member::refused({name:?}, {reason:?})"),
        Fate::Accepted | Fate::AnswerOnly(_) | Fate::LeftOut => {
            format!("Member::new({name:?}, {})", reference(surface, &member.reference.shape)?)
        }
    };
    let (wire, form) = wire_names(surface, member)?;
    if wire != name || form != name {
        let _ = write!(row, ".named({wire:?}, {form:?})");
    }
    if let Fate::AnswerOnly(reason) = member.fate {
        let _ = write!(row, ".answer_only({reason:?})");
    }
    if surface.is_bare(structure, member) {
        row.push_str(".required()");
    }
    if member.reference.idempotency_token {
        row.push_str(".idempotency_token()");
    }
    if let Some(format) = &member.reference.timestamp_format {
        let _ = write!(row, ".timestamp({})", timestamp_format(format)?);
    }
    if let Some(location) = &member.reference.location {
        let _ = write!(row, ".at({})", rest_location(location)?);
    }
    Ok(row)
}

/// The name in XML, JSON and CBOR, and the key in a form. EC2's forms use the query name, or the name in XML with a
/// capital first letter; the query protocol has one name for both.
fn wire_names(surface: &Surface, member: &Member) -> Result<(String, String)> {
    let reference = member.reference;
    let shape = surface.definition.shape(&reference.shape)?;
    let location_name = reference.location_name.as_ref().or(shape.location_name.as_ref());
    let wire = location_name.cloned().unwrap_or_else(|| member.name.into());
    if !surface.definition.service.protocols.iter().any(|protocol| protocol == "ec2") {
        return Ok((wire.clone(), wire));
    }
    let form = match (&reference.query_name, location_name) {
        (Some(query_name), _) => query_name.clone(),
        (None, Some(location_name)) => names::capitalised(location_name),
        (None, None) => member.name.into(),
    };
    Ok((wire, form))
}

fn list_table(surface: &Surface, name: &str, shape: &Shape) -> Result<String> {
    let element = shape.member.as_ref().with_context(|| format!("{name} has no element"))?;
    let table = reference(surface, &element.shape)?;
    let usual =
        if surface.definition.service.protocols.iter().any(|protocol| protocol == "ec2") { "item" } else { "member" };
    let element_name = element.location_name.as_deref().unwrap_or(usual);
    Ok(if element_name == "member" && !shape.flattened {
        format!("Shape::list({name:?}, {table})")
    } else {
        format!("Shape::list_of({name:?}, {table}, {element_name:?}, {})", shape.flattened)
    })
}

fn map_table(surface: &Surface, name: &str, shape: &Shape) -> Result<String> {
    let side = |reference: &Option<Reference>| reference.clone().with_context(|| format!("{name} lacks a side"));
    let (key, value) = (side(&shape.key)?, side(&shape.value)?);
    let tables = format!("{name:?}, {}, {}", reference(surface, &key.shape)?, reference(surface, &value.shape)?);
    let key_name = key.location_name.as_deref().unwrap_or("key");
    let value_name = value.location_name.as_deref().unwrap_or("value");
    Ok(if (key_name, value_name, shape.flattened) == ("key", "value", false) {
        format!("Shape::map({tables})")
    } else {
        format!("Shape::map_of({tables}, {key_name:?}, {value_name:?}, {})", shape.flattened)
    })
}

fn timestamp_format(format: &str) -> Result<&'static str> {
    Ok(match format {
        "iso8601" => "TimestampFormat::Iso8601",
        "unixTimestamp" => "TimestampFormat::UnixSeconds",
        "rfc822" => "TimestampFormat::Rfc822",
        other => bail!("unknown timestamp format {other}"),
    })
}

fn rest_location(location: &str) -> Result<&'static str> {
    Ok(match location {
        "uri" => "Location::Uri",
        "querystring" => "Location::QueryString",
        "header" => "Location::Header",
        "headers" => "Location::Headers",
        "statusCode" => "Location::StatusCode",
        other => bail!("unknown location {other}"),
    })
}

/// The builder calls for everything that values of a shape must satisfy. Shapes that only answers have keep nothing
/// but their enumeration.
fn constraints(surface: &Surface, name: &str, shape: &Shape) -> String {
    let mut text = String::new();
    let [minimum, maximum] = bounds(surface, name, shape);
    if let Some(minimum) = minimum {
        let _ = write!(text, ".min({minimum:?})");
    }
    if let Some(maximum) = maximum {
        let _ = write!(text, ".max({maximum:?})");
    }
    if pattern(surface, name, shape).is_some() {
        let _ = write!(text, ".pattern(&{}_PATTERN)", names::constant(name));
    }
    if shape.kind == "string" && Surface::variants(shape).is_some() {
        let _ = write!(text, ".values(types::{}::NAMES)", names::type_name(name));
    }
    if shape.sensitive && surface.in_requests(name) {
        text.push_str(".sensitive()");
    }
    text
}

/// Least and greatest, ours before AWS's. A least length of 0 says nothing.
fn bounds(surface: &Surface, name: &str, shape: &Shape) -> [Option<f64>; 2] {
    if !surface.in_requests(name) {
        return [None, None];
    }
    let ours = surface.overlay.shapes.get(name).and_then(|ours| ours.length.or(ours.range));
    if let Some([minimum, maximum]) = ours {
        return [Some(minimum), Some(maximum)];
    }
    let is_number = matches!(shape.kind.as_str(), "integer" | "long" | "float" | "double");
    let number = |bound: &Option<serde_json::Number>| bound.as_ref().and_then(serde_json::Number::as_f64);
    [number(&shape.min).filter(|minimum| is_number || *minimum > 0.0), number(&shape.max)]
}

/// Ours before AWS's; AWS's in its own syntax needs translation, and one that everything matches says nothing.
fn pattern(surface: &Surface, name: &str, shape: &Shape) -> Option<String> {
    if shape.kind != "string" || !surface.in_requests(name) || !shape.values.is_empty() {
        return None;
    }
    let ours = surface.overlay.shapes.get(name).and_then(|ours| ours.pattern.clone());
    let pattern = ours.or_else(|| shape.pattern.as_deref().map(translate))?;
    (!pattern.is_empty() && pattern != ".*").then_some(pattern)
}

/// `\w` and `\d` mean ASCII in AWS's patterns and Unicode in ours; pairs of surrogates are single characters in ours.
fn translate(pattern: &str) -> String {
    pattern
        .replace(r"\w", "[0-9A-Za-z_]")
        .replace(r"\d", "[0-9]")
        .replace(r"\uD800\uDC00-\uDBFF\uDFFF", r"\x{10000}-\x{10FFFF}")
}

fn raw(text: &str) -> String {
    if text.contains('"') { format!("r#\"{text}\"#") } else { format!("r\"{text}\"") }
}

/// The errors of a service by Rust variant.
struct Errors {
    rows: BTreeMap<String, ErrorRow>,
}

struct ErrorRow {
    shape: String,
    code: String,
    status: u16,
}

impl Errors {
    /// Modelled errors and ours. Modelled errors that share a code are called by their shapes.
    fn collect(surface: &Surface) -> Result<Self> {
        let modelled = surface.definition.errors.iter().map(|(shape, error)| (shape, &error.code, error.status));
        let ours = surface.overlay.errors.iter().map(|(code, status)| (code, code, *status));
        let all: Vec<_> = modelled.chain(ours).collect();
        let mut rows = BTreeMap::new();
        for (shape, code, status) in &all {
            let is_shared = all.iter().filter(|(_, other, _)| other == code).count() > 1;
            let variant = names::error_variant(if is_shared { shape } else { code });
            let row = ErrorRow { shape: shape.to_string(), code: code.to_string(), status: *status };
            if rows.insert(variant.clone(), row).is_some() {
                bail!("two errors would be the variant {variant}");
            }
        }
        Ok(Self { rows })
    }

    fn text(&self, surface: &Surface) -> String {
        let mut text = header(surface, "Errors");
        text.push_str("wire::error_codes! {\n");
        for (variant, ErrorRow { shape, code, status }) in &self.rows {
            let fault = if *status >= 500 { "Receiver" } else { "Sender" };
            let _ = writeln!(text, "    {variant} = {shape:?}, {code:?}, {status}, {fault};");
        }
        text.push_str("}\n");
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codegen::definition::Definition;
    use crate::codegen::overlay::Overlay;

    const DEFINITION: &str = r#"{"botocore": "1",
        "service": {"service_id": "Paint", "signing_name": "paint", "api_version": "1", "protocols": ["PROTOCOL"]},
        "operations": {"Mix": {"input": "MixInput", "output": "MixOutput", "result_wrapper": "MixResult"}},
        "other_operations": ["Dry"],
        "errors": {"WetFault": {"code": "Wet", "status": 409}, "WetterFault": {"code": "Wet", "status": 500}},
        "shapes": {
            "MixInput": {"type": "structure", "required": ["Color"], "members": {
                "Color": {"shape": "Color"},
                "Gloss": {"shape": "Text"},
                "Layers": {"shape": "Layers", "location_name": "layerSet", "query_name": "Layer"},
                "Token": {"shape": "Text", "location_name": "token", "idempotency_token": true},
                "Type": {"shape": "Name"}}},
            "MixOutput": {"type": "structure", "members": {"Key": {"shape": "Secret"}, "Type": {"shape": "Name"}}},
            "Layers": {"type": "list", "member": {"shape": "Count"}, "max": 3},
            "Color": {"type": "string", "enum": ["red", "DARK_BLUE"]},
            "Count": {"type": "integer", "min": 1, "max": 9},
            "Name": {"type": "string", "min": 0, "pattern": "[\\w-]+"},
            "Secret": {"type": "string", "sensitive": true, "min": 3},
            "Text": {"type": "string"}}}"#;

    const OVERLAY: &str = "operations = ['Mix']\n[service]\nversion = '1'\n\
        violations = { missing = 'Bad', unknown = 'Bad', refused = 'Bad', invalid = 'Bad', malformed = 'Bad' }\n\
        [errors]\nBad = 400\n[MixInput]\naccept = ['Color', 'Layers', 'Token', 'Type']\n\
        refuse = { Gloss = 'no gloss yet' }\n";

    fn generate(protocol: &str, overlay: &str) -> Result<BTreeMap<&'static str, String>> {
        let definition: Definition = serde_json::from_str(&DEFINITION.replace("PROTOCOL", protocol))?;
        let overlay: Overlay = toml::from_str(overlay)?;
        service(&Surface::resolve("paint", &definition, &overlay)?)
    }

    fn check(protocol: &str, file: &str, lines: &[&str]) {
        let files = generate(protocol, OVERLAY).expect("consistent");
        for line in lines {
            assert!(files[file].contains(line), "{line} is not in {file}:\n{}", files[file]);
        }
    }

    #[test]
    fn patterns_mean_the_same_characters_as_aws_does() {
        let table = [
            (r"[\w-]+", "[[0-9A-Za-z_]-]+"),
            (r"\d{12}", "[0-9]{12}"),
            (
                r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\t]*",
                r"[\u0020-\uD7FF\uE000-\uFFFD\x{10000}-\x{10FFFF}\t]*",
            ),
        ];
        for (aws, ours) in table {
            assert_eq!(translate(aws), ours);
        }
    }

    #[test]
    fn a_type_has_one_line_per_accepted_member() {
        let files = generate("query", OVERLAY).expect("consistent");
        let expected = "wire::structure! { MixInput {\n    \"Color\" color: Color,\n    \"Layers\" layers: Option<Vec<i32>>,\n    \
             \"Token\" token: Option<String>,\n    \"Type\" r#type: Option<String>,\n} }\n";
        assert!(files["types.rs"].contains(expected), "{}", files["types.rs"]);
        check("query", "types.rs", &["    DarkBlue = \"DARK_BLUE\",", "\"Key\" key: Option<String> as secret,"]);
    }

    #[test]
    fn a_query_member_has_one_name_on_the_wire() {
        let layers = r#"Member::new("Layers", &LAYERS).named("layerSet", "layerSet"),"#;
        check("query", "shapes.rs", &[layers, r#"Shape::list("Layers", &COUNT).max(3.0);"#]);
    }

    #[test]
    fn an_ec2_member_has_a_name_for_forms_and_lists_hold_items() {
        let layers = r#"Member::new("Layers", &LAYERS).named("layerSet", "Layer"),"#;
        let token = r#"Member::new("Token", &STRING).named("token", "Token").idempotency_token(),"#;
        check("ec2", "shapes.rs", &[layers, token, r#"Shape::list_of("Layers", &COUNT, "item", false).max(3.0);"#]);
    }

    #[test]
    fn constraints_are_those_that_say_something_and_only_of_requests() {
        let name = r#"pub static NAME: Shape = Shape::new("Name", Kind::String).pattern(&NAME_PATTERN);"#;
        let pattern = r#"static NAME_PATTERN: Pattern = Pattern::new(r"[[0-9A-Za-z_]-]+");"#;
        let color = r#"Shape::new("Color", Kind::String).values(types::Color::NAMES);"#;
        let gloss = r#"Member::refused("Gloss", "no gloss yet"),"#;
        check("query", "shapes.rs", &[name, pattern, color, gloss, r#"Member::new("Key", &STRING),"#]);
    }

    #[test]
    fn our_constraints_come_before_those_of_aws() {
        let overlay = format!("{OVERLAY}[Name]\nlength = [2, 8]\npattern = ''\n[Count]\nrange = [0, 5]\n");
        let shapes = generate("query", &overlay).expect("consistent").remove("shapes.rs").expect("a file");
        assert!(shapes.contains(r#"Shape::new("Name", Kind::String).min(2.0).max(8.0);"#), "{shapes}");
        assert!(shapes.contains(r#"Shape::new("Count", Kind::Integer).min(0.0).max(5.0);"#), "{shapes}");
    }

    #[test]
    fn errors_that_share_a_code_are_called_by_their_shape() {
        let wet = r#"WetFault = "WetFault", "Wet", 409, Sender;"#;
        let wetter = r#"WetterFault = "WetterFault", "Wet", 500, Receiver;"#;
        check("query", "errors.rs", &[wet, wetter, r#"Bad = "Bad", "Bad", 400, Sender;"#]);
    }

    #[test]
    fn a_code_for_violations_must_be_an_error_of_the_service() {
        let overlay = OVERLAY.replace("missing = 'Bad'", "missing = 'Worse'");
        let error = generate("query", &overlay).expect_err("Worse is no error").to_string();
        assert!(error.contains("Worse"), "{error}");
    }

    #[test]
    fn an_unknown_protocol_is_refused() {
        let error = generate("soap", OVERLAY).expect_err("no codec").to_string();
        assert!(error.contains("soap"), "{error}");
    }
}
