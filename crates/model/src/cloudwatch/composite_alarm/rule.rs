//! DECIDER: the rule of a composite alarm, and what it comes to: `ALARM("a") AND NOT (OK(b) OR FALSE)`.
//!
//! Words are AWS's (PutCompositeAlarm, AlarmRule). Alarms are named by name or ARN, quoted or not.

use crate::cloudwatch::alarm::StateValue;
use std::collections::BTreeSet;

/// The most alarms that one rule may name.
pub const MAXIMUM_CHILDREN: usize = 100;
/// The most conditions and words in one rule.
pub const MAXIMUM_ELEMENTS: usize = 500;
/// How deep parentheses may nest.
const MAXIMUM_DEPTH: usize = 64;

/// A parsed rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// `TRUE` or `FALSE`.
    Constant(bool),
    /// `ALARM(name)` and the other states.
    State(StateValue, String),
    /// `NOT rule`
    Not(Box<Rule>),
    /// `rule AND rule`
    And(Box<Rule>, Box<Rule>),
    /// `rule OR rule`
    Or(Box<Rule>, Box<Rule>),
}

/// A text that is no rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidRule(pub String);

impl Rule {
    /// Reads a rule.
    ///
    /// # Errors
    /// When it is none, or too large.
    pub fn parse(text: &str) -> Result<Self, InvalidRule> {
        let tokens = tokens(text)?;
        if tokens.len() > MAXIMUM_ELEMENTS {
            return Err(InvalidRule(format!("a rule has at most {MAXIMUM_ELEMENTS} elements")));
        }
        let mut parser = Parser { tokens, next: 0, depth: 0 };
        let rule = parser.or()?;
        if let Some(token) = parser.peek() {
            return Err(InvalidRule(format!("`{}` is not expected there", token.shown())));
        }
        match rule.children().len() {
            ..=MAXIMUM_CHILDREN => Ok(rule),
            _ => Err(InvalidRule(format!("a rule names at most {MAXIMUM_CHILDREN} alarms"))),
        }
    }

    /// Whether it holds, given the state of each alarm by name.
    pub fn holds(&self, state_of: &impl Fn(&str) -> Option<StateValue>) -> bool {
        match self {
            Self::Constant(holds) => *holds,
            Self::State(wanted, name) => state_of(name) == Some(*wanted),
            Self::Not(inner) => !inner.holds(state_of),
            Self::And(left, right) => left.holds(state_of) && right.holds(state_of),
            Self::Or(left, right) => left.holds(state_of) || right.holds(state_of),
        }
    }

    /// Names of the alarms in it.
    pub fn children(&self) -> BTreeSet<&str> {
        let mut found = BTreeSet::new();
        let mut open = vec![self];
        while let Some(rule) = open.pop() {
            match rule {
                Self::Constant(_) => {}
                Self::State(_, name) => {
                    found.insert(name.as_str());
                }
                Self::Not(inner) => open.push(inner),
                Self::And(left, right) | Self::Or(left, right) => open.extend([left.as_ref(), right.as_ref()]),
            }
        }
        found
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Open,
    Close,
    Word(String),
    Quoted(String),
}

impl Token {
    fn shown(&self) -> &str {
        match self {
            Self::Open => "(",
            Self::Close => ")",
            Self::Word(text) | Self::Quoted(text) => text,
        }
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, InvalidRule> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '(' | ')' => {
                tokens.push(if first == '(' { Token::Open } else { Token::Close });
                1
            }
            '"' => {
                let end = rest[1..].find('"').ok_or_else(|| InvalidRule("a name in quotes has no end".to_owned()))?;
                tokens.push(Token::Quoted(rest[1..=end].to_owned()));
                end + 2
            }
            _ => {
                let ends = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | '"');
                let end = rest.find(ends).unwrap_or(rest.len());
                tokens.push(Token::Word(rest[..end].to_owned()));
                end
            }
        };
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

struct Parser {
    tokens: Vec<Token>,
    next: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next)
    }

    fn take(&mut self) -> Option<Token> {
        self.next += 1;
        self.tokens.get(self.next - 1).cloned()
    }

    fn takes_word(&mut self, word: &str) -> bool {
        let there = matches!(self.peek(), Some(Token::Word(found)) if found == word);
        self.next += usize::from(there);
        there
    }

    fn or(&mut self) -> Result<Rule, InvalidRule> {
        self.depth += 1;
        if self.depth > MAXIMUM_DEPTH {
            return Err(InvalidRule(format!("parentheses nest at most {MAXIMUM_DEPTH} deep")));
        }
        let mut rule = self.and()?;
        while self.takes_word("OR") {
            rule = Rule::Or(Box::new(rule), Box::new(self.and()?));
        }
        self.depth -= 1;
        Ok(rule)
    }

    fn and(&mut self) -> Result<Rule, InvalidRule> {
        let mut rule = self.not()?;
        while self.takes_word("AND") {
            rule = Rule::And(Box::new(rule), Box::new(self.not()?));
        }
        Ok(rule)
    }

    fn not(&mut self) -> Result<Rule, InvalidRule> {
        let mut times = 0;
        while self.takes_word("NOT") {
            times += 1;
        }
        let rule = self.condition()?;
        Ok(if times % 2 == 1 { Rule::Not(Box::new(rule)) } else { rule })
    }

    fn condition(&mut self) -> Result<Rule, InvalidRule> {
        match self.take() {
            Some(Token::Open) => {
                let rule = self.or()?;
                self.close()?;
                Ok(rule)
            }
            Some(Token::Word(word)) => match word.as_str() {
                "TRUE" => Ok(Rule::Constant(true)),
                "FALSE" => Ok(Rule::Constant(false)),
                word => {
                    let state = StateValue::ALL.into_iter().find(|state| state.as_str() == word);
                    let unknown =
                        || InvalidRule(format!("`{word}` is none of ALARM, OK, INSUFFICIENT_DATA, TRUE, FALSE, NOT"));
                    self.state(state.ok_or_else(unknown)?)
                }
            },
            Some(token) => Err(InvalidRule(format!("`{}` is not expected there", token.shown()))),
            None => Err(InvalidRule("a condition is missing at the end".to_owned())),
        }
    }

    fn state(&mut self, state: StateValue) -> Result<Rule, InvalidRule> {
        let missing = || InvalidRule(format!("{} needs the name of an alarm in parentheses", state.as_str()));
        if self.take() != Some(Token::Open) {
            return Err(missing());
        }
        let name = match self.take() {
            Some(Token::Word(name) | Token::Quoted(name)) if !name.is_empty() => name,
            _ => return Err(missing()),
        };
        self.close()?;
        // An ARN ends in `:alarm:<name>`.
        let name = match name.split_once(":alarm:") {
            Some((before, of_arn)) if before.starts_with("arn:") => of_arn.to_owned(),
            Some(_) | None => name,
        };
        Ok(Rule::State(state, name))
    }

    fn close(&mut self) -> Result<(), InvalidRule> {
        match self.take() {
            Some(Token::Close) => Ok(()),
            Some(token) => Err(InvalidRule(format!("`)` is expected instead of `{}`", token.shown()))),
            None => Err(InvalidRule("`)` is missing at the end".to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Alarm `a` is in ALARM, `o` in OK, `i` has too few data.
    fn state_of(name: &str) -> Option<StateValue> {
        match name {
            "a" | "a name" => Some(StateValue::Alarm),
            "o" => Some(StateValue::Ok),
            "i" => Some(StateValue::InsufficientData),
            _ => None,
        }
    }

    #[test]
    fn rules_hold_or_do_not() {
        for (text, expected) in [
            ("TRUE", true),
            ("FALSE", false),
            ("ALARM(a)", true),
            ("ALARM(\"a name\")", true),
            ("ALARM(\"arn:aws:cloudwatch:us-east-1:123456789012:alarm:a\")", true),
            ("OK(a)", false),
            ("OK(o) AND ALARM(a)", true),
            ("INSUFFICIENT_DATA(i)", true),
            ("NOT ALARM(a)", false),
            ("NOT NOT ALARM(a)", true),
            ("ALARM(o) OR ALARM(a) AND OK(a)", false),
            ("(ALARM(o) OR ALARM(a)) AND NOT OK(a)", true),
            ("ALARM(a) OR ALARM(o) AND ALARM(o)", true),
            ("NOT (ALARM(a) AND OK(o))", false),
            (" ( (TRUE ) ) ", true),
            ("ALARM(gone)", false),
        ] {
            assert_eq!(Rule::parse(text).map(|rule| rule.holds(&state_of)), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_rule_is_refused() {
        let long = vec!["TRUE"; 400].join(" OR ");
        let wide: Vec<String> = (0..101).map(|n| format!("OK(a{n})")).collect();
        let deep = format!("{}TRUE{}", "(".repeat(100), ")".repeat(100));
        for text in [
            "",
            "AND",
            "ALARM",
            "ALARM()",
            "ALARM(a",
            "ALARM(a))",
            "ALARM(a) OK(o)",
            "ALARM(a) AND",
            "NOT",
            "alarm(a)",
            "ALARM(\"a)",
            "BROKEN(a)",
            "a",
            &long,
            &wide.join(" OR "),
            &deep,
        ] {
            assert!(Rule::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn children_are_named_once() {
        let rule = Rule::parse("ALARM(b) AND (OK(a) OR NOT ALARM(a)) AND TRUE").unwrap();
        assert_eq!(rule.children().into_iter().collect::<Vec<_>>(), ["a", "b"]);
    }
}
