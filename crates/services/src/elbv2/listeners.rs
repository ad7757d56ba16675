//! Listeners: create, describe, modify, delete.

use std::sync::Arc;

use api::elbv2::types as shape;
use model::elbv2::action::Action;
use model::elbv2::attribute::{Attributes, of_listener};
use model::elbv2::listener::{Listener, ListenerProtocol, ListenerTls, MutualAuthentication};
use model::elbv2::load_balancer::LoadBalancer;
use model::elbv2::trust_store::MAXIMUM_VERIFYING_LISTENERS;
use model::id::hex;
use model::{Arn, Scope, Tags};
use store::{Transaction, View};
use wire::AwsError;

use super::arns::{self, ID_DIGITS, SERVICE};
use super::errors::{Error, Quota};
use super::load_balancers::listeners_of;
use super::usage::Usage;
use super::{actions, page_size, reach, rules, tags, tls, views};
use crate::context::Context;
use crate::handler::committed;
use crate::pagination::Listing;

pub(super) async fn create(
    cx: &Context,
    input: shape::CreateListenerInput,
) -> Result<shape::CreateListenerOutput, AwsError> {
    let shape::CreateListenerInput {
        certificates,
        default_actions,
        load_balancer_arn,
        mutual_authentication,
        port,
        protocol,
        ssl_policy,
        tags,
    } = input;
    let protocol = parse_protocol(protocol.ok_or_else(|| Error::Invalid("Protocol is needed".into()))?)?;
    let port = parse_port(port)?.ok_or_else(|| Error::Invalid("Port is needed: where clients connect".into()))?;
    let actions::Written { action, form } = actions::parse(default_actions)?;
    let tls = tls::Written::parse(ssl_policy, certificates, mutual_authentication)?;
    let tags = tags::parse(tags)?;
    let id = cx.mint(|ids| hex(ids, ID_DIGITS));
    let scope = cx.scope();
    let insert = |txn: &mut Transaction| {
        let load_balancer = arns::load_balancer(txn.view(), &scope, &load_balancer_arn)?;
        let siblings = listeners_of(txn.view(), cx, &load_balancer.arn);
        let usage = Usage::new(txn.view(), &scope);
        actions::check(txn.view(), &scope, &usage, &load_balancer, (protocol, port), &action)?;
        let wanted = Listener {
            arn: cx.arn(SERVICE, format!("listener/{}/{id}", load_balancer.dimension())),
            load_balancer_arn: load_balancer.arn.clone(),
            port,
            protocol,
            tls: tls.applied(txn.view(), cx, protocol, None)?,
            default_action: action.clone(),
            default_action_form: form,
            attributes: Attributes::default(),
            created_at: cx.now,
            tags: tags.clone(),
            default_rule_tags: Tags::default(),
        };
        if let Some(existing) = siblings.iter().find(|listener| same_settings(listener, &wanted)) {
            return Ok((load_balancer, Listener::clone(existing)));
        }
        check_port(cx, &siblings, None, port)?;
        if siblings.len() >= Quota::Listeners.limit() {
            return Err(Error::TooMany(Quota::Listeners));
        }
        txn.put(&scope, wanted.clone());
        check_verifying(&listeners_of(txn.view(), cx, &load_balancer.arn))?;
        Usage::new(txn.view(), &scope).check_quotas(txn.view(), &scope, &load_balancer.arn)?;
        Ok((load_balancer, wanted))
    };
    let (load_balancer, created) = committed(cx.store.transact(insert).await)?;
    reach::warn_of_shut_listeners(cx, &load_balancer, [&created]);
    Ok(shape::CreateListenerOutput { listeners: Some(vec![views::listener(&created)]) })
}

fn parse_protocol(given: shape::ProtocolEnum) -> Result<ListenerProtocol, Error> {
    use shape::ProtocolEnum as P;
    match given {
        P::Http => Ok(ListenerProtocol::Http),
        P::Https => Ok(ListenerProtocol::Https),
        P::Tcp | P::Tls | P::Udp | P::TcpUdp | P::Geneve | P::Quic | P::TcpQuic => {
            let message = "is not one that an Application Load Balancer has; it has HTTP and HTTPS";
            Err(Error::Invalid(format!("Protocol `{given}` {message}")))
        }
    }
}

fn parse_port(given: Option<i32>) -> Result<Option<u16>, Error> {
    let parse = |port: i32| u16::try_from(port).ok().filter(|port| *port > 0);
    let port = given.map(|port| parse(port).ok_or_else(|| Error::Invalid("Port must be from 1 to 65535".into())));
    port.transpose()
}

/// Whether a second CreateListener asks for what is there already.
fn same_settings(existing: &Listener, wanted: &Listener) -> bool {
    existing.port == wanted.port
        && existing.protocol == wanted.protocol
        && existing.tls == wanted.tls
        && existing.default_action == wanted.default_action
        && existing.default_action_form == wanted.default_action_form
        && existing.tags == wanted.tags
}

/// Refuses more listeners that verify client certificates than a load balancer may have.
fn check_verifying(listeners: &[Arc<Listener>]) -> Result<(), Error> {
    let verifies = |tls: &&ListenerTls| matches!(tls.mutual, MutualAuthentication::Verify { .. });
    if listeners.iter().filter_map(|listener| listener.tls.as_ref()).filter(verifies).count()
        > MAXIMUM_VERIFYING_LISTENERS
    {
        let message =
            format!("a load balancer has at most {MAXIMUM_VERIFYING_LISTENERS} listeners that verify clients");
        return Err(Error::Configuration(message));
    }
    Ok(())
}

/// Refuses a port that another listener of the load balancer has, or that is served in the place of such a port on a
/// host that may not bind low ports (80 at 8080).
fn check_port(cx: &Context, siblings: &[Arc<Listener>], own: Option<&Arn>, port: u16) -> Result<(), Error> {
    let host = &cx.settings.host;
    for other in siblings.iter().filter(|other| Some(&other.arn) != own) {
        if other.port == port {
            return Err(Error::PortTaken(port));
        }
        let bound = host.bound_port(port);
        if host.bound_port(other.port) == bound {
            let message = format!("this host serves ports {} and {port} both at {bound}; choose another", other.port);
            return Err(Error::Configuration(message));
        }
    }
    Ok(())
}

pub(super) fn describe(
    cx: &Context,
    input: shape::DescribeListenersInput,
) -> Result<shape::DescribeListenersOutput, Error> {
    let shape::DescribeListenersInput { listener_arns, load_balancer_arn, marker, page_size: size } = input;
    let arns = listener_arns.unwrap_or_default();
    let (view, scope) = (cx.store.view(), cx.scope());
    let mut found: Vec<Arc<Listener>> = match (&load_balancer_arn, arns.as_slice()) {
        (Some(arn), []) => listeners_of(&view, cx, &arns::load_balancer(&view, &scope, arn)?.arn),
        (None, [_, ..]) => arns.iter().map(|arn| arns::listener(&view, &scope, arn)).collect::<Result<_, Error>>()?,
        (None, []) => return Err(Error::Invalid("give a LoadBalancerArn or ListenerArns".into())),
        (Some(_), [_, ..]) => return Err(Error::Invalid("give a LoadBalancerArn or ListenerArns, not both".into())),
    };
    found.sort_by(|one, other| one.arn.cmp(&other.arn));
    found.dedup_by(|one, other| one.arn == other.arn);
    let listing = Listing { operation: "DescribeListeners", selection: &(&load_balancer_arn, &arns) };
    let items = found.iter().map(|record| (record.arn.to_string(), views::listener(record)));
    let page = listing.page(cx, marker.as_deref(), page_size(size), items)?;
    Ok(shape::DescribeListenersOutput { listeners: Some(page.items), next_marker: page.next })
}

pub(super) async fn modify(
    cx: &Context,
    input: shape::ModifyListenerInput,
) -> Result<shape::ModifyListenerOutput, AwsError> {
    let shape::ModifyListenerInput {
        certificates,
        default_actions,
        listener_arn,
        mutual_authentication,
        port,
        protocol,
        ssl_policy,
    } = input;
    let protocol = protocol.map(parse_protocol).transpose()?;
    let port = parse_port(port)?;
    let tls = tls::Written::parse(ssl_policy, certificates, mutual_authentication)?;
    let written = default_actions.filter(|actions| !actions.is_empty()).map(actions::parse).transpose()?;
    let scope = cx.scope();
    let write = |txn: &mut Transaction| {
        let old = arns::listener(txn.view(), &scope, &listener_arn)?;
        let balancer_arn = old.load_balancer_arn.to_string();
        let load_balancer = arns::load_balancer(txn.view(), &scope, &balancer_arn)?;
        let mut changed = Listener::clone(&old);
        if let Some(port) = port {
            check_port(cx, &listeners_of(txn.view(), cx, &load_balancer.arn), Some(&old.arn), port)?;
            changed.port = port;
        }
        if let Some(protocol) = protocol {
            changed.protocol = protocol;
        }
        changed.tls = tls.applied(txn.view(), cx, changed.protocol, old.tls.as_ref())?;
        changed.attributes = changed.attributes.within(of_listener(changed.protocol));
        if let Some(actions::Written { action, form }) = &written {
            (changed.default_action, changed.default_action_form) = (action.clone(), *form);
        }
        check_actions(txn.view(), &scope, &load_balancer, &changed)?;
        txn.put(&scope, changed.clone());
        check_verifying(&listeners_of(txn.view(), cx, &load_balancer.arn))?;
        Usage::new(txn.view(), &scope).check_quotas(txn.view(), &scope, &load_balancer.arn)?;
        Ok::<_, Error>((load_balancer, changed))
    };
    let (load_balancer, changed) = committed(cx.store.transact(write).await)?;
    reach::warn_of_shut_listeners(cx, &load_balancer, [&changed]);
    Ok(shape::ModifyListenerOutput { listeners: Some(vec![views::listener(&changed)]) })
}

/// Whether a listener may have its default action and those of its rules: what is possible depends on its protocol and port.
fn check_actions(view: &View, scope: &Scope, balancer: &LoadBalancer, listener: &Listener) -> Result<(), Error> {
    let (place, usage) = ((listener.protocol, listener.port), Usage::new(view, scope));
    let check = |action: &Action| actions::check(view, scope, &usage, balancer, place, action);
    check(&listener.default_action)?;
    rules::rules_of(view, scope, &listener.arn).iter().try_for_each(|rule| check(&rule.action))
}

/// Rules go with their listener.
pub(super) async fn delete(cx: &Context, input: shape::DeleteListenerInput) -> Result<(), AwsError> {
    let shape::DeleteListenerInput { listener_arn } = input;
    let scope = cx.scope();
    let remove = |txn: &mut Transaction| {
        let listener = arns::listener(txn.view(), &scope, &listener_arn)?;
        rules::delete_listener(txn, &scope, &listener.arn);
        Ok::<_, Error>(())
    };
    committed(cx.store.transact(remove).await)
}
