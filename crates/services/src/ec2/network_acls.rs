//! Network ACLs: create, describe, delete, and which subnet uses which. Their entries are in [`super::network_acl_entries`].
//!
//! Every VPC has a default ACL. Stores of earlier versions have no record of it: until it is first changed, it counts as
//! it is made. A subnet that no ACL names uses it, by an association whose id follows from the subnet's.

use std::sync::Arc;

use api::ec2::ErrorCode;
use api::ec2::types::{
    self, CreateNetworkAclRequest, CreateNetworkAclResult, DeleteNetworkAclRequest, DescribeNetworkAclsRequest,
    DescribeNetworkAclsResult, IcmpTypeCode, PortRange, ReplaceNetworkAclAssociationRequest,
    ReplaceNetworkAclAssociationResult, RuleAction,
};
use model::Scope;
use model::cidr::Cidr;
use model::ec2::network_acl::{
    DENIAL_NUMBER, MAXIMUM_ACLS_PER_VPC, NetworkAcl, NetworkAclAssociation, NetworkAclEntry, default_association,
    protocol_number,
};
use model::ec2::security_group::{Direction, Traffic};
use model::ec2::subnet::Subnet;
use model::ec2::vpc::Vpc;
use model::id::{NetworkAclAssociationId, NetworkAclId, SubnetId, VpcId};
use store::{Transaction, View};
use wire::AwsError;

use super::errors::{in_use, invalid};
use super::filters::{Properties, each, nothing, plain, text};
use super::listing::Selection;
use super::resources::{find, not_found, parse, parse_all};
use super::tags::{specified_for, to_wire};
use crate::context::Context;
use crate::handler::committed;
use crate::idempotency::{ClientToken, dry_run, once};

/// Every ACL of the region: those that are records, and the default ones that are not yet.
pub(super) fn all(view: &View, scope: &Scope) -> Vec<Arc<NetworkAcl>> {
    let unwritten = |vpc: &Arc<Vpc>| !view.contains::<NetworkAcl>(scope, &vpc.default_network_acl_id);
    let implied = view.list::<Vpc>(scope).filter(unwritten).map(|vpc| Arc::new(NetworkAcl::default_of(&vpc)));
    view.list::<NetworkAcl>(scope).chain(implied).collect()
}

/// The ACL of an id, be it a record or not.
///
/// # Errors
/// `InvalidNetworkAclID.NotFound`.
pub(super) fn get(view: &View, scope: &Scope, id: &NetworkAclId) -> Result<NetworkAcl, AwsError> {
    if let Some(acl) = view.get::<NetworkAcl>(scope, id) {
        return Ok(NetworkAcl::clone(&acl));
    }
    let vpc = view.list::<Vpc>(scope).find(|vpc| vpc.default_network_acl_id == *id);
    vpc.map(|vpc| NetworkAcl::default_of(&vpc)).ok_or_else(|| not_found(id))
}

pub(super) async fn create(cx: &Context, input: CreateNetworkAclRequest) -> Result<CreateNetworkAclResult, AwsError> {
    let CreateNetworkAclRequest { client_token, dry_run: dry, tag_specifications, vpc_id } = input;
    let vpc_id = parse::<VpcId>(&vpc_id)?;
    let tags = specified_for(tag_specifications, "network-acl")?;
    let token = ClientToken::new(cx, "CreateNetworkAcl", client_token.as_deref(), &(&vpc_id, &tags))?;
    let id = cx.mint(NetworkAclId::mint);
    let new = NetworkAcl { id, vpc_id, is_default: false, entries: Vec::new(), associations: Vec::new(), tags };
    let scope = cx.scope();
    let make = |txn: &mut Transaction| {
        let id = once(txn, token.as_ref(), |txn| {
            find(txn.view(), &scope, &new.vpc_id)?;
            refuse_too_many(txn.view(), &scope, &new.vpc_id)?;
            dry_run(dry)?;
            txn.put(&scope, new.clone());
            Ok::<String, AwsError>(new.id.to_string())
        })?;
        dry_run(dry)?;
        let acl = get(txn.view(), &scope, &parse(&id)?)?;
        Ok::<_, AwsError>(shown(cx, txn.view(), &acl))
    };
    let network_acl = committed(cx.store.transact(make).await)?;
    Ok(CreateNetworkAclResult { client_token, network_acl: Some(network_acl) })
}

fn refuse_too_many(view: &View, scope: &Scope, vpc: &VpcId) -> Result<(), AwsError> {
    if view.list::<NetworkAcl>(scope).filter(|acl| acl.vpc_id == *vpc).count() >= MAXIMUM_ACLS_PER_VPC {
        let message = format!("{vpc} already has {MAXIMUM_ACLS_PER_VPC} network ACLs, the most there can be");
        return Err(ErrorCode::NetworkAclLimitExceeded.error(message));
    }
    Ok(())
}

pub(super) async fn delete(cx: &Context, input: DeleteNetworkAclRequest) -> Result<(), AwsError> {
    let DeleteNetworkAclRequest { dry_run: dry, network_acl_id } = input;
    let id = parse::<NetworkAclId>(&network_acl_id)?;
    let scope = cx.scope();
    let remove = |txn: &mut Transaction| {
        let acl = get(txn.view(), &scope, &id)?;
        if acl.is_default {
            return Err(invalid(format!("{id} is the default network ACL of {}; it goes with its VPC", acl.vpc_id)));
        }
        if let Some(association) = acl.associations.first() {
            return Err(in_use(format!(
                "subnet {} uses network ACL {id}; give it another one first",
                association.subnet_id
            )));
        }
        dry_run(dry)?;
        txn.delete::<NetworkAcl>(&scope, &id);
        Ok(())
    };
    committed(cx.store.transact(remove).await)
}

/// Gives a subnet another ACL. There is always one association of each subnet; the new one has a new id.
pub(super) async fn replace_association(
    cx: &Context,
    input: ReplaceNetworkAclAssociationRequest,
) -> Result<ReplaceNetworkAclAssociationResult, AwsError> {
    let ReplaceNetworkAclAssociationRequest { association_id, dry_run: dry, network_acl_id } = input;
    let old = association(&association_id)?;
    let acl_id = parse::<NetworkAclId>(&network_acl_id)?;
    let new = cx.mint(NetworkAclAssociationId::mint);
    let scope = cx.scope();
    let replace = |txn: &mut Transaction| {
        let subnet = associated(txn.view(), &scope, &old).ok_or_else(|| no_association(&association_id))?;
        let acl = get(txn.view(), &scope, &acl_id)?;
        if acl.vpc_id != subnet.vpc_id {
            let message = format!("network ACL {acl_id} and subnet {} belong to different networks", subnet.id);
            return Err(invalid(message));
        }
        dry_run(dry)?;
        forget_subnet(txn, &scope, &subnet.id);
        let mut acl = get(txn.view(), &scope, &acl_id)?;
        acl.associations.push(NetworkAclAssociation { id: new.clone(), subnet_id: subnet.id.clone() });
        txn.put(&scope, acl);
        Ok(())
    };
    committed(cx.store.transact(replace).await)?;
    Ok(ReplaceNetworkAclAssociationResult { new_association_id: Some(new.to_string()) })
}

fn association(text: &str) -> Result<NetworkAclAssociationId, AwsError> {
    text.parse().map_err(|error: model::id::InvalidId| {
        let shown: String = error.text.chars().take(64).collect();
        let message =
            format!("`{shown}` is no id of an association of a network ACL: those are of the form aclassoc-…");
        ErrorCode::InvalidAssociationIDMalformed.error(message)
    })
}

fn no_association(id: &str) -> AwsError {
    let message = format!("there is no association {id} of a network ACL in this account and region");
    ErrorCode::InvalidAssociationIDNotFound.error(message)
}

/// The subnet of an association, expressed or implied.
fn associated(view: &View, scope: &Scope, id: &NetworkAclAssociationId) -> Option<Arc<Subnet>> {
    let acls: Vec<Arc<NetworkAcl>> = view.list(scope).collect();
    let expressed = acls.iter().flat_map(|acl| &acl.associations).find(|association| association.id == *id);
    if let Some(association) = expressed {
        return view.get(scope, &association.subnet_id);
    }
    let named = |id: &SubnetId| acls.iter().flat_map(|acl| &acl.associations).any(|it| it.subnet_id == *id);
    view.list::<Subnet>(scope).find(|subnet| default_association(&subnet.id) == *id && !named(&subnet.id))
}

/// Takes a subnet off every list.
pub(super) fn forget_subnet(txn: &mut Transaction, scope: &Scope, subnet: &SubnetId) {
    let names = |acl: &Arc<NetworkAcl>| acl.associations.iter().any(|association| association.subnet_id == *subnet);
    let naming: Vec<_> = txn.list::<NetworkAcl>(scope).filter(names).collect();
    for acl in naming {
        let mut acl = NetworkAcl::clone(&acl);
        acl.associations.retain(|association| association.subnet_id != *subnet);
        txn.put(scope, acl);
    }
}

fn icmp(entry: &types::NetworkAclEntry, part: fn(&IcmpTypeCode) -> Option<i32>) -> Vec<String> {
    plain(entry.icmp_type_code.as_ref().and_then(part))
}

fn port(entry: &types::NetworkAclEntry, part: fn(&PortRange) -> Option<i32>) -> Vec<String> {
    plain(entry.port_range.as_ref().and_then(part))
}

static PROPERTIES: Properties<types::NetworkAcl> = Properties {
    named: &[
        ("association.association-id", |acl| each(&acl.associations, |it| text(&it.network_acl_association_id))),
        ("association.network-acl-id", |acl| each(&acl.associations, |it| text(&it.network_acl_id))),
        ("association.subnet-id", |acl| each(&acl.associations, |it| text(&it.subnet_id))),
        ("default", |acl| plain(acl.is_default)),
        ("entry.cidr", |acl| each(&acl.entries, |entry| text(&entry.cidr_block))),
        ("entry.egress", |acl| each(&acl.entries, |entry| plain(entry.egress))),
        ("entry.icmp.code", |acl| each(&acl.entries, |entry| icmp(entry, |it| it.code))),
        ("entry.icmp.type", |acl| each(&acl.entries, |entry| icmp(entry, |it| it.r#type))),
        ("entry.ipv6-cidr", nothing),
        ("entry.port-range.from", |acl| each(&acl.entries, |entry| port(entry, |it| it.from))),
        ("entry.port-range.to", |acl| each(&acl.entries, |entry| port(entry, |it| it.to))),
        ("entry.protocol", |acl| each(&acl.entries, |entry| text(&entry.protocol))),
        ("entry.rule-action", |acl| each(&acl.entries, |entry| plain(entry.rule_action))),
        ("entry.rule-number", |acl| each(&acl.entries, |entry| plain(entry.rule_number))),
        ("network-acl-id", |acl| text(&acl.network_acl_id)),
        ("owner-id", |acl| text(&acl.owner_id)),
        ("vpc-id", |acl| text(&acl.vpc_id)),
    ],
    tags: Some(|acl| acl.tags.as_deref().unwrap_or_default()),
};

pub(super) fn describe(cx: &Context, input: DescribeNetworkAclsRequest) -> Result<DescribeNetworkAclsResult, AwsError> {
    let DescribeNetworkAclsRequest { dry_run, filters, max_results, network_acl_ids, next_token } = input;
    let ids = network_acl_ids.unwrap_or_default();
    let sought = parse_all::<NetworkAclId>(&ids)?;
    let (view, scope) = (cx.store.view(), cx.scope());
    let acls = all(&view, &scope);
    if let Some(id) = sought.iter().find(|id| !acls.iter().any(|acl| acl.id == **id)) {
        return Err(not_found(id));
    }
    let chosen = acls.iter().filter(|acl| sought.is_empty() || sought.contains(&acl.id));
    let items = chosen.map(|acl| (acl.id.to_string(), shown(cx, &view, acl)));
    let operation = "DescribeNetworkAcls";
    let selection = Selection { operation, chosen: &ids, filters, max_results, next_token, dry_run };
    let page = selection.page(cx, &PROPERTIES, items)?;
    Ok(DescribeNetworkAclsResult { network_acls: Some(page.items), next_token: page.next })
}

fn shown(cx: &Context, view: &View, acl: &NetworkAcl) -> types::NetworkAcl {
    types::NetworkAcl {
        associations: Some(shown_associations(view, &cx.scope(), acl)),
        entries: Some(shown_entries(acl)),
        is_default: Some(acl.is_default),
        network_acl_id: Some(acl.id.to_string()),
        owner_id: Some(cx.account.clone()),
        tags: Some(to_wire(&acl.tags)),
        vpc_id: Some(acl.vpc_id.to_string()),
    }
}

/// Those of its list; for a default ACL also the subnets of its VPC that no list has.
fn shown_associations(view: &View, scope: &Scope, acl: &NetworkAcl) -> Vec<types::NetworkAclAssociation> {
    let association = |id: &NetworkAclAssociationId, subnet: &SubnetId| types::NetworkAclAssociation {
        network_acl_association_id: Some(id.to_string()),
        network_acl_id: Some(acl.id.to_string()),
        subnet_id: Some(subnet.to_string()),
    };
    let mut shown: Vec<_> = acl.associations.iter().map(|it| association(&it.id, &it.subnet_id)).collect();
    if acl.is_default {
        let acls: Vec<Arc<NetworkAcl>> = view.list(scope).collect();
        let named = |id: &SubnetId| acls.iter().flat_map(|acl| &acl.associations).any(|it| it.subnet_id == *id);
        let others = view.list::<Subnet>(scope).filter(|it| it.vpc_id == acl.vpc_id && !named(&it.id));
        shown.extend(others.map(|subnet| association(&default_association(&subnet.id), &subnet.id)));
    }
    shown
}

/// What goes out before what comes in, as AWS shows them; the denial of the rest ends each.
fn shown_entries(acl: &NetworkAcl) -> Vec<types::NetworkAclEntry> {
    let of = |direction| {
        let denial = NetworkAclEntry {
            number: DENIAL_NUMBER,
            direction,
            traffic: Traffic::All,
            cidr: Cidr::containing(std::net::Ipv4Addr::UNSPECIFIED, 0),
            allow: false,
        };
        let mut entries: Vec<_> = acl.entries(direction).into_iter().map(shown_entry).collect();
        entries.push(shown_entry(&denial));
        entries
    };
    [of(Direction::Egress), of(Direction::Ingress)].concat()
}

fn shown_entry(entry: &NetworkAclEntry) -> types::NetworkAclEntry {
    let (ports, icmp) = match entry.traffic {
        Traffic::Tcp(..) | Traffic::Udp(..) => (entry.traffic.range(), None),
        Traffic::Icmp(..) | Traffic::Icmpv6(..) => (None, entry.traffic.range()),
        Traffic::All | Traffic::Protocol(_) => (None, None),
    };
    types::NetworkAclEntry {
        cidr_block: Some(entry.cidr.to_string()),
        egress: Some(entry.direction == Direction::Egress),
        icmp_type_code: icmp.map(|(kind, code)| IcmpTypeCode { code: Some(code), r#type: Some(kind) }),
        ipv6_cidr_block: None,
        port_range: ports.map(|(from, to)| PortRange { from: Some(from), to: Some(to) }),
        protocol: Some(protocol_number(entry.traffic).to_string()),
        rule_action: Some(if entry.allow { RuleAction::Allow } else { RuleAction::Deny }),
        rule_number: Some(entry.number.into()),
    }
}
