//! Rules whose regular expressions say too little to be filed by it, asked many at once: one pass over a text tells that
//! none of them fits.
//!
//! Sets are small and only asked about short texts: a set of expressions may be slower than each of them, in the worst
//! case, and that case can be sent by a client.

use model::elbv2::condition::{Case, Condition, Patterns};
use regex::bytes::{RegexSet, RegexSetBuilder};

/// The most rules of one set, and of the sets within it: a few sets tell that none of a thousand rules is met, and a few
/// more which is.
const SIZES: &[usize] = &[256, 16];
/// The largest program of one set, in bytes; one that would become larger is split.
const MAXIMUM_PROGRAM: usize = 256 * 1024;
/// The longest text that a set is asked about.
const MAXIMUM_TEXT: usize = 512;

/// Rules that are asked together.
#[derive(Debug)]
pub(super) struct Gate {
    /// Their expressions; `None`: it is one rule, which is asked at once.
    set: Option<RegexSet>,
    /// The first rule behind it.
    pub first: u32,
    /// What is asked when one of them may be met.
    pub behind: Behind,
}

/// What lies behind a gate, in order.
#[derive(Debug)]
pub(super) enum Behind {
    Gates(Box<[Gate]>),
    Rules(Box<[u32]>),
}

/// Which expressions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    Hosts,
    Paths,
}

impl Gate {
    /// Gates for these rules and their conditions.
    pub fn all(of: Of, rules: &[(u32, &[Condition])]) -> Box<[Self]> {
        Self::within(of, rules, SIZES)
    }

    fn within(of: Of, rules: &[(u32, &[Condition])], sizes: &[usize]) -> Box<[Self]> {
        let mut gates = Vec::new();
        if let Some((size, smaller)) = sizes.split_first() {
            rules.chunks(*size).for_each(|rules| Self::add(of, rules, smaller, &mut gates));
        }
        gates.into()
    }

    /// Halves what is too large for one set.
    fn add(of: Of, rules: &[(u32, &[Condition])], smaller: &[usize], gates: &mut Vec<Self>) {
        let Some((first, _)) = rules.first() else { return };
        let set = if rules.len() > 1 { set(of, rules) } else { None };
        if set.is_none() && rules.len() > 1 {
            let (one, other) = rules.split_at(rules.len() / 2);
            Self::add(of, one, smaller, gates);
            Self::add(of, other, smaller, gates);
            return;
        }
        let behind = match smaller.first() {
            Some(size) if rules.len() > *size => Behind::Gates(Self::within(of, rules, smaller)),
            Some(_) | None => Behind::Rules(rules.iter().map(|(rule, _)| *rule).collect()),
        };
        gates.push(Self { set, first: *first, behind });
    }

    /// Whether one of the rules may be met.
    #[inline]
    pub fn is_open(&self, text: &[u8]) -> bool {
        text.len() > MAXIMUM_TEXT || self.set.as_ref().is_none_or(|set| set.is_match(text))
    }
}

impl Of {
    fn case(self) -> Case {
        match self {
            Self::Hosts => Case::Ignored,
            Self::Paths => Case::Kept,
        }
    }
}

/// The set of the expressions of these rules, if it does not become too large.
fn set(of: Of, rules: &[(u32, &[Condition])]) -> Option<RegexSet> {
    RegexSetBuilder::new(rules.iter().flat_map(|(_, conditions)| expressions(of, conditions)))
        .unicode(false)
        .case_insensitive(of.case() == Case::Ignored)
        .size_limit(MAXIMUM_PROGRAM)
        .dfa_size_limit(MAXIMUM_PROGRAM)
        .build()
        .ok()
}

/// The expressions of the first condition that has some of this kind: the one that [`super::file`] found.
fn expressions(of: Of, conditions: &[Condition]) -> &[String] {
    let found = conditions.iter().find_map(|condition| match (of, condition) {
        (Of::Hosts, Condition::HostHeader(Patterns::Regexes(values)))
        | (Of::Paths, Condition::PathPattern(Patterns::Regexes(values))) => Some(values.as_slice()),
        (
            Of::Hosts | Of::Paths,
            Condition::HostHeader(_)
            | Condition::PathPattern(_)
            | Condition::HttpHeader { .. }
            | Condition::HttpRequestMethod(_)
            | Condition::QueryString(_)
            | Condition::SourceIp(_),
        ) => None,
    });
    found.unwrap_or_default()
}
