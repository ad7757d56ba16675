//! Rules: made, shown, changed, put in order, deleted; their limits; and what keeps them from being.

use crate::support::Reply;
use crate::world::{OTHER_VPC, UNKNOWN_ID, World, arn, inner};

/// A load balancer, its listener on port 80, and a target group.
async fn listener(world: &World) -> (String, String, String) {
    let (balancer, group) = (world.load_balancer("web").await, world.target_group("web").await);
    let listener = world.listener(&balancer, "80", &group).await;
    (balancer, listener, group)
}

/// Members of a call, a dot and `member` for every `[`: `Conditions[1.Values[2` is `Conditions.member.1.Values.member.2`.
fn members(short: &[(&str, &str)]) -> Vec<(String, String)> {
    short.iter().map(|(key, value)| (key.replace('[', ".member."), (*value).to_owned())).collect()
}

async fn call(world: &World, action: &str, short: &[(&str, &str)]) -> Reply {
    let all = members(short);
    let all: Vec<(&str, &str)> = all.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    world.call(action, &all).await
}

/// A rule on paths that forwards.
async fn create(world: &World, listener: &str, priority: &str, path: &str, group: &str) -> Reply {
    let short = [
        ("ListenerArn", listener),
        ("Priority", priority),
        ("Conditions[1.Field", "path-pattern"),
        ("Conditions[1.Values[1", path),
        ("Actions[1.Type", "forward"),
        ("Actions[1.TargetGroupArn", group),
    ];
    call(world, "CreateRule", &short).await
}

async fn rule(world: &World, listener: &str, priority: &str, group: &str) -> String {
    create(world, listener, priority, &format!("/{priority}"), group).await.ok().one("RuleArn")
}

/// CreateRule with these conditions and whatever else is given.
async fn with(world: &World, listener: &str, group: &str, more: &[(&str, &str)]) -> Reply {
    let mut short = vec![
        ("ListenerArn", listener),
        ("Priority", "7"),
        ("Actions[1.Type", "forward"),
        ("Actions[1.TargetGroupArn", group),
    ];
    short.retain(|(key, _)| !more.iter().any(|(other, _)| other == key));
    short.extend(more);
    call(world, "CreateRule", &short).await
}

async fn priorities(world: &World, listener: &str) -> Vec<String> {
    world.call("DescribeRules", &[("ListenerArn", listener)]).await.ok().all("Priority")
}

#[tokio::test]
async fn a_rule_is_shown_with_all_that_it_was_given() {
    let world = World::new().await;
    let (_, listener, group) = listener(&world).await;
    let more = [
        ("Conditions[1.Field", "host-header"),
        ("Conditions[1.HostHeaderConfig.Values[1", "*.Example.com"),
        ("Conditions[2.Field", "http-header"),
        ("Conditions[2.HttpHeaderConfig.HttpHeaderName", "X-Kind"),
        ("Conditions[2.HttpHeaderConfig.RegexValues[1", "^v[0-9]+$"),
        ("Conditions[3.Field", "http-request-method"),
        ("Conditions[3.HttpRequestMethodConfig.Values[1", "GET"),
        ("Conditions[4.Field", "query-string"),
        ("Conditions[4.QueryStringConfig.Values[1.Key", "version"),
        ("Conditions[4.QueryStringConfig.Values[1.Value", "v1"),
        ("Conditions[5.Field", "source-ip"),
        ("Conditions[5.SourceIpConfig.Values[1", "2001:db8::/32"),
        ("Transforms[1.Type", "url-rewrite"),
        ("Transforms[1.UrlRewriteConfig.Rewrites[1.Regex", "^/api/(.*)$"),
        ("Transforms[1.UrlRewriteConfig.Rewrites[1.Replace", "/$1"),
        ("Transforms[2.Type", "host-header-rewrite"),
        ("Transforms[2.HostHeaderRewriteConfig.Rewrites[1.Regex", "^.*$"),
        ("Transforms[2.HostHeaderRewriteConfig.Rewrites[1.Replace", "internal"),
        ("Tags[1.Key", "team"),
        ("Tags[1.Value", "web"),
    ];
    let created = with(&world, &listener, &group, &more).await.ok();
    let arn = created.one("RuleArn");
    assert!(arn.starts_with(&format!("{}/", listener.replace(":listener/", ":listener-rule/"))), "{arn}");
    assert_eq!((created.one("Priority"), created.one("IsDefault")), ("7".into(), "false".into()));
    let fields = ["host-header", "http-header", "http-request-method", "query-string", "source-ip"];
    assert_eq!(created.all("Field"), fields);
    assert_eq!(inner(&created.one("HostHeaderConfig"), "member"), ["*.Example.com"]);
    assert_eq!(created.all("HttpHeaderName"), ["X-Kind"]);
    assert_eq!(
        created.one("QueryStringConfig"),
        "<Values><member><Key>version</Key><Value>v1</Value></member></Values>"
    );
    assert_eq!(inner(&created.one("SourceIpConfig"), "member"), ["2001:db8::/32"]);
    assert_eq!(created.all("Regex"), ["^/api/(.*)$", "^.*$"]);
    assert_eq!(created.all("Replace"), ["/$1", "internal"]);
    let by_arn = world.call("DescribeRules", &[("RuleArns.member.1", &arn)]).await.ok();
    assert_eq!(by_arn.one("Rules"), created.one("Rules"));
    let tags = world.call("DescribeTags", &[("ResourceArns.member.1", &arn)]).await.ok();
    assert_eq!((tags.one("Key"), tags.one("Value")), ("team".into(), "web".into()));
}

#[tokio::test]
async fn hosts_and_paths_are_read_and_shown_in_both_forms() {
    let world = World::new().await;
    let (_, listener, group) = listener(&world).await;
    let forms: [&[(&str, &str)]; 3] = [
        &[("Values[1", "/a"), ("Values[2", "/b*")],
        &[("PathPatternConfig.Values[1", "/a"), ("PathPatternConfig.Values[2", "/b*")],
        &[
            ("Values[1", "/a"),
            ("Values[2", "/b*"),
            ("PathPatternConfig.Values[1", "/a"),
            ("PathPatternConfig.Values[2", "/b*"),
        ],
    ];
    for (n, form) in forms.into_iter().enumerate() {
        let keys: Vec<String> = form.iter().map(|(key, _)| format!("Conditions[1.{key}")).collect();
        let priority = (n + 1).to_string();
        let mut more = vec![("Conditions[1.Field", "path-pattern"), ("Priority", priority.as_str())];
        more.extend(keys.iter().zip(form).map(|(key, (_, value))| (key.as_str(), *value)));
        let created = with(&world, &listener, &group, &more).await.ok();
        let condition = inner(&created.text(), "Conditions").remove(0);
        assert_eq!(inner(&condition, "member").len(), 5, "one condition, two values twice: {condition}");
        assert_eq!(inner(&inner(&condition, "PathPatternConfig")[0], "member"), ["/a", "/b*"]);
        assert!(condition.contains("</PathPatternConfig><Values><member>/a</member>"), "{condition}");
    }
    let regex = [("Conditions[1.Field", "host-header"), ("Conditions[1.RegexValues[1", r"^(a|b)\.example\.com$")];
    let created = with(&world, &listener, &group, &regex).await.ok();
    assert_eq!(created.all("RegexValues").len(), 2, "{}", created.text());
    assert!(!created.text().contains("<Values>"), "{}", created.text());
}

#[tokio::test]
async fn conditions_that_cannot_be_are_refused() {
    let world = World::new().await;
    let (_, listener, group) = listener(&world).await;
    let path = ("Conditions[1.Field", "path-pattern");
    let (value, config) = ("Conditions[1.Values[1", "Conditions[1.PathPatternConfig.Values[1");
    let header = ("Conditions[1.Field", "http-header");
    let name = "Conditions[1.HttpHeaderConfig.HttpHeaderName";
    let source = "Conditions[1.SourceIpConfig.Values[1";
    let long = "a".repeat(129);
    let table: &[&[(&str, &str)]] = &[
        &[],
        &[(value, "/a")],
        &[path],
        &[path, (value, "")],
        &[path, (value, "/a b")],
        &[path, (value, &long)],
        &[path, (value, "/a"), (config, "/b")],
        &[path, (value, "/a"), ("Conditions[1.RegexValues[1", "a")],
        &[path, ("Conditions[1.RegexValues[1", "(?=a)")],
        &[path, ("Conditions[1.RegexValues[1", r"(a)\1")],
        &[path, ("Conditions[1.RegexValues[1", r"\p{L}")],
        &[path, ("Conditions[1.HostHeaderConfig.Values[1", "example.com")],
        &[path, (value, "/a"), ("Conditions[1.HostHeaderConfig.Values[1", "example.com")],
        &[path, (value, "/1"), ("Conditions[2.Field", "path-pattern"), ("Conditions[2.Values[1", "/2")],
        &[path, (value, "*?*?*?")],
        &[("Conditions[1.Field", "Path-Pattern"), (value, "/a")],
        &[("Conditions[1.Field", "nonsense"), (value, "/a")],
        &[("Conditions[1.Field", "host-header"), (value, "example")],
        &[("Conditions[1.Field", "http-request-method"), (value, "GET")],
        &[("Conditions[1.Field", "http-request-method"), ("Conditions[1.HttpRequestMethodConfig.Values[1", "get")],
        &[("Conditions[1.Field", "source-ip"), (value, "10.0.0.0/8")],
        &[("Conditions[1.Field", "source-ip")],
        &[("Conditions[1.Field", "source-ip"), (source, "10.0.0.1")],
        &[("Conditions[1.Field", "source-ip"), (source, "10.0.0.1/8")],
        &[("Conditions[1.Field", "source-ip"), (source, "255.255.255.255/32")],
        &[("Conditions[1.Field", "query-string"), ("Conditions[1.QueryStringConfig.Values[1.Key", "a")],
        &[header, ("Conditions[1.HttpHeaderConfig.Values[1", "a")],
        &[header, (name, "X"), (value, "a")],
        &[header, (name, "X")],
        &[header, (name, "Host"), ("Conditions[1.HttpHeaderConfig.Values[1", "a")],
        &[header, (name, "X-*"), ("Conditions[1.HttpHeaderConfig.Values[1", "a")],
    ];
    for more in table {
        let reply = with(&world, &listener, &group, more).await;
        assert_eq!(reply.error(), (400, "ValidationError".into()), "{more:?}: {}", reply.text());
    }
    let six: Vec<(String, String)> = (1..=6).map(|n| (format!("Conditions[1.Values[{n}"), format!("/{n}"))).collect();
    let six: Vec<(&str, &str)> = six.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    let reply = with(&world, &listener, &group, &[&[path], &six[..]].concat()).await;
    assert_eq!(reply.error(), (400, "ValidationError".into()), "{}", reply.text());
    with(&world, &listener, &group, &[&[path], &six[..5]].concat()).await.ok();
    let network = [("Conditions[1.Field", "source-ip"), ("Conditions[1.SourceIpConfig.IpAddressType", "ipv4")];
    let reply = with(&world, &listener, &group, &network).await;
    assert_eq!(reply.error(), (400, "InvalidConfigurationRequest".into()), "{}", reply.text());
}

#[tokio::test]
async fn transforms_that_cannot_be_are_refused() {
    let world = World::new().await;
    let (_, listener, group) = listener(&world).await;
    let url = ("Transforms[1.Type", "url-rewrite");
    let (regex, replace) =
        ("Transforms[1.UrlRewriteConfig.Rewrites[1.Regex", "Transforms[1.UrlRewriteConfig.Rewrites[1.Replace");
    let second = [
        ("Transforms[2.Type", "url-rewrite"),
        ("Transforms[2.UrlRewriteConfig.Rewrites[1.Regex", "a"),
        ("Transforms[2.UrlRewriteConfig.Rewrites[1.Replace", "b"),
    ];
    let more_rewrites = [
        ("Transforms[1.UrlRewriteConfig.Rewrites[2.Regex", "a"),
        ("Transforms[1.UrlRewriteConfig.Rewrites[2.Replace", "b"),
    ];
    let long = "a".repeat(1025);
    let table: Vec<Vec<(&str, &str)>> = vec![
        vec![url],
        vec![url, (regex, "a")],
        vec![url, (replace, "a")],
        vec![url, (regex, "("), (replace, "a")],
        vec![url, (regex, ""), (replace, "a")],
        vec![url, (regex, &long), (replace, "a")],
        vec![url, (regex, "a"), (replace, &long)],
        vec![url, (regex, "a"), (replace, "$1")],
        vec![url, (regex, "a"), (replace, "a b")],
        vec![("Transforms[1.Type", "host-header-rewrite"), (regex, "a"), (replace, "b")],
        vec![("Transforms[1.Type", "nonsense"), (regex, "a"), (replace, "b")],
        [&[url, (regex, "a"), (replace, "b")][..], &second].concat(),
        [&[url, (regex, "a"), (replace, "b")][..], &more_rewrites].concat(),
    ];
    let path = [("Conditions[1.Field", "path-pattern"), ("Conditions[1.Values[1", "/a")];
    for more in table {
        let reply = with(&world, &listener, &group, &[&path[..], &more].concat()).await;
        assert_eq!(reply.error(), (400, "ValidationError".into()), "{more:?}: {}", reply.text());
    }
    let fixed = [
        url,
        (regex, "a"),
        (replace, "b"),
        ("Actions[1.Type", "fixed-response"),
        ("Actions[1.FixedResponseConfig.StatusCode", "200"),
    ];
    let mut short = vec![("ListenerArn", listener.as_str()), ("Priority", "7")];
    short.extend(path.iter().chain(&fixed));
    let reply = call(&world, "CreateRule", &short).await;
    assert_eq!(reply.error(), (400, "ValidationError".into()), "only forwarding has a use for it: {}", reply.text());
}

#[tokio::test]
async fn rules_come_in_the_order_of_their_priorities_and_the_default_one_last() {
    let world = World::new().await;
    let (_, listener, group) = listener(&world).await;
    let mut arns = Vec::new();
    for priority in ["300", "2", "50000", "10"] {
        arns.push(rule(&world, &listener, priority, &group).await);
    }
    assert_eq!(priorities(&world, &listener).await, ["2", "10", "300", "50000", "default"]);
    let some =
        [("RuleArns.member.1", arns[2].as_str()), ("RuleArns.member.2", &arns[1]), ("RuleArns.member.3", &arns[2])];
    let found = world.call("DescribeRules", &some).await.ok();
    assert_eq!(found.all("RuleArn"), [arns[1].clone(), arns[2].clone()], "each once");
    let mut pages = Vec::new();
    let mut marker: Option<String> = None;
    loop {
        let mut parameters = vec![("ListenerArn", listener.as_str()), ("PageSize", "2")];
        parameters.extend(marker.as_deref().map(|marker| ("Marker", marker)));
        let page = world.call("DescribeRules", &parameters).await.ok();
        pages.push(page.all("Priority"));
        marker = page.all("NextMarker").pop();
        if marker.is_none() {
            break;
        }
    }
    assert_eq!(pages, [vec!["2", "10"], vec!["300", "50000"], vec!["default"]]);
}

#[tokio::test]
async fn a_priority_belongs_to_one_rule_of_a_listener() {
    let world = World::new().await;
    let (balancer, listener, group) = listener(&world).await;
    rule(&world, &listener, "7", &group).await;
    assert_eq!(create(&world, &listener, "7", "/x", &group).await.error(), (400, "PriorityInUse".into()));
    let other = world.listener(&balancer, "81", &group).await;
    rule(&world, &other, "7", &group).await;
    for priority in ["0", "50001", "-1", "x", ""] {
        let reply = create(&world, &listener, priority, "/x", &group).await;
        assert_eq!(reply.error(), (400, "ValidationError".into()), "{priority}");
    }
    let absent = arn(&format!("listener/app/web/{UNKNOWN_ID}/{UNKNOWN_ID}"));
    assert_eq!(create(&world, &absent, "1", "/x", &group).await.error(), (400, "ListenerNotFound".into()));
    assert_eq!(create(&world, &balancer, "1", "/x", &group).await.error(), (400, "ValidationError".into()));
    let gone = arn(&format!("targetgroup/web/{UNKNOWN_ID}"));
    assert_eq!(create(&world, &listener, "1", "/x", &gone).await.error(), (400, "TargetGroupNotFound".into()));
}

#[tokio::test]
async fn priorities_change_places_all_at_once_or_not_at_all() {
    let world = World::new().await;
    let (balancer, listener, group) = listener(&world).await;
    let one = rule(&world, &listener, "1", &group).await;
    let two = rule(&world, &listener, "2", &group).await;
    let three = rule(&world, &listener, "3", &group).await;
    let other = world.listener(&balancer, "81", &group).await;
    let elsewhere = rule(&world, &other, "1", &group).await;
    let set = |pairs: Vec<(&str, &str)>| {
        let pairs: Vec<(String, String)> = pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        let world = &world;
        async move {
            let mut short = Vec::new();
            for (n, (arn, priority)) in pairs.iter().enumerate() {
                short.push((format!("RulePriorities[{}.RuleArn", n + 1), arn.clone()));
                short.push((format!("RulePriorities[{}.Priority", n + 1), priority.clone()));
            }
            let short: Vec<(&str, &str)> = short.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
            call(world, "SetRulePriorities", &short).await
        }
    };
    let order = || async { world.call("DescribeRules", &[("ListenerArn", &listener)]).await.ok().all("RuleArn") };
    let default = order().await[3].clone();
    let swapped = set(vec![(&one, "2"), (&two, "1")]).await.ok();
    assert_eq!(swapped.all("RuleArn"), [two.clone(), one.clone()]);
    assert_eq!(order().await, [two.clone(), one.clone(), three.clone(), default.clone()]);
    set(vec![(&three, "1"), (&two, "2"), (&one, "3")]).await.ok();
    set(vec![(&one, "40"), (&elsewhere, "40")]).await.ok();
    let before = order().await;
    assert_eq!(before, [three.clone(), two.clone(), one.clone(), default.clone()]);
    let absent = format!("{}{UNKNOWN_ID}", &one[..one.len() - 16]);
    let table: [(Vec<(&str, &str)>, &str); 7] = [
        (vec![(&one, "2")], "PriorityInUse"),
        (vec![(&one, "5"), (&two, "5")], "PriorityInUse"),
        (vec![(&one, "5"), (&one, "6")], "ValidationError"),
        (vec![(&one, "5"), (&absent, "6")], "RuleNotFound"),
        (vec![(&one, "5"), (&default, "6")], "OperationNotPermitted"),
        (vec![(&one, "5"), (&two, "0")], "ValidationError"),
        (vec![(&one, "5"), (&listener, "6")], "ValidationError"),
    ];
    for (pairs, code) in table {
        assert_eq!(set(pairs.clone()).await.error(), (400, code.to_owned()), "{pairs:?}");
    }
    assert_eq!(world.call("SetRulePriorities", &[]).await.error(), (400, "ValidationError".into()));
    assert_eq!(order().await, before);
}

#[tokio::test]
async fn a_rule_keeps_what_a_change_does_not_name() {
    let world = World::new().await;
    let (_, listener, group) = listener(&world).await;
    let second = world.target_group("second").await;
    let arn = rule(&world, &listener, "7", &group).await;
    let of = ("RuleArn", arn.as_str());
    let transform = [
        ("Transforms[1.Type", "url-rewrite"),
        ("Transforms[1.UrlRewriteConfig.Rewrites[1.Regex", "^/7"),
        ("Transforms[1.UrlRewriteConfig.Rewrites[1.Replace", "/"),
    ];
    let changed = call(&world, "ModifyRule", &[&[of][..], &transform].concat()).await.ok();
    assert_eq!((changed.one("Priority"), changed.one("Regex")), ("7".into(), "^/7".into()));
    let host = [of, ("Conditions[1.Field", "host-header"), ("Conditions[1.Values[1", "a.example.com")];
    let changed = call(&world, "ModifyRule", &host).await.ok();
    assert_eq!((changed.one("Field"), changed.one("Regex")), ("host-header".into(), "^/7".into()));
    assert_eq!(changed.all("TargetGroupArn")[0], group);
    let forward = [of, ("Actions[1.Type", "forward"), ("Actions[1.TargetGroupArn", second.as_str())];
    let changed = call(&world, "ModifyRule", &forward).await.ok();
    assert_eq!((changed.one("Field"), changed.all("TargetGroupArn")[0].clone()), ("host-header".into(), second));
    let fixed = [of, ("Actions[1.Type", "fixed-response"), ("Actions[1.FixedResponseConfig.StatusCode", "503")];
    let refused = call(&world, "ModifyRule", &fixed).await;
    assert_eq!(refused.error(), (400, "ValidationError".into()), "it still has a transform: {}", refused.text());
    let both = [&[of, ("ResetTransforms", "true")][..], &transform].concat();
    assert_eq!(call(&world, "ModifyRule", &both).await.error(), (400, "ValidationError".into()));
    let changed = call(&world, "ModifyRule", &[&fixed[..], &[("ResetTransforms", "true")]].concat()).await.ok();
    assert_eq!((changed.one("Type"), changed.one("StatusCode")), ("fixed-response".into(), "503".into()));
    assert!(changed.all("Regex").is_empty());
    let shown = world.call("DescribeRules", &[("RuleArns.member.1", &arn)]).await.ok();
    assert_eq!(shown.one("Rules"), changed.one("Rules"));
    assert_eq!(world.call("ModifyRule", &[of]).await.ok().one("Rules"), changed.one("Rules"), "nothing asked");
}

#[tokio::test]
async fn the_default_rule_is_changed_with_its_listener_only() {
    let world = World::new().await;
    let (_, listener, group) = listener(&world).await;
    let default = world.call("DescribeRules", &[("ListenerArn", &listener)]).await.ok().one("RuleArn");
    let of = ("RuleArn", default.as_str());
    assert_eq!(world.call("DeleteRule", &[of]).await.error(), (400, "OperationNotPermitted".into()));
    let forward = [of, ("Actions[1.Type", "forward"), ("Actions[1.TargetGroupArn", group.as_str())];
    assert_eq!(call(&world, "ModifyRule", &forward).await.error(), (400, "OperationNotPermitted".into()));
    let transforms = [
        ("ListenerArn", listener.as_str()),
        ("DefaultActions[1.Type", "forward"),
        ("DefaultActions[1.TargetGroupArn", &group),
        ("Transforms[1.Type", "url-rewrite"),
    ];
    assert_eq!(call(&world, "ModifyListener", &transforms).await.error(), (400, "ValidationError".into()));
}

#[tokio::test]
async fn rules_are_deleted_alone_with_their_listener_and_with_their_load_balancer() {
    let world = World::new().await;
    let (balancer, listener, group) = listener(&world).await;
    let rules = || world.server.store.view().list::<model::elbv2::rule::Rule>(&crate::world::scope()).count();
    let first = rule(&world, &listener, "1", &group).await;
    rule(&world, &listener, "2", &group).await;
    let other = world.listener(&balancer, "81", &group).await;
    rule(&world, &other, "1", &group).await;
    world.call("DeleteRule", &[("RuleArn", &first)]).await.ok();
    assert_eq!(world.call("DeleteRule", &[("RuleArn", &first)]).await.error(), (400, "RuleNotFound".into()));
    assert_eq!(priorities(&world, &listener).await, ["2", "default"]);
    world.call("DeleteListener", &[("ListenerArn", &listener)]).await.ok();
    assert_eq!(rules(), 1);
    world.call("DeleteLoadBalancer", &[("LoadBalancerArn", &balancer)]).await.ok();
    assert_eq!(rules(), 0);
    world.call("DeleteTargetGroup", &[("TargetGroupArn", &group)]).await.ok();
}

#[tokio::test]
async fn a_target_group_of_a_rule_is_in_use_and_belongs_to_one_load_balancer() {
    let world = World::new().await;
    let (_, listener, _) = listener(&world).await;
    let group = world.target_group("ruled").await;
    let arn = rule(&world, &listener, "1", &group).await;
    let delete = [("TargetGroupArn", group.as_str())];
    assert_eq!(world.call("DeleteTargetGroup", &delete).await.error(), (400, "ResourceInUse".into()));
    let other = world.load_balancer("other").await;
    assert_eq!(world.create_listener(&other, "80", &group).await.error().1, "TargetGroupAssociationLimit");
    let spare = world.target_group("spare").await;
    let elsewhere = world.listener(&other, "80", &spare).await;
    assert_eq!(create(&world, &elsewhere, "1", "/x", &group).await.error().1, "TargetGroupAssociationLimit");
    let foreign = [("Name", "foreign"), ("Protocol", "HTTP"), ("Port", "80"), ("VpcId", OTHER_VPC)];
    let foreign = world.call("CreateTargetGroup", &foreign).await.ok().one("TargetGroupArn");
    assert_eq!(create(&world, &listener, "2", "/x", &foreign).await.error().1, "InvalidConfigurationRequest");
    world.call("DeleteRule", &[("RuleArn", &arn)]).await.ok();
    rule(&world, &elsewhere, "1", &group).await;
    let groups = world.call("DescribeTargetGroups", &[("LoadBalancerArn", &other)]).await.ok();
    assert_eq!(groups.all("TargetGroupName").len(), 2);
}

#[tokio::test]
async fn a_load_balancer_has_a_hundred_rules() {
    let world = World::new().await;
    let (balancer, listener, group) = listener(&world).await;
    let other = world.listener(&balancer, "81", &group).await;
    for priority in 1..=50 {
        rule(&world, &listener, &priority.to_string(), &group).await;
        rule(&world, &other, &priority.to_string(), &group).await;
    }
    let refused = create(&world, &listener, "51", "/x", &group).await;
    assert_eq!(refused.error(), (400, "TooManyRules".into()), "{}", refused.text());
    let elsewhere = world.load_balancer("elsewhere").await;
    let spare = world.target_group("spare").await;
    let elsewhere = world.listener(&elsewhere, "80", &spare).await;
    rule(&world, &elsewhere, "1", &spare).await;
}

#[tokio::test]
async fn a_load_balancer_has_a_hundred_target_groups() {
    let world = World::new().await;
    let (_, listener, _) = listener(&world).await;
    let mut groups = Vec::new();
    for n in 0..100 {
        groups.push(world.target_group(&format!("g{n}")).await);
    }
    // Five to a rule: 95 and that of the listener are 96.
    for (n, five) in groups[..95].chunks(5).enumerate() {
        let priority = (n + 1).to_string();
        let names: Vec<String> =
            (1..=5).map(|n| format!("Actions[1.ForwardConfig.TargetGroups[{n}.TargetGroupArn")).collect();
        let mut short = vec![
            ("ListenerArn", listener.as_str()),
            ("Priority", priority.as_str()),
            ("Conditions[1.Field", "path-pattern"),
            ("Conditions[1.Values[1", "/a"),
            ("Actions[1.Type", "forward"),
        ];
        short.extend(names.iter().zip(five).map(|(name, arn)| (name.as_str(), arn.as_str())));
        call(&world, "CreateRule", &short).await.ok();
    }
    for (n, group) in groups[95..99].iter().enumerate() {
        rule(&world, &listener, &(100 + n).to_string(), group).await;
    }
    let refused = create(&world, &listener, "200", "/x", &groups[99]).await;
    assert_eq!(refused.error(), (400, "TooManyUniqueTargetGroupsPerLoadBalancer".into()), "{}", refused.text());
    rule(&world, &listener, "200", &groups[0]).await;
}

#[tokio::test]
async fn rules_of_another_region_are_not_found() {
    let world = World::new().await;
    let (_, listener, group) = listener(&world).await;
    let arn = rule(&world, &listener, "1", &group).await;
    let foreign = arn.replace("ap-northeast-2", "us-east-1");
    for (action, key) in [("DeleteRule", "RuleArn"), ("DescribeRules", "RuleArns.member.1"), ("ModifyRule", "RuleArn")]
    {
        assert_eq!(world.call(action, &[(key, &foreign)]).await.error(), (400, "RuleNotFound".into()), "{action}");
        assert_eq!(world.call(action, &[(key, "x")]).await.error(), (400, "ValidationError".into()), "{action}");
    }
}
