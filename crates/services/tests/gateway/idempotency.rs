//! Client tokens and dry runs, over a record of the store.

use std::time::Duration;

use model::iam::User;
use model::setting::IDEMPOTENCY_RETENTION_SECONDS;
use model::{Scope, Tags};
use services::Context;
use services::idempotency::{ClientToken, InvalidClientToken, dry_run, once};
use store::TransactError;
use wire::AwsError;

use crate::support::{ACCOUNT, REGION, Server};

/// Makes a user with a random id, as an operation with a client token would; returns the id of the one that counts.
async fn make(cx: &Context, token: Option<&str>, parameters: &str) -> Result<String, InvalidClientToken> {
    let token = ClientToken::new(cx, "MakeUser", token, &parameters)?;
    let id = cx.mint(|ids| model::id::hex(ids, 8));
    let work = cx.store.transact(|txn| {
        once(txn, token.as_ref(), |txn| {
            let user =
                User { name: id.clone(), id: id.clone(), path: "/".into(), created_at: cx.now, tags: Tags::default() };
            txn.put(&cx.scope(), user);
            Ok(id.clone())
        })
    });
    work.await.map_err(|error| {
        let TransactError::Aborted(invalid) = error else { panic!("{error}") };
        invalid
    })
}

fn context(server: &Server) -> Context {
    server.gateway.root_context(Scope::new(ACCOUNT, REGION))
}

fn made(server: &Server) -> usize {
    server.store.view().list::<User>(&Scope::new(ACCOUNT, REGION)).count()
}

#[tokio::test]
async fn the_same_call_with_the_same_token_works_once() {
    let server = Server::start().await;
    let cx = context(&server);
    let first = make(&cx, Some("t-1"), "a").await.unwrap();
    assert_eq!(make(&cx, Some("t-1"), "a").await.unwrap(), first);
    assert_eq!(made(&server), 1);
    assert_ne!(make(&cx, Some("t-2"), "a").await.unwrap(), first);
    assert_ne!(make(&cx, None, "a").await.unwrap(), first);
    assert_eq!(made(&server), 3);
}

#[tokio::test]
async fn of_fifty_calls_with_one_token_one_does_the_work() {
    let server = Server::start().await;
    let calls: Vec<_> = (0..50)
        .map(|_| {
            let cx = context(&server);
            tokio::spawn(async move { make(&cx, Some("t"), "a").await.unwrap() })
        })
        .collect();
    let mut ids = std::collections::BTreeSet::new();
    for call in calls {
        ids.insert(call.await.unwrap());
    }
    assert_eq!((ids.len(), made(&server)), (1, 1));
}

#[tokio::test]
async fn a_token_with_other_parameters_is_refused() {
    let server = Server::start().await;
    let cx = context(&server);
    make(&cx, Some("t"), "a").await.unwrap();
    let refused = make(&cx, Some("t"), "b").await.unwrap_err();
    assert_eq!(refused, InvalidClientToken::Mismatch("t".into()));
    let error = AwsError::from(refused);
    assert_eq!((&*error.code, error.status), ("IdempotentParameterMismatch", 400));
    assert_eq!(made(&server), 1);
}

#[tokio::test]
async fn tokens_are_forgotten_after_a_day() {
    let server = Server::start().await;
    let first = make(&context(&server), Some("t"), "a").await.unwrap();
    server.clock.advance(Duration::from_secs(IDEMPOTENCY_RETENTION_SECONDS));
    assert_eq!(make(&context(&server), Some("t"), "a").await.unwrap(), first);
    server.clock.advance(Duration::from_secs(1));
    assert_ne!(make(&context(&server), Some("t"), "b").await.unwrap(), first);
}

#[tokio::test]
async fn malformed_tokens_are_refused() {
    let server = Server::start().await;
    let cx = context(&server);
    for token in ["", &"x".repeat(65), "토큰"] {
        assert_eq!(make(&cx, Some(token), "a").await, Err(InvalidClientToken::Malformed), "{token}");
    }
}

#[test]
fn a_dry_run_ends_with_412() {
    let error = dry_run(Some(true)).unwrap_err();
    assert_eq!((&*error.code, error.status), ("DryRunOperation", 412));
    assert_eq!((dry_run(Some(false)), dry_run(None)), (Ok(()), Ok(())));
}
