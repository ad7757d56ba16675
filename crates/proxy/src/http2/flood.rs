//! How many frames of the kinds that cost the receiver more than the sender a peer may send.
//!
//! Each kind has a budget: a number at the beginning, some more with each second, and some more with each piece of
//! honest work, because what is honest depends on it (a client answers content with WINDOW_UPDATEs, and some with a
//! PING to measure the way). A budget that is used up ends the connection. Bounded by other means: CONTINUATION (frames
//! and bytes of one block), header tables and what a block may become (`hpack`), and what is held (windows).

use crate::timer::Millis;
use std::fmt;

/// A kind of frames that are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flood {
    /// The client resets requests that were not answered: each made us do what nobody reads (CVE-2023-44487).
    Resets,
    /// The peer provokes resets by us, with the same effect (CVE-2025-8671).
    ProvokedResets,
    /// The peer leaves streams without a window until we give them up (CVE-2019-9517, CVE-2026-49975).
    Stalls,
    /// SETTINGS: each is applied to all streams and acknowledged (CVE-2019-9515).
    Settings,
    /// PING: each is answered (CVE-2019-9512).
    Pings,
    /// DATA without content and without end (CVE-2019-9518).
    EmptyFrames,
    /// WINDOW_UPDATE: each may wake a task to send a few bytes (CVE-2019-9511).
    WindowUpdates,
    /// Frames that are read and then ignored: PRIORITY (CVE-2019-9513), unknown types, frames of closed streams.
    IgnoredFrames,
}

/// What a budget begins with and what it is filled up with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// At the beginning, and the most that time alone brings it back to.
    pub burst: u32,
    /// With each second.
    pub per_second: u32,
}

/// What honest work brings in at most: a peer that worked for hours may not save it all for one minute.
const MOST_EARNED: u32 = 1 << 16;

impl Flood {
    /// The number of kinds.
    const COUNT: usize = 8;

    /// The budget of a kind.
    pub const fn budget(self) -> Budget {
        match self {
            // A browser that leaves a page cancels what it has open, at most 128 streams; twice that at once, and then a
            // fourth of it each second, is more than anybody at a keyboard does. A proxy with many users in one
            // connection may have one request cancelled for each that it lets us answer, which earns it.
            Self::Resets => Budget { burst: 256, per_second: 32 },
            // Honest peers provoke next to none. Clients that open more than 128 streams before they know the limit have
            // some refused, once.
            Self::ProvokedResets => Budget { burst: 192, per_second: 8 },
            // One download that is paused, or a few; a client that fell asleep has no use for its connection.
            Self::Stalls => Budget { burst: 32, per_second: 1 },
            // One or two at the beginning; some libraries change their windows later on.
            Self::Settings => Budget { burst: 32, per_second: 1 },
            // Keep-alive asks once in seconds; measuring asks once for some content, which earns it.
            Self::Pings => Budget { burst: 64, per_second: 4 },
            // Some libraries flush an empty frame before they know that the message ends.
            Self::EmptyFrames => Budget { burst: 64, per_second: 8 },
            // Two for each DATA frame (stream and connection) are usual and earned.
            Self::WindowUpdates => Budget { burst: 1024, per_second: 32 },
            // Some browsers send six at the beginning and one with each request, which earns it; frames may cross a reset.
            Self::IgnoredFrames => Budget { burst: 1024, per_second: 32 },
        }
    }

    const fn place(self) -> usize {
        match self {
            Self::Resets => 0,
            Self::ProvokedResets => 1,
            Self::Stalls => 2,
            Self::Settings => 3,
            Self::Pings => 4,
            Self::EmptyFrames => 5,
            Self::WindowUpdates => 6,
            Self::IgnoredFrames => 7,
        }
    }

    const ALL: [Self; Self::COUNT] = [
        Self::Resets,
        Self::ProvokedResets,
        Self::Stalls,
        Self::Settings,
        Self::Pings,
        Self::EmptyFrames,
        Self::WindowUpdates,
        Self::IgnoredFrames,
    ];
}

impl fmt::Display for Flood {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Resets => "requests were reset by the client before they were answered",
            Self::ProvokedResets => "streams had to be reset for the peer's errors",
            Self::Stalls => "streams were left without a window",
            Self::Settings => "SETTINGS frames",
            Self::Pings => "PING frames",
            Self::EmptyFrames => "DATA frames without content",
            Self::WindowUpdates => "WINDOW_UPDATE frames for what was sent",
            Self::IgnoredFrames => "PRIORITY frames, unknown frames and frames of closed streams",
        })
    }
}

/// The budgets of one connection.
#[derive(Debug)]
pub struct Budgets {
    left: [u32; Flood::COUNT],
    filled: Millis,
}

impl Budgets {
    /// Full ones.
    pub fn new(now: Millis) -> Self {
        Self { left: Flood::ALL.map(|kind| kind.budget().burst), filled: now }
    }

    /// Counts one frame. False: there was one too many.
    #[inline]
    pub fn spend(&mut self, kind: Flood, now: Millis) -> bool {
        if now.since(self.filled).as_secs() > 0 {
            self.fill(now);
        }
        let left = &mut self.left[kind.place()];
        match left.checked_sub(1) {
            Some(less) => {
                *left = less;
                true
            }
            None => false,
        }
    }

    /// Adds what honest work is good for.
    #[inline]
    pub fn earn(&mut self, kind: Flood, frames: u32) {
        let left = &mut self.left[kind.place()];
        *left = left.saturating_add(frames).min(MOST_EARNED);
    }

    fn fill(&mut self, now: Millis) {
        let seconds = now.since(self.filled).as_secs();
        self.filled = Millis(self.filled.0 + seconds * 1000);
        for kind in Flood::ALL {
            let Budget { burst, per_second } = kind.budget();
            let more = u32::try_from(seconds).unwrap_or(u32::MAX).saturating_mul(per_second);
            let left = &mut self.left[kind.place()];
            if *left < burst {
                *left = left.saturating_add(more).min(burst);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_spent_filled_by_time_and_earned() {
        for kind in Flood::ALL {
            let Budget { burst, per_second } = kind.budget();
            let mut now = Millis(5000);
            let mut budgets = Budgets::new(now);
            let spend =
                |budgets: &mut Budgets, now| std::iter::from_fn(|| budgets.spend(kind, now).then_some(())).count();
            assert_eq!(spend(&mut budgets, now), burst as usize, "{kind:?}");
            now = Millis(5999);
            assert_eq!(spend(&mut budgets, now), 0);
            now = Millis(8000);
            assert_eq!(spend(&mut budgets, now), 3 * per_second as usize);
            now = Millis(u64::MAX / 2);
            assert_eq!(spend(&mut budgets, now), burst as usize);
            budgets.earn(kind, burst + 7);
            assert_eq!(spend(&mut budgets, Millis(now.0 + 999)), burst as usize + 7);
            budgets.earn(kind, u32::MAX / 2);
            assert_eq!(spend(&mut budgets, Millis(now.0 + 999)), MOST_EARNED as usize);
            assert_eq!(Flood::ALL[kind.place()], kind);
        }
    }
}
