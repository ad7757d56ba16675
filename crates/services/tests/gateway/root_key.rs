//! The root key that the server makes at its first start.

use model::Timestamp;
use services::iam::ensure_root_key;
use testkit::CountedIds;

use crate::support::{ACCOUNT, Server};

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
