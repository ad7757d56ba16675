//! `shapes/<service>.toml`: our surface of a service, in our words.
//!
//! Lists the operations that Goru serves, and for every structure that a request can hold which members are accepted
//! and why others are refused. The default is refuse. Constraints and error codes that AWS's definitions lack are
//! here too.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

/// One `shapes/<service>.toml`.
#[derive(Debug, Deserialize)]
pub struct Overlay {
    /// Operations that Goru serves.
    pub operations: Vec<String>,
    /// Which definition it is about, and how the service words bad input.
    pub service: Service,
    /// Codes that AWS's definition lacks, with their HTTP status.
    #[serde(default)]
    pub errors: BTreeMap<String, u16>,
    /// What we say about single shapes, by AWS's shape name.
    #[serde(flatten)]
    pub shapes: BTreeMap<String, Shape>,
}

/// `[service]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// The version of the API, which is also the folder of the definition in botocore.
    pub version: String,
    /// Codes for requests that violate the shape of their input.
    pub violations: Violations,
}

/// `[service] violations`: one code for each way in which a request can violate the shape of its input.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Violations {
    pub missing: String,
    pub unknown: String,
    pub refused: String,
    pub invalid: String,
    pub malformed: String,
}

/// `[<Shape>]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Shape {
    /// Members of a structure that Goru acts on in requests and writes in answers.
    pub accept: Option<Vec<String>>,
    /// Members that answers carry and requests may not; the reason stands in `refuse`, as for all others.
    pub answer: Vec<String>,
    /// Members that requests may not carry, with the reason. Those that are not named anywhere get a default reason.
    pub refuse: BTreeMap<String, String>,
    /// Members that AWS demands although its definition does not say so.
    pub require: Vec<String>,
    /// Least and greatest length: characters of a text, elements of a list.
    pub length: Option<[f64; 2]>,
    /// Least and greatest value of a number.
    pub range: Option<[f64; 2]>,
    /// Pattern for the whole text, in the syntax of the crate `regex`. An empty one lifts AWS's.
    pub pattern: Option<String>,
}

impl Overlay {
    /// Reads `shapes/<service>.toml`.
    ///
    /// # Errors
    /// When it is missing or not of the form that this file describes; the error has line and column.
    pub fn load(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
        let overlay: Self = toml::from_str(&text).with_context(|| path.display().to_string())?;
        overlay.check().with_context(|| path.display().to_string())?;
        Ok(overlay)
    }

    fn check(&self) -> Result<()> {
        for (name, shape) in &self.shapes {
            if let Some(member) = shape.accept.iter().flatten().find(|member| shape.refuse.contains_key(*member)) {
                bail!("{name}.{member} is both accepted and refused");
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = r#"
        operations = ["Mix"]
        [service]
        version = "1"
        violations = { missing = "M", unknown = "U", refused = "R", invalid = "I", malformed = "T" }
    "#;

    fn parse(rest: &str) -> Result<Overlay> {
        let overlay: Overlay = toml::from_str(&format!("{HEAD}{rest}"))?;
        overlay.check()?;
        Ok(overlay)
    }

    #[test]
    fn shapes_stand_beside_the_reserved_tables() {
        let overlay = parse("[errors]\nWet = 409\n[MixInput]\naccept = ['Color']\nrefuse = { Gloss = 'no gloss yet' }");
        let overlay = overlay.expect("well formed");
        assert_eq!(overlay.errors["Wet"], 409);
        assert_eq!(overlay.shapes.keys().collect::<Vec<_>>(), ["MixInput"]);
    }

    #[test]
    fn a_member_cannot_be_accepted_and_refused() {
        let error = parse("[MixInput]\naccept = ['Color']\nrefuse = { Color = 'no' }").expect_err("both");
        assert!(error.to_string().contains("MixInput.Color"), "{error}");
    }

    #[test]
    fn a_misspelt_key_is_refused() {
        assert!(parse("[MixInput]\naccepts = ['Color']").is_err());
    }
}
