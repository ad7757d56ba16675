//! Compiled rules that outlive a snapshot: a listener whose rules have not changed keeps them, and one whose rules have keeps the
//! regular expressions that it still has.

use super::{RuleError, Rules};
use model::{Arn, elbv2::snapshot::RulePlan};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The rules of all listeners.
#[derive(Debug, Default)]
pub struct RuleRegistry {
    kept: Mutex<HashMap<Arn, (Vec<RulePlan>, Arc<Rules>)>>,
}

impl RuleRegistry {
    /// The rules of a listener.
    ///
    /// # Errors
    /// The first one that cannot be used; what was compiled before is kept then.
    pub fn rules(&self, listener: &Arn, plans: &[RulePlan]) -> Result<Arc<Rules>, RuleError> {
        let mut kept = self.kept();
        let rules = match kept.get(listener) {
            Some((before, rules)) if before == plans => return Ok(Arc::clone(rules)),
            Some((_, rules)) => Rules::compile_after(plans, rules)?,
            None => Rules::compile(plans)?,
        };
        let rules = Arc::new(rules);
        kept.insert(listener.clone(), (plans.to_vec(), Arc::clone(&rules)));
        Ok(rules)
    }

    /// Forgets what no snapshot uses any more.
    pub fn forget_unused(&self) {
        self.kept().retain(|_, (_, rules)| Arc::strong_count(rules) > 1);
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<Arn, (Vec<RulePlan>, Arc<Rules>)>> {
        // What is behind the lock is whole after every statement; a panicking holder leaves nothing half done.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::elbv2::{action::Action, condition::Condition};

    fn plan(priority: u32) -> RulePlan {
        let arn = Arn::new("elasticloadbalancing", "r", "1", "targetgroup/a/1");
        RulePlan { priority, conditions: Vec::<Condition>::new(), action: Action::forward_to(arn), transforms: vec![] }
    }

    #[test]
    fn rules_are_kept_while_they_are_the_same_and_somebody_uses_them() {
        let registry = RuleRegistry::default();
        let listener = Arn::new("elasticloadbalancing", "r", "1", "listener/app/a/1/2");
        let first = registry.rules(&listener, &[plan(1)]).unwrap();
        assert!(Arc::ptr_eq(&first, &registry.rules(&listener, &[plan(1)]).unwrap()));
        assert!(registry.rules(&listener, &[plan(2), plan(2)]).is_err());
        assert!(Arc::ptr_eq(&first, &registry.rules(&listener, &[plan(1)]).unwrap()));
        let second = registry.rules(&listener, &[plan(1), plan(2)]).unwrap();
        assert_eq!((first.len(), second.len()), (1, 2));
        drop((first, second));
        registry.forget_unused();
        assert!(registry.kept().is_empty());
    }
}
