//! DECIDER: what starting, stopping and terminating make of an instance's record, whoever asks: the API, an alarm or
//! Auto Scaling. Whether somebody may ask (protection, states) is for the caller to say.

use super::instance::{DesiredState, Instance, InstanceState, StateReason};
use crate::Timestamp;

/// The reason that an instance shows when its owner ended it.
pub fn user_initiated() -> StateReason {
    StateReason {
        code: "Client.UserInitiatedShutdown".to_owned(),
        message: "Client.UserInitiatedShutdown: User initiated shutdown".to_owned(),
    }
}

impl Instance {
    /// It boots (again), as after StartInstances.
    pub fn ask_to_start(&mut self, now: Timestamp) {
        self.desired = DesiredState::Running;
        self.end_without_asking = false;
        self.boot = self.boot.saturating_add(1);
        self.launched_at = now;
        self.state_reason = None;
        self.runtime = None;
        self.enter(InstanceState::Pending, now);
    }

    /// It stops, `at_once` without being asked politely.
    pub fn ask_to_stop(&mut self, at_once: bool, reason: StateReason, now: Timestamp) {
        self.desired = DesiredState::Stopped;
        self.end(InstanceState::Stopping, at_once, reason, now);
    }

    /// It is terminated, `at_once` without being asked politely.
    pub fn ask_to_terminate(&mut self, at_once: bool, reason: StateReason, now: Timestamp) {
        self.desired = DesiredState::Terminated;
        self.end(InstanceState::ShuttingDown, at_once, reason, now);
    }

    fn end(&mut self, state: InstanceState, at_once: bool, reason: StateReason, now: Timestamp) {
        self.end_without_asking |= at_once;
        self.state_reason = Some(reason);
        self.enter(state, now);
    }

    fn enter(&mut self, state: InstanceState, now: Timestamp) {
        if self.state != state {
            self.state = state;
            self.state_changed_at = now;
        }
    }
}
