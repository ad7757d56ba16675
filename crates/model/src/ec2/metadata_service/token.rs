//! Sessions of version 2 of the metadata service.

use crate::{IdSource, Timestamp, id::InstanceId, id::hex};
use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

/// Sessions that an instance may have at once; the oldest ends when there is one more.
pub const MAXIMUM_TOKENS: usize = 128;
/// Hexadecimal digits of a token, in two parts.
const DIGITS: [usize; 2] = [32, 24];

/// The sessions that have begun. They are in memory only: after a restart, clients are told 401 and begin anew, as they do when a
/// session is over.
#[derive(Debug, Default)]
pub struct Tokens {
    by_instance: HashMap<InstanceId, VecDeque<(String, Timestamp)>>,
}

impl Tokens {
    /// Begins a session.
    pub(super) fn begin(
        &mut self,
        instance: &InstanceId,
        ttl: Duration,
        ids: &mut dyn IdSource,
        now: Timestamp,
    ) -> String {
        let token: String = DIGITS.into_iter().map(|digits| hex(ids, digits)).collect();
        let tokens = self.by_instance.entry(instance.clone()).or_default();
        tokens.retain(|(_, until)| *until > now);
        if tokens.len() >= MAXIMUM_TOKENS {
            tokens.pop_front();
        }
        tokens.push_back((token.clone(), now.plus(ttl)));
        token
    }

    /// Whether an instance's session with this token goes on.
    pub(super) fn admits(&self, instance: &InstanceId, token: &str, now: Timestamp) -> bool {
        let tokens = self.by_instance.get(instance);
        tokens.is_some_and(|tokens| tokens.iter().any(|(known, until)| known == token && *until > now))
    }

    /// Forgets the sessions of instances that are gone.
    pub fn keep_only(&mut self, is_there: impl Fn(&InstanceId) -> bool) {
        self.by_instance.retain(|instance, _| is_there(instance));
    }
}
