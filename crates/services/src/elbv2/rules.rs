//! Rules of listeners: create, describe, modify, order anew, delete.
//!
//! A listener's default rule is no record of its own: it is what the listener's default action and the tags of its default
//! rule show. It comes last, cannot be deleted or moved, and is changed by ModifyListener.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::Arc;

use api::elbv2::types as shape;
use model::elbv2::action::Action;
use model::elbv2::listener::Listener;
use model::elbv2::rule::Rule;
use model::elbv2::transform::Transform;
use model::id::hex;
use model::{Arn, Scope};
use sha2::{Digest, Sha256};
use store::{Transaction, View, rule_id_prefix};
use wire::AwsError;

use super::arns::{self, ID_DIGITS, Resource};
use super::errors::Error;
use super::usage::Usage;
use super::{actions, conditions, page_size, tags, transforms, views};
use crate::context::Context;
use crate::handler::committed;
use crate::pagination::Listing;

/// What the ARN of a rule names.
pub(super) enum Named {
    /// The default rule of this listener.
    Default(Arc<Listener>),
    /// A rule of its own.
    Rule(Arc<Rule>),
}

/// The ARN of a listener's default rule. Its id is made from the listener's ARN, which never changes.
pub(super) fn default_rule_arn(listener: &Arn) -> Arn {
    let mut id = String::new();
    for byte in &Sha256::digest(listener.to_string())[..ID_DIGITS / 2] {
        write!(id, "{byte:02x}").expect("a text takes everything");
    }
    rule_arn(listener, &id)
}

fn rule_arn(listener: &Arn, id: &str) -> Arn {
    let of = listener.resource().strip_prefix("listener/").unwrap_or(listener.resource());
    listener.with_resource(format!("listener-rule/{of}/{id}"))
}

/// The rule that an ARN names.
pub(super) fn named(view: &View, scope: &Scope, text: &str) -> Result<Named, Error> {
    let arn = arns::parse(Resource::Rule, text)?;
    if let Some(rule) = view.get::<Rule>(scope, arn.to_string()) {
        return Ok(Named::Rule(rule));
    }
    let parent = arn.resource().strip_prefix("listener-rule/").and_then(|rest| rest.rsplit_once('/'));
    let listener = parent.and_then(|(of, _)| {
        let listener = arn.with_resource(format!("listener/{of}"));
        view.get::<Listener>(scope, listener.to_string())
    });
    let found = listener.filter(|listener| default_rule_arn(&listener.arn) == arn);
    found.map(Named::Default).ok_or_else(|| Error::not_found(Resource::Rule, text))
}

/// A rule of its own; the default rule is refused, because `what` cannot be done with it.
fn changeable(view: &View, scope: &Scope, text: &str, what: &str) -> Result<Arc<Rule>, Error> {
    match named(view, scope, text)? {
        Named::Rule(rule) => Ok(rule),
        Named::Default(_) => Err(Error::NotPermitted(format!("the default rule of a listener cannot be {what}"))),
    }
}

/// The rules of a listener, without its default one, by ARN.
pub(super) fn rules_of(view: &View, scope: &Scope, listener: &Arn) -> Vec<Arc<Rule>> {
    view.range(scope, &rule_id_prefix(listener)).collect()
}

/// Deletes a listener with its rules.
pub(super) fn delete_listener(txn: &mut Transaction, scope: &Scope, listener: &Arn) {
    for rule in rules_of(txn.view(), scope, listener) {
        txn.delete::<Rule>(scope, rule.arn.to_string());
    }
    txn.delete::<Listener>(scope, listener.to_string());
}

/// Transforms change what goes to a target, so only rules that send requests to targets have them.
fn check_transforms(action: &Action, transforms: &[Transform]) -> Result<(), Error> {
    match action {
        Action::Redirect(_) | Action::FixedResponse(_) if !transforms.is_empty() => {
            let message = "only rules that forward have transforms (ModifyRule removes them with ResetTransforms)";
            Err(Error::Invalid(message.into()))
        }
        Action::Forward(_) | Action::Redirect(_) | Action::FixedResponse(_) => Ok(()),
    }
}

/// Whether a rule may be as it is, and what it makes of its load balancer: asked when it is written already.
fn check(txn: &Transaction, scope: &Scope, rule: &Rule) -> Result<(), Error> {
    let view = txn.view();
    let listener = arns::listener(view, scope, &rule.listener_arn.to_string())?;
    Usage::new(view, scope).check_quotas(view, scope, &listener.load_balancer_arn)
}

/// Whether the rule's listener may have its action.
fn check_action(view: &View, scope: &Scope, listener: &Listener, action: &Action) -> Result<(), Error> {
    let load_balancer = arns::load_balancer(view, scope, &listener.load_balancer_arn.to_string())?;
    let usage = Usage::new(view, scope);
    actions::check(view, scope, &usage, &load_balancer, (listener.protocol, listener.port), action)
}

pub(super) async fn create(cx: &Context, input: shape::CreateRuleInput) -> Result<shape::CreateRuleOutput, AwsError> {
    let shape::CreateRuleInput { actions, conditions, listener_arn, priority, tags, transforms } = input;
    let conditions = conditions::parse(conditions)?;
    let actions::Written { action, form } = actions::parse(actions)?;
    let transforms = transforms::parse(transforms.unwrap_or_default())?;
    check_transforms(&action, &transforms)?;
    let priority = parse_priority(priority)?;
    let tags = tags::parse(tags)?;
    let id = cx.mint(|ids| hex(ids, ID_DIGITS));
    let scope = cx.scope();
    let insert = |txn: &mut Transaction| {
        let listener = arns::listener(txn.view(), &scope, &listener_arn)?;
        if rules_of(txn.view(), &scope, &listener.arn).iter().any(|rule| rule.priority == priority) {
            return Err(Error::PriorityTaken(priority));
        }
        check_action(txn.view(), &scope, &listener, &action)?;
        let rule = Rule {
            arn: rule_arn(&listener.arn, &id),
            listener_arn: listener.arn.clone(),
            priority,
            conditions: conditions.clone(),
            action: action.clone(),
            action_form: form,
            transforms: transforms.clone(),
            created_at: cx.now,
            tags: tags.clone(),
        };
        txn.put(&scope, rule.clone());
        check(txn, &scope, &rule)?;
        Ok(views::rule(&rule))
    };
    let created = committed(cx.store.transact(insert).await)?;
    Ok(shape::CreateRuleOutput { rules: Some(vec![created]) })
}

/// The shape tables have checked the range.
fn parse_priority(given: i32) -> Result<u32, Error> {
    u32::try_from(given).map_err(|_| Error::Invalid("Priority must be from 1 to 50000".into()))
}

pub(super) async fn modify(cx: &Context, input: shape::ModifyRuleInput) -> Result<shape::ModifyRuleOutput, AwsError> {
    let shape::ModifyRuleInput { actions, conditions, reset_transforms, rule_arn, transforms } = input;
    let conditions = conditions.filter(|given| !given.is_empty()).map(conditions::parse).transpose()?;
    let written = actions.filter(|given| !given.is_empty()).map(actions::parse).transpose()?;
    let transforms = transforms.filter(|given| !given.is_empty()).map(transforms::parse).transpose()?;
    let transforms = match (transforms, reset_transforms.unwrap_or(false)) {
        (Some(_), true) => return Err(Error::Invalid("give Transforms or ResetTransforms, not both".into()).into()),
        (None, true) => Some(Vec::new()),
        (given, false) => given,
    };
    let scope = cx.scope();
    let write = |txn: &mut Transaction| {
        let old = changeable(txn.view(), &scope, &rule_arn, "modified by ModifyRule; use ModifyListener")?;
        let mut rule = Rule::clone(&old);
        rule.conditions = conditions.clone().unwrap_or(rule.conditions);
        rule.transforms = transforms.clone().unwrap_or(rule.transforms);
        if let Some(actions::Written { action, form }) = &written {
            let listener = arns::listener(txn.view(), &scope, &rule.listener_arn.to_string())?;
            check_action(txn.view(), &scope, &listener, action)?;
            (rule.action, rule.action_form) = (action.clone(), *form);
        }
        check_transforms(&rule.action, &rule.transforms)?;
        txn.put(&scope, rule.clone());
        check(txn, &scope, &rule)?;
        Ok::<_, Error>(views::rule(&rule))
    };
    let modified = committed(cx.store.transact(write).await)?;
    Ok(shape::ModifyRuleOutput { rules: Some(vec![modified]) })
}

pub(super) async fn delete(cx: &Context, input: shape::DeleteRuleInput) -> Result<(), AwsError> {
    let shape::DeleteRuleInput { rule_arn } = input;
    let scope = cx.scope();
    let remove = |txn: &mut Transaction| {
        let rule = changeable(txn.view(), &scope, &rule_arn, "deleted; delete the listener")?;
        txn.delete::<Rule>(&scope, rule.arn.to_string());
        Ok::<_, Error>(())
    };
    committed(cx.store.transact(remove).await)
}

/// All or nothing; rules may change places with each other.
pub(super) async fn set_priorities(
    cx: &Context,
    input: shape::SetRulePrioritiesInput,
) -> Result<shape::SetRulePrioritiesOutput, AwsError> {
    let shape::SetRulePrioritiesInput { rule_priorities } = input;
    if rule_priorities.is_empty() {
        return Err(Error::Invalid("RulePriorities needs at least one rule".into()).into());
    }
    let scope = cx.scope();
    let write = |txn: &mut Transaction| {
        let mut changed: BTreeMap<String, Rule> = BTreeMap::new();
        for shape::RulePriorityPair { priority, rule_arn } in &rule_priorities {
            let rule = changeable(txn.view(), &scope, rule_arn, "given a priority: it comes last")?;
            let rule = Rule { priority: parse_priority(*priority)?, ..Rule::clone(&rule) };
            if changed.insert(rule.arn.to_string(), rule).is_some() {
                return Err(Error::Invalid(format!("rule `{rule_arn}` is given more than once")));
            }
        }
        let listeners: BTreeSet<&Arn> = changed.values().map(|rule| &rule.listener_arn).collect();
        for listener in listeners {
            check_priorities(&rules_of(txn.view(), &scope, listener), &changed)?;
        }
        for rule in changed.values() {
            txn.put(&scope, rule.clone());
        }
        Ok(in_order(changed.into_values()).iter().map(views::rule).collect())
    };
    let rules = committed(cx.store.transact(write).await)?;
    Ok(shape::SetRulePrioritiesOutput { rules: Some(rules) })
}

/// Whether all rules of a listener have a priority of their own when those that change have changed.
fn check_priorities(rules: &[Arc<Rule>], changed: &BTreeMap<String, Rule>) -> Result<(), Error> {
    let mut taken = BTreeSet::new();
    for rule in rules {
        let priority = changed.get(&rule.arn.to_string()).map_or(rule.priority, |changed| changed.priority);
        if !taken.insert(priority) {
            return Err(Error::PriorityTaken(priority));
        }
    }
    Ok(())
}

fn in_order(rules: impl Iterator<Item = Rule>) -> Vec<Rule> {
    let mut rules: Vec<Rule> = rules.collect();
    rules.sort_by(|one, other| (&one.listener_arn, one.priority).cmp(&(&other.listener_arn, other.priority)));
    rules
}

pub(super) fn describe(cx: &Context, input: shape::DescribeRulesInput) -> Result<shape::DescribeRulesOutput, Error> {
    let shape::DescribeRulesInput { listener_arn, marker, page_size: size, rule_arns } = input;
    let rule_arns = rule_arns.unwrap_or_default();
    let (view, scope) = (cx.store.view(), cx.scope());
    let found: Vec<Named> = match (&listener_arn, rule_arns.as_slice()) {
        (Some(listener), []) => {
            let listener = arns::listener(&view, &scope, listener)?;
            let rules = rules_of(&view, &scope, &listener.arn).into_iter().map(Named::Rule);
            rules.chain([Named::Default(listener)]).collect()
        }
        (None, [_, ..]) => rule_arns.iter().map(|arn| named(&view, &scope, arn)).collect::<Result<_, Error>>()?,
        (None, []) => return Err(Error::Invalid("give the ARN of a listener or the ARNs of rules".into())),
        (Some(_), [_, ..]) => {
            return Err(Error::Invalid("give the ARN of a listener or the ARNs of rules, not both".into()));
        }
    };
    let listing = Listing { operation: "DescribeRules", selection: &(&listener_arn, &rule_arns) };
    // By listener and priority, each rule once, default rules last.
    let items: BTreeMap<String, &Named> = found.iter().map(|one| (one.place(), one)).collect();
    let page = listing.page(cx, marker.as_deref(), page_size(size), items)?;
    let page = page.map(|one| match one {
        Named::Default(listener) => views::default_rule(listener),
        Named::Rule(rule) => views::rule(rule),
    });
    Ok(shape::DescribeRulesOutput { next_marker: page.next, rules: Some(page.items) })
}

impl Named {
    /// A text that sorts as rules are evaluated.
    fn place(&self) -> String {
        match self {
            Self::Rule(rule) => format!("{}|{:05}", rule.listener_arn, rule.priority),
            Self::Default(listener) => format!("{}|default", listener.arn),
        }
    }
}
