//! What finding a rule costs: nanoseconds a request, by kind and number of rules. Prints a table; run it optimised:
//!
//! `cargo test --release -p proxy --test rule_speed -- --ignored --nocapture`

#![allow(clippy::unwrap_used)] // helpers of tests

use model::{
    Arn,
    elbv2::{
        action::Action,
        condition::{Condition, Patterns, QueryStringPattern},
        snapshot::RulePlan,
    },
};
use proxy::rule::{RuleRequest, Rules, split_target};
use std::{hint::black_box, time::Instant};

const COUNTS: [usize; 6] = [0, 1, 10, 100, 1_000, 10_000];
const REQUESTS: u32 = 20_000;
const ROUNDS: usize = 9;

/// Of a browser.
const OTHER_FIELDS: [(&str, &str); 9] = [
    ("Host", "www.example.com"),
    ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"),
    ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"),
    ("Accept-Language", "en-US,en;q=0.5"),
    ("Accept-Encoding", "gzip, deflate, br, zstd"),
    ("Connection", "keep-alive"),
    ("Cookie", "session=0123456789abcdef0123456789abcdef; theme=dark"),
    ("Upgrade-Insecure-Requests", "1"),
    ("Priority", "u=0, i"),
];

/// What rule number `n` asks, and a request that meets it.
struct Kind {
    name: &'static str,
    conditions: fn(usize) -> Vec<Condition>,
    request: fn(usize) -> Sample,
}

struct Sample {
    host: String,
    target: String,
    tenant: String,
}

fn wildcards(value: String) -> Patterns {
    Patterns::Wildcards(vec![value])
}

fn at(host: String, target: String) -> Sample {
    Sample { host, target, tenant: "nobody".to_owned() }
}

fn www(target: String) -> Sample {
    at("www.example.com".to_owned(), target)
}

fn kinds() -> Vec<Kind> {
    vec![
        Kind {
            name: "hosts",
            conditions: |n| vec![Condition::HostHeader(wildcards(format!("service-{n}.example.com")))],
            request: |n| at(format!("service-{n}.example.com"), "/index.html".to_owned()),
        },
        Kind {
            name: "hosts, any label",
            conditions: |n| vec![Condition::HostHeader(wildcards(format!("*.tenant-{n}.example.com")))],
            request: |n| at(format!("www.tenant-{n}.example.com"), "/index.html".to_owned()),
        },
        Kind {
            name: "paths, whole",
            conditions: |n| vec![Condition::PathPattern(wildcards(format!("/service-{n}/index.html")))],
            request: |n| www(format!("/service-{n}/index.html")),
        },
        Kind {
            name: "paths, beginning",
            conditions: |n| vec![Condition::PathPattern(wildcards(format!("/api/service-{n}/*")))],
            request: |n| www(format!("/api/service-{n}/users/12345")),
        },
        Kind {
            name: "paths, middle",
            conditions: |n| vec![Condition::PathPattern(wildcards(format!("/api/*/service-{n}/*")))],
            request: |n| www(format!("/api/v1/service-{n}/users/12345")),
        },
        Kind {
            name: "mixed",
            conditions: |n| match n % 4 {
                0 => vec![Condition::HostHeader(wildcards(format!("service-{n}.example.com")))],
                1 => vec![Condition::PathPattern(wildcards(format!("/api/service-{n}/*")))],
                2 => vec![
                    Condition::HostHeader(wildcards(format!("*.tenant-{n}.example.com"))),
                    Condition::PathPattern(wildcards("/img/*".to_owned())),
                ],
                _ => vec![
                    Condition::PathPattern(Patterns::Wildcards(vec![format!("/a-{n}"), format!("/a-{n}/*")])),
                    Condition::HttpRequestMethod(vec!["GET".to_owned()]),
                ],
            },
            request: |n| match n % 4 {
                0 => at(format!("service-{n}.example.com"), "/index.html".to_owned()),
                1 => www(format!("/api/service-{n}/users/12345")),
                2 => at(format!("www.tenant-{n}.example.com"), "/img/cat.png".to_owned()),
                _ => www(format!("/a-{n}/b")),
            },
        },
        Kind {
            name: "header",
            conditions: |n| {
                vec![Condition::HttpHeader { name: "x-tenant".to_owned(), values: wildcards(format!("tenant-{n}")) }]
            },
            request: |n| Sample { tenant: format!("tenant-{n}"), ..www("/index.html".to_owned()) },
        },
        Kind {
            name: "query",
            conditions: |n| {
                let pair = QueryStringPattern { key: Some("tenant".to_owned()), value: format!("{n}") };
                vec![Condition::QueryString(vec![pair])]
            },
            request: |n| www(format!("/index.html?page=1&tenant={n}&sort=up")),
        },
        Kind {
            name: "expressions",
            conditions: |n| {
                vec![Condition::PathPattern(Patterns::Regexes(vec![format!("^/api/v[0-9]+/service-{n}/(.+)$")]))]
            },
            request: |n| www(format!("/api/v1/service-{n}/users/12345")),
        },
        Kind {
            name: "expressions, vague",
            conditions: |n| vec![Condition::PathPattern(Patterns::Regexes(vec![vague(n)]))],
            request: |n| www(vague_text(n)),
        },
    ]
}

/// Digits as classes, so that nothing is literal.
fn vague(n: usize) -> String {
    let digits: String = n.to_string().chars().map(|digit| format!("[{digit}x]")).collect();
    format!("^/[a-z]+/{digits}$")
}

fn vague_text(n: usize) -> String {
    format!("/abc/{n}")
}

fn plans(kind: &Kind, count: usize) -> Vec<RulePlan> {
    let group = Arn::new("elasticloadbalancing", "eu-central-1", "000000000000", "targetgroup/t/0123456789abcdef");
    let plan = |n: usize| RulePlan {
        priority: u32::try_from(n).unwrap() + 1,
        conditions: (kind.conditions)(n),
        action: Action::forward_to(group.clone()),
        transforms: Vec::new(),
    };
    (0..count).map(plan).collect()
}

/// Nanoseconds for one request: the median of several rounds. The requests are of `samples`, one after the other.
fn measure(rules: &Rules, samples: &[(Sample, Option<usize>)]) -> f64 {
    let fields: Vec<Vec<httparse::Header<'_>>> = samples
        .iter()
        .map(|(sample, _)| {
            let own = std::iter::once(("X-Tenant", sample.tenant.as_str()));
            let all = OTHER_FIELDS.into_iter().chain(own);
            all.map(|(name, value)| httparse::Header { name, value: value.as_bytes() }).collect()
        })
        .collect();
    let requests: Vec<RuleRequest<'_, [httparse::Header<'_>]>> = samples
        .iter()
        .zip(&fields)
        .map(|((sample, _), fields)| {
            let (path, query) = split_target(sample.target.as_bytes());
            RuleRequest {
                host: sample.host.as_bytes(),
                path,
                query,
                method: b"GET",
                source: "192.0.2.7".parse().unwrap(),
                fields: fields.as_slice(),
            }
        })
        .collect();
    for (request, (_, expected)) in requests.iter().zip(samples) {
        assert_eq!(rules.first_match(request), *expected, "{request:?}");
    }
    let mut rounds: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let begun = Instant::now();
            for n in 0..REQUESTS {
                black_box(rules.first_match(black_box(&requests[n as usize % requests.len()])));
            }
            begun.elapsed().as_secs_f64() * 1e9 / f64::from(REQUESTS)
        })
        .collect();
    rounds.sort_by(f64::total_cmp);
    rounds[ROUNDS / 2]
}

#[test]
#[ignore = "a measurement: run it optimised, on a quiet machine"]
fn what_finding_a_rule_costs() {
    println!("ns a request              rules    first     last   spread     none   compile    again, us");
    for kind in kinds() {
        for count in COUNTS {
            let plans = plans(&kind, count);
            let begun = Instant::now();
            let rules = Rules::compile(&plans).unwrap();
            let compiling = begun.elapsed();
            let begun = Instant::now();
            let rules = Rules::compile_after(&plans, &rules).unwrap();
            let again = begun.elapsed();
            let one = |n: usize| {
                let sample = (kind.request)(n);
                let position = (n < count).then_some(n);
                (sample, position)
            };
            let nothing = measure(&rules, &[one(1_000_000)]);
            let (first, last, spread) = if count == 0 {
                (nothing, nothing, nothing)
            } else {
                let spread: Vec<_> = (0..64).map(|n| one(n * 7919 % count)).collect();
                (measure(&rules, &[one(0)]), measure(&rules, &[one(count - 1)]), measure(&rules, &spread))
            };
            println!(
                "{:24} {count:6} {first:8.1} {last:8.1} {spread:8.1} {nothing:8.1} {:9} {:12}",
                kind.name,
                compiling.as_micros(),
                again.as_micros(),
            );
        }
    }
}
