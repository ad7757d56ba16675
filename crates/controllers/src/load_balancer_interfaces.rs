//! Keeps true that every load balancer has a network interface in the subnet of each of its zones.
//!
//! Which ones are missing or left over is decided in `model::elbv2::interfaces`.

use crate::controller::{Context, Controller, ControllerError, Next};
use model::{
    IdSource, Scope, Timestamp,
    ec2::{instance::Instance, launch::Occupancy, network_interface::NetworkInterface, subnet::Subnet},
    elbv2::{
        interfaces::{Changes, Facts, changes},
        load_balancer::LoadBalancer,
    },
};
use std::{collections::BTreeSet, convert::Infallible, sync::Arc, time::Duration};
use store::{Kind, Transaction, View};

/// When a subnet without a free address is looked at again.
const FULL_SUBNET: Duration = Duration::from_secs(10);

/// The controller.
pub struct LoadBalancerInterfaces {
    random: Box<dyn IdSource + Send>,
}

impl LoadBalancerInterfaces {
    /// New interfaces have ids from `random`.
    pub fn new(random: impl IdSource + Send + 'static) -> Self {
        Self { random: Box::new(random) }
    }
}

impl Controller for LoadBalancerInterfaces {
    const NAME: &'static str = "load-balancer-interfaces";
    const INTERESTS: &'static [Kind] = &[Kind::LoadBalancer, Kind::NetworkInterface, Kind::Subnet];

    async fn reconcile(&mut self, cx: &Context) -> Result<Next, ControllerError> {
        // observe
        let view = cx.store.view();
        let now = cx.clock.now();
        // decide
        let mut is_any_full = false;
        let mut due = Vec::new();
        for scope in scopes(&view) {
            let Changes { put, delete, full } = decide(&view, &scope, &mut *self.random, now);
            is_any_full |= !full.is_empty();
            if !put.is_empty() || !delete.is_empty() {
                due.push(scope);
            }
        }
        // act
        if !due.is_empty() {
            let random = &mut *self.random;
            let write = |txn: &mut Transaction| -> Result<(), Infallible> {
                due.iter().for_each(|scope| carry_out(txn, scope, random, now));
                Ok(())
            };
            cx.store.transact(write).await.map_err(|error| ControllerError::of("writing interfaces", error))?;
        }
        Ok(if is_any_full { Next::At(now.plus(FULL_SUBNET)) } else { Next::OnChange })
    }
}

/// Where there are load balancers, or interfaces of some that were.
fn scopes(view: &View) -> BTreeSet<Scope> {
    let of_balancers = view.all::<LoadBalancer>().map(|(scope, _)| scope);
    of_balancers.chain(view.all::<NetworkInterface>().map(|(scope, _)| scope)).collect()
}

fn decide(view: &View, scope: &Scope, random: &mut dyn IdSource, now: Timestamp) -> Changes {
    let load_balancers: Vec<Arc<LoadBalancer>> = view.list(scope).collect();
    let interfaces: Vec<Arc<NetworkInterface>> = view.list(scope).collect();
    let subnets: Vec<Arc<Subnet>> = view.list(scope).collect();
    let occupancy = Occupancy::of(view.list::<Instance>(scope), interfaces.iter().cloned());
    let facts = Facts {
        load_balancers: &load_balancers,
        interfaces: &interfaces,
        subnets: &subnets,
        taken: occupancy.addresses(),
    };
    changes(&facts, random, now)
}

/// Decides once more, on what is true now, and writes it.
fn carry_out(txn: &mut Transaction, scope: &Scope, random: &mut dyn IdSource, now: Timestamp) {
    let Changes { put, delete, full: _ } = decide(txn.view(), scope, random, now);
    for id in delete {
        txn.delete::<NetworkInterface>(scope, &id);
    }
    for interface in put {
        txn.put(scope, interface);
    }
}
