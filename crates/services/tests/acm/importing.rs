//! Import, describe, get, import again, delete.

use serde_json::{Value, json};

use crate::support::certificates::{Authority, Made, self_signed};
use crate::support::{ACCOUNT, REGION, Server, base64};

pub fn import(made: &Made) -> Value {
    json!({ "Certificate": base64(&made.certificate), "PrivateKey": base64(&made.key) })
}

async fn describe(server: &Server, arn: &str) -> Value {
    server.acm("DescribeCertificate", &json!({ "CertificateArn": arn })).await.ok().json()["Certificate"].clone()
}

#[tokio::test]
async fn an_imported_certificate_is_described_and_given_without_its_key() {
    let server = Server::start().await;
    let root = Authority::root("Example CA");
    let made = root.sign(&["www.example.com", "*.example.com"]);
    let mut input = import(&made);
    input["CertificateChain"] = json!(base64(&root.certificate()));
    input["Tags"] = json!([{ "Key": "team", "Value": "web" }]);
    let reply = server.acm("ImportCertificate", &input).await.ok();
    let arn = reply.json()["CertificateArn"].as_str().unwrap().to_owned();
    assert!(arn.starts_with(&format!("arn:aws:acm:{REGION}:{ACCOUNT}:certificate/")), "{arn}");
    assert_eq!(arn.rsplit('/').next().unwrap().len(), 36);
    let shown = describe(&server, &arn).await;
    for (member, expected) in [
        ("DomainName", json!("www.example.com")),
        ("SubjectAlternativeNames", json!(["www.example.com", "*.example.com"])),
        ("Subject", json!("CN=www.example.com")),
        ("Issuer", json!("Example CA Inc.")),
        ("Status", json!("ISSUED")),
        ("Type", json!("IMPORTED")),
        ("KeyAlgorithm", json!("EC_prime256v1")),
        ("SignatureAlgorithm", json!("SHA256WITHECDSA")),
        ("KeyUsages", json!([{ "Name": "DIGITAL_SIGNATURE" }])),
        ("ExtendedKeyUsages", json!([{ "Name": "TLS_WEB_SERVER_AUTHENTICATION", "OID": "1.3.6.1.5.5.7.3.1" }])),
        ("InUseBy", json!([])),
        ("RenewalEligibility", json!("INELIGIBLE")),
        ("CertificateKeyPairOrigin", json!("CUSTOMER_PROVIDED")),
        ("NotBefore", json!(1_577_836_800.0)),
    ] {
        match (&shown[member], &expected) {
            (Value::Number(one), Value::Number(other)) => assert_eq!(one.as_f64(), other.as_f64(), "{member}"),
            (one, other) => assert_eq!(one, other, "{member}"),
        }
    }
    let got = server.acm("GetCertificate", &json!({ "CertificateArn": arn })).await.ok();
    let text = got.json();
    assert_eq!(text["Certificate"].as_str().unwrap(), made.certificate.replace("\r\n", "\n").trim_end());
    assert_eq!(text["CertificateChain"].as_str().unwrap(), root.certificate().replace("\r\n", "\n").trim_end());
    assert!(!got.text().contains("PRIVATE KEY"));
    let tags = server.acm("ListTagsForCertificate", &json!({ "CertificateArn": arn })).await.ok().json();
    assert_eq!(tags["Tags"], json!([{ "Key": "team", "Value": "web" }]));
}

#[tokio::test]
async fn importing_again_keeps_the_arn_and_the_tags() {
    let server = Server::start().await;
    let arn = server.import(&self_signed(&["one.example.com"])).await;
    let tags = json!([{ "Key": "team", "Value": "web" }]);
    server.acm("AddTagsToCertificate", &json!({ "CertificateArn": arn, "Tags": tags })).await.ok();
    let before = describe(&server, &arn).await;
    server.clock.advance(std::time::Duration::from_secs(60));
    let mut again = import(&self_signed(&["two.example.com"]));
    again["CertificateArn"] = json!(arn);
    let reply = server.acm("ImportCertificate", &again).await.ok();
    assert_eq!(reply.json()["CertificateArn"], json!(arn));
    let after = describe(&server, &arn).await;
    assert_eq!(after["DomainName"], json!("two.example.com"));
    assert_eq!(after["CreatedAt"], before["CreatedAt"]);
    assert!(after["ImportedAt"].as_f64() > before["ImportedAt"].as_f64());
    let shown = server.acm("ListTagsForCertificate", &json!({ "CertificateArn": arn })).await.ok().json();
    assert_eq!(shown["Tags"], tags);
    again["Tags"] = tags;
    assert_eq!(server.acm("ImportCertificate", &again).await.json_error(), (400, "ValidationException".into()));
    again.as_object_mut().unwrap().remove("Tags");
    again["CertificateArn"] = json!(arn.replace(&arn[arn.len() - 4..], "0000"));
    assert_eq!(server.acm("ImportCertificate", &again).await.json_error(), (400, "ResourceNotFoundException".into()));
}

#[tokio::test]
async fn a_certificate_expires_by_the_clock() {
    let server = Server::start().await;
    let made = crate::support::certificates::self_signed_with(
        &["a.example.com"],
        (2020, 2027),
        &rcgen::PKCS_ECDSA_P256_SHA256,
    );
    let arn = server.import(&made).await;
    assert_eq!(describe(&server, &arn).await["Status"], json!("ISSUED"));
    server.clock.advance(std::time::Duration::from_secs(60 * 24 * 3600));
    assert_eq!(describe(&server, &arn).await["Status"], json!("EXPIRED"));
    let refused = server.acm("ImportCertificate", &import(&made)).await;
    assert_eq!(refused.json_error(), (400, "ValidationException".into()));
    assert!(refused.text().contains("expired"), "{}", refused.text());
}

#[tokio::test]
async fn a_deleted_certificate_is_gone() {
    let server = Server::start().await;
    let arn = server.import(&self_signed(&["one.example.com"])).await;
    let of = json!({ "CertificateArn": arn });
    server.acm("DeleteCertificate", &of).await.ok();
    for operation in ["DeleteCertificate", "DescribeCertificate", "GetCertificate", "ListTagsForCertificate"] {
        let error = server.acm(operation, &of).await.json_error();
        assert_eq!(error, (400, "ResourceNotFoundException".into()), "{operation}");
    }
}

#[tokio::test]
async fn what_does_not_fit_together_is_refused_and_names_no_part_of_a_key() {
    let server = Server::start().await;
    let (one, other) = (self_signed(&["one.example.com"]), self_signed(&["other.example.com"]));
    let root = Authority::root("Example CA");
    let leaf = root.sign(&["leaf.example.com"]);
    let table = [
        (Made { key: other.key.clone(), ..one.clone() }, None, "does not belong"),
        (Made { key: "x".to_owned(), ..one.clone() }, None, "exactly one"),
        (Made { certificate: one.key.clone(), ..one.clone() }, None, "CERTIFICATE"),
        (leaf.clone(), None, "chain is needed"),
        (leaf.clone(), Some(other.certificate.clone()), "did not sign"),
        (Made { certificate: "x".repeat(32_769), ..one.clone() }, None, "Certificate"),
        (Made { key: "x".repeat(8193), ..one.clone() }, None, "PrivateKey"),
    ];
    for (made, chain, message) in table {
        let mut input = import(&made);
        if let Some(chain) = chain {
            input["CertificateChain"] = json!(base64(&chain));
        }
        let refused = server.acm("ImportCertificate", &input).await;
        assert_eq!(refused.json_error(), (400, "ValidationException".into()), "{}", refused.text());
        assert!(refused.text().contains(message), "{message}: {}", refused.text());
        let line = made.key.lines().nth(1).unwrap_or("PRIVATE KEY");
        assert!(!refused.text().contains(line) && !refused.text().contains("PRIVATE KEY"), "{}", refused.text());
    }
    let listed = server.acm("ListCertificates", &json!({})).await.ok().json();
    assert_eq!(listed["CertificateSummaryList"], json!([]));
}
