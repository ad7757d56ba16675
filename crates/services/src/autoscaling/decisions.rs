//! Decision records of operations: numbered after the newest, repetitions counted, the oldest forgotten.

use std::sync::Arc;

use model::Scope;
use model::autoscaling::decision::{MAXIMUM_KEPT, ScalingDecision};
use model::autoscaling::group::AutoScalingGroup;
use store::Transaction;

/// Writes decisions about one group down, in order.
pub(super) fn write(txn: &mut Transaction, scope: &Scope, decisions: Vec<ScalingDecision>) {
    for decision in decisions {
        let prefix = AutoScalingGroup::prefix(&decision.group);
        let kept: Vec<Arc<ScalingDecision>> = txn.range(scope, &prefix).collect();
        let newest = kept.last();
        if let Some(repeated) = newest.filter(|newest| newest.repeats(&decision)) {
            let times = repeated.times.saturating_add(1);
            let ScalingDecision { last_at, why, .. } = decision;
            txn.put(scope, ScalingDecision { last_at, why, times, ..ScalingDecision::clone(repeated) });
            continue;
        }
        let sequence = newest.map_or(0, |newest| newest.sequence + 1);
        for old in kept.iter().take((kept.len() + 1).saturating_sub(MAXIMUM_KEPT)) {
            txn.delete::<ScalingDecision>(scope, old.record_id());
        }
        txn.put(scope, ScalingDecision { sequence, ..decision });
    }
}
