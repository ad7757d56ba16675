//! Keeps true that there is a fresh key to seal cookies with while somebody needs one: a sticky target group, or a forward
//! action that is sticky between its groups.

use crate::controller::{Context, Controller, ControllerError, Next};
use model::elbv2::{
    listener::Listener,
    rule::Rule,
    stickiness::{CookieKeys, KEY_BYTES, is_needed, rotated},
    target_group::TargetGroup,
};
use std::{convert::Infallible, sync::Arc};
use store::{Kind, Transaction, View};

/// The controller.
pub struct CookieKeyRotation {
    random: fn() -> u64,
}

impl CookieKeyRotation {
    /// `random` gives numbers that nobody can guess.
    pub fn new(random: fn() -> u64) -> Self {
        Self { random }
    }
}

impl Controller for CookieKeyRotation {
    const NAME: &'static str = "cookie-keys";
    const INTERESTS: &'static [Kind] = &[Kind::TargetGroup, Kind::Listener, Kind::Rule, Kind::CookieKeys];

    async fn reconcile(&mut self, cx: &Context) -> Result<Next, ControllerError> {
        // observe
        let view = cx.store.view();
        if !needs_keys(&view) {
            return Ok(Next::OnChange);
        }
        // decide
        let now = cx.clock.now();
        // Drawn before the transaction, which may run twice.
        let bits: Vec<u64> = (0..KEY_BYTES / 8).map(|_| (self.random)()).collect();
        let decide = |keys: Option<Arc<CookieKeys>>| {
            let mut bits = bits.iter().copied();
            rotated(&keys.as_deref().cloned().unwrap_or_default(), now, || bits.next().unwrap_or_default())
        };
        // act
        if decide(view.get(&CookieKeys::scope(), CookieKeys::ID)).is_some() {
            let write = |txn: &mut Transaction| -> Result<(), Infallible> {
                if let Some(keys) = decide(txn.get(&CookieKeys::scope(), CookieKeys::ID)) {
                    txn.put(&CookieKeys::scope(), keys);
                }
                Ok(())
            };
            cx.store.transact(write).await.map_err(|error| ControllerError::of("writing cookie keys", error))?;
        }
        let keys = cx.store.view().get::<CookieKeys>(&CookieKeys::scope(), CookieKeys::ID);
        Ok(Next::earliest(keys.and_then(|keys| keys.next_rotation())))
    }
}

fn needs_keys(view: &View) -> bool {
    let groups: Vec<Arc<TargetGroup>> = view.all().map(|(_, group)| group).collect();
    let listeners: Vec<Arc<Listener>> = view.all().map(|(_, listener)| listener).collect();
    let rules: Vec<Arc<Rule>> = view.all().map(|(_, rule)| rule).collect();
    let of_listeners = listeners.iter().map(|listener| &listener.default_action);
    is_needed(groups.iter().map(|group| &**group), of_listeners.chain(rules.iter().map(|rule| &rule.action)))
}
