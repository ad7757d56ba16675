//! Requests that fit no operation of ACM, and certificates of other accounts and regions.

use serde_json::json;

use crate::support::Server;
use crate::support::certificates::self_signed;

#[tokio::test]
async fn operations_that_are_not_served_are_refused_by_name() {
    let server = Server::start().await;
    for operation in
        ["RequestCertificate", "RenewCertificate", "ExportCertificate", "PutAccountConfiguration", "Nonsense"]
    {
        let reply = server.acm(operation, &json!({ "DomainName": "a.example.com" })).await;
        assert_eq!(reply.status, 400, "{operation}: {}", reply.text());
        assert!(reply.text().contains(operation), "{operation}: {}", reply.text());
    }
}

#[tokio::test]
async fn arns_of_nothing_are_refused() {
    let server = Server::start().await;
    let arn = server.import(&self_signed(&["a.example.com"])).await;
    for (text, code) in [
        ("x".to_owned(), "ValidationException"),
        ("arn:aws:acm:ap-northeast-2:123456789012:nonsense/1".to_owned(), "InvalidArnException"),
        (arn.replace("ap-northeast-2", "us-east-1"), "ResourceNotFoundException"),
        (arn.replace("123456789012", "210987654321"), "ResourceNotFoundException"),
        (format!("{arn}0"), "ResourceNotFoundException"),
        (arn.replace("certificate/", "certificate/../"), "ResourceNotFoundException"),
    ] {
        for operation in ["DescribeCertificate", "GetCertificate", "DeleteCertificate", "ListTagsForCertificate"] {
            let reply = server.acm(operation, &json!({ "CertificateArn": text })).await;
            assert_eq!(reply.json_error(), (400, code.to_owned()), "{operation} {text}: {}", reply.text());
        }
    }
}

#[tokio::test]
async fn blobs_that_are_none_are_refused() {
    let server = Server::start().await;
    for input in [
        json!({}),
        json!({ "Certificate": "!", "PrivateKey": "eA==" }),
        json!({ "Certificate": 7, "PrivateKey": "eA==" }),
        json!({ "Certificate": "", "PrivateKey": "eA==" }),
        json!({ "Certificate": "eA==", "PrivateKey": "eA==", "Nonsense": 1 }),
    ] {
        let reply = server.acm("ImportCertificate", &input).await;
        assert_eq!(reply.status, 400, "{input}: {}", reply.text());
    }
}
