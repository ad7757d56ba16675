//! Conditions, compiled. What they mean is [`model::elbv2::condition::Condition::is_met`].

use super::{
    expression,
    glob::{self, Glob},
    request::{HeaderFields, RuleRequest},
};
use model::{
    elbv2::condition::{self, Case, Condition, Patterns, QueryStringPattern},
    ip_block::IpBlock,
};
use regex::bytes::Regex;
use std::{collections::HashMap, sync::Arc};

/// One condition, ready to be asked.
#[derive(Debug)]
pub(super) enum CompiledCondition {
    Host(Texts),
    Path(Texts),
    Field {
        /// In lower case.
        name: Box<[u8]>,
        value: Texts,
    },
    Method(Box<[Box<[u8]>]>),
    Query(Box<[Pair]>),
    Source(Box<[IpBlock]>),
}

/// What a text may be: one of these.
#[derive(Debug)]
pub(super) enum Texts {
    Globs(Box<[Glob]>),
    Expressions(Box<[Arc<Regex>]>),
}

/// What a pair of the query may be.
#[derive(Debug)]
pub(super) struct Pair {
    key: Option<Glob>,
    value: Glob,
}

/// The expressions of a listener's rules, each compiled once. That takes long enough to be spared when the rules change:
/// those of before are taken over.
#[derive(Debug, Default)]
pub(super) struct Expressions<'b> {
    before: Option<&'b KnownExpressions>,
    now: KnownExpressions,
}

/// Expressions by their text and whether they ignore case. They are shared, and what they learnt of the texts with them.
pub(super) type KnownExpressions = HashMap<(Box<str>, bool), Arc<Regex>>;

/// An expression that cannot be compiled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the regular expression `{pattern}` cannot be used: {cause}")]
pub struct BadExpression {
    /// The expression.
    pub pattern: String,
    /// What is wrong with it.
    pub cause: String,
}

impl<'b> Expressions<'b> {
    /// None but those that were known before.
    pub fn after(before: Option<&'b KnownExpressions>) -> Self {
        Self { before, now: HashMap::new() }
    }

    /// Those that were asked for.
    pub fn into_known(self) -> KnownExpressions {
        self.now
    }

    fn get(&mut self, pattern: &str, case: Case) -> Result<Arc<Regex>, BadExpression> {
        let name = (Box::from(pattern), case == Case::Ignored);
        let known = self.now.get(&name).or_else(|| self.before?.get(&name));
        let regex = known.cloned().map_or_else(|| expression::condition(pattern, case).map(Arc::new), Ok);
        let regex = regex.map_err(|error| BadExpression { pattern: pattern.to_owned(), cause: error.to_string() })?;
        self.now.insert(name, Arc::clone(&regex));
        Ok(regex)
    }
}

impl CompiledCondition {
    /// Compiles a condition; `None` when every request meets it.
    ///
    /// # Errors
    /// A regular expression that cannot be used.
    pub fn new(condition: &Condition, expressions: &mut Expressions<'_>) -> Result<Option<Self>, BadExpression> {
        Ok(Some(match condition {
            Condition::HostHeader(patterns) => {
                // Hosts arrive in lower case, and are compared as they are.
                let texts = Texts::new(patterns, expressions, Case::Ignored, |value| {
                    Glob::new(&glob::atoms(&value.to_ascii_lowercase()), Case::Kept)
                })?;
                if texts.fit_all() {
                    return Ok(None);
                }
                Self::Host(texts)
            }
            Condition::PathPattern(patterns) => {
                let texts =
                    Texts::new(patterns, expressions, Case::Kept, |value| Glob::new(&glob::atoms(value), Case::Kept))?;
                if texts.fit_all() {
                    return Ok(None);
                }
                Self::Path(texts)
            }
            Condition::HttpHeader { name, values } => Self::Field {
                name: name.to_ascii_lowercase().into_bytes().into(),
                value: Texts::new(values, expressions, Case::Ignored, |value| {
                    Glob::new(&glob::atoms(value), Case::Ignored)
                })?,
            },
            Condition::HttpRequestMethod(methods) => {
                Self::Method(methods.iter().map(|method| method.as_bytes().into()).collect())
            }
            Condition::QueryString(pairs) => Self::Query(pairs.iter().map(Pair::new).collect()),
            Condition::SourceIp(blocks) => Self::Source(blocks.as_slice().into()),
        }))
    }

    /// How much asking it costs, beside others: what is cheap is asked first.
    pub fn cost(&self) -> u8 {
        match self {
            Self::Method(_) => 0,
            Self::Source(_) => 1,
            Self::Host(Texts::Globs(_)) => 2,
            Self::Path(Texts::Globs(_)) => 3,
            Self::Host(Texts::Expressions(_)) => 4,
            Self::Path(Texts::Expressions(_)) => 5,
            Self::Field { value: Texts::Globs(_), .. } => 6,
            Self::Field { value: Texts::Expressions(_), .. } => 7,
            Self::Query(_) => 8,
        }
    }

    /// Whether a request meets it.
    #[inline]
    pub fn is_met<F: HeaderFields + ?Sized>(&self, request: &RuleRequest<'_, F>) -> bool {
        match self {
            Self::Host(texts) => texts.fit(request.host),
            Self::Path(texts) => texts.fit(request.path),
            Self::Field { name, value } => has_field(request.fields, name, value),
            Self::Method(methods) => methods.iter().any(|method| **method == *request.method),
            Self::Query(pairs) => {
                condition::pairs(request.query).any(|(key, value)| pairs.iter().any(|pair| pair.fits(key, value)))
            }
            Self::Source(blocks) => blocks.iter().any(|block| block.contains(request.source)),
        }
    }
}

fn has_field<F: HeaderFields + ?Sized>(fields: &F, name: &[u8], value: &Texts) -> bool {
    let mut of_name = fields.each().filter(|(other, _)| other.len() == name.len() && other.eq_ignore_ascii_case(name));
    of_name.any(|(_, text)| value.fit(text))
}

impl Texts {
    fn new(
        patterns: &Patterns,
        expressions: &mut Expressions<'_>,
        case: Case,
        glob: impl Fn(&str) -> Glob,
    ) -> Result<Self, BadExpression> {
        Ok(match patterns {
            Patterns::Wildcards(values) => Self::Globs(values.iter().map(|value| glob(value)).collect()),
            Patterns::Regexes(values) => {
                Self::Expressions(values.iter().map(|value| expressions.get(value, case)).collect::<Result<_, _>>()?)
            }
        })
    }

    fn fit_all(&self) -> bool {
        match self {
            Self::Globs(globs) => globs.iter().any(Glob::fits_all),
            Self::Expressions(_) => false,
        }
    }

    #[inline]
    fn fit(&self, text: &[u8]) -> bool {
        match self {
            Self::Globs(globs) => globs.iter().any(|glob| glob.fits(text)),
            Self::Expressions(expressions) => expressions.iter().any(|expression| expression.is_match(text)),
        }
    }
}

impl Pair {
    fn new(pair: &QueryStringPattern) -> Self {
        let glob = |value: &str| Glob::new(&glob::escaped_atoms(value), Case::Ignored);
        Self { key: pair.key.as_deref().map(glob), value: glob(&pair.value) }
    }

    fn fits(&self, key: &[u8], value: &[u8]) -> bool {
        self.key.as_ref().is_none_or(|glob| glob.fits(key)) && self.value.fits(value)
    }
}
