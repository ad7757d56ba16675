//! Keeps true that NAT gateways reach the state that follows from what is there, and give back what they held when they end.
//!
//! What they are to be is decided in `model::ec2::nat_gateway`. How packets get through them is not known here.

use crate::{
    controller::{Context, Controller, ControllerError, Next},
    elastic_ips,
};
use model::{
    Scope, Timestamp,
    ec2::{
        internet_gateway::InternetGateway,
        nat_gateway::{self, Facts, NatGateway, NatGatewayState, next_state},
        network_interface::NetworkInterface,
    },
    event::Event,
};
use std::convert::Infallible;
use store::{Kind, Transaction, View};

/// NAT gateways that are written, each with what it held, in one transaction at the most; doing so wakes the controller for
/// the next ones.
const BATCH: usize = 1024;

/// The controller.
#[derive(Default)]
pub struct NatGateways;

impl Controller for NatGateways {
    const NAME: &'static str = "nat-gateways";
    const INTERESTS: &'static [Kind] = &[Kind::NatGateway, Kind::InternetGateway];

    async fn reconcile(&mut self, cx: &Context) -> Result<Next, ControllerError> {
        // observe
        let view = cx.store.view();
        let now = cx.clock.now();
        // decide
        let mut wishes = Vec::new();
        let mut due: Vec<(Scope, String)> = Vec::new();
        for (scope, gateway) in view.all::<NatGateway>() {
            match decide(&view, &scope, &gateway, now) {
                nat_gateway::Next::Keep(until) => wishes.extend(until),
                nat_gateway::Next::Change(_) | nat_gateway::Next::Forget => due.push((scope, gateway.id.to_string())),
            }
        }
        // act
        if !due.is_empty() {
            due.truncate(BATCH);
            let write = |txn: &mut Transaction| -> Result<(), Infallible> {
                due.iter().for_each(|(scope, id)| carry_out(txn, scope, id, now));
                Ok(())
            };
            cx.store.transact(write).await.map_err(|error| ControllerError::of("writing NAT gateways", error))?;
        }
        Ok(Next::earliest(wishes))
    }
}

fn decide(view: &View, scope: &Scope, gateway: &NatGateway, now: Timestamp) -> nat_gateway::Next {
    let attached = |internet: &InternetGateway| internet.vpc_id.as_ref() == Some(&gateway.vpc_id);
    let internet_gateway = view.list::<InternetGateway>(scope).any(|internet| attached(&internet));
    next_state(gateway, &Facts { internet_gateway }, now)
}

/// Decides once more, on what is true now, and writes it.
fn carry_out(txn: &mut Transaction, scope: &Scope, id: &str, now: Timestamp) {
    let Some(gateway) = txn.get::<NatGateway>(scope, id) else { return };
    match decide(txn.view(), scope, &gateway, now) {
        nat_gateway::Next::Keep(_) => {}
        nat_gateway::Next::Forget => drop(txn.delete::<NatGateway>(scope, id)),
        nat_gateway::Next::Change(next) => {
            if !next.occupies() {
                txn.delete::<NetworkInterface>(scope, &next.network_interface_id);
                elastic_ips::release(txn, scope, &next.network_interface_id);
            }
            txn.append_event(event(scope, &next, now));
            txn.put(scope, *next);
        }
    }
}

fn event(scope: &Scope, gateway: &NatGateway, now: Timestamp) -> Event {
    let (what, message) = match gateway.state {
        NatGatewayState::Pending => ("nat-gateway-pending", "it is being made".to_owned()),
        NatGatewayState::Available => ("nat-gateway-available", format!("it is in {}", gateway.subnet_id)),
        NatGatewayState::Failed => {
            let reason = gateway.failure.as_ref().map_or("", |(_, sentence)| sentence);
            ("nat-gateway-failed", reason.to_owned())
        }
        NatGatewayState::Deleting => ("nat-gateway-deleting", "it is being deleted".to_owned()),
        NatGatewayState::Deleted => ("nat-gateway-deleted", "its interface and its Elastic IP are free".to_owned()),
    };
    let subject = gateway.id.to_string();
    Event { at: now, scope: scope.clone(), subject, what: what.to_owned(), message }
}
