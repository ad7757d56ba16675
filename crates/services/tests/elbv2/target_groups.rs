//! Target groups: defaults, idempotence, health check settings, what holds one back from deletion.

use crate::support::Reply;
use crate::world::{OTHER_VPC, RUNNING_A, UNKNOWN_ID, VPC, World, arn, inner};

const BASE: [(&str, &str); 4] = [("Name", "web"), ("Protocol", "HTTP"), ("Port", "3000"), ("VpcId", VPC)];

async fn create(world: &World, more: &[(&str, &str)]) -> Reply {
    let kept = BASE.into_iter().filter(|(key, _)| !more.iter().any(|(other, _)| other == key));
    let given = more.iter().copied().filter(|(_, value)| *value != "(absent)");
    world.call("CreateTargetGroup", &kept.chain(given).collect::<Vec<_>>()).await
}

#[tokio::test]
async fn a_new_target_group_has_the_defaults_of_aws() {
    let world = World::new().await;
    let group = create(&world, &[]).await.ok();
    let table = [
        ("TargetGroupName", "web"),
        ("Protocol", "HTTP"),
        ("ProtocolVersion", "HTTP1"),
        ("Port", "3000"),
        ("VpcId", VPC),
        ("TargetType", "instance"),
        ("IpAddressType", "ipv4"),
        ("HealthCheckEnabled", "true"),
        ("HealthCheckProtocol", "HTTP"),
        ("HealthCheckPort", "traffic-port"),
        ("HealthCheckPath", "/"),
        ("HealthCheckIntervalSeconds", "30"),
        ("HealthCheckTimeoutSeconds", "5"),
        ("HealthyThresholdCount", "5"),
        ("UnhealthyThresholdCount", "2"),
        ("HttpCode", "200"),
    ];
    for (element, value) in table {
        assert_eq!(group.one(element), value, "{element}");
    }
    assert!(group.one("TargetGroupArn").starts_with(&arn("targetgroup/web/")), "{}", group.text());
    assert!(group.text().contains("<LoadBalancerArns"), "{}", group.text());
}

#[tokio::test]
async fn everything_about_health_checks_can_be_said_at_creation_and_changed_later() {
    let world = World::new().await;
    let first = [
        ("HealthCheckEnabled", "true"),
        ("HealthCheckProtocol", "HTTP"),
        ("HealthCheckPort", "8080"),
        ("HealthCheckPath", "/health?deep=1&x=<y>"),
        ("HealthCheckIntervalSeconds", "5"),
        ("HealthCheckTimeoutSeconds", "2"),
        ("HealthyThresholdCount", "2"),
        ("UnhealthyThresholdCount", "10"),
        ("Matcher.HttpCode", "200-299,301"),
    ];
    let created =
        create(&world, &[&first[..], &[("TargetType", "ip"), ("ProtocolVersion", "HTTP1")]].concat()).await.ok();
    assert_eq!(created.one("TargetType"), "ip");
    assert_eq!((created.one("HealthCheckPort"), created.one("HttpCode")), ("8080".into(), "200-299,301".into()));
    assert_eq!(created.one("HealthCheckPath"), "/health?deep=1&amp;x=&lt;y&gt;");
    assert_eq!(
        (created.one("HealthyThresholdCount"), created.one("UnhealthyThresholdCount")),
        ("2".into(), "10".into())
    );

    let group = created.one("TargetGroupArn");
    let change = [
        ("TargetGroupArn", group.as_str()),
        ("HealthCheckPort", "traffic-port"),
        ("HealthCheckTimeoutSeconds", "4"),
        ("Matcher.HttpCode", "404"),
    ];
    let changed = world.call("ModifyTargetGroup", &change).await.ok();
    assert_eq!(changed.one("HealthCheckPort"), "traffic-port");
    assert_eq!((changed.one("HealthCheckTimeoutSeconds"), changed.one("HttpCode")), ("4".into(), "404".into()));
    assert_eq!(changed.one("HealthCheckIntervalSeconds"), "5");
    let described = world.call("DescribeTargetGroups", &[]).await.ok();
    assert_eq!(described.one("TargetGroups"), changed.one("TargetGroups"));
    for (key, value) in [("HealthCheckTimeoutSeconds", "5"), ("HealthCheckPath", "x"), ("HealthCheckEnabled", "false")]
    {
        let error = world.call("ModifyTargetGroup", &[("TargetGroupArn", &group), (key, value)]).await.error();
        assert_eq!(error, (400, "ValidationError".into()), "{key}");
    }
    assert_eq!(world.call("DescribeTargetGroups", &[]).await.one("TargetGroups"), changed.one("TargetGroups"));
}

#[tokio::test]
async fn what_cannot_be_is_refused_in_aws_codes() {
    let world = World::new().await;
    let long_path = format!("/{}", "a".repeat(1024));
    let long_name = "a".repeat(33);
    let table: &[(&[(&str, &str)], &str)] = &[
        (&[("Protocol", "(absent)")], "ValidationError"),
        (&[("Port", "(absent)")], "ValidationError"),
        (&[("VpcId", "(absent)")], "ValidationError"),
        (&[("VpcId", "vpc-0123456789abcdef0")], "ValidationError"),
        (&[("VpcId", "")], "ValidationError"),
        (&[("Name", "")], "ValidationError"),
        (&[("Name", "-a")], "ValidationError"),
        (&[("Name", "a_b")], "ValidationError"),
        (&[("Name", &long_name)], "ValidationError"),
        (&[("Port", "0")], "ValidationError"),
        (&[("Port", "65536")], "ValidationError"),
        (&[("Port", "http")], "ValidationError"),
        (&[("Port", "1e3")], "ValidationError"),
        (&[("Protocol", "TCP")], "InvalidConfigurationRequest"),
        (&[("Protocol", "GENEVE")], "InvalidConfigurationRequest"),
        (&[("Protocol", "http")], "ValidationError"),
        (&[("ProtocolVersion", "HTTP3")], "ValidationError"),
        (&[("TargetType", "lambda")], "InvalidConfigurationRequest"),
        (&[("TargetType", "alb")], "InvalidConfigurationRequest"),
        (&[("TargetType", "host")], "ValidationError"),
        (&[("IpAddressType", "ipv6")], "InvalidConfigurationRequest"),
        (&[("TargetControlPort", "9")], "InvalidConfigurationRequest"),
        (&[("HealthCheckEnabled", "false")], "ValidationError"),
        (&[("HealthCheckEnabled", "TRUE")], "ValidationError"),
        (&[("HealthCheckProtocol", "TCP")], "ValidationError"),
        (&[("HealthCheckPort", "0")], "ValidationError"),
        (&[("HealthCheckPort", "65536")], "ValidationError"),
        (&[("HealthCheckPort", "traffic")], "ValidationError"),
        (&[("HealthCheckPath", "")], "ValidationError"),
        (&[("HealthCheckPath", "health")], "ValidationError"),
        (&[("HealthCheckPath", "/a b")], "ValidationError"),
        (&[("HealthCheckPath", "/a\r\nX: y")], "ValidationError"),
        (&[("HealthCheckPath", "/\0")], "ValidationError"),
        (&[("HealthCheckPath", "/건강")], "ValidationError"),
        (&[("HealthCheckPath", &long_path)], "ValidationError"),
        (&[("HealthCheckIntervalSeconds", "4")], "ValidationError"),
        (&[("HealthCheckIntervalSeconds", "301")], "ValidationError"),
        (&[("HealthCheckIntervalSeconds", "5")], "ValidationError"),
        (&[("HealthCheckTimeoutSeconds", "1")], "ValidationError"),
        (&[("HealthCheckTimeoutSeconds", "121")], "ValidationError"),
        (&[("HealthCheckTimeoutSeconds", "30")], "ValidationError"),
        (&[("HealthyThresholdCount", "1")], "ValidationError"),
        (&[("HealthyThresholdCount", "11")], "ValidationError"),
        (&[("UnhealthyThresholdCount", "1")], "ValidationError"),
        (&[("UnhealthyThresholdCount", "11")], "ValidationError"),
        (&[("Matcher.HttpCode", "")], "ValidationError"),
        (&[("Matcher.HttpCode", "199")], "ValidationError"),
        (&[("Matcher.HttpCode", "500")], "ValidationError"),
        (&[("Matcher.HttpCode", "299-200")], "ValidationError"),
        (&[("Matcher.GrpcCode", "12")], "ValidationError"),
        (&[("Matcher.GrpcCode", "12"), ("Matcher.HttpCode", "200")], "ValidationError"),
        (&[("ProtocolVersion", "HTTP2"), ("Matcher.GrpcCode", "12")], "ValidationError"),
        (&[("ProtocolVersion", "GRPC"), ("Matcher.HttpCode", "200")], "ValidationError"),
        (&[("ProtocolVersion", "GRPC"), ("Matcher.GrpcCode", "100")], "ValidationError"),
        (&[("ProtocolVersion", "GRPC"), ("HealthCheckPath", "/health")], "ValidationError"),
        (&[("Matcher", "200")], "ValidationError"),
        (&[("Nonsense", "1")], "ValidationError"),
    ];
    for (parameters, code) in table {
        let reply = create(&world, parameters).await;
        assert_eq!(reply.error(), (400, (*code).to_owned()), "{parameters:?}: {}", reply.text());
    }
    assert!(world.call("DescribeTargetGroups", &[]).await.ok().all("TargetGroupArn").is_empty());
}

#[tokio::test]
async fn the_same_request_again_gives_the_same_target_group() {
    let world = World::new().await;
    let one = create(&world, &[]).await.ok().one("TargetGroupArn");
    assert_eq!(create(&world, &[("HealthCheckPath", "/")]).await.ok().one("TargetGroupArn"), one);
    let others = [
        ("Port", "3001"),
        ("VpcId", OTHER_VPC),
        ("TargetType", "ip"),
        ("Protocol", "HTTPS"),
        ("ProtocolVersion", "HTTP2"),
        ("HealthCheckProtocol", "HTTPS"),
        ("HealthCheckPath", "/other"),
        ("Tags.member.1.Key", "a"),
    ];
    for other in others {
        let error = create(&world, &[other]).await.error();
        assert_eq!(error, (400, "DuplicateTargetGroupName".into()), "{other:?}");
    }
    assert_eq!(world.call("DescribeTargetGroups", &[]).await.all("TargetGroupArn"), [one]);
}

#[tokio::test]
async fn targets_speak_https_http2_and_grpc() {
    let world = World::new().await;
    let secure = create(&world, &[("Protocol", "HTTPS"), ("HealthCheckProtocol", "HTTPS")]).await.ok();
    assert_eq!((secure.one("Protocol"), secure.one("HealthCheckProtocol")), ("HTTPS".into(), "HTTPS".into()));
    let usual = create(&world, &[("Name", "usual"), ("Protocol", "HTTPS")]).await.ok();
    assert_eq!(usual.one("HealthCheckProtocol"), "HTTP", "as the API reference says for Application Load Balancers");
    let newer = create(&world, &[("Name", "newer"), ("ProtocolVersion", "HTTP2")]).await.ok();
    assert_eq!((newer.one("ProtocolVersion"), newer.one("HttpCode")), ("HTTP2".into(), "200".into()));
    let grpc = create(&world, &[("Name", "grpc"), ("ProtocolVersion", "GRPC")]).await.ok();
    assert_eq!((grpc.one("GrpcCode"), grpc.one("HealthCheckPath")), ("12".into(), "/AWS.ALB/healthcheck".into()));
    assert!(grpc.all("HttpCode").is_empty());
    let arn = grpc.one("TargetGroupArn");
    let change = [
        ("TargetGroupArn", arn.as_str()),
        ("HealthCheckPath", "/grpc.health.v1.Health/Check"),
        ("Matcher.GrpcCode", "0,12-14"),
        ("HealthCheckProtocol", "HTTPS"),
    ];
    let changed = world.call("ModifyTargetGroup", &change).await.ok();
    assert_eq!((changed.one("GrpcCode"), changed.one("HealthCheckProtocol")), ("0,12-14".into(), "HTTPS".into()));
    for (key, value) in [("Matcher.HttpCode", "200"), ("HealthCheckPath", "/")] {
        let error = world.call("ModifyTargetGroup", &[("TargetGroupArn", &arn), (key, value)]).await.error();
        assert_eq!(error, (400, "ValidationError".into()), "{key}");
    }
}

#[tokio::test]
async fn http2_and_grpc_need_an_https_listener() {
    let world = World::new().await;
    let balancer = world.load_balancer("web").await;
    let certificate = world.server.import(&crate::support::certificates::self_signed(&["a.example.com"])).await;
    for version in ["HTTP2", "GRPC"] {
        let name = version.to_lowercase();
        let group = create(&world, &[("Name", &name), ("ProtocolVersion", version)]).await.ok().one("TargetGroupArn");
        let refused = world.create_listener(&balancer, "80", &group).await;
        assert_eq!(refused.error(), (400, "InvalidConfigurationRequest".into()), "{}", refused.text());
        let forward = [
            ("LoadBalancerArn", balancer.as_str()),
            ("Protocol", "HTTPS"),
            ("Port", "443"),
            ("Certificates.member.1.CertificateArn", certificate.as_str()),
            ("DefaultActions.member.1.Type", "forward"),
            ("DefaultActions.member.1.TargetGroupArn", group.as_str()),
        ];
        let listener = world.call("CreateListener", &forward).await.ok().one("ListenerArn");
        let plain = world.call("ModifyListener", &[("ListenerArn", &listener), ("Protocol", "HTTP")]).await;
        assert_eq!(plain.error(), (400, "InvalidConfigurationRequest".into()), "{}", plain.text());
        world.call("DeleteListener", &[("ListenerArn", &listener)]).await.ok();
    }
}

#[tokio::test]
async fn they_are_found_by_arn_name_and_load_balancer() {
    let world = World::new().await;
    let (one, other) = (world.target_group("one").await, world.target_group("other").await);
    let (balancer, idle) = (world.load_balancer("web").await, world.load_balancer("idle").await);
    world.listener(&balancer, "80", &other).await;
    let found = |key: &'static str, value: &str| {
        let (world, value) = (&world, value.to_owned());
        async move {
            let reply = world.call("DescribeTargetGroups", &[(key, &value)]).await;
            if reply.status == 200 { Ok(reply.all("TargetGroupName")) } else { Err(reply.error().1) }
        }
    };
    assert_eq!(found("TargetGroupArns.member.1", &one).await, Ok(vec!["one".into()]));
    assert_eq!(found("Names.member.1", "other").await, Ok(vec!["other".into()]));
    assert_eq!(found("LoadBalancerArn", &balancer).await, Ok(vec!["other".into()]));
    assert_eq!(found("LoadBalancerArn", &idle).await, Ok(vec![]));
    assert_eq!(found("Names.member.1", "neither").await, Err("TargetGroupNotFound".into()));
    let absent = arn(&format!("targetgroup/one/{UNKNOWN_ID}"));
    assert_eq!(found("TargetGroupArns.member.1", &absent).await, Err("TargetGroupNotFound".into()));
    assert_eq!(found("TargetGroupArns.member.1", &balancer).await, Err("ValidationError".into()));
    let absent = arn(&format!("loadbalancer/app/one/{UNKNOWN_ID}"));
    assert_eq!(found("LoadBalancerArn", &absent).await, Err("LoadBalancerNotFound".into()));
    let both = [("Names.member.1", "one"), ("LoadBalancerArn", balancer.as_str())];
    assert_eq!(world.call("DescribeTargetGroups", &both).await.error(), (400, "ValidationError".into()));
    let users = world.call("DescribeTargetGroups", &[("Names.member.1", "other")]).await.ok();
    assert_eq!(inner(&users.one("LoadBalancerArns"), "member"), [balancer]);
}

#[tokio::test]
async fn a_target_group_in_use_stays_and_a_free_one_goes_with_its_targets() {
    let world = World::new().await;
    let (group, balancer) = (world.target_group("web").await, world.load_balancer("web").await);
    world.register(&group, &[RUNNING_A]).await.ok();
    let listener = world.listener(&balancer, "80", &group).await;
    let of = [("TargetGroupArn", group.as_str())];
    assert_eq!(world.call("DeleteTargetGroup", &of).await.error(), (400, "ResourceInUse".into()));
    world.call("DeleteListener", &[("ListenerArn", &listener)]).await.ok();
    world.call("DeleteTargetGroup", &of).await.ok();
    assert!(world.targets().is_empty());
    world.call("DeleteTargetGroup", &of).await.ok();
    assert_eq!(world.call("DescribeTargetHealth", &of).await.error(), (400, "TargetGroupNotFound".into()));
    assert_eq!(world.call("ModifyTargetGroup", &of).await.error(), (400, "TargetGroupNotFound".into()));
}
