//! What a controller is.

use crate::virtual_time::VirtualTime;
use model::{Timestamp, time::Clock};
use std::sync::Arc;
use store::{Kind, Store};
use tokio::sync::Notify;

/// What every controller works with.
#[derive(Clone)]
pub struct Context {
    /// All records.
    pub store: Store,
    /// The one clock.
    pub clock: Arc<dyn Clock>,
    /// The same clock, where it moves only when told to.
    pub virtual_time: Option<Arc<VirtualTime>>,
}

impl Context {
    /// With a clock that goes by itself, or that a test moves without anybody being told.
    pub fn new(store: Store, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock, virtual_time: None }
    }

    /// With virtual time.
    pub fn in_virtual_time(store: Store, time: Arc<VirtualTime>) -> Self {
        Self { store, clock: time.clone(), virtual_time: Some(time) }
    }
}

/// When a controller wants to look again; it is also woken by changes of the kinds that it is interested in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// When something changes.
    OnChange,
    /// At this time at the latest.
    At(Timestamp),
}

impl Next {
    /// The earlier of both.
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::At(a), Self::At(b)) => Self::At(a.min(b)),
            (Self::At(a), Self::OnChange) | (Self::OnChange, Self::At(a)) => Self::At(a),
            (Self::OnChange, Self::OnChange) => Self::OnChange,
        }
    }

    /// The earliest of these times.
    pub fn earliest(times: impl IntoIterator<Item = Timestamp>) -> Self {
        times.into_iter().min().map_or(Self::OnChange, Self::At)
    }
}

/// Why a reconciliation did not finish; it is tried again with back-off.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ControllerError(pub String);

impl ControllerError {
    /// From any error, with what was being done.
    pub fn of(doing: &str, error: impl std::fmt::Display) -> Self {
        Self(format!("{doing}: {error}"))
    }
}

/// A reconciler.
pub trait Controller: Send + 'static {
    /// For logs and `goru status`.
    const NAME: &'static str;
    /// Records whose change wakes it.
    const INTERESTS: &'static [Kind];

    /// Wakes it besides: things that happen outside the store.
    fn wake(&self) -> Option<Arc<Notify>> {
        None
    }

    /// Observes, decides, acts. Takes no argument about what changed, never waits in a loop, and may be repeated.
    fn reconcile(&mut self, cx: &Context) -> impl Future<Output = Result<Next, ControllerError>> + Send;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earlier_wish_wins() {
        let (a, b) = (Timestamp::from_seconds(1), Timestamp::from_seconds(2));
        assert_eq!(Next::At(b).or(Next::At(a)), Next::At(a));
        assert_eq!(Next::OnChange.or(Next::At(b)), Next::At(b));
        assert_eq!(Next::earliest([]), Next::OnChange);
    }
}
