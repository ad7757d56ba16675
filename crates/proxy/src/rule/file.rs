//! Under which keys a rule is filed: those of one of its conditions, the one that the fewest other rules share.

use super::{
    glob,
    key::{self, Key, MAXIMUM_LENGTH, PIECE, Subject},
    literal::{self, Literals},
    watch::Form,
};
use model::{
    elbv2::condition::{Condition, Patterns, QueryStringPattern},
    ip_block::IpBlock,
};
use std::collections::HashMap;

/// The most keys that pieces of one value may give: from the beginning and from the end of each of its texts.
const MAXIMUM_PIECES: usize = 16;
/// What it costs to ask a rule that has a regular expression, in rules without.
const EXPRESSION: u32 = 4;
/// What it costs to ask such rules many at once ([`super::gate`]).
const GATE: u32 = 32;
/// What it costs to look up all pieces of a text.
const PIECES: u32 = 6;

/// Where a key is looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In the host.
    Host(Form),
    /// In the path.
    Path(Form),
    /// The method.
    Method,
    /// The client's address, cut to this many bits.
    Source {
        /// Whether it is an IPv6 address.
        v6: bool,
        /// How many bits are looked at.
        prefix: u8,
    },
    /// In the header fields of this name.
    Field {
        /// The key of the name.
        name: Key,
        /// Its length.
        length: usize,
        /// What is looked for.
        form: Form,
    },
    /// In the values under this key of the query.
    Value {
        /// The key of the key.
        name: Key,
        /// What is looked for.
        form: Form,
    },
    /// In all values of the query.
    AnyValue(Form),
}

/// A key that a rule can be filed under.
#[derive(Clone, Debug)]
pub(super) struct Filing {
    /// Where it is looked up.
    pub place: Place,
    /// The key.
    pub key: Key,
}

/// Where a rule is filed.
#[derive(Debug)]
pub(super) enum Filed {
    /// Under each of these keys.
    Under(Vec<Filing>),
    /// Nowhere: its regular expressions of the host are asked together with those of other rules.
    WithHosts,
    /// The same for the path.
    WithPaths,
    /// Nowhere: every request asks it.
    Nowhere,
}

/// What could be done with a rule: for each condition and each of its values the keys that it could be under. A condition
/// with a value that has no key is of no use and not there.
#[derive(Debug)]
pub(super) struct Options {
    conditions: Vec<Vec<Vec<Filing>>>,
    expressions: Option<Filed>,
}

/// How many rules could be under a key.
#[derive(Default)]
pub(super) struct Census(HashMap<Key, u32>);

impl Options {
    /// Of the conditions of a rule.
    pub fn of(conditions: &[Condition]) -> Self {
        let usable = conditions.iter().map(filings).filter(|values| values.iter().all(|filings| !filings.is_empty()));
        Self { conditions: usable.collect(), expressions: conditions.iter().find_map(with_others) }
    }
}

impl Census {
    /// Counts a rule.
    pub fn add(&mut self, options: &Options) {
        for filing in options.conditions.iter().flatten().flatten() {
            *self.0.entry(filing.key).or_default() += 1;
        }
    }

    /// Files a rule.
    pub fn file(&self, options: Options) -> Filed {
        let weight = if options.expressions.is_some() { EXPRESSION } else { 1 };
        let cost = |filing: &Filing| {
            let rules = self.0.get(&filing.key).copied().unwrap_or(0);
            rules.saturating_mul(weight).saturating_add(effort(&filing.place))
        };
        let cheapest = |values: Vec<Vec<Filing>>| -> (u32, Vec<Filing>) {
            let best = values.into_iter().filter_map(|filings| filings.into_iter().min_by_key(&cost));
            best.fold((0, Vec::new()), |(sum, mut all), filing| {
                let sum = sum.saturating_add(cost(&filing));
                all.push(filing);
                (sum, all)
            })
        };
        let best = options.conditions.into_iter().map(cheapest).min_by_key(|(cost, _)| *cost);
        match (best, options.expressions) {
            (Some((cost, _)), Some(together)) if cost > GATE => together,
            (Some((_, filings)), _) => Filed::Under(filings),
            (None, Some(together)) => together,
            (None, None) => Filed::Nowhere,
        }
    }
}

/// What it costs every request that a key has to be looked up there, in rules asked for nothing.
fn effort(place: &Place) -> u32 {
    let (place, form) = match place {
        Place::Host(form) | Place::Path(form) => (0, *form),
        Place::Source { .. } | Place::Method => (2, Form::Present),
        Place::Field { form, .. } | Place::Value { form, .. } => (8, *form),
        Place::AnyValue(form) => (12, *form),
    };
    place + if form == Form::Piece { PIECES } else { 0 }
}

fn with_others(condition: &Condition) -> Option<Filed> {
    match condition {
        Condition::HostHeader(Patterns::Regexes(_)) => Some(Filed::WithHosts),
        Condition::PathPattern(Patterns::Regexes(_)) => Some(Filed::WithPaths),
        Condition::HostHeader(Patterns::Wildcards(_))
        | Condition::PathPattern(Patterns::Wildcards(_))
        | Condition::HttpHeader { .. }
        | Condition::HttpRequestMethod(_)
        | Condition::QueryString(_)
        | Condition::SourceIp(_) => None,
    }
}

/// For each value of a condition the keys that a request has that meets it.
fn filings(condition: &Condition) -> Vec<Vec<Filing>> {
    match condition {
        Condition::HostHeader(patterns) => {
            of_patterns(patterns, true, |literals| of_literals(literals, Subject::HOST, false, Place::Host))
        }
        Condition::PathPattern(patterns) => {
            of_patterns(patterns, false, |literals| of_literals(literals, Subject::PATH, false, Place::Path))
        }
        Condition::HttpHeader { name, values } => {
            let (key, length) = (Subject::FIELD_NAME.exact(name.as_bytes()), name.len());
            of_patterns(values, false, |literals| {
                let place = |form| Place::Field { name: key, length, form };
                of_literals(literals, Subject::under(key), true, place)
            })
        }
        Condition::HttpRequestMethod(methods) => {
            let filing =
                |method: &String| vec![Filing { place: Place::Method, key: Subject::METHOD.exact(method.as_bytes()) }];
            methods.iter().map(filing).collect()
        }
        Condition::QueryString(pairs) => pairs.iter().map(of_pair).collect(),
        Condition::SourceIp(blocks) => blocks.iter().map(of_block).collect(),
    }
}

fn of_patterns(patterns: &Patterns, lower: bool, filings: impl Fn(&Literals) -> Vec<Filing>) -> Vec<Vec<Filing>> {
    let folded = |text: &String| if lower { text.to_ascii_lowercase() } else { text.clone() };
    match patterns {
        Patterns::Wildcards(values) => {
            values.iter().map(|value| filings(&glob::literals(&glob::atoms(&folded(value))))).collect()
        }
        Patterns::Regexes(values) => {
            let literals = |value: &String| {
                let literals = literal::of_expression(value);
                if lower { literals.lower() } else { literals }
            };
            values.iter().map(|value| filings(&literals(value))).collect()
        }
    }
}

fn of_pair(pair: &QueryStringPattern) -> Vec<Filing> {
    let value = glob::literals(&glob::escaped_atoms(&pair.value));
    let key = pair.key.as_ref().map(|key| glob::literals(&glob::escaped_atoms(key)));
    match key {
        Some(key) if key.exact => {
            let name = Subject::QUERY_KEY.exact(&key.prefix);
            of_literals(&value, Subject::under(name), true, |form| Place::Value { name, form })
        }
        Some(_) | None => of_literals(&value, Subject::ANY_VALUE, true, Place::AnyValue),
    }
}

fn of_block(block: &IpBlock) -> Vec<Filing> {
    let v6 = block.network().is_ipv6();
    let key = key::of_block(block.network(), block.prefix());
    vec![Filing { place: Place::Source { v6, prefix: block.prefix() }, key }]
}

/// The keys that every text has with these literals. `may_lack`: whether a request may be without the text at all, so
/// that its being there says something.
fn of_literals(literals: &Literals, subject: Subject, may_lack: bool, place: impl Fn(Form) -> Place) -> Vec<Filing> {
    let (prefix, suffix) = (&literals.prefix, &literals.suffix);
    if literals.exact && (1..=MAXIMUM_LENGTH).contains(&prefix.len()) {
        return vec![Filing { place: place(Form::Exact(prefix.len())), key: subject.exact(prefix) }];
    }
    let mut filings = Vec::new();
    let prefix = &prefix[..prefix.len().min(MAXIMUM_LENGTH)];
    let suffix = &suffix[suffix.len() - suffix.len().min(MAXIMUM_LENGTH)..];
    if !prefix.is_empty() {
        filings.push(Filing { place: place(Form::Prefix(prefix.len())), key: subject.prefix(prefix) });
    }
    if !suffix.is_empty() {
        filings.push(Filing { place: place(Form::Suffix(suffix.len())), key: subject.suffix(suffix) });
    }
    for run in &literals.runs {
        let pieces = run.windows(PIECE).map(|piece| {
            let piece: [u8; PIECE] = piece.try_into().expect("windows of this length");
            subject.piece(u32::from_be_bytes(piece))
        });
        let count = (run.len() + 1).saturating_sub(PIECE);
        let ends = pieces.enumerate().filter(|(at, _)| *at < MAXIMUM_PIECES / 2 || at + MAXIMUM_PIECES / 2 >= count);
        filings.extend(ends.map(|(_, key)| Filing { place: place(Form::Piece), key }));
    }
    if may_lack {
        filings.push(Filing { place: place(Form::Present), key: subject.present() });
    }
    filings
}
