//! Rule: an operation takes its input apart whole.
//!
//! In `services`, a function that receives an operation's input by value destructures it, and no pattern of an
//! input ends in `..`. So a member that is accepted on the wire and used by nobody does not compile.

use std::path::Path;

use anyhow::Result;

use super::Violation;
use super::files::{read, shown, with_extension};

/// How the types of inputs end; AWS's definitions use both.
const SUFFIXES: &[&str] = &["Input", "Request"];

/// Checks every file of the services.
pub fn check(root: &Path) -> Result<Vec<Violation>> {
    let mut violations = Vec::new();
    for file in with_extension(&root.join("crates/services/src"), "rs")? {
        let name = shown(root, &file);
        let source = without_comments(&read(&file)?);
        violations.extend(partial_patterns(&source).into_iter().map(|(line, input)| {
            format!("{name}:{line}: `{input} {{ .. }}` leaves members unused; name every member (bind the unneeded to `_`, with the reason)")
        }));
        violations.extend(not_taken_apart(&source).into_iter().map(|(line, input)| {
            format!("{name}:{line}: {input} is taken by value and never destructured; begin with `let {input} {{ … }} = input;`")
        }));
    }
    Ok(violations)
}

/// Line comments removed (not their line ends): braces in prose would upset the search.
fn without_comments(source: &str) -> String {
    let code = source.lines().map(|line| line.split_once("//").map_or(line, |(code, _)| code));
    code.collect::<Vec<_>>().join("\n")
}

/// Patterns `SomethingInput { …, .. }`: line and type. A struct update (`..default()`) is no pattern.
fn partial_patterns(source: &str) -> Vec<(usize, String)> {
    let braces = source.match_indices('{');
    braces
        .filter_map(|(at, _)| Some((at, input_before(&source[..at])?)))
        .filter(|(at, _)| ends_in_two_dots(&source[at + 1..]))
        .map(|(at, input)| (line_of(source, at), input))
        .collect()
}

/// The input type that stands directly before an opening brace, unless it is being declared or implemented.
fn input_before(before: &str) -> Option<String> {
    let before = before.trim_end();
    let start = before.rfind(|c: char| !(c.is_alphanumeric() || c == '_')).map_or(0, |at| at + 1);
    let (rest, name) = before.split_at(start);
    let declared = ["struct", "impl", "for", "->"].iter().any(|word| rest.trim_end().ends_with(word));
    (is_input(name) && !declared).then(|| name.to_owned())
}

fn is_input(name: &str) -> bool {
    name.starts_with(char::is_uppercase)
        && SUFFIXES.iter().any(|suffix| name.len() > suffix.len() && name.ends_with(suffix))
}

/// True when the text up to the matching closing brace ends in `..`.
fn ends_in_two_dots(after: &str) -> bool {
    let mut depth = 1;
    for (at, c) in after.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => continue,
        }
        if depth == 0 {
            return after[..at].trim_end().ends_with("..");
        }
    }
    false
}

/// Parameters `name: SomethingInput` whose type is destructured nowhere in the rest of the file's function.
fn not_taken_apart(source: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, _) in source.match_indices("fn ") {
        let function = &source[at..at + function_length(&source[at..])];
        let head = &function[..function.find('{').unwrap_or(function.len())];
        for input in inputs_by_value(head) {
            if !contains_pattern(function, &input) {
                found.push((line_of(source, at), input));
            }
        }
    }
    found
}

/// From `fn` to the closing brace of its body, or to the end of a declaration without one.
fn function_length(text: &str) -> usize {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            ';' if depth == 0 => return at,
            '{' => depth += 1,
            '}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 && !text[at + 1..].trim_start().starts_with(':') {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    text.len()
}

fn inputs_by_value(head: &str) -> Vec<String> {
    let parameters = head.split([',', '(', ')']).filter_map(|parameter| parameter.split_once(": "));
    let types = parameters.map(|(_, kind)| kind.trim()).filter(|kind| !kind.starts_with('&'));
    types.filter_map(|kind| kind.rsplit("::").next()).filter(|kind| is_input(kind)).map(str::to_owned).collect()
}

fn contains_pattern(function: &str, input: &str) -> bool {
    function.match_indices(input).any(|(at, _)| function[at + input.len()..].trim_start().starts_with('{'))
}

fn line_of(source: &str, at: usize) -> usize {
    source[..at].matches('\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_that_ends_in_two_dots_is_found_with_its_line() {
        let source = "fn f(i: CreateThingInput) {\n    let CreateThingInput { name, tags: Tags { a, b }, .. } = i;\n}";
        assert_eq!(partial_patterns(source), [(2, "CreateThingInput".to_owned())]);
        let spread = "let RunThingsRequest {\n    a,\n    ..\n} = i;";
        assert_eq!(partial_patterns(spread).len(), 1);
    }

    #[test]
    fn whole_patterns_struct_updates_ranges_and_inner_dots_pass() {
        for source in [
            "let CreateThingInput { name, tags } = input;",
            "let x = CreateThingInput { name, ..Default::default() };",
            "let CreateThingInput { name: Name { first, .. }, tags } = input;",
            "impl From<X> for CreateThingInput { fn f() { a[1..] } }",
            "fn make() -> CreateThingInput { x(..) }",
            "match operation { Operation::A => 1, .. }",
        ] {
            assert_eq!(partial_patterns(source), [], "{source}");
        }
    }

    #[test]
    fn an_input_taken_by_value_must_be_destructured() {
        let used = "pub fn create(cx: &Context, input: CreateThingInput) -> Result<Out> {\n let CreateThingInput { a } = input; }";
        assert_eq!(not_taken_apart(used), []);
        let in_place = "fn create(CreateThingInput { a }: CreateThingInput) { use_it(a) }";
        assert_eq!(not_taken_apart(in_place), []);
        let fields = "fn create(cx: &Context, input: types::CreateThingInput) -> Out { input.a }\nfn other() { let CreateThingInput { a } = x; }";
        assert_eq!(not_taken_apart(fields), [(1, "CreateThingInput".to_owned())]);
        let borrowed = "fn name_of(input: &CreateThingInput) -> &str { &input.name }";
        assert_eq!(not_taken_apart(borrowed), []);
    }

    #[test]
    fn comments_do_not_count() {
        assert_eq!(
            partial_patterns(&without_comments(
                "// let CreateThingInput { a, .. } = i;\n/// `CreateThingInput { .. }`"
            )),
            []
        );
    }
}
