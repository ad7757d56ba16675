//! VPCs: create, describe, modify, delete. Each is made with a main route table, a default security group and network ACL.

use api::ec2::ErrorCode;
use api::ec2::types::{
    self, AttributeBooleanValue, CreateVpcRequest, CreateVpcResult, DeleteVpcRequest, DescribeVpcAttributeRequest,
    DescribeVpcAttributeResult, DescribeVpcsRequest, DescribeVpcsResult, ModifyVpcAttributeRequest, Tenancy,
    VpcAttributeName, VpcCidrBlockAssociation, VpcCidrBlockState, VpcCidrBlockStateCode, VpcState,
};
use model::cidr::Cidr;
use model::ec2::security_group::SecurityGroup;
use model::ec2::subnet::Subnet;
use model::ec2::{
    network_acl::NetworkAcl,
    route_table::RouteTable,
    vpc::{MAXIMUM_VPCS, Vpc, check_cidr},
};
use model::elbv2::load_balancer::LoadBalancer;
use model::id::{DhcpOptionsId, NetworkAclId, RouteTableAssociationId, RouteTableId, SecurityGroupId, VpcId};
use model::{IdSource, Scope, Tags};
use store::{Transaction, View};
use wire::AwsError;

use super::errors::{self, combination, in_use, missing, unsupported};
use super::filters::{Properties, each, nothing, plain, text};
use super::internet_gateways;
use super::listing::Selection;
use super::resources::{choose, find, find_text, parse};
use super::security_groups;
use super::tags::{specified_for, to_wire};
use crate::context::Context;
use crate::handler::committed;
use crate::idempotency::dry_run;

/// A VPC in the making, with what every VPC has.
#[derive(Clone)]
pub(super) struct NewVpc {
    pub vpc: Vpc,
    pub route_table: RouteTable,
    pub security_group: SecurityGroup,
    pub network_acl: NetworkAcl,
}

impl NewVpc {
    pub(super) fn mint(cx: &Context, ids: &mut dyn IdSource, cidr: Cidr, tags: Tags) -> Self {
        let id = VpcId::mint(ids);
        let vpc = Vpc {
            id: id.clone(),
            cidr,
            is_default: false,
            dhcp_options_id: DhcpOptionsId::mint(ids),
            default_network_acl_id: NetworkAclId::mint(ids),
            dns_support: true,
            dns_hostnames: false,
            instance_tenancy: Tenancy::Default.as_str().to_owned(),
            created_at: cx.now,
            tags,
        };
        let route_table = RouteTable {
            id: RouteTableId::mint(ids),
            vpc_id: id.clone(),
            main_association_id: Some(RouteTableAssociationId::mint(ids)),
            associations: Vec::new(),
            routes: Vec::new(),
            tags: Tags::default(),
        };
        let group = SecurityGroupId::mint(ids);
        let security_group = security_groups::default_group(cx, ids, group, id);
        let network_acl = NetworkAcl::default_of(&vpc);
        Self { vpc, route_table, security_group, network_acl }
    }

    /// Stores it. The VPCs of a region share one set of DHCP options.
    pub(super) fn put(&self, txn: &mut Transaction, scope: &Scope) {
        let mut vpc = self.vpc.clone();
        if let Some(other) = txn.list::<Vpc>(scope).next() {
            vpc.dhcp_options_id = other.dhcp_options_id.clone();
        }
        txn.put(scope, vpc);
        txn.put(scope, self.route_table.clone());
        txn.put(scope, self.security_group.clone());
        txn.put(scope, self.network_acl.clone());
    }
}

pub(super) fn refuse_too_many(view: &View, scope: &Scope) -> Result<(), AwsError> {
    if view.list::<Vpc>(scope).count() >= MAXIMUM_VPCS {
        let message = format!("this region already has {MAXIMUM_VPCS} VPCs, the most there can be");
        return Err(ErrorCode::VpcLimitExceeded.error(message));
    }
    Ok(())
}

pub(super) async fn create(cx: &Context, input: CreateVpcRequest) -> Result<CreateVpcResult, AwsError> {
    let CreateVpcRequest {
        amazon_provided_ipv6_cidr_block,
        cidr_block,
        dry_run: dry,
        instance_tenancy,
        tag_specifications,
    } = input;
    if amazon_provided_ipv6_cidr_block == Some(true) {
        return Err(unsupported("AmazonProvidedIpv6CidrBlock: VPCs have no IPv6 yet"));
    }
    match instance_tenancy {
        None | Some(Tenancy::Default) => {}
        Some(Tenancy::Dedicated | Tenancy::Host) => {
            return Err(unsupported("InstanceTenancy: Goru has no dedicated hosts; the only tenancy is default"));
        }
    }
    let cidr = errors::cidr("CidrBlock", &cidr_block)?;
    check_cidr(cidr).map_err(|error| errors::vpc_cidr(&error))?;
    let tags = specified_for(tag_specifications, "vpc")?;
    let new = cx.mint(|ids| NewVpc::mint(cx, ids, cidr, tags));
    let scope = cx.scope();
    let make = |txn: &mut Transaction| {
        refuse_too_many(txn.view(), &scope)?;
        dry_run(dry)?;
        new.put(txn, &scope);
        find(txn.view(), &scope, &new.vpc.id)
    };
    let vpc = committed(cx.store.transact(make).await)?;
    // AWS answers `pending` and is available moments later; here it is available at once.
    Ok(CreateVpcResult { vpc: Some(shown(cx, &vpc)) })
}

static PROPERTIES: Properties<types::Vpc> = Properties {
    named: &[
        ("cidr", |vpc| text(&vpc.cidr_block)),
        ("cidrBlock", |vpc| text(&vpc.cidr_block)),
        ("cidr-block", |vpc| text(&vpc.cidr_block)),
        ("cidr-block-association.association-id", |vpc| {
            each(&vpc.cidr_block_association_set, |block| text(&block.association_id))
        }),
        ("cidr-block-association.cidr-block", |vpc| {
            each(&vpc.cidr_block_association_set, |block| text(&block.cidr_block))
        }),
        ("cidr-block-association.state", |vpc| {
            each(&vpc.cidr_block_association_set, |block| {
                plain(block.cidr_block_state.as_ref().and_then(|state| state.state))
            })
        }),
        ("dhcp-options-id", |vpc| text(&vpc.dhcp_options_id)),
        ("ipv6-cidr-block-association.association-id", nothing),
        ("ipv6-cidr-block-association.ipv6-cidr-block", nothing),
        ("ipv6-cidr-block-association.ipv6-pool", nothing),
        ("ipv6-cidr-block-association.state", nothing),
        ("is-default", |vpc| plain(vpc.is_default)),
        ("isDefault", |vpc| plain(vpc.is_default)),
        ("owner-id", |vpc| text(&vpc.owner_id)),
        ("state", |vpc| plain(vpc.state)),
        ("vpc-id", |vpc| text(&vpc.vpc_id)),
    ],
    tags: Some(|vpc| vpc.tags.as_deref().unwrap_or_default()),
};

pub(super) fn describe(cx: &Context, input: DescribeVpcsRequest) -> Result<DescribeVpcsResult, AwsError> {
    let DescribeVpcsRequest { dry_run, filters, max_results, next_token, vpc_ids } = input;
    let ids = vpc_ids.unwrap_or_default();
    let vpcs = choose::<VpcId>(&cx.store.view(), &cx.scope(), &ids)?;
    let items = vpcs.iter().map(|vpc| (vpc.id.to_string(), shown(cx, vpc)));
    let selection = Selection { operation: "DescribeVpcs", chosen: &ids, filters, max_results, next_token, dry_run };
    let page = selection.page(cx, &PROPERTIES, items)?;
    Ok(DescribeVpcsResult { next_token: page.next, vpcs: Some(page.items) })
}

/// A VPC as the API shows it.
pub(super) fn shown(cx: &Context, vpc: &Vpc) -> types::Vpc {
    let block = VpcCidrBlockAssociation {
        association_id: Some(vpc.id.as_str().replacen(VpcId::PREFIX, "vpc-cidr-assoc-", 1)),
        cidr_block: Some(vpc.cidr.to_string()),
        cidr_block_state: Some(VpcCidrBlockState {
            state: Some(VpcCidrBlockStateCode::Associated),
            status_message: None,
        }),
    };
    types::Vpc {
        cidr_block: Some(vpc.cidr.to_string()),
        cidr_block_association_set: Some(vec![block]),
        dhcp_options_id: Some(vpc.dhcp_options_id.to_string()),
        instance_tenancy: vpc.instance_tenancy.parse().ok(),
        ipv6_cidr_block_association_set: None,
        is_default: Some(vpc.is_default),
        owner_id: Some(cx.account.clone()),
        state: Some(VpcState::Available),
        tags: Some(to_wire(&vpc.tags)),
        vpc_id: Some(vpc.id.to_string()),
    }
}

pub(super) fn describe_attribute(
    cx: &Context,
    input: DescribeVpcAttributeRequest,
) -> Result<DescribeVpcAttributeResult, AwsError> {
    let DescribeVpcAttributeRequest { attribute, dry_run: dry, vpc_id } = input;
    let vpc = find_text::<VpcId>(&cx.store.view(), &cx.scope(), &vpc_id)?;
    dry_run(dry)?;
    let flag = |value| Some(AttributeBooleanValue { value: Some(value) });
    let mut result = DescribeVpcAttributeResult { vpc_id: Some(vpc.id.to_string()), ..Default::default() };
    match attribute {
        VpcAttributeName::EnableDnsSupport => result.enable_dns_support = flag(vpc.dns_support),
        VpcAttributeName::EnableDnsHostnames => result.enable_dns_hostnames = flag(vpc.dns_hostnames),
        VpcAttributeName::EnableNetworkAddressUsageMetrics => {
            result.enable_network_address_usage_metrics = flag(false);
        }
    }
    Ok(result)
}

pub(super) async fn modify_attribute(cx: &Context, input: ModifyVpcAttributeRequest) -> Result<(), AwsError> {
    let ModifyVpcAttributeRequest { enable_dns_hostnames, enable_dns_support, vpc_id } = input;
    let id = parse::<VpcId>(&vpc_id)?;
    let given = |attribute: Option<AttributeBooleanValue>| attribute.and_then(|attribute| attribute.value);
    let (hostnames, support) = (given(enable_dns_hostnames), given(enable_dns_support));
    match (hostnames, support) {
        (Some(_), Some(_)) => return Err(combination("a call modifies one attribute of a VPC")),
        (None, None) => return Err(missing("no attribute is given: EnableDnsHostnames or EnableDnsSupport")),
        (Some(_), None) | (None, Some(_)) => {}
    }
    let scope = cx.scope();
    let change = |txn: &mut Transaction| {
        let mut vpc = Vpc::clone(&*find(txn.view(), &scope, &id)?);
        vpc.dns_hostnames = hostnames.unwrap_or(vpc.dns_hostnames);
        vpc.dns_support = support.unwrap_or(vpc.dns_support);
        txn.put(&scope, vpc);
        Ok::<(), AwsError>(())
    };
    committed(cx.store.transact(change).await)
}

pub(super) async fn delete(cx: &Context, input: DeleteVpcRequest) -> Result<(), AwsError> {
    let DeleteVpcRequest { dry_run: dry, vpc_id } = input;
    let id = parse::<VpcId>(&vpc_id)?;
    let scope = cx.scope();
    let remove = |txn: &mut Transaction| {
        let vpc = find(txn.view(), &scope, &id)?;
        refuse_used(txn.view(), &scope, &vpc)?;
        dry_run(dry)?;
        remove_with_companions(txn, &scope, &vpc);
        Ok::<(), AwsError>(())
    };
    committed(cx.store.transact(remove).await)
}

fn refuse_used(view: &View, scope: &Scope, vpc: &Vpc) -> Result<(), AwsError> {
    let used = |what: String| Err(in_use(format!("VPC {} still has {what}; delete it first", vpc.id)));
    if let Some(subnet) = view.list::<Subnet>(scope).find(|subnet| subnet.vpc_id == vpc.id) {
        return used(format!("subnet {}", subnet.id));
    }
    let mut groups = view.list::<SecurityGroup>(scope).filter(|group| group.vpc_id == vpc.id);
    if let Some(group) = groups.find(|group| !security_groups::is_default(group)) {
        return used(format!("security group {} ({})", group.id, group.name));
    }
    let mut tables = view.list::<RouteTable>(scope).filter(|table| table.vpc_id == vpc.id);
    if let Some(table) = tables.find(|table| table.main_association_id.is_none()) {
        return used(format!("route table {}", table.id));
    }
    if let Some(acl) = view.list::<NetworkAcl>(scope).find(|acl| acl.vpc_id == vpc.id && !acl.is_default) {
        return used(format!("network ACL {}", acl.id));
    }
    if let Some(balancer) = view.list::<LoadBalancer>(scope).find(|balancer| balancer.vpc_id == vpc.id) {
        return used(format!("load balancer {}", balancer.name));
    }
    match internet_gateways::of_vpc(view, scope, &vpc.id) {
        Some(gateway) => {
            let message = format!("internet gateway {} is attached to VPC {}; detach it first", gateway.id, vpc.id);
            Err(in_use(message))
        }
        None => Ok(()),
    }
}

fn remove_with_companions(txn: &mut Transaction, scope: &Scope, vpc: &Vpc) {
    let groups: Vec<_> = txn.list::<SecurityGroup>(scope).filter(|group| group.vpc_id == vpc.id).collect();
    let tables: Vec<_> = txn.list::<RouteTable>(scope).filter(|table| table.vpc_id == vpc.id).collect();
    for group in groups {
        txn.delete::<SecurityGroup>(scope, &group.id);
    }
    for table in tables {
        txn.delete::<RouteTable>(scope, &table.id);
    }
    txn.delete::<NetworkAcl>(scope, &vpc.default_network_acl_id);
    txn.delete::<Vpc>(scope, &vpc.id);
}
