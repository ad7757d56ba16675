//! Server certificates of IAM.

use crate::support::certificates::{Authority, Made, self_signed};
use crate::support::{ACCOUNT, Reply, Server};

async fn upload(server: &Server, name: &str, made: &Made, more: &[(&str, &str)]) -> Reply {
    let mut parameters = vec![
        ("ServerCertificateName", name),
        ("CertificateBody", made.certificate.as_str()),
        ("PrivateKey", made.key.as_str()),
    ];
    parameters.extend(more);
    server.iam("UploadServerCertificate", &parameters).await
}

async fn names(server: &Server, parameters: &[(&str, &str)]) -> Vec<String> {
    server.iam("ListServerCertificates", parameters).await.ok().all("ServerCertificateName")
}

#[tokio::test]
async fn an_uploaded_certificate_is_given_back_without_its_key() {
    let server = Server::start().await;
    let root = Authority::root("Example CA");
    let made = root.sign(&["www.example.com"]);
    let chain = root.certificate();
    let more = [
        ("Path", "/web/"),
        ("CertificateChain", chain.as_str()),
        ("Tags.member.1.Key", "team"),
        ("Tags.member.1.Value", "web"),
    ];
    let uploaded = upload(&server, "Web", &made, &more).await.ok();
    assert_eq!(uploaded.one("Arn"), format!("arn:aws:iam::{ACCOUNT}:server-certificate/web/Web"));
    assert!(uploaded.one("ServerCertificateId").starts_with("ASCA") && uploaded.one("ServerCertificateId").len() == 21);
    assert_eq!(uploaded.one("Expiration"), "2100-01-01T00:00:00.000Z");
    assert_eq!((uploaded.one("Key"), uploaded.one("Value")), ("team".into(), "web".into()));
    let got = server.iam("GetServerCertificate", &[("ServerCertificateName", "web")]).await.ok();
    assert_eq!(got.one("CertificateBody"), made.certificate.replace("\r\n", "\n").trim_end());
    assert_eq!(got.one("CertificateChain"), chain.replace("\r\n", "\n").trim_end());
    assert_eq!((got.one("Path"), got.one("ServerCertificateName")), ("/web/".into(), "Web".into()));
    for text in [got.text(), uploaded.text(), server.iam("ListServerCertificates", &[]).await.ok().text()] {
        assert!(!text.contains("PRIVATE KEY"), "{text}");
    }
}

#[tokio::test]
async fn names_are_unique_without_regard_to_case_and_can_change() {
    let server = Server::start().await;
    let made = self_signed(&["a.example.com"]);
    upload(&server, "one", &made, &[]).await.ok();
    assert_eq!(upload(&server, "ONE", &made, &[]).await.error(), (409, "EntityAlreadyExists".into()));
    upload(&server, "two", &made, &[("Path", "/x/")]).await.ok();
    assert_eq!(names(&server, &[]).await, ["one", "two"]);
    assert_eq!(names(&server, &[("PathPrefix", "/x")]).await, ["two"]);
    let taken = [("ServerCertificateName", "one"), ("NewServerCertificateName", "TWO")];
    assert_eq!(server.iam("UpdateServerCertificate", &taken).await.error(), (409, "EntityAlreadyExists".into()));
    let renamed = [("ServerCertificateName", "ONE"), ("NewServerCertificateName", "First"), ("NewPath", "/y/")];
    server.iam("UpdateServerCertificate", &renamed).await.ok();
    let got = server.iam("GetServerCertificate", &[("ServerCertificateName", "first")]).await.ok();
    assert_eq!(got.one("Arn"), format!("arn:aws:iam::{ACCOUNT}:server-certificate/y/First"));
    let page = server.iam("ListServerCertificates", &[("MaxItems", "1")]).await.ok();
    assert_eq!((page.one("IsTruncated"), page.all("ServerCertificateName")), ("true".into(), vec!["First".to_owned()]));
    assert_eq!(names(&server, &[("Marker", &page.one("Marker"))]).await, ["two"]);
    server.iam("DeleteServerCertificate", &[("ServerCertificateName", "FIRST")]).await.ok();
    for action in
        ["DeleteServerCertificate", "GetServerCertificate", "UpdateServerCertificate", "ListServerCertificateTags"]
    {
        let error = server.iam(action, &[("ServerCertificateName", "first")]).await.error();
        assert_eq!(error, (404, "NoSuchEntity".into()), "{action}");
    }
}

#[tokio::test]
async fn what_does_not_fit_together_is_refused() {
    let server = Server::start().await;
    let (one, other) = (self_signed(&["a.example.com"]), self_signed(&["b.example.com"]));
    let table = [
        (Made { key: other.key.clone(), ..one.clone() }, "KeyPairMismatch"),
        (Made { key: one.certificate.clone(), ..one.clone() }, "MalformedCertificate"),
        (Made { certificate: one.key.clone(), ..one.clone() }, "MalformedCertificate"),
        (
            Made { certificate: format!("{}{}", one.certificate, other.certificate), ..one.clone() },
            "MalformedCertificate",
        ),
        (Made { certificate: "x".repeat(16_385), ..one.clone() }, "ValidationError"),
    ];
    for (made, code) in table {
        let refused = upload(&server, "bad", &made, &[]).await;
        assert_eq!(refused.error(), (400, code.to_owned()), "{}", refused.text());
        assert!(!refused.text().contains("PRIVATE KEY"), "{}", refused.text());
    }
    let chain = upload(&server, "bad", &one, &[("CertificateChain", &other.certificate)]).await;
    assert_eq!(chain.error(), (400, "MalformedCertificate".into()), "{}", chain.text());
    assert_eq!(upload(&server, "a b", &one, &[]).await.error(), (400, "ValidationError".into()));
    assert_eq!(upload(&server, "bad", &one, &[("Path", "x")]).await.error(), (400, "ValidationError".into()));
    assert!(names(&server, &[]).await.is_empty());
}

#[tokio::test]
async fn an_account_has_twenty_server_certificates() {
    let server = Server::start().await;
    let made = self_signed(&["a.example.com"]);
    for n in 0..20 {
        upload(&server, &format!("c{n}"), &made, &[]).await.ok();
    }
    assert_eq!(upload(&server, "c20", &made, &[]).await.error(), (409, "LimitExceeded".into()));
}

#[tokio::test]
async fn tags_of_server_certificates_are_told_apart_without_regard_to_case() {
    let server = Server::start().await;
    upload(&server, "one", &self_signed(&["a.example.com"]), &[]).await.ok();
    let of = ("ServerCertificateName", "one");
    let tag = |key: &'static str, value: &'static str| [of, ("Tags.member.1.Key", key), ("Tags.member.1.Value", value)];
    server.iam("TagServerCertificate", &tag("Team", "web")).await.ok();
    server.iam("TagServerCertificate", &tag("team", "db")).await.ok();
    server.iam("TagServerCertificate", &tag("stage", "test")).await.ok();
    let shown = server.iam("ListServerCertificateTags", &[of]).await.ok();
    assert_eq!(shown.all("Key"), ["stage", "team"]);
    server.iam("UntagServerCertificate", &[of, ("TagKeys.member.1", "TEAM")]).await.ok();
    assert_eq!(server.iam("ListServerCertificateTags", &[of]).await.ok().all("Key"), ["stage"]);
    assert_eq!(server.iam("TagServerCertificate", &tag("aws:x", "1")).await.error(), (400, "InvalidInput".into()));
}
