//! Runs controllers: wakes one on a change, on its own wish and on a slow sweep; never two activations at once.
//!
//! Under virtual time a wish waits for that clock; the sweep goes by real time all the same.

use crate::{
    controller::{Context, Controller, Next},
    virtual_time::{MAXIMUM_HURRIES, Seat},
};
use model::Timestamp;
use std::time::Duration;
use store::Changed;
use tokio::sync::watch;

/// How long a controller sleeps at the most.
const SWEEP: Duration = Duration::from_secs(30);
/// The first pause after a failure; doubled up to [`MAXIMUM_BACKOFF`].
const FIRST_BACKOFF: Duration = Duration::from_millis(200);
const MAXIMUM_BACKOFF: Duration = Duration::from_secs(10);

/// How long to wait before the next activation, unless something happens.
struct Rest {
    /// By real time.
    pause: Duration,
    /// By virtual time, where that is the clock.
    wish: Option<Timestamp>,
}

/// Runs a controller until `stop` becomes true or nobody can make it so; an activation that has begun ends first.
///
/// Already the call counts, not the first poll: changes from now on are seen, and virtual time waits for the controller.
pub fn run<C: Controller>(
    controller: C,
    cx: Context,
    stop: watch::Receiver<bool>,
) -> impl Future<Output = C> + Send + 'static {
    let changes = cx.store.changed(C::INTERESTS);
    let seat = cx.virtual_time.as_ref().map(|time| time.seat(C::NAME));
    activate(controller, cx, stop, changes, seat)
}

async fn activate<C: Controller>(
    mut controller: C,
    cx: Context,
    mut stop: watch::Receiver<bool>,
    mut changes: Changed,
    seat: Option<Seat>,
) -> C {
    let wake = controller.wake().unwrap_or_default();
    let (mut failures, mut hurries): (u32, u32) = (0, 0);
    while !*stop.borrow() {
        if let Some(seat) = &seat {
            // Who wakes itself for ever must not keep the coordinator from seeing it.
            tokio::task::yield_now().await;
            seat.begin();
        }
        let rest = match controller.reconcile(&cx).await {
            Ok(next) => {
                failures = 0;
                until(next, &cx)
            }
            Err(error) => {
                failures = failures.saturating_add(1);
                let pause = backoff(failures);
                tracing::warn!(controller = C::NAME, %error, ?pause, "will try again");
                Rest { pause, wish: Some(cx.clock.now().plus(pause)) }
            }
        };
        match &seat {
            Some(seat) if !seat.rest(rest.wish) => {
                hurries += 1;
                if hurries < MAXIMUM_HURRIES {
                    continue;
                }
                seat.give_up();
            }
            Some(_) | None => hurries = 0,
        }
        // After a failure a change does not cut the pause short: what is broken stays broken for a moment. In this order,
        // because a seat that is asked whether it rests must have looked at the others first.
        tokio::select! {
            biased;
            () = changes.changed(), if failures == 0 => {}
            () = wake.notified(), if failures == 0 => {}
            () = called(seat.as_ref()) => {}
            changed = stop.changed() => if changed.is_err() { break },
            () = tokio::time::sleep(rest.pause) => {}
        }
    }
    controller
}

async fn called(seat: Option<&Seat>) {
    match seat {
        Some(seat) => seat.called().await,
        None => std::future::pending().await,
    }
}

fn until(next: Next, cx: &Context) -> Rest {
    match (next, &cx.virtual_time) {
        (Next::OnChange, _) => Rest { pause: SWEEP, wish: None },
        (Next::At(at), Some(_)) => Rest { pause: SWEEP, wish: Some(at) },
        (Next::At(at), None) => Rest { pause: at.since(cx.clock.now()).min(SWEEP), wish: Some(at) },
    }
}

fn backoff(failures: u32) -> Duration {
    FIRST_BACKOFF.saturating_mul(1 << failures.saturating_sub(1).min(10)).min(MAXIMUM_BACKOFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_limit() {
        let pauses: Vec<u128> = [1, 2, 3, 6, 7, 100].into_iter().map(|n| backoff(n).as_millis()).collect();
        assert_eq!(pauses, [200, 400, 800, 6400, 10_000, 10_000]);
    }
}
