//! Who gets in: good and bad signatures, scopes, keys.

use services::Authentication;

use crate::support::{ACCOUNT, Server, Signing, form_body, post, settings};

const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";

#[tokio::test]
async fn the_root_key_is_the_account_itself() {
    let server = Server::start().await;
    let reply = server.whoami(&server.signing("sts")).await.ok();
    assert_eq!(reply.one("Arn"), format!("arn:aws:iam::{ACCOUNT}:root"));
    assert_eq!((reply.one("Account"), reply.one("UserId")), (ACCOUNT.into(), ACCOUNT.into()));
    assert_eq!(reply.one("RequestId"), reply.headers["x-amzn-requestid"].to_str().unwrap());
}

#[tokio::test]
async fn bad_signatures_are_refused_with_the_code_that_tells_why() {
    let server = Server::start().await;
    let good = server.signing("sts");
    type Spoil = fn(&mut Signing);
    let table: &[(&str, Spoil, u16, &str)] = &[
        ("wrong secret", |s| s.secret.push('x'), 403, "SignatureDoesNotMatch"),
        ("unknown key", |s| s.access_key_id = "AKIAAAAAAAAAAAAAAAAA".into(), 403, "InvalidClientTokenId"),
        ("another service", |s| s.service = "ec2".into(), 403, "SignatureDoesNotMatch"),
        ("no region of AWS", |s| s.region = "moon-west-1".into(), 403, "SignatureDoesNotMatch"),
        ("region in capitals", |s| s.region = "AP-NORTHEAST-2".into(), 403, "SignatureDoesNotMatch"),
        ("clock 16 minutes behind", |s| s.skew_seconds = -16 * 60, 403, "SignatureDoesNotMatch"),
        ("clock 16 minutes ahead", |s| s.skew_seconds = 16 * 60, 403, "SignatureDoesNotMatch"),
        ("a session token for a permanent key", |s| s.session_token = Some("t".into()), 403, "InvalidClientTokenId"),
    ];
    for (name, spoil, status, code) in table {
        let mut signing = good.clone();
        spoil(&mut signing);
        assert_eq!(server.whoami(&signing).await.error(), (*status, (*code).to_owned()), "{name}");
    }
    server.whoami(&good).await.ok();
    server.whoami(&Signing { skew_seconds: 14 * 60, ..good }).await.ok();
}

#[tokio::test]
async fn altered_requests_are_refused() {
    let server = Server::start().await;
    let body = form_body("2011-06-15", "GetCallerIdentity", &[]).into_bytes();
    let signed = || server.sign(&server.signing("sts"), post("/", FORM, body.clone()));
    let mut longer = signed();
    longer.body_mut().extend_from_slice(b"&X=1");
    assert_eq!(server.send(longer).await.error(), (403, "SignatureDoesNotMatch".into()));
    let mut other_host = signed();
    other_host.headers_mut().insert("host", "example.com".parse().unwrap());
    assert_eq!(server.send(other_host).await.error(), (403, "SignatureDoesNotMatch".into()));
    let mut twice = signed();
    *twice.uri_mut() = "/?X-Amz-Signature=00".parse().unwrap();
    assert_eq!(server.send(twice).await.error(), (400, "IncompleteSignature".into()));
    assert_eq!(server.send(post("/", FORM, body.clone())).await.error(), (403, "MissingAuthenticationToken".into()));
    assert_eq!(server.send(signed()).await.status, 200);
}

#[tokio::test]
async fn a_presigned_request_is_good_for_as_long_as_it_says() {
    let server = Server::start().await;
    let presigned = |seconds| server.presigned(&server.signing("sts"), "2011-06-15", "GetCallerIdentity", seconds);
    let (minute, week, longer) = (presigned(60), presigned(604_800), presigned(8 * 86_400));
    assert_eq!(server.send(longer).await.error(), (400, "IncompleteSignature".into()));
    server.clock.advance(std::time::Duration::from_secs(60));
    server.send(minute.clone()).await.ok();
    server.clock.advance(std::time::Duration::from_secs(1));
    assert_eq!(server.send(minute).await.error(), (400, "RequestExpired".into()));
    let mut another = week.clone();
    *another.uri_mut() = week.uri().to_string().replace("ap-northeast-2", "ap-northeast-1").parse().unwrap();
    assert_eq!(server.send(another).await.error(), (403, "SignatureDoesNotMatch".into()));
    server.send(week).await.ok();
}

#[tokio::test]
async fn accounts_are_apart() {
    let server = Server::with(services::Settings { authentication: Authentication::None, ..settings() }).await;
    let account = |id: &str| Signing { access_key_id: id.into(), ..server.signing("iam") };
    let (one, other) = (account("111111111111"), account("222222222222"));
    for name in ["a", "b"] {
        server.form(&one, "2010-05-08", "CreateUser", &[("UserName", name)]).await.ok();
    }
    let page = server.form(&one, "2010-05-08", "ListUsers", &[("MaxItems", "1")]).await.ok();
    assert!(server.form(&other, "2010-05-08", "ListUsers", &[]).await.ok().all("UserName").is_empty());
    let marker = page.one("Marker");
    let stolen = server.form(&other, "2010-05-08", "ListUsers", &[("Marker", &marker)]).await;
    assert_eq!(stolen.error(), (400, "ValidationError".into()));
}

#[tokio::test]
async fn every_region_of_aws_is_accepted() {
    let server = Server::start().await;
    for region in services::regions::REGIONS {
        let signing = Signing { region: region.name.into(), ..server.signing("sts") };
        assert_eq!(server.whoami(&signing).await.status, 200, "{}", region.name);
    }
}

#[tokio::test]
async fn without_authentication_everybody_is_root_of_some_account() {
    let server = Server::with(services::Settings { authentication: Authentication::None, ..settings() }).await;
    let body = form_body("2011-06-15", "GetCallerIdentity", &[]).into_bytes();
    let unsigned = server.send(post("/", FORM, body)).await.ok();
    assert_eq!(unsigned.one("Account"), ACCOUNT);
    let mut signing = Signing { secret: "wrong".into(), ..server.signing("sts") };
    assert_eq!(server.whoami(&signing).await.ok().one("Account"), ACCOUNT);
    signing.access_key_id = "111122223333".into();
    assert_eq!(server.whoami(&signing).await.ok().one("Arn"), "arn:aws:iam::111122223333:root");
    signing.region = "moon-west-1".into();
    assert_eq!(server.whoami(&signing).await.error(), (403, "SignatureDoesNotMatch".into()));
}
