//! The root key that the server makes at its first start.

use model::Timestamp;
use services::iam::ensure_root_key;
use testkit::CountedIds;

use crate::support::{ACCOUNT, Server, settings};

#[tokio::test]
async fn a_second_start_finds_the_same_key() {
    let server = Server::start().await;
    let again =
        ensure_root_key(&server.store, ACCOUNT, &mut CountedIds::seeded(9), Timestamp::default()).await.unwrap();
    assert_eq!(again, (server.root.clone(), false));
}

#[tokio::test]
async fn somebody_who_deleted_every_root_key_gets_one_at_the_next_start() {
    let server = Server::start().await;
    server.iam("DeleteAccessKey", &[("AccessKeyId", &server.root.id)]).await.ok();
    assert_eq!(server.iam("ListUsers", &[]).await.error(), (403, "InvalidClientTokenId".into()));
    let (key, new) =
        ensure_root_key(&server.store, ACCOUNT, &mut CountedIds::seeded(9), Timestamp::default()).await.unwrap();
    assert!(new && key.id != server.root.id);
    server.iam_by(&(key.id, key.secret), "ListUsers", &[]).await.ok();
}

#[tokio::test]
async fn users_and_keys_survive_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let open = async |seed| {
        let store = store::Store::open(directory.path()).expect("the directory is free");
        Server::over(store, settings(), seed).await
    };
    let first = open(1).await;
    first.iam("CreateUser", &[("UserName", "kim")]).await.ok();
    let key = first.iam("CreateAccessKey", &[("UserName", "kim")]).await.ok();
    let (key, root) = ((key.one("AccessKeyId"), key.one("SecretAccessKey")), first.root.clone());
    drop(first);
    let second = open(1000).await;
    assert_eq!((&second.root, second.root_is_new), (&root, false));
    let me = second.whoami(&second.signing("sts").by(&key)).await.ok();
    assert_eq!(me.one("Arn"), format!("arn:aws:iam::{ACCOUNT}:user/kim"));
}
