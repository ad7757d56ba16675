//! Entries of network ACLs: create, replace, delete. Each direction has its own numbers.

use api::ec2::ErrorCode;
use api::ec2::types::{
    CreateNetworkAclEntryRequest, DeleteNetworkAclEntryRequest, IcmpTypeCode, PortRange, ReplaceNetworkAclEntryRequest,
    RuleAction,
};
use model::ec2::network_acl::{InvalidEntry, MAXIMUM_ENTRIES, NetworkAcl, NetworkAclEntry, entry_number, traffic};
use model::ec2::security_group::Direction;
use model::id::NetworkAclId;
use store::Transaction;
use wire::AwsError;

use super::errors::{self, missing};
use super::network_acls::get;
use super::resources::parse;
use crate::context::Context;
use crate::handler::committed;
use crate::idempotency::dry_run;

/// The members of Create and of Replace, which are the same.
pub(super) struct Given {
    cidr_block: Option<String>,
    dry_run: Option<bool>,
    egress: bool,
    icmp_type_code: Option<IcmpTypeCode>,
    network_acl_id: String,
    port_range: Option<PortRange>,
    protocol: String,
    rule_action: RuleAction,
    rule_number: i32,
}

/// One list of members for both requests, each destructured whole.
macro_rules! given_by {
    ($($request:ident),*) => {$(
        impl From<$request> for Given {
            fn from(input: $request) -> Self {
                let $request {
                    cidr_block,
                    dry_run,
                    egress,
                    icmp_type_code,
                    network_acl_id,
                    port_range,
                    protocol,
                    rule_action,
                    rule_number,
                } = input;
                Self {
                    cidr_block,
                    dry_run,
                    egress,
                    icmp_type_code,
                    network_acl_id,
                    port_range,
                    protocol,
                    rule_action,
                    rule_number,
                }
            }
        }
    )*};
}

given_by!(CreateNetworkAclEntryRequest, ReplaceNetworkAclEntryRequest);

/// What they ask for, once it is understood.
struct Asked {
    network_acl_id: String,
    dry_run: Option<bool>,
    entry: NetworkAclEntry,
}

pub(super) async fn create(cx: &Context, given: Given) -> Result<(), AwsError> {
    let Asked { network_acl_id, dry_run, entry } = read(given)?;
    change(cx, &network_acl_id, dry_run, |acl| {
        if acl.entries.iter().any(|other| same_place(other, entry.direction, entry.number)) {
            let message = format!("{} already has entry {} of that direction", acl.id, entry.number);
            return Err(ErrorCode::NetworkAclEntryAlreadyExists.error(message));
        }
        if acl.entries(entry.direction).len() >= MAXIMUM_ENTRIES {
            let message = format!("{} already has {MAXIMUM_ENTRIES} entries of that direction", acl.id);
            return Err(ErrorCode::NetworkAclEntryLimitExceeded.error(message));
        }
        acl.entries.push(entry.clone());
        Ok(())
    })
    .await
}

pub(super) async fn replace(cx: &Context, given: Given) -> Result<(), AwsError> {
    let Asked { network_acl_id, dry_run, entry } = read(given)?;
    change(cx, &network_acl_id, dry_run, |acl| {
        let place = place(acl, entry.direction, entry.number)?;
        acl.entries[place] = entry.clone();
        Ok(())
    })
    .await
}

pub(super) async fn delete(cx: &Context, input: DeleteNetworkAclEntryRequest) -> Result<(), AwsError> {
    let DeleteNetworkAclEntryRequest { dry_run, egress, network_acl_id, rule_number } = input;
    let number = entry_number(rule_number).map_err(|error| refused(&error))?;
    change(cx, &network_acl_id, dry_run, |acl| {
        let place = place(acl, direction(egress), number)?;
        acl.entries.remove(place);
        Ok(())
    })
    .await
}

async fn change(
    cx: &Context,
    id: &str,
    dry: Option<bool>,
    edit: impl Fn(&mut NetworkAcl) -> Result<(), AwsError>,
) -> Result<(), AwsError> {
    let id = parse::<NetworkAclId>(id)?;
    let scope = cx.scope();
    let write = |txn: &mut Transaction| {
        let mut acl = get(txn.view(), &scope, &id)?;
        edit(&mut acl)?;
        dry_run(dry)?;
        txn.put(&scope, acl);
        Ok::<(), AwsError>(())
    };
    committed(cx.store.transact(write).await)
}

fn direction(egress: bool) -> Direction {
    if egress { Direction::Egress } else { Direction::Ingress }
}

fn same_place(entry: &NetworkAclEntry, direction: Direction, number: u16) -> bool {
    (entry.direction, entry.number) == (direction, number)
}

fn place(acl: &NetworkAcl, direction: Direction, number: u16) -> Result<usize, AwsError> {
    let found = acl.entries.iter().position(|entry| same_place(entry, direction, number));
    found.ok_or_else(|| {
        let message = format!("{} has no entry {number} of that direction", acl.id);
        ErrorCode::InvalidNetworkAclEntryNotFound.error(message)
    })
}

fn read(given: Given) -> Result<Asked, AwsError> {
    let Given {
        cidr_block,
        dry_run,
        egress,
        icmp_type_code,
        network_acl_id,
        port_range,
        protocol,
        rule_action,
        rule_number,
    } = given;
    let number = entry_number(rule_number).map_err(|error| refused(&error))?;
    let ports = port_range.and_then(|PortRange { from, to }| from.zip(to));
    let icmp = icmp_type_code.and_then(|IcmpTypeCode { code, r#type }| r#type.zip(code));
    let traffic = traffic(&protocol, ports, icmp).map_err(|error| refused(&error))?;
    let cidr = cidr_block.ok_or_else(|| missing("CidrBlock is not given"))?;
    let entry = NetworkAclEntry {
        number,
        direction: direction(egress),
        traffic,
        cidr: errors::cidr("CidrBlock", &cidr)?,
        allow: match rule_action {
            RuleAction::Allow => true,
            RuleAction::Deny => false,
        },
    };
    Ok(Asked { network_acl_id, dry_run, entry })
}

fn refused(error: &InvalidEntry) -> AwsError {
    let code = match error {
        InvalidEntry::PortRangeMissing | InvalidEntry::IcmpTypeCodeMissing => ErrorCode::MissingParameter,
        InvalidEntry::Icmpv6 => ErrorCode::UnsupportedOperation,
        InvalidEntry::Number(_) | InvalidEntry::Traffic(_) => ErrorCode::InvalidParameterValue,
    };
    code.error(error.to_string())
}
