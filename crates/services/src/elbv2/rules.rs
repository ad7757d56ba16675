//! Rules: for now every listener has its default rule and no other, and that cannot be changed by itself.

use std::fmt::Write;
use std::sync::Arc;

use api::elbv2::types as shape;
use model::elbv2::listener::Listener;
use model::{Arn, Scope};
use sha2::{Digest, Sha256};
use store::View;

use super::arns::{self, ID_DIGITS, Resource};
use super::errors::Error;
use super::{page_size, views};
use crate::context::Context;
use crate::pagination::Listing;

/// The ARN of a listener's default rule. Its id is made from the listener's ARN, which never changes.
pub(super) fn default_rule_arn(listener: &Arn) -> Arn {
    let mut id = String::new();
    for byte in &Sha256::digest(listener.to_string())[..ID_DIGITS / 2] {
        write!(id, "{byte:02x}").expect("a text takes everything");
    }
    let of = listener.resource.strip_prefix("listener/").unwrap_or(&listener.resource);
    Arn { resource: format!("listener-rule/{of}/{id}"), ..listener.clone() }
}

/// The listener whose default rule an ARN names.
pub(super) fn listener_of(view: &View, scope: &Scope, text: &str) -> Result<Arc<Listener>, Error> {
    let arn = arns::parse(Resource::Rule, text)?;
    let parent = arn.resource.strip_prefix("listener-rule/").and_then(|rest| rest.rsplit_once('/'));
    let listener = parent.and_then(|(of, _)| {
        let listener = Arn { resource: format!("listener/{of}"), ..arn.clone() };
        view.get::<Listener>(scope, listener.to_string())
    });
    let found = listener.filter(|listener| default_rule_arn(&listener.arn) == arn);
    found.ok_or_else(|| Error::not_found(Resource::Rule, text))
}

pub(super) fn describe(cx: &Context, input: shape::DescribeRulesInput) -> Result<shape::DescribeRulesOutput, Error> {
    let shape::DescribeRulesInput { listener_arn, marker, page_size: size, rule_arns } = input;
    let rule_arns = rule_arns.unwrap_or_default();
    let (view, scope) = (cx.store.view(), cx.scope());
    let found: Vec<Arc<Listener>> = match (&listener_arn, rule_arns.as_slice()) {
        (Some(listener), []) => vec![arns::listener(&view, &scope, listener)?],
        (None, [_, ..]) => {
            rule_arns.iter().map(|arn| listener_of(&view, &scope, arn)).collect::<Result<Vec<_>, Error>>()?
        }
        (None, []) => return Err(Error::Invalid("give the ARN of a listener or the ARNs of rules".into())),
        (Some(_), [_, ..]) => {
            return Err(Error::Invalid("give the ARN of a listener or the ARNs of rules, not both".into()));
        }
    };
    let listing = Listing { operation: "DescribeRules", selection: &(&listener_arn, &rule_arns) };
    let items = found.iter().map(|listener| (listener.arn.to_string(), views::default_rule(listener)));
    let page = listing.page(cx, marker.as_deref(), page_size(size), items)?;
    Ok(shape::DescribeRulesOutput { next_marker: page.next, rules: Some(page.items) })
}
