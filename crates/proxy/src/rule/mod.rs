//! The rules of a listener, compiled: which is the first, by priority, that a request meets.
//!
//! What a condition means is said by [`model::elbv2::condition::Condition::is_met`]; here is a form of the same whose cost
//! does not grow with the number of rules. Every rule is filed under a few keys that each request has that meets it
//! (`file`, `key`); a request looks up its own keys (`watch`, `index`, `table`), and only the rules found there are asked
//! as a whole (`condition`, `glob`, `expression`). A key that is wrong costs time, never an answer.
//!
//! Nothing is allocated for a request. A hostile one gains little: of long texts only the ends are looked up, or each
//! piece once; texts are searched in time that is linear in their length; no rule is asked more often than it has values.
//!
//! Actions are [`crate::action`]'s. [`transform`] changes a request before it goes to a target. [`comparison`] holds the two
//! meanings against each other, for tests and fuzzing.

pub mod comparison;
mod condition;
pub mod expression;
mod file;
mod gate;
mod glob;
mod index;
mod key;
mod literal;
pub mod registry;
mod request;
mod search;
mod table;
pub mod transform;
mod watch;

pub use self::{
    condition::BadExpression,
    request::{HeaderFields, RuleRequest, split_target},
    search::Found,
};
use self::{
    condition::{CompiledCondition, Expressions, KnownExpressions},
    index::Index,
};
use model::elbv2::snapshot::RulePlan;

/// The rules of a listener.
#[derive(Debug)]
pub struct Rules {
    /// The conditions of each rule, cheap ones first.
    rules: Box<[Box<[CompiledCondition]>]>,
    index: Index,
    expressions: KnownExpressions,
}

/// Why rules cannot be compiled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("rule {priority}: {fault}")]
pub struct RuleError {
    /// The priority of the rule.
    pub priority: u32,
    /// What is wrong with it.
    pub fault: RuleFault,
}

/// What is wrong with a rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleFault {
    /// A condition or a transform has an expression that cannot be used.
    #[error(transparent)]
    Expression(#[from] BadExpression),
    /// Its priority is not greater than that of the rule before it.
    #[error("its priority is not greater than that of the rule before it")]
    OutOfOrder,
    /// It has two transforms of one kind.
    #[error("it has more than one transform of one kind")]
    SeveralTransforms,
}

impl Rules {
    /// Compiles rules.
    ///
    /// # Errors
    /// The first rule that cannot be used. The caller decides what becomes of the others.
    pub fn compile(plans: &[RulePlan]) -> Result<Self, RuleError> {
        Self::compile_with(plans, Expressions::after(None))
    }

    /// The same, quicker where rules have regular expressions: those of the rules that these follow are taken over.
    ///
    /// # Errors
    /// As [`Self::compile`].
    pub fn compile_after(plans: &[RulePlan], before: &Self) -> Result<Self, RuleError> {
        Self::compile_with(plans, Expressions::after(Some(&before.expressions)))
    }

    fn compile_with(plans: &[RulePlan], mut expressions: Expressions<'_>) -> Result<Self, RuleError> {
        let mut rules = Vec::with_capacity(plans.len());
        let mut before = 0;
        for plan in plans {
            let at = |fault| RuleError { priority: plan.priority, fault };
            if plan.priority <= before {
                return Err(at(RuleFault::OutOfOrder));
            }
            before = plan.priority;
            rules.push(compile(plan, &mut expressions).map_err(|error| at(error.into()))?);
        }
        let conditions: Vec<_> = plans.iter().map(|plan| plan.conditions.as_slice()).collect();
        Ok(Self { rules: rules.into(), index: Index::new(&conditions), expressions: expressions.into_known() })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// Whether there are none: all requests get the default action.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// The position of the first rule that a request meets, in the plans that were compiled; `None`: the default action.
    #[inline]
    pub fn first_match<F: HeaderFields + ?Sized>(&self, request: &RuleRequest<'_, F>) -> Option<usize> {
        if self.rules.is_empty() { None } else { self.find(request).rule }
    }

    /// How many rules AWS would say were evaluated (`RuleEvaluations`, the default rule not counted): those up to the one
    /// that was met.
    pub fn evaluations(&self, first_match: Option<usize>) -> usize {
        first_match.map_or(self.rules.len(), |position| position + 1)
    }

    /// The same as [`Self::first_match`], with what it took.
    pub fn find<F: HeaderFields + ?Sized>(&self, request: &RuleRequest<'_, F>) -> Found {
        debug_assert!(!request.host.iter().any(u8::is_ascii_uppercase), "hosts are compared in lower case");
        search::find(&self.rules, &self.index, request)
    }
}

fn compile(plan: &RulePlan, expressions: &mut Expressions<'_>) -> Result<Box<[CompiledCondition]>, BadExpression> {
    let compiled = plan.conditions.iter().filter_map(|c| CompiledCondition::new(c, expressions).transpose());
    let mut conditions = compiled.collect::<Result<Vec<_>, _>>()?;
    conditions.sort_by_key(CompiledCondition::cost);
    Ok(conditions.into())
}

#[cfg(test)]
mod tests;
