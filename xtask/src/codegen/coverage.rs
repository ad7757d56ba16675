//! The text of `docs/coverage.md`: which operations are served, and what becomes of each member of a request.
//!
//! Comes out of the same tables as the code, so it cannot say anything that the gateway does not do.

use std::fmt::Write as _;

use anyhow::Result;

use super::surface::{Fate, Surface};

/// The whole document.
///
/// # Errors
/// When a definition is inconsistent.
pub fn document(surfaces: &[Surface]) -> Result<String> {
    let mut text = String::from(
        "# Coverage\n\nWritten by `cargo xtask codegen` from `shapes/`; change those instead.\n\n\
         An operation that is not listed is refused by name, and so is a member of a request that is not accepted. \
         Members that AWS has and Goru refuses are listed with the reason.\n\n\
         | service | API version | operations served | AWS has |\n|---|---|---:|---:|\n",
    );
    for surface in surfaces {
        let (served, others) = (surface.definition.operations.len(), surface.definition.other_operations.len());
        let version = &surface.definition.service.api_version;
        let _ = writeln!(text, "| [{0}](#{0}) | {version} | {served} | {1} |", surface.name, served + others);
    }
    for surface in surfaces {
        service(surface, &mut text)?;
    }
    Ok(text)
}

fn service(surface: &Surface, text: &mut String) -> Result<()> {
    let _ = write!(text, "\n## {}\n\n### Operations\n\n", surface.name);
    text.push_str("| operation | accepted in a request (**required**) | refused in a request |\n|---|---|---|\n");
    for (name, operation) in &surface.definition.operations {
        let columns =
            operation.input.as_ref().map_or(Ok((String::new(), String::new())), |input| columns(surface, input))?;
        let _ = writeln!(text, "| {name} | {} | {} |", columns.0, columns.1);
    }
    structures(surface, text)?;
    answers(surface, text)
}

/// Structures inside requests, once each: their members are the same wherever they occur.
fn structures(surface: &Surface, text: &mut String) -> Result<()> {
    let inputs: Vec<_> = surface.definition.operations.values().filter_map(|op| op.input.as_deref()).collect();
    let is_nested = |name: &str| surface.in_requests(name) && !inputs.contains(&name);
    let names: Vec<_> = surface
        .shapes()
        .filter(|(name, shape)| shape.kind == "structure" && is_nested(name))
        .map(|(name, _)| name)
        .collect();
    if names.is_empty() {
        return Ok(());
    }
    text.push_str(
        "\n### Structures inside requests\n\n| structure | accepted (**required**) | refused |\n|---|---|---|\n",
    );
    for name in names {
        let (accepted, refused) = columns(surface, name)?;
        let _ = writeln!(text, "| {name} | {accepted} | {refused} |");
    }
    Ok(())
}

/// Members of answers that Goru never writes.
fn answers(surface: &Surface, text: &mut String) -> Result<()> {
    let mut rows = String::new();
    for (name, _) in surface.shapes().filter(|(_, shape)| shape.kind == "structure") {
        let members = surface.members(name)?;
        let left_out: Vec<_> =
            members.iter().filter(|member| member.fate == Fate::LeftOut).map(|member| member.name).collect();
        if !left_out.is_empty() {
            let _ = writeln!(rows, "| {name} | {} |", left_out.join(", "));
        }
    }
    if !rows.is_empty() {
        let _ = write!(text, "\n### Members that answers leave out\n\n| structure | members |\n|---|---|\n{rows}");
    }
    Ok(())
}

fn columns(surface: &Surface, name: &str) -> Result<(String, String)> {
    let (mut accepted, mut refused) = (Vec::new(), Vec::new());
    for member in surface.members(name)? {
        match member.fate {
            Fate::Accepted if member.required => accepted.push(format!("**{}**", member.name)),
            Fate::Accepted => accepted.push(member.name.into()),
            Fate::Refused(reason) | Fate::AnswerOnly(reason) => refused.push(format!("{}: {reason}", member.name)),
            Fate::LeftOut => {}
        }
    }
    Ok((accepted.join(", "), refused.join("<br>")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codegen::definition::Definition;
    use crate::codegen::overlay::Overlay;

    #[test]
    fn a_row_says_what_becomes_of_each_member() {
        let definition: Definition = serde_json::from_str(
            r#"{"botocore": "1", "service": {"service_id": "S", "signing_name": "s", "api_version": "2026", "protocols": ["query"]},
            "operations": {"Mix": {"input": "MixInput", "output": "MixOutput"}}, "other_operations": ["Dry"], "errors": {},
            "shapes": {
                "MixInput": {"type": "structure", "required": ["Color"], "members":
                    {"Color": {"shape": "Text"}, "Gloss": {"shape": "Text"}, "Can": {"shape": "Can"}}},
                "Can": {"type": "structure", "members": {"Size": {"shape": "Text"}}},
                "MixOutput": {"type": "structure", "members": {"Paint": {"shape": "Text"}, "Smell": {"shape": "Text"}}},
                "Text": {"type": "string"}}}"#,
        )
        .expect("well formed");
        let overlay: Overlay = toml::from_str(
            "operations = ['Mix']\n[service]\nversion = '2026'\n\
             violations = { missing = 'M', unknown = 'U', refused = 'R', invalid = 'I', malformed = 'T' }\n\
             [MixInput]\naccept = ['Can', 'Color']\nrefuse = { Gloss = 'no gloss yet' }\n[Can]\naccept = ['Size']\n\
             [MixOutput]\naccept = ['Paint']\n",
        )
        .expect("well formed");
        let text =
            document(&[Surface::resolve("paint", &definition, &overlay).expect("consistent")]).expect("consistent");
        let rows = [
            "| [paint](#paint) | 2026 | 1 | 2 |",
            "| Mix | Can, **Color** | Gloss: no gloss yet |",
            "| Can | Size |  |",
            "| MixOutput | Smell |",
        ];
        for row in rows {
            assert!(text.lines().any(|line| line == row), "{row} is not in\n{text}");
        }
    }
}
