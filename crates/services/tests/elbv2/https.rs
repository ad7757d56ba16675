//! HTTPS listeners: certificates, security policies, client certificates; and what holds certificates.

use serde_json::json;

use crate::support::certificates::self_signed;
use crate::support::{ACCOUNT, Reply};
use crate::world::{UNKNOWN_ID, World, arn, inner};

const CERTIFICATE: &str = "Certificates.member.1.CertificateArn";

/// CreateListener on HTTPS with a fixed response.
pub async fn create(world: &World, balancer: &str, port: &str, more: &[(&str, &str)]) -> Reply {
    let mut parameters = vec![
        ("LoadBalancerArn", balancer),
        ("Protocol", "HTTPS"),
        ("Port", port),
        ("DefaultActions.member.1.Type", "fixed-response"),
        ("DefaultActions.member.1.FixedResponseConfig.StatusCode", "200"),
    ];
    parameters.retain(|(key, _)| !more.iter().any(|(other, _)| other == key));
    parameters.extend(more);
    world.call("CreateListener", &parameters).await
}

async fn certificate(world: &World, name: &str) -> String {
    world.server.import(&self_signed(&[name])).await
}

async fn listed(world: &World, listener: &str) -> Vec<(String, String)> {
    let reply = world.call("DescribeListenerCertificates", &[("ListenerArn", listener)]).await.ok();
    reply.all("CertificateArn").into_iter().zip(reply.all("IsDefault")).collect()
}

#[tokio::test]
async fn an_https_listener_has_a_certificate_and_a_policy() {
    let world = World::new().await;
    let balancer = world.load_balancer("web").await;
    let one = certificate(&world, "one.example.com").await;
    let created = create(&world, &balancer, "443", &[(CERTIFICATE, &one)]).await.ok();
    assert_eq!(
        (created.one("Protocol"), created.one("SslPolicy")),
        ("HTTPS".into(), "ELBSecurityPolicy-2016-08".into())
    );
    assert_eq!(created.one("MutualAuthentication"), "<Mode>off</Mode>");
    assert_eq!(created.all("CertificateArn"), [one.as_str()]);
    assert!(created.all("IsDefault").is_empty(), "shown with the list of certificates only");
    let again = create(&world, &balancer, "443", &[(CERTIFICATE, &one)]).await.ok();
    assert_eq!(again.one("ListenerArn"), created.one("ListenerArn"));
    let policy = ("SslPolicy", "ELBSecurityPolicy-TLS13-1-2-2021-06");
    let newer = create(&world, &balancer, "9443", &[(CERTIFICATE, &one), policy]).await.ok();
    assert_eq!(newer.one("SslPolicy"), policy.1);
    let plain = world.call("DescribeListeners", &[("LoadBalancerArn", &balancer)]).await.ok();
    assert_eq!(plain.all("SslPolicy").len(), 2);
}

#[tokio::test]
async fn tls_that_cannot_be_is_refused() {
    let world = World::new().await;
    let balancer = world.load_balancer("web").await;
    let one = certificate(&world, "one.example.com").await;
    let (http, default) = (("Protocol", "HTTP"), (CERTIFICATE, one.as_str()));
    let absent = one.replace(&one[one.len() - 4..], "0000");
    let abroad = one.replace("ap-northeast-2", "us-east-1");
    let of_iam = format!("arn:aws:iam::{ACCOUNT}:server-certificate/none");
    let mode = "MutualAuthentication.Mode";
    let store = "MutualAuthentication.TrustStoreArn";
    let no_store = arn(&format!("truststore/x/{UNKNOWN_ID}"));
    let table: &[(&[(&str, &str)], &str)] = &[
        (&[], "ValidationError"),
        (&[(CERTIFICATE, "x")], "ValidationError"),
        (&[(CERTIFICATE, &balancer)], "ValidationError"),
        (&[(CERTIFICATE, &absent)], "CertificateNotFound"),
        (&[(CERTIFICATE, &abroad)], "CertificateNotFound"),
        (&[(CERTIFICATE, &of_iam)], "CertificateNotFound"),
        (&[default, ("Certificates.member.2.CertificateArn", &one)], "TooManyCertificates"),
        (&[default, ("Certificates.member.1.IsDefault", "true")], "InvalidConfigurationRequest"),
        (&[default, ("SslPolicy", "ELBSecurityPolicy-1999-01")], "SSLPolicyNotFound"),
        (&[default, ("AlpnPolicy.member.1", "HTTP2Preferred")], "InvalidConfigurationRequest"),
        (&[http, default], "InvalidConfigurationRequest"),
        (&[http, ("SslPolicy", "ELBSecurityPolicy-2016-08")], "InvalidConfigurationRequest"),
        (&[http, (mode, "off")], "InvalidConfigurationRequest"),
        (&[default, (mode, "maybe")], "ValidationError"),
        (&[default, (mode, "verify")], "ValidationError"),
        (&[default, (mode, "verify"), (store, "x")], "ValidationError"),
        (&[default, (mode, "verify"), (store, &no_store)], "TrustStoreNotFound"),
        (&[default, (mode, "passthrough"), (store, &no_store)], "ValidationError"),
        (&[default, (mode, "off"), ("MutualAuthentication.IgnoreClientCertificateExpiry", "true")], "ValidationError"),
        (&[default, (mode, "off"), ("MutualAuthentication.AdvertiseTrustStoreCaNames", "on")], "ValidationError"),
        (
            &[default, (mode, "off"), ("MutualAuthentication.TrustStoreAssociationStatus", "active")],
            "InvalidConfigurationRequest",
        ),
    ];
    for (more, code) in table {
        let reply = create(&world, &balancer, "443", more).await;
        assert_eq!(reply.error(), (400, (*code).to_owned()), "{more:?}: {}", reply.text());
    }
    assert_eq!(world.listeners(), 0);
}

#[tokio::test]
async fn a_listener_changes_between_http_and_https() {
    let world = World::new().await;
    let (balancer, group) = (world.load_balancer("web").await, world.target_group("web").await);
    let (one, two) = (certificate(&world, "one.example.com").await, certificate(&world, "two.example.com").await);
    let listener = world.listener(&balancer, "443", &group).await;
    let modify = |more: Vec<(&str, &str)>| {
        let (world, listener) = (&world, listener.clone());
        let more: Vec<(String, String)> = more.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        async move {
            let mut parameters = vec![("ListenerArn", listener.as_str())];
            parameters.extend(more.iter().map(|(k, v)| (k.as_str(), v.as_str())));
            world.call("ModifyListener", &parameters).await
        }
    };
    assert_eq!(modify(vec![("Protocol", "HTTPS")]).await.error(), (400, "ValidationError".into()));
    assert_eq!(modify(vec![(CERTIFICATE, &one)]).await.error(), (400, "InvalidConfigurationRequest".into()));
    let changed = modify(vec![("Protocol", "HTTPS"), (CERTIFICATE, &one)]).await.ok();
    assert_eq!(changed.one("SslPolicy"), "ELBSecurityPolicy-2016-08");
    let add = [("ListenerArn", listener.as_str()), (CERTIFICATE, two.as_str())];
    world.call("AddListenerCertificates", &add).await.ok();
    let changed = modify(vec![("SslPolicy", "ELBSecurityPolicy-TLS13-1-3-2021-06")]).await.ok();
    assert_eq!(changed.all("CertificateArn"), [one.as_str()]);
    modify(vec![(CERTIFICATE, &two)]).await.ok();
    let both = [(two.clone(), "true".to_owned()), (two.clone(), "false".to_owned())];
    assert_eq!(listed(&world, &listener).await, both, "one that is both comes twice");
    let passed = modify(vec![("MutualAuthentication.Mode", "passthrough")]).await.ok();
    assert_eq!(
        (passed.one("Mode"), passed.one("SslPolicy")),
        ("passthrough".into(), "ELBSecurityPolicy-TLS13-1-3-2021-06".into())
    );
    let plain = modify(vec![("Protocol", "HTTP")]).await.ok();
    assert!(plain.all("SslPolicy").is_empty() && plain.all("CertificateArn").is_empty(), "{}", plain.text());
    assert!(listed(&world, &listener).await.is_empty());
    world.server.acm("DeleteCertificate", &json!({ "CertificateArn": two })).await.ok();
}

#[tokio::test]
async fn certificates_are_added_and_removed_but_not_the_default_one() {
    let world = World::new().await;
    let balancer = world.load_balancer("web").await;
    let (one, two) = (certificate(&world, "one.example.com").await, certificate(&world, "two.example.com").await);
    let listener = create(&world, &balancer, "443", &[(CERTIFICATE, &one)]).await.ok().one("ListenerArn");
    let call = |action: &'static str, certificate: &str| {
        let (world, listener, certificate) = (&world, listener.clone(), certificate.to_owned());
        async move { world.call(action, &[("ListenerArn", &listener), (CERTIFICATE, &certificate)]).await }
    };
    let added = call("AddListenerCertificates", &two).await.ok();
    assert_eq!((added.one("CertificateArn"), added.one("IsDefault")), (two.clone(), "false".into()));
    call("AddListenerCertificates", &two).await.ok();
    let default = (one.clone(), "true".to_owned());
    assert_eq!(listed(&world, &listener).await, [default.clone(), (two.clone(), "false".into())]);
    assert_eq!(call("RemoveListenerCertificates", &one).await.error(), (400, "OperationNotPermitted".into()));
    call("AddListenerCertificates", &one).await.ok();
    call("RemoveListenerCertificates", &one).await.ok();
    call("RemoveListenerCertificates", &two).await.ok();
    call("RemoveListenerCertificates", &two).await.ok();
    assert_eq!(listed(&world, &listener).await, [default]);
    assert_eq!(
        call("AddListenerCertificates", "arn:aws:acm:ap-northeast-2:1:certificate/x").await.error().1,
        "CertificateNotFound"
    );
    let both = [
        ("ListenerArn", listener.as_str()),
        (CERTIFICATE, one.as_str()),
        ("Certificates.member.2.CertificateArn", two.as_str()),
    ];
    assert_eq!(world.call("AddListenerCertificates", &both).await.error().1, "TooManyCertificates");
    let group = world.target_group("web").await;
    let plain = world.listener(&balancer, "80", &group).await;
    let refused = world.call("AddListenerCertificates", &[("ListenerArn", &plain), (CERTIFICATE, &one)]).await;
    assert_eq!(refused.error(), (400, "InvalidConfigurationRequest".into()));
}

#[tokio::test]
async fn a_load_balancer_has_twenty_five_further_certificates() {
    let world = World::new().await;
    let balancer = world.load_balancer("web").await;
    let default = certificate(&world, "default.example.com").await;
    let first = create(&world, &balancer, "443", &[(CERTIFICATE, &default)]).await.ok().one("ListenerArn");
    let second = create(&world, &balancer, "444", &[(CERTIFICATE, &default)]).await.ok().one("ListenerArn");
    for n in 0..26 {
        let one = certificate(&world, &format!("c{n}.example.com")).await;
        let listener = if n % 2 == 0 { &first } else { &second };
        let reply = world.call("AddListenerCertificates", &[("ListenerArn", listener), (CERTIFICATE, &one)]).await;
        match n {
            25 => assert_eq!(reply.error(), (400, "TooManyCertificates".into())),
            _ => drop(reply.ok()),
        }
    }
    let page = world.call("DescribeListenerCertificates", &[("ListenerArn", &first), ("PageSize", "10")]).await.ok();
    assert_eq!((page.all("CertificateArn").len(), page.all("NextMarker").len()), (10, 1));
    assert_eq!(page.all("IsDefault")[0], "true", "the default one comes first");
}

#[tokio::test]
async fn a_certificate_in_use_cannot_be_deleted_and_says_by_whom() {
    let world = World::new().await;
    let balancer = world.load_balancer("web").await;
    let (one, two) = (certificate(&world, "one.example.com").await, certificate(&world, "two.example.com").await);
    let listener = create(&world, &balancer, "443", &[(CERTIFICATE, &one)]).await.ok().one("ListenerArn");
    world.call("AddListenerCertificates", &[("ListenerArn", &listener), (CERTIFICATE, &two)]).await.ok();
    for arn in [&one, &two] {
        let of = json!({ "CertificateArn": arn });
        let shown = world.server.acm("DescribeCertificate", &of).await.ok().json();
        assert_eq!(shown["Certificate"]["InUseBy"], json!([balancer]));
        let refused = world.server.acm("DeleteCertificate", &of).await;
        assert_eq!(refused.json_error(), (400, "ResourceInUseException".into()), "{}", refused.text());
        assert!(refused.text().contains(&balancer), "{}", refused.text());
    }
    world.call("DeleteLoadBalancer", &[("LoadBalancerArn", &balancer)]).await.ok();
    world.server.acm("DeleteCertificate", &json!({ "CertificateArn": one })).await.ok();
}

#[tokio::test]
async fn a_server_certificate_is_used_by_its_arn_and_followed_when_it_is_renamed() {
    let world = World::new().await;
    let balancer = world.load_balancer("web").await;
    let made = self_signed(&["one.example.com"]);
    let upload = [
        ("ServerCertificateName", "one"),
        ("CertificateBody", made.certificate.as_str()),
        ("PrivateKey", made.key.as_str()),
    ];
    let arn = world.server.iam("UploadServerCertificate", &upload).await.ok().one("Arn");
    let listener = create(&world, &balancer, "443", &[(CERTIFICATE, &arn)]).await.ok().one("ListenerArn");
    let name = ("ServerCertificateName", "one");
    let refused = world.server.iam("DeleteServerCertificate", &[name]).await;
    assert_eq!(refused.error(), (409, "DeleteConflict".into()));
    assert!(refused.text().contains(&balancer));
    world
        .server
        .iam("UpdateServerCertificate", &[name, ("NewServerCertificateName", "two"), ("NewPath", "/x/")])
        .await
        .ok();
    let shown = world.call("DescribeListeners", &[("ListenerArns.member.1", &listener)]).await.ok();
    assert_eq!(shown.one("CertificateArn"), format!("arn:aws:iam::{ACCOUNT}:server-certificate/x/two"));
    world.call("DeleteListener", &[("ListenerArn", &listener)]).await.ok();
    world.server.iam("DeleteServerCertificate", &[("ServerCertificateName", "two")]).await.ok();
}

#[tokio::test]
async fn redirects_from_https_to_http_are_refused_also_when_the_listener_changes() {
    let world = World::new().await;
    let balancer = world.load_balancer("web").await;
    let one = certificate(&world, "one.example.com").await;
    let to_http = [
        ("DefaultActions.member.1.Type", "redirect"),
        ("DefaultActions.member.1.RedirectConfig.Protocol", "HTTP"),
        ("DefaultActions.member.1.RedirectConfig.Port", "81"),
        ("DefaultActions.member.1.RedirectConfig.StatusCode", "HTTP_301"),
    ];
    let mut parameters = vec![("LoadBalancerArn", balancer.as_str()), ("Port", "443")];
    parameters.extend(to_http);
    let https = [&parameters[..], &[("Protocol", "HTTPS"), (CERTIFICATE, &one)]].concat();
    assert_eq!(world.call("CreateListener", &https).await.error(), (400, "InvalidLoadBalancerAction".into()));
    let http = [&parameters[..], &[("Protocol", "HTTP")]].concat();
    let listener = world.call("CreateListener", &http).await.ok().one("ListenerArn");
    let change = [("ListenerArn", listener.as_str()), ("Protocol", "HTTPS"), (CERTIFICATE, one.as_str())];
    assert_eq!(world.call("ModifyListener", &change).await.error(), (400, "InvalidLoadBalancerAction".into()));
}

#[tokio::test]
async fn policies_show_what_is_served() {
    let world = World::new().await;
    let all = world.call("DescribeSSLPolicies", &[]).await.ok();
    assert_eq!(all.all("Ciphers").len(), model::elbv2::security_policy::ALL.len());
    let newest =
        world.call("DescribeSSLPolicies", &[("Names.member.1", "ELBSecurityPolicy-TLS13-1-3-PQ-2025-09")]).await.ok();
    assert_eq!(inner(&inner(&newest.text(), "SslProtocols")[0], "member"), ["TLSv1.3"]);
    assert_eq!(inner(&newest.text(), "Name").first().map(String::as_str), Some("TLS_AES_128_GCM_SHA256"));
}
