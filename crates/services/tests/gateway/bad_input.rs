//! Requests that nobody should send, and what they are told.

use crate::support::{Reply, Server, form_body, post};

const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";

#[tokio::test]
async fn forms_with_bad_parameters_are_refused_in_aws_codes() {
    let server = Server::start().await;
    let long = "x".repeat(65);
    let path = "/".repeat(513);
    type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], u16, &'a str);
    let table: &[Case<'_>] = &[
        ("CreateUser", &[], 400, "ValidationError"),
        ("CreateUser", &[("UserName", "")], 400, "ValidationError"),
        ("CreateUser", &[("UserName", &long)], 400, "ValidationError"),
        ("CreateUser", &[("UserName", "a b")], 400, "ValidationError"),
        ("CreateUser", &[("UserName", "a\0b")], 400, "ValidationError"),
        ("CreateUser", &[("UserName", "\u{202e}x")], 400, "ValidationError"),
        ("CreateUser", &[("UserName", "😀")], 400, "ValidationError"),
        ("CreateUser", &[("UserName", "a"), ("UserName", "b")], 400, "ValidationError"),
        ("CreateUser", &[("UserName.member.1", "a")], 400, "ValidationError"),
        ("CreateUser", &[("UserName", "a"), ("Path", "x")], 400, "ValidationError"),
        ("CreateUser", &[("UserName", "a"), ("Path", &path)], 400, "ValidationError"),
        ("CreateUser", &[("UserName", "a"), ("Nonsense", "1")], 400, "ValidationError"),
        ("CreateUser", &[("UserName", "a"), ("Tags", "x")], 400, "ValidationError"),
        ("CreateUser", &[("UserName", "a"), ("Tags.member.1.Key", "k")], 400, "ValidationError"),
        ("CreateUser", &[("UserName", "a"), ("Tags.member.x.Key", "k")], 400, "ValidationError"),
        (
            "CreateUser",
            &[("UserName", "a"), ("PermissionsBoundary", "arn:aws:iam::aws:policy/X-Y")],
            400,
            "InvalidInput",
        ),
        ("ListUsers", &[("MaxItems", "0")], 400, "ValidationError"),
        ("ListUsers", &[("MaxItems", "-1")], 400, "ValidationError"),
        ("ListUsers", &[("MaxItems", "1001")], 400, "ValidationError"),
        ("ListUsers", &[("MaxItems", "1e3")], 400, "ValidationError"),
        ("ListUsers", &[("MaxItems", "0x10")], 400, "ValidationError"),
        ("ListUsers", &[("MaxItems", "99999999999999999999")], 400, "ValidationError"),
        ("ListUsers", &[("MaxItems", "٥")], 400, "ValidationError"),
        ("ListUsers", &[("Marker", "")], 400, "ValidationError"),
        ("UpdateAccessKey", &[("AccessKeyId", "AKIAAAAAAAAAAAAAAAAA"), ("Status", "active")], 400, "ValidationError"),
        ("UpdateAccessKey", &[("AccessKeyId", "AKIAAAAAAAAAAAAAAAAA"), ("Status", "Active")], 404, "NoSuchEntity"),
        ("GetUser", &[("UserName", "nobody")], 404, "NoSuchEntity"),
        ("AttachUserPolicy", &[("UserName", "kim")], 400, "InvalidAction"),
        ("Nonsense", &[], 400, "InvalidAction"),
        ("", &[], 400, "MissingAction"),
    ];
    for (action, parameters, status, code) in table {
        let reply = server.iam(action, parameters).await;
        assert_eq!(reply.error(), (*status, (*code).to_owned()), "{action} {parameters:?}: {}", reply.text());
        assert!(reply.headers.contains_key("x-amzn-requestid"), "{action} {parameters:?}");
    }
    assert!(server.iam("ListUsers", &[]).await.ok().all("UserName").is_empty());
}

#[tokio::test]
async fn every_violation_is_named_at_once() {
    let server = Server::start().await;
    let parameters = [("Path", "x"), ("Nonsense", "1"), ("PermissionsBoundary", "arn:aws:iam::aws:policy/X-Y")];
    let message = server.iam("CreateUser", &parameters).await.one("Message");
    for named in ["Path", "Nonsense", "PermissionsBoundary", "UserName"] {
        assert!(message.contains(named), "{named} in {message}");
    }
}

#[tokio::test]
async fn strange_requests_are_answered_and_hurt_nobody() {
    let server = Server::start().await;
    let good = form_body("2011-06-15", "GetCallerIdentity", &[]).into_bytes();
    let signed = |request| server.sign(&server.signing("sts"), request);
    let form = |body: &str| post("/", FORM, body.as_bytes().to_vec());
    let mut gzip_of_nothing = post("/", FORM, good.clone());
    gzip_of_nothing.headers_mut().insert("content-encoding", "gzip".parse().unwrap());
    let mut brotli = post("/", FORM, good.clone());
    brotli.headers_mut().insert("content-encoding", "br".parse().unwrap());
    let mut put = post("/", FORM, good.clone());
    *put.method_mut() = http::Method::PUT;
    let utf16 = post("/", "application/x-www-form-urlencoded; charset=utf-16", good.clone());
    let table = [
        ("no body", form(""), 400, "MissingAction"),
        ("no version", form("Action=GetCallerIdentity"), 400, "InvalidAction"),
        ("wrong version", form("Action=GetCallerIdentity&Version=1999-01-01"), 400, "NoSuchVersion"),
        (
            "two actions",
            form("Action=GetCallerIdentity&Action=AssumeRole&Version=2011-06-15"),
            400,
            "InvalidQueryParameter",
        ),
        ("invalid UTF-8", form("Action=GetCallerIdentity&Version=2011-06-15&X=%ff"), 400, "MalformedInput"),
        ("an operation not served", form("Action=AssumeRole&Version=2011-06-15"), 400, "InvalidAction"),
        ("a parameter too many", form("Action=GetCallerIdentity&Version=2011-06-15&X=1"), 400, "ValidationError"),
        ("not gzip", gzip_of_nothing, 400, "MalformedInput"),
        ("unknown encoding", brotli, 415, "UnsupportedMediaType"),
        ("PUT", put, 405, "MethodNotAllowed"),
        ("UTF-16", utf16, 400, "MalformedInput"),
        ("a page of somebody else", post("/favicon.ico", FORM, good.clone()), 404, "InvalidAction"),
        ("JSON without a target", post("/", "application/x-amz-json-1.0", b"{}".to_vec()), 400, "MalformedInput"),
    ];
    for (name, request, status, code) in table {
        let reply = server.send(signed(request)).await;
        assert_eq!(reply.error(), (status, code.to_owned()), "{name}: {}", reply.text());
        assert!(reply.headers.contains_key("x-amzn-requestid"), "{name}");
    }
    server.whoami(&server.signing("sts")).await.ok();
}

#[tokio::test]
async fn bodies_that_cannot_be_read_are_answered_in_the_form_of_the_protocol() {
    use services::UnreadBody;
    let server = Server::start().await;
    let refused = |request: http::Request<Vec<u8>>, why| {
        let (parts, body) = server.gateway.refuse(&request.into_parts().0, why).into_parts();
        Reply { status: parts.status.as_u16(), headers: parts.headers, body }
    };
    for (why, status, code) in [
        (UnreadBody::TooLong, 413, "RequestEntityTooLarge"),
        (UnreadBody::Broken, 400, "IncompleteBody"),
        (UnreadBody::Late, 408, "RequestTimeout"),
    ] {
        let form = refused(post("/", FORM, Vec::new()), why);
        assert_eq!(form.error(), (status, code.to_owned()));
        assert!(form.headers.contains_key("x-amzn-requestid"));
        let mut json = post("/", "application/x-amz-json-1.0", Vec::new());
        json.headers_mut().insert("x-amz-target", "GraniteServiceVersion20100801.PutMetricData".parse().unwrap());
        let json = refused(json, why);
        assert_eq!((json.status, json.json()["__type"].as_str()), (status, Some(code)));
    }
}

#[tokio::test]
async fn request_ids_are_uuids_and_never_repeat() {
    let server = Server::start().await;
    let ids: std::collections::BTreeSet<String> = (0..1000).map(|_| server.gateway.request_id()).collect();
    assert_eq!(ids.len(), 1000);
    for id in ids {
        let lengths: Vec<usize> = id.split('-').map(str::len).collect();
        assert_eq!((lengths, id.as_bytes()[14]), (vec![8, 4, 4, 4, 12], b'4'), "{id}");
    }
}
