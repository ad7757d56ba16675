//! `shapes/<service>.json`: an AWS service definition without a word of prose.
//!
//! Written by `import-shapes`, read by `codegen`. Every field is listed here, so a `documentation` key (or anything
//! else that is not a name, a type or a constraint) can neither get in nor be read back.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::Number;

/// A string of more words than this is a sentence; the longest enumeration values of AWS stay below.
const WORDS_OF_A_SENTENCE: usize = 10;

/// One service as far as the operations that we serve reach.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// Version of the botocore that it was read from.
    pub botocore: String,
    /// Protocols, names and namespaces.
    pub service: Metadata,
    /// The operations that `shapes/<service>.toml` lists.
    pub operations: BTreeMap<String, Operation>,
    /// Names of all other operations of the service.
    pub other_operations: Vec<String>,
    /// Every error that AWS models for the service, by shape name.
    pub errors: BTreeMap<String, Error>,
    /// The shapes that the operations reach.
    pub shapes: BTreeMap<String, Shape>,
}

/// What `metadata` of a definition says about the service as a whole.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Metadata {
    pub service_id: String,
    pub signing_name: String,
    pub api_version: String,
    pub protocols: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub xml_namespace: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_prefix: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub json_version: Option<String>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub query_compatible: bool,
}

/// One operation.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result_wrapper: Option<String>,
    /// Only where it is not `POST /` answered with 200.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http: Option<Http>,
}

/// How a REST protocol addresses an operation.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Http {
    pub method: String,
    pub uri: String,
    pub status: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_root: Option<String>,
}

/// One modelled error.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Error {
    pub code: String,
    pub status: u16,
}

/// One shape.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Shape {
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub members: BTreeMap<String, Reference>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub required: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<Reference>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Reference>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Reference>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub flattened: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamp_format: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<Number>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<Number>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// Whether values must not show in logs.
    #[serde(default, skip_serializing_if = "is_false")]
    pub sensitive: bool,
    #[serde(rename = "enum", default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
}

/// Where a structure, a list or a map names another shape.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    pub shape: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamp_format: Option<String>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub flattened: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    pub idempotency_token: bool,
}

fn is_false(value: &bool) -> bool {
    !value
}

impl Shape {
    /// Shapes that this one names.
    pub fn references(&self) -> impl Iterator<Item = &Reference> {
        self.members.values().chain(&self.member).chain(&self.key).chain(&self.value)
    }
}

impl Definition {
    /// Reads `shapes/<service>.json`.
    ///
    /// # Errors
    /// When it is missing, has a field that is not listed here, or holds a sentence.
    pub fn load(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("{} is missing: run `cargo xtask import-shapes`", path.display()))?;
        let definition: Self =
            serde_json::from_str(&text).with_context(|| format!("{} is not ours", path.display()))?;
        definition.refuse_prose().with_context(|| path.display().to_string())?;
        Ok(definition)
    }

    /// The text of `shapes/<service>.json`.
    ///
    /// # Errors
    /// When it holds a sentence.
    pub fn to_json(&self) -> Result<String> {
        self.refuse_prose()?;
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// The shape of that name.
    ///
    /// # Errors
    /// When the definition refers to a shape that it does not have.
    pub fn shape(&self, name: &str) -> Result<&Shape> {
        self.shapes.get(name).with_context(|| format!("the definition has no shape {name}"))
    }

    fn refuse_prose(&self) -> Result<()> {
        refuse_sentences(&serde_json::to_value(self)?)
    }
}

/// Walks through every string of a definition; patterns are the only texts that may be long.
fn refuse_sentences(value: &serde_json::Value) -> Result<()> {
    use serde_json::Value;
    match value {
        Value::String(text) if text.split_whitespace().count() > WORDS_OF_A_SENTENCE => bail!("a sentence: {text:?}"),
        Value::Array(items) => items.iter().try_for_each(refuse_sentences),
        Value::Object(fields) => {
            fields.iter().filter(|(key, _)| *key != "pattern").try_for_each(|(_, field)| refuse_sentences(field))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEFINITION: &str = r#"{"botocore": "1", "service": {"service_id": "S", "signing_name": "s", "api_version": "v",
        "protocols": ["query"]}, "operations": {}, "other_operations": ["Other"], "errors": {}, "shapes": {SHAPES}}"#;

    fn load(shapes: &str) -> Result<Definition> {
        let directory = tempfile::tempdir()?;
        let path = directory.path().join("s.json");
        std::fs::write(&path, DEFINITION.replace("SHAPES", shapes))?;
        Definition::load(&path)
    }

    #[test]
    fn a_definition_of_names_and_types_is_read() {
        let definition =
            load(r#""A": {"type": "string", "enum": ["SQL Server Web"], "pattern": "a b c d e f g h i j k"}"#);
        assert_eq!(definition.expect("no prose in it").shapes["A"].values, ["SQL Server Web"]);
    }

    #[test]
    fn a_documentation_key_is_refused() {
        let error = load(r#""A": {"type": "string", "documentation": "x"}"#).expect_err("documentation");
        assert!(format!("{error:#}").contains("documentation"), "{error:#}");
    }

    #[test]
    fn a_sentence_is_refused_wherever_it_stands() {
        let error =
            load(r#""A": {"type": "string", "enum": ["one two three four five six seven eight nine ten eleven"]}"#);
        assert!(format!("{:#}", error.expect_err("a sentence")).contains("a sentence"));
    }
}
