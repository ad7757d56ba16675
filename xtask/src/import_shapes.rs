//! `cargo xtask import-shapes`: AWS's service definitions from the pinned botocore into `shapes/<service>.json`.
//!
//! Takes only what [`crate::codegen::definition`] lists - names, types, constraints, error codes - and only what the
//! operations of `shapes/<service>.toml` reach; names of the other operations stay, so that "AWS has it, Goru does
//! not" can be told from "no such operation". Needs Python with pip and a way to PyPI; nothing else here does.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::Number;

use crate::codegen::definition::{Definition, Error, Http, Metadata, Operation, Reference, Shape};
use crate::codegen::overlay::Overlay;
use crate::shell;

/// The botocore whose definitions are imported. A newer one is a commit of its own, with its new members refused.
const BOTOCORE: &str = "1.44.5";

/// Prints one definition out of the wheel (argument 1), by its path without ending (argument 2).
const PRINT_DEFINITION: &str = "
import gzip, sys, zipfile
wheel = zipfile.ZipFile(sys.argv[1])
path = sys.argv[2]
if path in wheel.namelist():
    data = wheel.read(path)
else:
    data = gzip.decompress(wheel.read(path + '.gz'))
sys.stdout.write(data.decode())
";

/// Imports every service that has a `shapes/<service>.toml`.
///
/// # Errors
/// When botocore cannot be fetched, or lacks a service, a version or an operation that our file names.
pub fn run() -> Result<()> {
    let shapes = shell::root().join("shapes");
    let wheel = Wheel::fetch()?;
    for service in crate::codegen::services()? {
        let overlay = Overlay::load(&shapes.join(format!("{service}.toml")))?;
        let definition = wheel.definition(&service, &overlay).with_context(|| format!("importing {service}"))?;
        std::fs::write(shapes.join(format!("{service}.json")), definition.to_json()?)?;
        println!("shapes/{service}.json: {} shapes", definition.shapes.len());
    }
    Ok(())
}

/// The downloaded botocore; its directory goes away with it.
struct Wheel {
    directory: PathBuf,
    file: PathBuf,
}

impl Wheel {
    fn fetch() -> Result<Self> {
        let directory = std::env::temp_dir().join(format!("goru-import-shapes-{}", std::process::id()));
        std::fs::create_dir_all(&directory)?;
        let file = directory.join(format!("botocore-{BOTOCORE}-py3-none-any.whl"));
        let wheel = Self { directory, file };
        let mut pip = shell::command("python3");
        pip.args(["-m", "pip", "download", "--quiet", "--no-deps", "--dest"]).arg(&wheel.directory);
        shell::capture(pip.arg(format!("botocore=={BOTOCORE}")))?;
        Ok(wheel)
    }

    fn definition(&self, service: &str, overlay: &Overlay) -> Result<Definition> {
        let raw: RawDefinition = serde_json::from_str(&self.read(service, &overlay.service.version)?)?;
        raw.prune(&overlay.operations)
    }

    fn read(&self, service: &str, version: &str) -> Result<String> {
        let path = format!("botocore/data/{service}/{version}/service-2.json");
        let mut python = shell::command("python3");
        shell::capture(python.args(["-c", PRINT_DEFINITION]).args([self.file.as_path(), Path::new(&path)]))
    }
}

impl Drop for Wheel {
    fn drop(&mut self) {
        // A directory that stays behind in the temporary directory harms nobody.
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// The parts of a botocore definition that we read; serde drops everything else, documentation first.
#[derive(Deserialize)]
struct RawDefinition {
    metadata: RawMetadata,
    operations: BTreeMap<String, RawOperation>,
    shapes: BTreeMap<String, RawShape>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawMetadata {
    service_id: String,
    endpoint_prefix: String,
    signing_name: Option<String>,
    api_version: String,
    protocols: Vec<String>,
    xml_namespace: Option<String>,
    target_prefix: Option<String>,
    json_version: Option<String>,
    aws_query_compatible: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct RawOperation {
    http: RawHttp,
    input: Option<RawReference>,
    output: Option<RawReference>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawHttp {
    method: String,
    request_uri: String,
    response_code: Option<u16>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct RawReference {
    shape: String,
    location: Option<String>,
    location_name: Option<String>,
    query_name: Option<String>,
    timestamp_format: Option<String>,
    flattened: bool,
    idempotency_token: bool,
    result_wrapper: Option<String>,
    xml_namespace: Option<RawNamespace>,
}

#[derive(Deserialize)]
struct RawNamespace {
    uri: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct RawShape {
    #[serde(rename = "type")]
    kind: String,
    members: BTreeMap<String, RawReference>,
    required: Vec<String>,
    payload: Option<String>,
    member: Option<RawReference>,
    key: Option<RawReference>,
    value: Option<RawReference>,
    flattened: bool,
    location_name: Option<String>,
    timestamp_format: Option<String>,
    min: Option<Number>,
    max: Option<Number>,
    pattern: Option<String>,
    sensitive: bool,
    #[serde(rename = "enum")]
    values: Vec<String>,
    exception: bool,
    fault: bool,
    error: Option<RawError>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct RawError {
    code: Option<String>,
    http_status_code: Option<u16>,
}

impl RawDefinition {
    /// Keeps what `operations` reach.
    fn prune(mut self, operations: &[String]) -> Result<Definition> {
        let errors = self.errors();
        let namespace = self.xml_namespace();
        let mut kept = BTreeMap::new();
        for name in operations {
            let Some(operation) = self.operations.remove(name) else { bail!("AWS has no operation {name}") };
            kept.insert(name.clone(), operation.import());
        }
        let shapes = self.reachable(kept.values())?;
        Ok(Definition {
            botocore: BOTOCORE.into(),
            service: self.metadata.import(namespace),
            operations: kept,
            other_operations: self.operations.into_keys().collect(),
            errors,
            shapes,
        })
    }

    fn errors(&self) -> BTreeMap<String, Error> {
        let exceptions = self.shapes.iter().filter(|(_, shape)| shape.exception);
        exceptions.map(|(name, shape)| (name.clone(), shape.import_error(name))).collect()
    }

    /// rest-xml definitions name the namespace with the input of each operation, the others with the service.
    fn xml_namespace(&self) -> Option<String> {
        let inputs = self.operations.values().filter_map(|operation| operation.input.as_ref());
        let of_inputs = inputs.filter_map(|input| input.xml_namespace.as_ref()).map(|namespace| namespace.uri.clone());
        self.metadata.xml_namespace.clone().or_else(|| of_inputs.into_iter().next())
    }

    fn reachable<'a>(&mut self, operations: impl Iterator<Item = &'a Operation>) -> Result<BTreeMap<String, Shape>> {
        // Several operations can share an input or an output.
        let mut seen: BTreeSet<String> = operations.flat_map(|op| op.input.iter().chain(&op.output)).cloned().collect();
        let mut waiting: Vec<String> = seen.iter().cloned().collect();
        let mut shapes = BTreeMap::new();
        while let Some(name) = waiting.pop() {
            let raw = self.shapes.remove(&name).with_context(|| format!("no shape {name}"))?;
            let shape = raw.import();
            let new =
                shape.references().map(|reference| &reference.shape).filter(|shape| seen.insert((*shape).clone()));
            waiting.extend(new.cloned());
            shapes.insert(name, shape);
        }
        Ok(shapes)
    }
}

impl RawMetadata {
    fn import(self, xml_namespace: Option<String>) -> Metadata {
        Metadata {
            service_id: self.service_id,
            signing_name: self.signing_name.unwrap_or(self.endpoint_prefix),
            api_version: self.api_version,
            protocols: self.protocols,
            xml_namespace,
            target_prefix: self.target_prefix,
            json_version: self.json_version,
            query_compatible: self.aws_query_compatible.is_some(),
        }
    }
}

impl RawOperation {
    fn import(self) -> Operation {
        let status = self.http.response_code.unwrap_or(200);
        let input_root = self.input.as_ref().and_then(|input| input.location_name.clone());
        let is_rpc = self.http.method == "POST" && self.http.request_uri == "/";
        let http = Http { method: self.http.method, uri: self.http.request_uri, status, input_root };
        Operation {
            input: self.input.map(|input| input.shape),
            result_wrapper: self.output.as_ref().and_then(|output| output.result_wrapper.clone()),
            output: self.output.map(|output| output.shape),
            http: (!is_rpc).then_some(http),
        }
    }
}

impl RawReference {
    fn import(self) -> Reference {
        Reference {
            shape: self.shape,
            location: self.location,
            location_name: self.location_name,
            query_name: self.query_name,
            timestamp_format: self.timestamp_format,
            flattened: self.flattened,
            idempotency_token: self.idempotency_token,
        }
    }
}

impl RawShape {
    fn import(self) -> Shape {
        Shape {
            kind: self.kind,
            members: self.members.into_iter().map(|(name, member)| (name, member.import())).collect(),
            required: self.required,
            payload: self.payload,
            member: self.member.map(RawReference::import),
            key: self.key.map(RawReference::import),
            value: self.value.map(RawReference::import),
            flattened: self.flattened,
            location_name: self.location_name,
            timestamp_format: self.timestamp_format,
            min: self.min,
            max: self.max,
            pattern: self.pattern,
            sensitive: self.sensitive,
            values: self.values,
        }
    }

    /// An exception without an `error` block has its own name as code, and 400 or 500 by whose fault it is.
    fn import_error(&self, name: &str) -> Error {
        let error = self.error.as_ref();
        let status = error.and_then(|error| error.http_status_code).unwrap_or(if self.fault { 500 } else { 400 });
        Error { code: error.and_then(|error| error.code.clone()).unwrap_or_else(|| name.into()), status }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RAW: &str = r#"{
        "metadata": {"serviceId": "Paint", "endpointPrefix": "paint", "apiVersion": "1", "protocols": ["query"],
            "xmlNamespace": "urn:paint", "auth": ["x"]},
        "operations": {
            "Mix": {"http": {"method": "POST", "requestUri": "/"}, "input": {"shape": "MixInput"}, "documentation": "<p>d</p>",
                "output": {"shape": "MixOutput", "resultWrapper": "MixResult"}},
            "Dry": {"http": {"method": "POST", "requestUri": "/"}, "input": {"shape": "DryInput"}},
            "DryAgain": {"http": {"method": "POST", "requestUri": "/"}, "input": {"shape": "DryInput"}}},
        "shapes": {
            "MixInput": {"type": "structure", "members": {"Color": {"shape": "Color", "documentation": "<p>d</p>"}}},
            "MixOutput": {"type": "structure", "members": {}},
            "DryInput": {"type": "structure", "members": {"Hours": {"shape": "Hours"}}},
            "Color": {"type": "string", "enum": ["red"], "documentation": "<p>d</p>"},
            "Hours": {"type": "integer", "min": 1},
            "Wet": {"type": "structure", "members": {}, "exception": true, "error": {"code": "WetPaint", "httpStatusCode": 409}},
            "Broken": {"type": "structure", "members": {}, "exception": true, "fault": true}},
        "documentation": "<p>d</p>"}"#;

    fn prune(operations: &[&str]) -> Result<Definition> {
        let raw: RawDefinition = serde_json::from_str(RAW)?;
        raw.prune(&operations.iter().map(ToString::to_string).collect::<Vec<_>>())
    }

    #[test]
    fn operations_can_share_an_input() {
        let definition = prune(&["Dry", "DryAgain"]).expect("both exist");
        assert_eq!(definition.shapes.keys().collect::<Vec<_>>(), ["DryInput", "Hours"]);
    }

    #[test]
    fn only_what_the_operations_reach_is_kept_and_no_prose() {
        let definition = prune(&["Mix"]).expect("Mix exists");
        assert_eq!(definition.shapes.keys().collect::<Vec<_>>(), ["Color", "MixInput", "MixOutput"]);
        assert_eq!(definition.other_operations, ["Dry", "DryAgain"]);
        let json = definition.to_json().expect("no sentence");
        assert!(!json.contains("documentation") && !json.contains("<p>"), "{json}");
    }

    #[test]
    fn errors_keep_code_and_status_with_the_usual_defaults() {
        let definition = prune(&["Mix"]).expect("Mix exists");
        let errors: Vec<_> = definition.errors.values().map(|error| (error.code.as_str(), error.status)).collect();
        assert_eq!(errors, [("Broken", 500), ("WetPaint", 409)]);
    }

    #[test]
    fn an_operation_that_aws_does_not_have_is_an_error_that_names_it() {
        let error = prune(&["Sand"]).expect_err("no such operation");
        assert!(error.to_string().contains("Sand"), "{error}");
    }
}
