//! The `forward` action: which target of the target group gets a request.

use crate::{
    config::CompiledTargetGroup, target_group::UsableTargets, target_group::algorithm::round_robin, timer::Millis,
};
use std::cell::RefCell;

/// A target that was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Its position in the target group.
    pub target: u32,
    /// Whether it was chosen although no target is healthy.
    pub fail_open: bool,
}

/// Chooses a target, another one than `except` if there is one. `None`: the group has no registered target.
#[inline]
pub fn choose(
    group: &CompiledTargetGroup,
    usable: &RefCell<UsableTargets>,
    now: Millis,
    except: Option<u32>,
) -> Option<Choice> {
    let mut usable = usable.borrow_mut();
    usable.refresh(group, now);
    if usable.positions().is_empty() {
        return None;
    }
    let target = round_robin::choose(usable.positions(), group.state.next_turn(), except)?;
    Some(Choice { target, fail_open: usable.fail_open() })
}
