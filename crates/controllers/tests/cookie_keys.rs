//! Keys of sticky cookies: made when they are needed, renewed each day.
#![allow(clippy::unwrap_used)]

mod support;

use controllers::{Controller, Next, cookie_keys::CookieKeyRotation};
use model::elbv2::{
    action::Action,
    attribute::{Attributes, TARGET_GROUP},
    listener::Listener,
    stickiness::{CookieKeys, KEY_PERIOD},
    target_group::TargetGroup,
};
use std::{
    sync::Arc,
    sync::atomic::{AtomicU64, Ordering},
};
use support::{group, listener, put, surroundings};

fn random() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed)
}

fn keys(cx: &controllers::Context) -> Option<Arc<CookieKeys>> {
    cx.store.view().get(&CookieKeys::scope(), CookieKeys::ID)
}

#[tokio::test]
async fn keys_are_made_for_a_sticky_group_and_renewed_each_day() {
    let (cx, clock) = surroundings();
    let mut controller = CookieKeyRotation::new(random);
    put(&cx, group("web")).await;
    put(&cx, listener("web", 80, "web")).await;
    assert_eq!(controller.reconcile(&cx).await.unwrap(), Next::OnChange);
    assert_eq!(keys(&cx), None, "nobody needs one");
    let sticky = [("stickiness.enabled".to_owned(), "true".to_owned())];
    let attributes = Attributes::default().modified(TARGET_GROUP, sticky).unwrap();
    put(&cx, TargetGroup { attributes, ..group("web") }).await;
    let due = cx.clock.now().plus(KEY_PERIOD);
    assert_eq!(controller.reconcile(&cx).await.unwrap(), Next::At(due));
    let first = keys(&cx).unwrap();
    assert_eq!(controller.reconcile(&cx).await.unwrap(), Next::At(due));
    assert_eq!(keys(&cx).unwrap(), first, "once a day");
    clock.advance(KEY_PERIOD);
    assert_eq!(controller.reconcile(&cx).await.unwrap(), Next::At(due.plus(KEY_PERIOD)));
    let second = keys(&cx).unwrap();
    assert_eq!((second.keys.len(), &second.keys[1]), (2, &first.keys[0]));
    assert_ne!(second.keys[0].secret, first.keys[0].secret);
}

#[tokio::test]
async fn keys_are_made_for_an_action_that_is_sticky_between_groups() {
    let (cx, _) = surroundings();
    let mut controller = CookieKeyRotation::new(random);
    let plain = listener("web", 80, "web");
    let Action::Forward(mut forward) = plain.default_action.clone() else { panic!("it forwards") };
    forward.stickiness_seconds = Some(60);
    put(&cx, Listener { default_action: Action::Forward(forward), ..plain }).await;
    controller.reconcile(&cx).await.unwrap();
    assert_eq!(keys(&cx).unwrap().keys.len(), 1);
}
