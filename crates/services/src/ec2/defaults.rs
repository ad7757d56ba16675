//! What a region has from the start: the default VPC with a subnet per zone, a way out, and a security group.
//!
//! It is made when a region is first used, and once: a marker stays when the user deletes it. CreateDefaultVpc makes
//! it again.

use std::net::Ipv4Addr;

use api::ec2::ErrorCode;
use api::ec2::types::{CreateDefaultVpcRequest, CreateDefaultVpcResult};
use model::cidr::Cidr;
use model::ec2::subnet::Subnet;
use model::ec2::{
    internet_gateway::InternetGateway,
    route_table::{Route, RouteTarget},
    vpc::Vpc,
};
use model::id::{InternetGatewayId, SubnetId};
use model::setting::RegionSetup;
use model::{IdSource, Scope, Tags};
use store::{Transaction, View};
use wire::AwsError;

use super::vpcs::{self, NewVpc};
use crate::context::Context;
use crate::handler::committed;
use crate::idempotency::dry_run;

/// The block of the default VPC (VPC user guide).
const VPC_ADDRESS: Ipv4Addr = Ipv4Addr::new(172, 31, 0, 0);
const VPC_PREFIX: u8 = 16;
/// The prefix of its subnets; so many of them fit.
const SUBNET_PREFIX: u8 = 20;
const MAXIMUM_SUBNETS: usize = 1 << (SUBNET_PREFIX - VPC_PREFIX);

/// The default VPC in the making.
#[derive(Clone)]
struct DefaultNetwork {
    vpc: NewVpc,
    subnets: Vec<Subnet>,
    gateway: InternetGateway,
}

/// Makes the default VPC of the caller's region unless that was done before. Costs one look-up when it was.
///
/// # Errors
/// Failures of the store.
pub async fn ensure_region(cx: &Context) -> Result<(), AwsError> {
    let scope = cx.scope();
    if cx.store.view().contains::<RegionSetup>(&scope, &cx.region) {
        return Ok(());
    }
    let network = DefaultNetwork::mint(cx);
    let make = |txn: &mut Transaction| {
        if !txn.contains::<RegionSetup>(&scope, &cx.region) {
            network.put(txn, &scope);
            txn.put(&scope, RegionSetup { region: cx.region.clone(), at: cx.now });
        }
        Ok::<(), AwsError>(())
    };
    committed(cx.store.transact(make).await)
}

/// The default VPC of a region, if it still has it.
pub(super) fn vpc(view: &View, scope: &Scope) -> Option<std::sync::Arc<Vpc>> {
    view.list::<Vpc>(scope).find(|vpc| vpc.is_default)
}

pub(super) async fn create_vpc(
    cx: &Context,
    input: CreateDefaultVpcRequest,
) -> Result<CreateDefaultVpcResult, AwsError> {
    let CreateDefaultVpcRequest { dry_run: dry } = input;
    let scope = cx.scope();
    let network = DefaultNetwork::mint(cx);
    let make = |txn: &mut Transaction| {
        if let Some(vpc) = vpc(txn.view(), &scope) {
            let message = format!("this region still has its default VPC, {}", vpc.id);
            return Err(ErrorCode::DefaultVpcAlreadyExists.error(message));
        }
        vpcs::refuse_too_many(txn.view(), &scope)?;
        dry_run(dry)?;
        network.put(txn, &scope);
        Ok(())
    };
    committed(cx.store.transact(make).await)?;
    Ok(CreateDefaultVpcResult { vpc: Some(vpcs::shown(cx, &network.vpc.vpc)) })
}

impl DefaultNetwork {
    fn mint(cx: &Context) -> Self {
        let zones: Vec<String> = cx.zones().into_iter().map(|zone| zone.name).take(MAXIMUM_SUBNETS).collect();
        cx.mint(|ids| Self::of(cx, ids, &zones))
    }

    fn of(cx: &Context, ids: &mut dyn IdSource, zones: &[String]) -> Self {
        let mut new = NewVpc::mint(cx, ids, Cidr::containing(VPC_ADDRESS, VPC_PREFIX), Tags::default());
        new.vpc.is_default = true;
        new.vpc.dns_hostnames = true;
        let gateway = InternetGateway {
            id: InternetGatewayId::mint(ids),
            vpc_id: Some(new.vpc.id.clone()),
            tags: Tags::default(),
        };
        new.route_table.routes.push(Route {
            destination: Cidr::containing(Ipv4Addr::UNSPECIFIED, 0),
            target: RouteTarget::InternetGateway(gateway.id.clone()),
        });
        let blocks = (0_u32..).map(|n| Ipv4Addr::from(u32::from(VPC_ADDRESS) + (n << (32 - SUBNET_PREFIX))));
        let subnets = zones.iter().zip(blocks).map(|(zone, address)| Subnet {
            id: SubnetId::mint(ids),
            vpc_id: new.vpc.id.clone(),
            cidr: Cidr::containing(address, SUBNET_PREFIX),
            zone: zone.clone(),
            default_for_zone: true,
            map_public_ip_on_launch: true,
            created_at: cx.now,
            tags: Tags::default(),
        });
        let subnets = subnets.collect();
        Self { vpc: new, subnets, gateway }
    }

    fn put(&self, txn: &mut Transaction, scope: &Scope) {
        self.vpc.put(txn, scope);
        txn.put(scope, self.gateway.clone());
        for subnet in &self.subnets {
            txn.put(scope, subnet.clone());
        }
    }
}
