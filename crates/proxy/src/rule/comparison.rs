//! Compiled rules against the plain meaning of their conditions, over rules and requests that are made of any bytes: for
//! tests and for fuzzing.
//!
//! The texts are short and of few characters, so that patterns fit, keys collide and rules hide each other.

use super::{RuleError, RuleFault, RuleRequest, Rules, expression};
use model::{
    Arn,
    elbv2::{
        action::Action,
        condition::{Case, Condition, Patterns, QueryStringPattern, RequestFacts},
        snapshot::RulePlan,
    },
    ip_block::IpBlock,
};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The most rules of one comparison.
const MAXIMUM_RULES: u64 = 24;
/// The most requests of one comparison.
const MAXIMUM_REQUESTS: u64 = 12;

const HOST_TEXTS: &[&str] = &["a", "b", "A", ".", "www", "example", "com", "EXAMPLE.com"];
const PATH_TEXTS: &[&str] = &["/", "a", "b", "A", "img", "/api", ".png", "cats", "%2F", "*"];
const FIELD_TEXTS: &[&str] = &["a", "b", "A", " ", "chrome", "Mozilla", "/5.0", "bot"];
const QUERY_TEXTS: &[&str] = &["a", "b", "A", "=", "&", "key", "value", "*", "?", "\\"];
const EXPRESSION_TEXTS: &[&str] = &[
    "^", "$", "a", "b", "/", r"\.", ".", "img", "[ab]", "(a|b)", "|", "*", "+", "?", "{2}", "(?:ab)", "(?i)", r"\d",
    r"\w+", "EXAMPLE", "example", ".*", "www", "A", "[AB]",
];
const NAMES: &[&str] = &["X-A", "x-a", "User-Agent", "X-B"];
const METHODS: &[&str] = &["GET", "get", "PUT", "PURGE"];
const BLOCKS: &[&str] = &["0.0.0.0/0", "192.0.2.0/24", "192.0.2.1/32", "::/0", "2001:db8::/32", "2001:db8::1/128"];

/// Makes rules and requests from the bytes, and compares. Every sequence of bytes is good for something.
///
/// # Errors
/// A description of the first request for which the two disagree.
pub fn compare(bytes: &[u8]) -> Result<(), String> {
    let mut source = Source(bytes);
    let mut plans: Vec<RulePlan> =
        (0..=source.below(MAXIMUM_RULES)).map(|n| plan(u32::try_from(n).unwrap_or(0) + 1, &mut source)).collect();
    // A rule that is refused is left out, as often as that happens: each time by the priority that the error names.
    let rules = loop {
        match Rules::compile(&plans) {
            Ok(rules) => break rules,
            Err(RuleError { priority, fault: RuleFault::Expression(_) }) => {
                plans.retain(|plan| plan.priority != priority);
            }
            Err(error @ RuleError { fault: RuleFault::OutOfOrder | RuleFault::SeveralTransforms, .. }) => {
                return Err(error.to_string());
            }
        }
    };
    (0..=source.below(MAXIMUM_REQUESTS)).try_for_each(|_| compare_one(&plans, &rules, &Request::new(&mut source)))
}

fn compare_one(plans: &[RulePlan], rules: &Rules, request: &Request) -> Result<(), String> {
    let fields: Vec<(&[u8], &[u8])> =
        request.fields.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes())).collect();
    let facts = RequestFacts {
        host: request.host.as_bytes(),
        path: request.path.as_bytes(),
        query: request.query.as_bytes(),
        method: request.method.as_bytes(),
        source: request.source,
        headers: &fields,
    };
    let expected = plans.iter().position(|plan| plan.conditions.iter().all(|c| c.is_met(&facts, &is_found)));
    let found = rules.find(&RuleRequest {
        host: facts.host,
        path: facts.path,
        query: facts.query,
        method: facts.method,
        source: facts.source,
        fields: fields.as_slice(),
    });
    if found.rule != expected {
        return Err(format!("{request:?} meets {expected:?}, found was {found:?}, of {plans:#?}"));
    }
    let values: usize =
        plans.iter().map(|plan| plan.conditions.iter().map(count_values).max().unwrap_or(0).max(1)).sum();
    if found.asked as usize > values {
        return Err(format!("{request:?}: {} questions for {values} values, of {plans:#?}", found.asked));
    }
    Ok(())
}

/// The regular expressions of the plain meaning: compiled for each question.
fn is_found(pattern: &str, text: &[u8], case: Case) -> bool {
    expression::condition(pattern, case).is_ok_and(|expression| expression.is_match(text))
}

fn count_values(condition: &Condition) -> usize {
    match condition {
        Condition::HostHeader(Patterns::Wildcards(values) | Patterns::Regexes(values))
        | Condition::PathPattern(Patterns::Wildcards(values) | Patterns::Regexes(values))
        | Condition::HttpHeader { values: Patterns::Wildcards(values) | Patterns::Regexes(values), .. }
        | Condition::HttpRequestMethod(values) => values.len(),
        Condition::QueryString(pairs) => pairs.len(),
        Condition::SourceIp(blocks) => blocks.len(),
    }
}

/// Bytes that decide; when they are used up, zeros.
struct Source<'a>(&'a [u8]);

impl Source<'_> {
    fn below(&mut self, bound: u64) -> u64 {
        let (byte, rest) = self.0.split_first().unwrap_or((&0, &[]));
        self.0 = rest;
        u64::from(*byte) % bound.max(1)
    }

    fn one_of<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        let bound = u64::try_from(texts.len()).unwrap_or(1);
        usize::try_from(self.below(bound)).ok().and_then(|at| texts.get(at)).copied().unwrap_or_default()
    }

    /// Up to seven texts in a row.
    fn text(&mut self, texts: &[&str]) -> String {
        (0..self.below(8)).map(|_| self.one_of(texts)).collect()
    }

    /// The same with wildcards in between.
    fn value(&mut self, texts: &[&str]) -> String {
        let mut value = String::new();
        for _ in 0..self.below(6) {
            match self.below(6) {
                0 => value.push('*'),
                1 => value.push('?'),
                _ => value.push_str(self.one_of(texts)),
            }
        }
        value
    }

    /// Up to three.
    fn several<T>(&mut self, mut one: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..self.below(4)).map(|_| one(self)).collect()
    }

    fn patterns(&mut self, texts: &[&str]) -> Patterns {
        if self.below(4) == 0 {
            Patterns::Regexes(self.several(|source| source.text(EXPRESSION_TEXTS)))
        } else {
            Patterns::Wildcards(self.several(|source| source.value(texts)))
        }
    }

    fn block(&mut self) -> Option<IpBlock> {
        self.one_of(BLOCKS).parse().ok()
    }
}

fn plan(priority: u32, source: &mut Source<'_>) -> RulePlan {
    let nothing = Arn::new("elasticloadbalancing", "eu-central-1", "000000000000", "targetgroup/t/0123456789abcdef");
    RulePlan {
        priority,
        conditions: (0..source.below(4)).map(|_| condition(source)).collect(),
        action: Action::forward_to(nothing),
        transforms: Vec::new(),
    }
}

fn condition(source: &mut Source<'_>) -> Condition {
    match source.below(8) {
        0 | 1 => Condition::HostHeader(source.patterns(HOST_TEXTS)),
        2 | 3 => Condition::PathPattern(source.patterns(PATH_TEXTS)),
        4 => Condition::HttpHeader { name: source.one_of(NAMES).to_owned(), values: source.patterns(FIELD_TEXTS) },
        5 => Condition::HttpRequestMethod(source.several(|source| source.one_of(METHODS).to_owned())),
        6 => Condition::QueryString(source.several(|source| QueryStringPattern {
            key: (source.below(3) > 0).then(|| source.value(QUERY_TEXTS)),
            value: source.value(QUERY_TEXTS),
        })),
        _ => Condition::SourceIp(source.several(Source::block).into_iter().flatten().collect()),
    }
}

/// A request of texts that rules are likely to name.
#[derive(Debug)]
struct Request {
    host: String,
    path: String,
    query: String,
    method: &'static str,
    source: IpAddr,
    fields: Vec<(&'static str, String)>,
}

impl Request {
    fn new(source: &mut Source<'_>) -> Self {
        Self {
            host: source.text(HOST_TEXTS).to_ascii_lowercase(),
            path: format!("/{}", source.text(PATH_TEXTS)),
            query: source.text(QUERY_TEXTS),
            method: source.one_of(METHODS),
            source: match source.below(4) {
                0 => Ipv4Addr::new(192, 0, 2, 1).into(),
                1 => Ipv4Addr::new(192, 0, 2, 2).to_ipv6_mapped().into(),
                2 => Ipv4Addr::new(203, 0, 113, 1).into(),
                _ => Ipv6Addr::from_bits(0x2001_0db8 << 96 | 1).into(),
            },
            fields: source.several(|source| (source.one_of(NAMES), source.text(FIELD_TEXTS))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::{Duration, Instant};

    proptest! {
        #![proptest_config(ProptestConfig { cases: 3_000, max_shrink_iters: 200_000, ..ProptestConfig::default() })]

        #[test]
        fn compiled_rules_find_what_their_conditions_mean(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
            prop_assert_eq!(compare(&bytes), Ok(()));
        }
    }

    /// splitmix64.
    fn random(state: &mut u64) -> u64 {
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (*state ^ *state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    #[test]
    fn so_they_do_in_a_long_run() {
        let from: u64 = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
        let seconds = std::env::var("SECONDS").ok().and_then(|seconds| seconds.parse().ok()).unwrap_or(5);
        let until = Instant::now() + Duration::from_secs(seconds);
        let mut runs = 0;
        for seed in from.. {
            let mut state = seed;
            let bytes: Vec<u8> = (0..random(&mut state) % 1500).map(|_| random(&mut state).to_le_bytes()[0]).collect();
            if let Err(difference) = compare(&bytes) {
                panic!("SEED={seed}: {difference}");
            }
            runs += 1;
            if Instant::now() > until {
                break;
            }
        }
        println!("{runs} comparisons");
    }
}
