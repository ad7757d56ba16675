//! Rule: shapes/*.json hold names, types and constraints, and not one sentence of AWS's documentation.
//!
//! A `documentation` key is a violation whatever it holds; so is any string that reads like a sentence.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use super::Violation;
use super::files::{read, shown, with_extension};

/// Strings with at least this many words in a row are taken for prose. Names, patterns and formats have fewer.
const PROSE_WORDS: usize = 5;

/// Checks every imported definition.
pub fn check(root: &Path) -> Result<Vec<Violation>> {
    let mut violations = Vec::new();
    for file in with_extension(&root.join("shapes"), "json")? {
        let name = shown(root, &file);
        let value = serde_json::from_str(&read(&file)?).with_context(|| format!("{name} is not JSON"))?;
        walk(&value, &name, &mut violations);
    }
    Ok(violations)
}

fn walk(value: &Value, place: &str, violations: &mut Vec<Violation>) {
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                let place = format!("{place}/{key}");
                if is_documentation_key(key, member) {
                    violations.push(format!("{place}: documentation must be stripped at import"));
                }
                walk(member, &place, violations);
            }
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, item)| walk(item, &format!("{place}/{i}"), violations))
        }
        Value::String(text) if is_prose(text) => {
            violations.push(format!("{place}: reads like a sentence; strip it at import"))
        }
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The key of a text. A *shape or member* may be called `documentation`, too; its value is an object.
fn is_documentation_key(key: &str, value: &Value) -> bool {
    key == "documentation" && !value.is_object()
}

fn is_prose(text: &str) -> bool {
    let mut in_a_row = 0;
    for word in text.split_whitespace() {
        let letters = word.trim_matches(|c: char| c.is_ascii_punctuation());
        let is_word = !letters.is_empty() && letters.chars().all(|c| c.is_alphabetic() || c == '\'' || c == '-');
        in_a_row = if is_word { in_a_row + 1 } else { 0 };
        if in_a_row >= PROSE_WORDS {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn found(value: &Value) -> usize {
        let mut violations = Vec::new();
        walk(value, "x.json", &mut violations);
        violations.len()
    }

    #[test]
    fn a_documentation_text_is_found_at_any_depth() {
        assert_eq!(found(&json!({"shapes": {"Name": {"type": "string", "documentation": "<p>x</p>"}}})), 1);
        assert_eq!(found(&json!({"shapes": [{"documentation": ""}]})), 1);
    }

    #[test]
    fn a_member_that_is_called_documentation_is_a_name_and_no_text() {
        assert_eq!(found(&json!({"members": {"documentation": {"shape": "String"}}})), 0);
    }

    #[test]
    fn sentences_are_found_and_names_patterns_and_enums_are_not() {
        assert_eq!(found(&json!({"x": "The name of the load balancer."})), 1);
        for harmless in
            ["elasticloadbalancing", "[a-z A-Z]+( [a-z]+)*", "Elastic Load Balancing v2", "2015-12-01", "not found"]
        {
            assert_eq!(found(&json!({"x": harmless})), 0, "{harmless}");
        }
    }
}
