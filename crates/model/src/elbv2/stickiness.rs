//! Stickiness: that requests of one client go to the same target, or to the same target group.
//!
//! What a cookie says is sealed with a key that the control plane makes anew each day ([`rotated`]). Keys are kept as long as
//! cookies live that they sealed, so that a client stays where it is over a change of keys and a restart of everything.

use super::{action::Action, plan::stickiness, target_group::TargetGroup};
use crate::{Scope, Timestamp, secret::Secret, setting::Settings};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The longest duration of stickiness, in seconds: seven days.
pub const MAXIMUM_DURATION_SECONDS: u32 = 604_800;
/// How often a new key is made.
pub const KEY_PERIOD: Duration = Duration::from_secs(24 * 3600);
/// How long a key opens cookies after it sealed its last one: as long as the longest-lived cookie.
const KEY_LIFE: Duration = Duration::from_secs(8 * 24 * 3600);
/// The length of a key in bytes.
pub const KEY_BYTES: usize = 32;

/// How clients of a target group stay with a target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stickiness {
    /// By a cookie of the load balancer's own, `AWSALB`.
    LbCookie {
        /// For how long, 1 to [`MAXIMUM_DURATION_SECONDS`].
        duration_seconds: u32,
    },
    /// As long as a cookie of the application is there; the load balancer adds `AWSALBAPP-0`.
    AppCookie {
        /// The name of the application's cookie.
        name: String,
        /// For how long since the last request, 1 to [`MAXIMUM_DURATION_SECONDS`].
        duration_seconds: u32,
    },
}

/// What seals cookies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CookieKey {
    /// Counts up; part of the cookie, so that the right key is tried.
    pub id: u32,
    /// [`KEY_BYTES`] bytes as hexadecimal digits.
    pub secret: Secret,
    /// When it was made.
    pub created_at: Timestamp,
}

/// The keys of the installation, as they are stored: one record, in [`CookieKeys::scope`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CookieKeys {
    /// The newest first: that one seals.
    pub keys: Vec<CookieKey>,
}

impl CookieKeys {
    /// The id of the only record.
    pub const ID: &'static str = "cookie-keys";

    /// Where the record is kept: one node serves all accounts.
    pub fn scope() -> Scope {
        Settings::scope()
    }

    /// When the next key is due.
    pub fn next_rotation(&self) -> Option<Timestamp> {
        self.keys.first().map(|newest| newest.created_at.plus(KEY_PERIOD))
    }
}

/// DECIDER: whether anybody needs keys: a sticky target group, or an action that is sticky between its groups.
pub fn is_needed<'a>(
    mut groups: impl Iterator<Item = &'a TargetGroup>,
    mut actions: impl Iterator<Item = &'a Action>,
) -> bool {
    let is_sticky = |action: &Action| match action {
        Action::Forward(forward) => forward.stickiness_seconds.is_some(),
        Action::Redirect(_) | Action::FixedResponse(_) => false,
    };
    groups.any(|group| stickiness(&group.attributes).is_some()) || actions.any(is_sticky)
}

/// DECIDER: the keys with a new one in front, when that is due, and without those that no living cookie was sealed with.
/// `None`: nothing is to be done. `random` gives the bits of a new key.
pub fn rotated(keys: &CookieKeys, now: Timestamp, mut random: impl FnMut() -> u64) -> Option<CookieKeys> {
    let is_due = keys.next_rotation().is_none_or(|at| at <= now);
    if !is_due {
        return None;
    }
    let digits: String = (0..KEY_BYTES / 8).map(|_| format!("{:016x}", random())).collect();
    let id = keys.keys.iter().map(|key| key.id).max().map_or(1, |id| id.wrapping_add(1));
    let newest = CookieKey { id, secret: Secret::new(digits), created_at: now };
    let alive = keys.keys.iter().filter(|key| key.created_at.plus(KEY_PERIOD + KEY_LIFE) > now).cloned();
    Some(CookieKeys { keys: std::iter::once(newest).chain(alive).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_each_day_and_kept_while_its_cookies_live() {
        let (mut keys, mut seed) = (CookieKeys::default(), 0);
        for hour in 0..24 * 30 {
            let now = Timestamp::from_seconds(3600 * hour);
            let changed = rotated(&keys, now, || {
                seed += 1;
                seed
            });
            assert_eq!(changed.is_some(), hour % 24 == 0, "hour {hour}");
            keys = changed.unwrap_or(keys);
        }
        assert_eq!(keys.keys.len(), 9, "today's, and those of cookies up to eight days old");
        assert!(keys.keys.is_sorted_by(|one, other| one.id > other.id));
        assert!(keys.keys.iter().all(|key| key.secret.expose().len() == 2 * KEY_BYTES));
    }

    #[test]
    fn a_clock_that_was_set_back_makes_no_keys() {
        let keys = rotated(&CookieKeys::default(), Timestamp::from_seconds(1_000_000), || 7).unwrap();
        assert_eq!(rotated(&keys, Timestamp::from_seconds(0), || 7), None);
    }
}
