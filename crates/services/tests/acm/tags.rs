//! Tags of certificates.

use serde_json::{Value, json};

use crate::support::Server;
use crate::support::certificates::self_signed;

async fn tags(server: &Server, arn: &str) -> Value {
    server.acm("ListTagsForCertificate", &json!({ "CertificateArn": arn })).await.ok().json()["Tags"].clone()
}

#[tokio::test]
async fn tags_are_added_replaced_and_removed() {
    let server = Server::start().await;
    let arn = server.import(&self_signed(&["a.example.com"])).await;
    let call = |operation: &'static str, tags: Value| {
        let (server, arn) = (&server, arn.clone());
        async move { server.acm(operation, &json!({ "CertificateArn": arn, "Tags": tags })).await }
    };
    call("AddTagsToCertificate", json!([{ "Key": "a", "Value": "1" }, { "Key": "b" }])).await.ok();
    call("AddTagsToCertificate", json!([{ "Key": "a", "Value": "2" }, { "Key": "c", "Value": "3" }])).await.ok();
    let all = json!([{ "Key": "a", "Value": "2" }, { "Key": "b", "Value": "" }, { "Key": "c", "Value": "3" }]);
    assert_eq!(tags(&server, &arn).await, all);
    call("RemoveTagsFromCertificate", json!([{ "Key": "a", "Value": "other" }, { "Key": "b" }])).await.ok();
    assert_eq!(tags(&server, &arn).await, json!([{ "Key": "a", "Value": "2" }, { "Key": "c", "Value": "3" }]));
    for (operation, given, code) in [
        ("AddTagsToCertificate", json!([{ "Key": "aws:x", "Value": "1" }]), "InvalidTagException"),
        ("AddTagsToCertificate", json!([{ "Key": "x" }, { "Key": "x" }]), "InvalidTagException"),
        ("AddTagsToCertificate", json!([]), "ValidationException"),
        ("AddTagsToCertificate", json!([{ "Value": "1" }]), "ValidationException"),
    ] {
        assert_eq!(call(operation, given.clone()).await.json_error(), (400, code.to_owned()), "{given}");
    }
    let many: Vec<Value> = (0..49).map(|n| json!({ "Key": format!("k{n}") })).collect();
    assert_eq!(call("AddTagsToCertificate", json!(many)).await.json_error(), (400, "TooManyTagsException".into()));
}
