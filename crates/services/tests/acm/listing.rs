//! ListCertificates: what is shown without being asked for, filters, order, pages.

use serde_json::{Value, json};

use crate::support::certificates::{rsa, self_signed, self_signed_with};
use crate::support::{Reply, Server};

const ALL: [&str; 6] = ["RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1", "EC_secp384r1", "EC_secp521r1"];

fn names(reply: &Reply) -> Vec<String> {
    let all = reply.json()["CertificateSummaryList"].as_array().unwrap().clone();
    all.iter().map(|one| one["DomainName"].as_str().unwrap().to_owned()).collect()
}

async fn list(server: &Server, input: Value) -> Vec<String> {
    names(&server.acm("ListCertificates", &input).await.ok())
}

#[tokio::test]
async fn rsa_is_listed_and_the_rest_when_it_is_asked_for() {
    let server = Server::start().await;
    server.import(&rsa(&["rsa.example.com"])).await;
    server.import(&self_signed(&["ec.example.com"])).await;
    server.import(&self_signed_with(&["large.example.com"], (2020, 2027), &rcgen::PKCS_ECDSA_P384_SHA384)).await;
    assert_eq!(list(&server, json!({})).await, ["rsa.example.com"]);
    let mut all = list(&server, json!({ "Includes": { "keyTypes": ALL } })).await;
    all.sort();
    assert_eq!(all, ["ec.example.com", "large.example.com", "rsa.example.com"]);
    let keys = |keys: Value| json!({ "Includes": { "keyTypes": keys } });
    assert_eq!(list(&server, keys(json!(["EC_secp384r1"]))).await, ["large.example.com"]);
    let with = |member: &str, value: Value| {
        let mut input = json!({ "Includes": { "keyTypes": ALL } });
        match member {
            "CertificateStatuses" | "CertificateKeyPairOrigins" => input[member] = value,
            _ => input["Includes"][member] = value,
        }
        input
    };
    for (member, value, count) in [
        ("CertificateStatuses", json!(["ISSUED"]), 3),
        ("CertificateStatuses", json!(["EXPIRED"]), 0),
        ("CertificateStatuses", json!(["PENDING_VALIDATION"]), 0),
        ("CertificateKeyPairOrigins", json!(["CUSTOMER_PROVIDED"]), 3),
        ("CertificateKeyPairOrigins", json!(["AWS_MANAGED", "ACME"]), 0),
        ("keyUsage", json!(["DIGITAL_SIGNATURE", "CRL_SIGNING"]), 3),
        ("keyUsage", json!(["CRL_SIGNING"]), 0),
        ("extendedKeyUsage", json!(["TLS_WEB_SERVER_AUTHENTICATION"]), 3),
        ("extendedKeyUsage", json!(["CODE_SIGNING"]), 0),
        ("exportOption", json!("DISABLED"), 3),
        ("exportOption", json!("ENABLED"), 0),
        ("managedBy", json!("CLOUDFRONT"), 0),
    ] {
        assert_eq!(list(&server, with(member, value.clone())).await.len(), count, "{member} {value}");
    }
    server.clock.advance(std::time::Duration::from_secs(60 * 24 * 3600));
    let expired = list(&server, with("CertificateStatuses", json!(["EXPIRED"]))).await;
    assert_eq!(expired, ["large.example.com"]);
}

#[tokio::test]
async fn pages_follow_the_order_that_is_asked_for() {
    let server = Server::start().await;
    for name in ["first", "second", "third"] {
        server.import(&self_signed(&[&format!("{name}.example.com")])).await;
        server.clock.advance(std::time::Duration::from_secs(1));
    }
    let includes = json!({ "keyTypes": ALL });
    for (order, expected) in [
        ("ASCENDING", ["first.example.com", "second.example.com", "third.example.com"]),
        ("DESCENDING", ["third.example.com", "second.example.com", "first.example.com"]),
    ] {
        let mut found = Vec::new();
        let mut token = Value::Null;
        loop {
            let mut input = json!({ "Includes": includes, "SortBy": "CREATED_AT", "SortOrder": order, "MaxItems": 1 });
            if !token.is_null() {
                input["NextToken"] = token.clone();
            }
            let page = server.acm("ListCertificates", &input).await.ok();
            found.extend(names(&page));
            token = page.json()["NextToken"].clone();
            if token.is_null() {
                break;
            }
        }
        assert_eq!(found, expected, "{order}");
    }
    let first = server.acm("ListCertificates", &json!({ "Includes": includes, "MaxItems": 1 })).await.ok().json();
    let summary = &first["CertificateSummaryList"][0];
    assert_eq!((&summary["InUse"], &summary["HasAdditionalSubjectAlternativeNames"]), (&json!(false), &json!(false)));
    for (input, code) in [
        (json!({ "NextToken": first["NextToken"] }), "InvalidArgsException"),
        (json!({ "NextToken": "x" }), "InvalidArgsException"),
        (json!({ "SortBy": "CREATED_AT" }), "ValidationException"),
        (json!({ "SortOrder": "ASCENDING" }), "ValidationException"),
        (json!({ "MaxItems": 0 }), "ValidationException"),
        (json!({ "MaxItems": 1001 }), "ValidationException"),
    ] {
        let reply = server.acm("ListCertificates", &input).await;
        assert_eq!(reply.json_error(), (400, code.to_owned()), "{input}: {}", reply.text());
    }
}
