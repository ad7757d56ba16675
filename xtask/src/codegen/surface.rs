//! What Goru serves of one service: the definition seen through the overlay.
//!
//! Follows the served operations through accepted members only, so that a shape behind a refused member is not
//! generated at all. Decides per member whether it is accepted, refused or left out; writes nothing.

use std::collections::BTreeSet;

use anyhow::{Result, bail};

use super::definition::{Definition, Reference, Shape};
use super::names;
use super::overlay::Overlay;

/// Enumerations with more values stay strings: EC2 has over a thousand instance types.
const LARGEST_ENUMERATION: usize = 60;

/// Why a member is refused that the overlay does not name.
const DEFAULT_REASON: &str = "Goru does not serve it yet";

/// Names that a generated type may not take.
const RESERVED_TYPES: [&str; 7] = ["String", "Option", "Vec", "Result", "Some", "None", "Box"];

/// A service as it is generated.
#[derive(Debug)]
pub struct Surface<'a> {
    /// The name of the service, such as `elbv2`.
    pub name: &'a str,
    pub definition: &'a Definition,
    pub overlay: &'a Overlay,
    /// Shapes that requests reach through accepted members.
    requests: BTreeSet<String>,
    /// Shapes that answers reach.
    answers: BTreeSet<String>,
}

/// One member of a structure and what becomes of it.
#[derive(Debug)]
pub struct Member<'a> {
    pub name: &'a str,
    pub reference: &'a Reference,
    pub required: bool,
    pub fate: Fate<'a>,
}

/// What becomes of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate<'a> {
    /// Acted on in requests, written in answers.
    Accepted,
    /// Written in answers; refused in requests for this reason.
    AnswerOnly(&'a str),
    /// Refused in requests for this reason.
    Refused(&'a str),
    /// Never written in answers.
    LeftOut,
}

impl Fate<'_> {
    /// Whether the generated structure has a field for it.
    pub fn has_field(self) -> bool {
        match self {
            Self::Accepted | Self::AnswerOnly(_) => true,
            Self::Refused(_) | Self::LeftOut => false,
        }
    }
}

impl<'a> Surface<'a> {
    /// Follows every served operation.
    ///
    /// # Errors
    /// When the overlay lacks a table for a structure that requests reach, or names what AWS does not have; the
    /// error lists all of them.
    pub fn resolve(name: &'a str, definition: &'a Definition, overlay: &'a Overlay) -> Result<Self> {
        let mut surface = Self { name, definition, overlay, requests: BTreeSet::new(), answers: BTreeSet::new() };
        surface.check_operations()?;
        for operation in definition.operations.values() {
            if let Some(input) = &operation.input {
                surface.visit(input, Side::Request)?;
            }
        }
        for operation in definition.operations.values() {
            if let Some(output) = &operation.output {
                surface.visit(output, Side::Answer)?;
            }
        }
        let faults = surface.faults();
        if !faults.is_empty() {
            bail!("shapes/{name}.toml:\n  {}", faults.join("\n  "));
        }
        Ok(surface)
    }

    fn check_operations(&self) -> Result<()> {
        let listed: BTreeSet<_> = self.overlay.operations.iter().collect();
        let imported: BTreeSet<_> = self.definition.operations.keys().collect();
        if listed != imported {
            let differing: Vec<_> = listed.symmetric_difference(&imported).collect();
            bail!("shapes/{}.json does not have the listed operations, run import-shapes: {differing:?}", self.name);
        }
        Ok(())
    }

    fn visit(&mut self, name: &str, side: Side) -> Result<()> {
        let reached = match side {
            Side::Request => &mut self.requests,
            Side::Answer => &mut self.answers,
        };
        if !reached.insert(name.into()) {
            return Ok(());
        }
        let shape = self.definition.shape(name)?;
        let next: Vec<String> = if shape.kind == "structure" {
            let goes_on = |member: &Member| match member.fate {
                Fate::Accepted => true,
                Fate::AnswerOnly(_) => side == Side::Answer,
                Fate::Refused(_) | Fate::LeftOut => false,
            };
            self.members(name)?.iter().filter(|m| goes_on(m)).map(|m| m.reference.shape.clone()).collect()
        } else {
            shape.references().map(|reference| reference.shape.clone()).collect()
        };
        next.iter().try_for_each(|shape| self.visit(shape, side))
    }

    /// The members of a structure, in order of their names.
    ///
    /// # Errors
    /// When the definition has no such shape.
    pub fn members(&self, name: &str) -> Result<Vec<Member<'a>>> {
        let shape = self.definition.shape(name)?;
        let ours = self.overlay.shapes.get(name);
        let is_required =
            |member: &String| shape.required.contains(member) || ours.is_some_and(|ours| ours.require.contains(member));
        let member = |(member, reference): (&'a String, &'a Reference)| Member {
            name: member,
            reference,
            required: is_required(member),
            fate: self.fate(name, member),
        };
        Ok(shape.members.iter().map(member).collect())
    }

    fn fate(&self, shape: &str, member: &str) -> Fate<'a> {
        let ours = self.overlay.shapes.get(shape);
        let in_requests = self.requests.contains(shape);
        let lists = |names: &[String]| names.iter().any(|name| name == member);
        let reason = ours.and_then(|ours| ours.refuse.get(member)).map_or(DEFAULT_REASON, String::as_str);
        match ours.and_then(|ours| ours.accept.as_ref()) {
            Some(accept) if lists(accept) => Fate::Accepted,
            None if !in_requests => Fate::Accepted,
            _ if ours.is_some_and(|ours| lists(&ours.answer)) => {
                if in_requests {
                    Fate::AnswerOnly(reason)
                } else {
                    Fate::Accepted
                }
            }
            _ if in_requests => Fate::Refused(reason),
            _ => Fate::LeftOut,
        }
    }

    /// Everything wrong with the overlay.
    fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for name in &self.requests {
            let Some(shape) = self.definition.shapes.get(name) else { continue };
            let has_table = self.overlay.shapes.get(name).is_some_and(|ours| ours.accept.is_some());
            if shape.kind == "structure" && !shape.members.is_empty() && !has_table {
                let members: Vec<_> = shape.members.keys().map(String::as_str).collect();
                faults.push(format!("[{name}] needs accept = [...] out of {}", members.join(", ")));
            }
        }
        for (name, ours) in &self.overlay.shapes {
            match self.definition.shapes.get(name) {
                Some(shape) if self.is_reached(name) => faults.extend(unknown_members(name, ours, shape)),
                Some(_) => faults.push(format!("[{name}] is not reached by any served operation")),
                None => faults.push(format!("[{name}]: AWS has no such shape in the served operations")),
            }
        }
        faults
    }

    /// Whether a request or an answer reaches the shape.
    fn is_reached(&self, name: &str) -> bool {
        self.requests.contains(name) || self.answers.contains(name)
    }

    /// Whether requests reach the shape: only then its constraints matter.
    pub fn in_requests(&self, name: &str) -> bool {
        self.requests.contains(name)
    }

    /// Every shape that is generated, ordered by name.
    pub fn shapes(&self) -> impl Iterator<Item = (&'a str, &'a Shape)> {
        self.definition
            .shapes
            .iter()
            .filter(|(name, _)| self.is_reached(name))
            .map(|(name, shape)| (name.as_str(), shape))
    }

    /// The variants of an enumeration that becomes a Rust enum: `None` for one that stays a string.
    pub fn variants(shape: &Shape) -> Option<Vec<String>> {
        let fits = !shape.values.is_empty() && shape.values.len() <= LARGEST_ENUMERATION;
        let variants: Vec<String> = shape.values.iter().map(|value| names::variant(value)).collect();
        let distinct: BTreeSet<&String> = variants.iter().collect();
        (fits && distinct.len() == variants.len() && !distinct.iter().any(|name| name.is_empty())).then_some(variants)
    }

    /// The Rust type of a shape.
    ///
    /// # Errors
    /// When the definition lacks a shape or has one of a kind that is not known.
    pub fn rust_type(&self, name: &str) -> Result<String> {
        let shape = self.definition.shape(name)?;
        Ok(match shape.kind.as_str() {
            "structure" => self.type_name(name)?,
            "list" => format!("Vec<{}>", self.referred_type(shape.member.as_ref())?),
            "map" => format!("std::collections::BTreeMap<String, {}>", self.referred_type(shape.value.as_ref())?),
            "string" if Self::variants(shape).is_some() => self.type_name(name)?,
            "string" | "character" => "String".into(),
            "boolean" => "bool".into(),
            "integer" => "i32".into(),
            "long" => "i64".into(),
            "float" | "double" => "f64".into(),
            "blob" => "Vec<u8>".into(),
            "timestamp" => "wire::Timestamp".into(),
            kind => bail!("{name} is of the unknown kind {kind}"),
        })
    }

    fn referred_type(&self, reference: Option<&Reference>) -> Result<String> {
        match reference {
            Some(reference) => self.rust_type(&reference.shape),
            None => bail!("a list or map without an element"),
        }
    }

    fn type_name(&self, name: &str) -> Result<String> {
        let type_name = names::type_name(name);
        if RESERVED_TYPES.contains(&type_name.as_str()) {
            bail!("the shape {name} would hide a type of Rust");
        }
        Ok(type_name)
    }

    /// Whether the structure can derive `Default`: all its required members have a default.
    ///
    /// # Errors
    /// When the definition lacks a shape.
    pub fn has_default(&self, name: &str) -> Result<bool> {
        for member in self.members(name)? {
            if self.is_bare(name, &member) && !self.shape_has_default(&member.reference.shape)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn shape_has_default(&self, name: &str) -> Result<bool> {
        let shape = self.definition.shape(name)?;
        match shape.kind.as_str() {
            "structure" => self.has_default(name),
            "string" => Ok(Self::variants(shape).is_none()),
            _ => Ok(true),
        }
    }

    /// Whether the field of a member is its type itself instead of an `Option` of it.
    pub fn is_bare(&self, structure: &str, member: &Member) -> bool {
        member.required && member.fate == Fate::Accepted && self.in_requests(structure)
    }
}

/// Which way a shape is reached.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Request,
    Answer,
}

fn unknown_members(name: &str, ours: &super::overlay::Shape, shape: &Shape) -> Vec<String> {
    let named = ours.accept.iter().flatten().chain(&ours.answer).chain(ours.refuse.keys()).chain(&ours.require);
    let unknown = named.filter(|member| !shape.members.contains_key(*member));
    unknown.map(|member| format!("[{name}]: AWS has no member {member}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn definition() -> Definition {
        serde_json::from_str(
            r#"{"botocore": "1", "service": {"service_id": "S", "signing_name": "s", "api_version": "1", "protocols": ["query"]},
            "operations": {"Mix": {"input": "MixInput", "output": "MixOutput"}}, "other_operations": [], "errors": {},
            "shapes": {
                "MixInput": {"type": "structure", "required": ["Color"], "members":
                    {"Color": {"shape": "Color"}, "Gloss": {"shape": "Gloss"}, "State": {"shape": "Text"}}},
                "Gloss": {"type": "structure", "members": {"Level": {"shape": "Text"}}},
                "Color": {"type": "string", "enum": ["red", "blue"]},
                "Text": {"type": "string"},
                "MixOutput": {"type": "structure", "members": {"Paint": {"shape": "Text"}, "Secret": {"shape": "Text"}}}}}"#,
        )
        .expect("well formed")
    }

    fn overlay(tables: &str) -> Overlay {
        let head = "operations = ['Mix']\n[service]\nversion = '1'\n\
                    violations = { missing = 'M', unknown = 'U', refused = 'R', invalid = 'I', malformed = 'T' }\n";
        toml::from_str(&format!("{head}{tables}")).expect("well formed")
    }

    fn fates<'a>(surface: &Surface<'a>, shape: &str) -> Vec<(&'a str, Fate<'a>)> {
        surface.members(shape).expect("exists").iter().map(|member| (member.name, member.fate)).collect()
    }

    #[test]
    fn a_member_is_accepted_answered_or_refused_and_what_is_behind_a_refused_one_is_not_generated() {
        let (definition, overlay) = (definition(), overlay("[MixInput]\naccept = ['Color']\nanswer = ['State']"));
        let surface = Surface::resolve("s", &definition, &overlay).expect("consistent");
        let expected = [
            ("Color", Fate::Accepted),
            ("Gloss", Fate::Refused(DEFAULT_REASON)),
            ("State", Fate::AnswerOnly(DEFAULT_REASON)),
        ];
        assert_eq!(fates(&surface, "MixInput"), expected);
        assert!(!surface.shapes().any(|(name, _)| name == "Gloss"));
    }

    #[test]
    fn answers_carry_everything_unless_the_overlay_says_otherwise() {
        let (definition, overlay) = (definition(), overlay("[MixInput]\naccept = []\n[MixOutput]\naccept = ['Paint']"));
        let surface = Surface::resolve("s", &definition, &overlay).expect("consistent");
        assert_eq!(fates(&surface, "MixOutput"), [("Paint", Fate::Accepted), ("Secret", Fate::LeftOut)]);
    }

    #[test]
    fn a_structure_of_a_request_needs_a_table() {
        let (definition, overlay) = (definition(), overlay("[Color]\nlength = [1, 2]\n[Gloss]\naccept = ['Leve']"));
        let error = Surface::resolve("s", &definition, &overlay).expect_err("no table for MixInput").to_string();
        assert!(error.contains("[MixInput] needs accept = [...] out of Color, Gloss, State"), "{error}");
        assert!(error.contains("[Gloss] is not reached"), "{error}");
    }

    #[test]
    fn a_required_enumeration_has_no_default() {
        let (definition, overlay) = (definition(), overlay("[MixInput]\naccept = ['Color']"));
        let surface = Surface::resolve("s", &definition, &overlay).expect("consistent");
        assert!(!surface.has_default("MixInput").expect("exists"));
        assert!(surface.has_default("MixOutput").expect("exists"));
    }
}
