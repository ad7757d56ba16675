//! Systems Manager through the gateway: bytes in, bytes out.

#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "helpers of tests may panic as tests do")]

#[path = "../support/mod.rs"]
mod support;

use model::ec2::image::HOST_IMAGE;
use serde_json::json;

use support::{REGION, Server};

const LINUX: &str = "/aws/service/ami-amazon-linux-latest/amzn2-ami-hvm-x86_64-gp2";
const UBUNTU: &str = "/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id";
const DEBIAN: &str = "/aws/service/debian/release/13/latest/amd64";

#[tokio::test]
async fn names_of_images_are_the_default_image() {
    let server = Server::start().await;
    for name in [LINUX, UBUNTU, DEBIAN] {
        let found = server.ssm("GetParameter", &json!({ "Name": name })).await.ok().json()["Parameter"].clone();
        assert_eq!((found["Name"].as_str(), found["Value"].as_str()), (Some(name), Some(HOST_IMAGE)));
        assert_eq!((found["Type"].as_str(), found["Version"].as_i64()), (Some("String"), Some(1)));
        let arn = format!("arn:aws:ssm:{REGION}::parameter{name}");
        assert_eq!(found["ARN"], arn);
        for same in [format!("{name}:1"), arn] {
            let input = json!({ "Name": same, "WithDecryption": true });
            let found = server.ssm("GetParameter", &input).await.ok().json();
            assert_eq!(found["Parameter"]["Value"], HOST_IMAGE, "{same}");
        }
    }
}

#[tokio::test]
async fn several_are_told_apart_from_those_that_are_none() {
    let server = Server::start().await;
    let input = json!({ "Names": [DEBIAN, "mine", LINUX, format!("{UBUNTU}:2")] });
    let found = server.ssm("GetParameters", &input).await.ok().json();
    let names: Vec<_> = found["Parameters"].as_array().unwrap().iter().map(|one| one["Name"].clone()).collect();
    assert_eq!(names, [DEBIAN, LINUX]);
    assert_eq!(found["InvalidParameters"], json!(["mine", format!("{UBUNTU}:2")]));
}

#[tokio::test]
async fn everything_else_is_refused() {
    let server = Server::start().await;
    let many: Vec<String> = (0..11).map(|n| format!("{LINUX}-{n}")).collect();
    let table = [
        ("GetParameter", json!({ "Name": "mine" }), "ParameterNotFound"),
        ("GetParameter", json!({ "Name": "/aws/service/ami-windows-latest/x" }), "ParameterNotFound"),
        ("GetParameter", json!({ "Name": format!("{LINUX}\u{202e}") }), "ParameterNotFound"),
        ("GetParameter", json!({ "Name": format!("arn:aws:ssm:us-east-1::parameter{LINUX}") }), "ParameterNotFound"),
        ("GetParameter", json!({ "Name": format!("{LINUX}:2") }), "ParameterVersionNotFound"),
        ("GetParameter", json!({ "Name": format!("{LINUX}:latest") }), "ParameterVersionNotFound"),
        ("GetParameter", json!({}), "ValidationException"),
        ("GetParameter", json!({ "Name": "" }), "ValidationException"),
        ("GetParameter", json!({ "Name": "x".repeat(2049) }), "ValidationException"),
        ("GetParameter", json!({ "Name": LINUX, "Names": [LINUX] }), "ValidationException"),
        ("GetParameters", json!({ "Names": [] }), "ValidationException"),
        ("GetParameters", json!({ "Names": many }), "ValidationException"),
        ("GetParameters", json!({ "Names": [LINUX, LINUX] }), "ValidationException"),
    ];
    for (operation, input, code) in table {
        let reply = server.ssm(operation, &input).await;
        assert_eq!(reply.json_error(), (400, code.to_owned()), "{operation} {input}: {}", reply.text());
    }
    for operation in
        ["PutParameter", "DescribeParameters", "GetParametersByPath", "SendCommand", "StartSession", "Nonsense"]
    {
        let reply = server.ssm(operation, &json!({})).await;
        assert_eq!(reply.status, 400, "{operation}: {}", reply.text());
        assert!(reply.text().contains(operation), "{}", reply.text());
    }
}
