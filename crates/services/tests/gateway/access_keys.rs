//! Access keys: what they open, and for how long.

use crate::support::{ACCOUNT, Server};

async fn user_with_key(server: &Server, name: &str) -> (String, String) {
    server.iam("CreateUser", &[("UserName", name)]).await.ok();
    let key = server.iam("CreateAccessKey", &[("UserName", name)]).await.ok();
    (key.one("AccessKeyId"), key.one("SecretAccessKey"))
}

#[tokio::test]
async fn a_key_of_a_user_is_that_user() {
    let server = Server::start().await;
    let key = user_with_key(&server, "kim").await;
    assert_eq!((key.0.len(), key.1.len()), (20, 40));
    let me = server.whoami(&server.signing("sts").by(&key)).await.ok();
    assert_eq!(me.one("Arn"), format!("arn:aws:iam::{ACCOUNT}:user/kim"));
    assert!(me.one("UserId").starts_with("AIDA"));
    assert_eq!(server.iam_by(&key, "GetUser", &[]).await.ok().one("UserName"), "kim");
}

#[tokio::test]
async fn the_secret_is_shown_once() {
    let server = Server::start().await;
    let (id, secret) = user_with_key(&server, "kim").await;
    let listed = server.iam("ListAccessKeys", &[("UserName", "kim")]).await.ok();
    assert_eq!((listed.one("AccessKeyId"), listed.one("Status")), (id, "Active".into()));
    assert!(!listed.text().contains(&secret) && !listed.text().contains("Secret"));
}

#[tokio::test]
async fn inactive_and_deleted_keys_end_at_once() {
    let server = Server::start().await;
    let key = user_with_key(&server, "kim").await;
    let refused = (403, "InvalidClientTokenId".to_owned());
    let signing = server.signing("sts").by(&key);
    let set = |status: &'static str| [("UserName", "kim"), ("AccessKeyId", key.0.as_str()), ("Status", status)];
    server.iam("UpdateAccessKey", &set("Inactive")).await.ok();
    assert_eq!(server.whoami(&signing).await.error(), refused);
    server.iam("UpdateAccessKey", &set("Active")).await.ok();
    server.whoami(&signing).await.ok();
    assert_eq!(server.iam("UpdateAccessKey", &set("Expired")).await.error(), (400, "InvalidInput".into()));
    server.iam("DeleteAccessKey", &[("UserName", "kim"), ("AccessKeyId", &key.0)]).await.ok();
    assert_eq!(server.whoami(&signing).await.error(), refused);
}

#[tokio::test]
async fn there_are_at_most_two_keys_and_users_with_keys_stay() {
    let server = Server::start().await;
    let (id, _) = user_with_key(&server, "kim").await;
    server.iam("CreateAccessKey", &[("UserName", "Kim")]).await.ok();
    let third = server.iam("CreateAccessKey", &[("UserName", "kim")]).await;
    assert_eq!(third.error(), (409, "LimitExceeded".into()));
    assert_eq!(server.iam("DeleteUser", &[("UserName", "kim")]).await.error(), (409, "DeleteConflict".into()));
    for key in server.iam("ListAccessKeys", &[("UserName", "kim")]).await.all("AccessKeyId") {
        server.iam("DeleteAccessKey", &[("UserName", "kim"), ("AccessKeyId", &key)]).await.ok();
    }
    let again = server.iam("DeleteAccessKey", &[("UserName", "kim"), ("AccessKeyId", &id)]).await;
    assert_eq!(again.error(), (404, "NoSuchEntity".into()));
    server.iam("DeleteUser", &[("UserName", "kim")]).await.ok();
}

#[tokio::test]
async fn without_a_name_keys_are_the_callers_own() {
    let server = Server::start().await;
    let key = user_with_key(&server, "kim").await;
    assert_eq!(server.iam_by(&key, "ListAccessKeys", &[]).await.ok().one("AccessKeyId"), key.0);
    assert_eq!(server.iam("ListAccessKeys", &[]).await.ok().one("AccessKeyId"), server.root.id);
    // The key exists, but it is not the root's.
    let others = server.iam("DeleteAccessKey", &[("AccessKeyId", &key.0)]).await;
    assert_eq!(others.error(), (404, "NoSuchEntity".into()));
    let second = server.iam_by(&key, "CreateAccessKey", &[]).await.ok();
    assert_eq!(second.one("UserName"), "kim");
}

#[tokio::test]
async fn a_renamed_user_keeps_its_keys() {
    let server = Server::start().await;
    let key = user_with_key(&server, "kim").await;
    server.iam("UpdateUser", &[("UserName", "kim"), ("NewUserName", "lee")]).await.ok();
    let me = server.whoami(&server.signing("sts").by(&key)).await.ok();
    assert_eq!(me.one("Arn"), format!("arn:aws:iam::{ACCOUNT}:user/lee"));
    assert_eq!(server.iam("ListAccessKeys", &[("UserName", "lee")]).await.ok().one("AccessKeyId"), key.0);
}

#[tokio::test]
async fn of_fifty_who_create_a_key_two_succeed() {
    let server = std::sync::Arc::new(Server::start().await);
    server.iam("CreateUser", &[("UserName", "kim")]).await.ok();
    let calls: Vec<_> = (0..50)
        .map(|_| {
            let server = std::sync::Arc::clone(&server);
            tokio::spawn(async move { server.iam("CreateAccessKey", &[("UserName", "kim")]).await.status })
        })
        .collect();
    let mut succeeded = 0;
    for call in calls {
        succeeded += usize::from(call.await.unwrap() == 200);
    }
    assert_eq!(succeeded, 2);
}
