//! Runs controllers: wakes one on a change, on its own wish and on a slow sweep; never two activations at once.

use crate::controller::{Context, Controller, Next};
use std::time::Duration;
use tokio::sync::watch;

/// How long a controller sleeps at the most.
const SWEEP: Duration = Duration::from_secs(30);
/// The first pause after a failure; doubled up to [`MAXIMUM_BACKOFF`].
const FIRST_BACKOFF: Duration = Duration::from_millis(200);
const MAXIMUM_BACKOFF: Duration = Duration::from_secs(10);

/// Runs a controller until `stop` becomes true or nobody can make it so; an activation that has begun ends first.
pub async fn run<C: Controller>(mut controller: C, cx: Context, mut stop: watch::Receiver<bool>) -> C {
    let mut changes = cx.store.changed(C::INTERESTS);
    let wake = controller.wake().unwrap_or_default();
    let mut failures: u32 = 0;
    while !*stop.borrow() {
        let pause = match controller.reconcile(&cx).await {
            Ok(next) => {
                failures = 0;
                until(next, &cx)
            }
            Err(error) => {
                failures = failures.saturating_add(1);
                let pause = backoff(failures);
                tracing::warn!(controller = C::NAME, %error, ?pause, "will try again");
                pause
            }
        };
        // After a failure a change does not cut the pause short: what is broken stays broken for a moment.
        tokio::select! {
            () = changes.changed(), if failures == 0 => {}
            () = wake.notified(), if failures == 0 => {}
            () = tokio::time::sleep(pause) => {}
            changed = stop.changed() => if changed.is_err() { break },
        }
    }
    controller
}

fn until(next: Next, cx: &Context) -> Duration {
    match next {
        Next::OnChange => SWEEP,
        Next::At(at) => at.since(cx.clock.now()).min(SWEEP),
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
