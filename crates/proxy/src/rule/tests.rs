//! Rules as a whole: what each kind of condition asks, which rule is the first, how few are asked, what hostile requests
//! cost. The meaning of conditions is compared with the model's in `comparison`.

use super::*;
use model::{
    Arn,
    elbv2::{
        action::Action,
        condition::{Condition, Patterns, QueryStringPattern},
    },
};
use std::time::Instant;

const NO_FIELDS: &[(&[u8], &[u8])] = &[];

fn plan(priority: u32, conditions: Vec<Condition>) -> RulePlan {
    let group = Arn::new("elasticloadbalancing", "eu-central-1", "000000000000", "targetgroup/t/0123456789abcdef");
    RulePlan { priority, conditions, action: Action::forward_to(group), transforms: Vec::new() }
}

/// Rules with one condition each, in this order.
fn rules(conditions: impl IntoIterator<Item = Condition>) -> Rules {
    let plans: Vec<_> = (1..).zip(conditions).map(|(priority, condition)| plan(priority, vec![condition])).collect();
    Rules::compile(&plans).unwrap()
}

fn texts<const N: usize>(values: [&str; N]) -> Vec<String> {
    values.map(str::to_owned).into()
}

fn host<const N: usize>(values: [&str; N]) -> Condition {
    Condition::HostHeader(Patterns::Wildcards(texts(values)))
}

fn path<const N: usize>(values: [&str; N]) -> Condition {
    Condition::PathPattern(Patterns::Wildcards(texts(values)))
}

fn field<const N: usize>(name: &str, values: [&str; N]) -> Condition {
    Condition::HttpHeader { name: name.to_owned(), values: Patterns::Wildcards(texts(values)) }
}

fn method<const N: usize>(values: [&str; N]) -> Condition {
    Condition::HttpRequestMethod(texts(values))
}

fn query<const N: usize>(pairs: [(Option<&str>, &str); N]) -> Condition {
    let pair = |(key, value): (Option<&str>, &str)| QueryStringPattern {
        key: key.map(str::to_owned),
        value: value.to_owned(),
    };
    Condition::QueryString(pairs.map(pair).into())
}

fn source<const N: usize>(blocks: [&str; N]) -> Condition {
    Condition::SourceIp(blocks.map(|block| block.parse().unwrap()).into())
}

fn host_expression(pattern: &str) -> Condition {
    Condition::HostHeader(Patterns::Regexes(vec![pattern.to_owned()]))
}

fn path_expression(pattern: &str) -> Condition {
    Condition::PathPattern(Patterns::Regexes(vec![pattern.to_owned()]))
}

fn request<'a>(host: &'a str, target: &'a str) -> RuleRequest<'a, [(&'a [u8], &'a [u8])]> {
    let (path, query) = split_target(target.as_bytes());
    RuleRequest {
        host: host.as_bytes(),
        path,
        query,
        method: b"GET",
        source: "192.0.2.7".parse().unwrap(),
        fields: NO_FIELDS,
    }
}

#[test]
fn each_kind_of_condition_is_met_by_its_part_of_the_request() {
    let fields: &[(&[u8], &[u8])] =
        &[(b"Accept", b"text/html"), (b"X-Kind", b"one"), (b"x-kind", b"Two"), (b"User-Agent", b"Mozilla Chrome/5")];
    let request = RuleRequest { fields, ..request("www.example.com", "/img/Cat.png?a=1&B=two&flag&e=&star=x*y") };
    let field_expression = |pattern: &str| Condition::HttpHeader {
        name: "user-agent".to_owned(),
        values: Patterns::Regexes(vec![pattern.to_owned()]),
    };
    for (condition, met) in [
        (host(["www.example.com"]), true),
        (host(["WWW.Example.COM"]), true),
        (host(["example.com"]), false),
        (host(["x.y", "*.EXAMPLE.com"]), true),
        (host(["www.*"]), true),
        (host(["w?w.*.com"]), true),
        (host(["*ample*"]), true),
        (host(["*"]), true),
        (host_expression(r"^WWW\."), true),
        (host_expression(r"^(.+)\.example\.com"), true),
        (host_expression("^example"), false),
        (host_expression("e.a"), true),
        (path(["/img/Cat.png"]), true),
        (path(["/img/cat.png"]), false),
        (path(["/img/*"]), true),
        (path(["/IMG/*"]), false),
        (path(["/img/???.png"]), true),
        (path(["*.png"]), true),
        (path(["*/Cat*"]), true),
        (path(["*a=1*"]), false),
        (path_expression(r"\.(jpg|png)$"), true),
        (path_expression(r"^/IMG/"), false),
        (path_expression("g/C"), true),
        (field("X-KIND", ["tw?"]), true),
        (field("x-kind", ["two"]), true),
        (field("x-kind", ["three"]), false),
        (field("user-agent", ["*chrome*"]), true),
        (field("accept", ["*"]), true),
        (field("absent", ["*"]), false),
        (field_expression("chrome/[0-9]"), true),
        (field_expression("^chrome"), false),
        (method(["GET"]), true),
        (method(["get", "PUT"]), false),
        (query([(None, "TWO")]), true),
        (query([(Some("b"), "two")]), true),
        (query([(Some("a"), "two")]), false),
        (query([(Some("A"), "*")]), true),
        (query([(Some("flag"), "")]), true),
        (query([(Some("e"), "*")]), true),
        (query([(Some("*"), "two")]), true),
        (query([(Some("star"), r"x\*y")]), true),
        (query([(Some("a"), r"\*")]), false),
        (query([(Some("x"), "1"), (None, "*two*")]), true),
        (source(["192.0.2.0/24"]), true),
        (source(["198.51.100.0/24", "192.0.2.7/32"]), true),
        (source(["198.51.100.0/24", "::/0"]), false),
        (source(["0.0.0.0/0"]), true),
        (host([]), false),
        (method([]), false),
    ] {
        let found = rules([condition.clone()]).first_match(&request);
        assert_eq!(found.is_some(), met, "{condition:?}");
    }
}

#[test]
fn fields_of_a_parsed_request_are_understood_too() {
    let fields: &[httparse::Header<'_>] = &[httparse::Header { name: "X-Canary", value: b"YES" }];
    let RuleRequest { host, path, query, method, source, fields: _ } = request("a.b", "/");
    let request = RuleRequest { host, path, query, method, source, fields };
    assert_eq!(rules([field("x-canary", ["no"]), field("x-canary", ["yes"])]).first_match(&request), Some(1));
}

#[test]
fn all_conditions_must_be_met_and_one_value_of_each() {
    let both = vec![host(["a.example.com", "b.example.com"]), path(["/x/*", "/y/*"]), method(["GET"])];
    let rules = Rules::compile(&[plan(5, both)]).unwrap();
    for (host, path, met) in [
        ("a.example.com", "/x/1", true),
        ("b.example.com", "/y/1", true),
        ("b.example.com", "/z/1", false),
        ("c.example.com", "/x/1", false),
    ] {
        assert_eq!(rules.first_match(&request(host, path)).is_some(), met, "{host}{path}");
    }
    assert_eq!(rules.first_match(&RuleRequest { method: b"PUT", ..request("a.example.com", "/x/1") }), None);
}

#[test]
fn the_first_rule_by_priority_decides_however_it_is_filed() {
    let conditions = [
        path(["/a/b/c"]),
        host(["*.example.com"]),
        path(["/a/*"]),
        path_expression("[ab]/[bc]"),
        source(["192.0.2.0/24"]),
        query([(Some("q"), "*")]),
        path(["*"]),
    ];
    for skipped in 0..conditions.len() {
        let rules = rules(conditions[skipped..].iter().cloned());
        assert_eq!(rules.first_match(&request("www.example.com", "/a/b/c?q=1")), Some(0), "{:?}", conditions[skipped]);
    }
    let rules = rules(conditions);
    for (host, target, position) in [
        ("x.y", "/a/b/c?q=1", Some(0)),
        ("www.example.com", "/", Some(1)),
        ("x.y", "/a/", Some(2)),
        ("x.y", "/z/b/c", Some(3)),
        ("x.y", "/z", Some(4)),
    ] {
        assert_eq!(rules.first_match(&request(host, target)), position, "{host}{target}");
    }
    let elsewhere = |target| RuleRequest { source: "203.0.113.1".parse().unwrap(), ..request("x.y", target) };
    assert_eq!(rules.first_match(&elsewhere("/?q=")), Some(5));
    assert_eq!(rules.first_match(&elsewhere("/")), Some(6));
}

#[test]
fn rules_up_to_the_one_that_is_met_count_as_evaluated() {
    let rules = rules([path(["/a"]), path(["/b"]), path(["/c"])]);
    for (target, evaluations) in [("/a", 1), ("/c", 3), ("/d", 3)] {
        assert_eq!(rules.evaluations(rules.first_match(&request("h.i", target))), evaluations);
    }
    let none = Rules::compile(&[]).unwrap();
    assert_eq!((none.first_match(&request("h.i", "/")), none.evaluations(None), none.is_empty()), (None, 0, true));
}

#[test]
fn a_rule_without_conditions_is_met_by_every_request() {
    assert_eq!(Rules::compile(&[plan(1, vec![])]).unwrap().first_match(&request("h.i", "/")), Some(0));
}

#[test]
fn a_rule_that_cannot_be_used_is_named() {
    let good = || plan(1, vec![path(["/"])]);
    let error = Rules::compile(&[good(), plan(7, vec![host(["a.b"]), path_expression("(")])]).unwrap_err();
    assert_eq!(error.priority, 7);
    assert!(error.to_string().starts_with("rule 7: the regular expression `(` cannot be used: "), "{error}");
    for plans in [[good(), good()], [plan(2, vec![]), good()]] {
        let error = Rules::compile(&plans).unwrap_err();
        assert_eq!(error, RuleError { priority: 1, fault: RuleFault::OutOfOrder });
    }
}

#[test]
fn rules_that_follow_others_take_their_expressions_over() {
    let plans = |patterns: [&str; 2]| -> Vec<_> {
        (1..).zip(patterns).map(|(priority, pattern)| plan(priority, vec![path_expression(pattern)])).collect()
    };
    let before = Rules::compile(&plans(["^/a+$", "^/b+$"])).unwrap();
    let rules = Rules::compile_after(&plans(["^/c+$", "^/a+$"]), &before).unwrap();
    for (path, position) in [("/aa", Some(1)), ("/bb", None), ("/cc", Some(0))] {
        assert_eq!(rules.first_match(&request("a.b", path)), position);
    }
    assert_eq!(rules.expressions.len(), 2);
    assert!(Rules::compile_after(&plans(["(", ")"]), &before).is_err());
}

#[test]
fn expressions_that_say_nothing_of_their_texts_are_asked_together() {
    let paths = (0..200).map(|n| path_expression(&format!("^/[a-z]{{{}}}/[0-9]+$", n + 1)));
    let hosts = (0..200).map(|n| host_expression(&format!("^[A-Z]{{{}}}[.][0-9]+$", n + 1)));
    let rules = rules(paths.chain(hosts));
    let found = rules.find(&request("nothing", "/of-all/that"));
    assert_eq!(found, Found { rule: None, asked: 0 });
    for n in [0, 40, 199] {
        let text = "a".repeat(n + 1);
        let found = rules.find(&request("nothing", &format!("/{text}/12")));
        assert!(found.rule == Some(n) && found.asked <= 17, "{n}: {found:?}");
        let found = rules.find(&request(&format!("{text}.12"), "/"));
        assert!(found.rule == Some(200 + n) && found.asked <= 17, "{n}: {found:?}");
    }
}

#[test]
fn long_texts_are_asked_one_by_one_with_the_same_answer() {
    let rules = rules([path_expression("^[a-z]"), path_expression("[0-9]$"), path_expression("[a-z][0-9]$")]);
    for (end, position) in [("9", Some(1)), ("x", None)] {
        assert_eq!(rules.first_match(&request("a.b", &format!("/{}{end}", "a".repeat(5000)))), position);
    }
}

/// What is asked of 1,000 rules.
fn asked(rules: &Rules, host: &str, target: &str) -> u32 {
    let found = rules.find(&request(host, target));
    assert_eq!(found.rule, None);
    found.asked
}

#[test]
fn of_a_thousand_rules_few_are_asked() {
    let many = |condition: fn(usize) -> Condition| rules((0..1000).map(condition));
    for (name, rules) in [
        ("hosts", many(|n| host([&*format!("service-{n}.example.com")]))),
        ("any label", many(|n| host([&*format!("*.service-{n}.example.com")]))),
        ("paths", many(|n| path([&*format!("/service-{n}")]))),
        ("beginnings", many(|n| path([&*format!("/api/service-{n}/*")]))),
        ("beginnings with the same beginning", many(|n| path([&*format!("/api/*/service-{n}")]))),
        ("middles", many(|n| path([&*format!("/api/*/service-{n}/*")]))),
        ("two values", many(|n| path([&*format!("/service-{n}"), &*format!("/service-{n}/*")]))),
        ("fields", many(|n| field("x-tenant", [&*format!("tenant-{n}")]))),
        ("query", many(|n| query([(Some("tenant"), &*format!("{n}"))]))),
        ("addresses", many(|n| source([&*format!("10.{}.{}.0/24", n / 256, n % 256)]))),
        ("expressions", many(|n| path_expression(&format!("^/api/v[0-9]+/service-{n}/")))),
        ("middles of expressions", many(|n| path_expression(&format!("/service-{n}/[a-z]+$")))),
    ] {
        let fields: &[(&[u8], &[u8])] = &[(b"Accept", b"*/*"), (b"X-Tenant", b"nobody"), (b"X-Other", b"1")];
        let other = RuleRequest { fields, ..request("www.example.com", "/api/v1/other/x?tenant=none&x=1") };
        let found = rules.find(&other);
        assert!(found.rule.is_none() && found.asked <= 2, "{name}: {found:?}");
    }
    let tenants = (0..1000)
        .map(|n| plan(n + 1, vec![host(["*.example.com"]), path(["/api/*"]), field("x-tenant", [&*format!("t{n}")])]));
    let rules = Rules::compile(&tenants.collect::<Vec<_>>()).unwrap();
    assert!(asked(&rules, "www.example.com", "/api/x") <= 2);
}

#[test]
fn hostile_requests_ask_no_rule_twice() {
    let same: Vec<_> = (0..1000)
        .map(|n| plan(n + 1, vec![path(["/shared/*"]), query([(Some("a"), "?*"), (Some("b"), "?*")]), method(["PUT"])]))
        .collect();
    let rules = Rules::compile(&same).unwrap();
    let target = format!("/shared/{}?{}", "shared/".repeat(1000), "a=1&b=1&".repeat(1000));
    let asked = asked(&rules, "a.b", &target);
    assert!(asked <= 2000, "{asked}");

    let fields: Vec<(&[u8], &[u8])> = vec![(b"x-a", b"1"); 100];
    let repeated: Vec<_> =
        (0..1000).map(|n| plan(n + 1, vec![field("x-a", ["?*?"]), field("x-a", ["*1?*"])])).collect();
    let rules = Rules::compile(&repeated).unwrap();
    let found = rules.find(&RuleRequest { fields: fields.as_slice(), ..request("a.b", "/") });
    assert!(found.rule.is_none() && found.asked <= 1000, "{found:?}");

    let pieces: Vec<_> = (0..1000).map(|n| plan(n + 1, vec![path([&*format!("*abcd*{n}x*")])])).collect();
    let rules = Rules::compile(&pieces).unwrap();
    let found = rules.find(&request("a.b", &format!("/{}", "abcd".repeat(4000))));
    assert!(found.rule.is_none() && found.asked <= 1000, "{found:?}");
}

/// Not a measurement: quadratic work would take minutes.
#[test]
fn patterns_that_go_back_are_searched_in_linear_time() {
    let a = "a".repeat(16 * 1024);
    let pattern = format!("*{}b?*c*", "a".repeat(120));
    let patterns = ["*a*a*a*a*b", "*a*a*a*a*b*", "/*a?a?a?a?b*c*", &pattern];
    let many: Vec<_> = (0..1000).map(|n| plan(n + 1, vec![path([patterns[n as usize % patterns.len()]])])).collect();
    let rules = Rules::compile(&many).unwrap();
    let begun = Instant::now();
    assert_eq!(rules.first_match(&request("a.b", &format!("/{a}"))), None);
    // 1,000 x 16 kB with an unoptimised build; each byte compared with each of 128 would be 2,000,000,000 steps.
    assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
}
