//! Decision records of operations: numbered after the newest, repetitions counted, the oldest forgotten.

use std::sync::Arc;

use model::Scope;
use model::autoscaling::decision::{ScalingDecision, added};
use model::autoscaling::group::AutoScalingGroup;
use store::Transaction;

/// Writes decisions about one group down, in order.
pub(super) fn write(txn: &mut Transaction, scope: &Scope, decisions: Vec<ScalingDecision>) {
    for decision in decisions {
        let prefix = AutoScalingGroup::prefix(&decision.group);
        let kept: Vec<Arc<ScalingDecision>> = txn.range(scope, &prefix).collect();
        let (written, forgotten) = added(&kept, decision);
        for id in forgotten {
            txn.delete::<ScalingDecision>(scope, id);
        }
        txn.put(scope, written);
    }
}
