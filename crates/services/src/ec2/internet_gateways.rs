//! Internet gateways: create, attach, detach, delete, describe. A VPC has one at most.

use api::ec2::ErrorCode;
use api::ec2::types::{
    self, AttachInternetGatewayRequest, AttachmentStatus, CreateInternetGatewayRequest, CreateInternetGatewayResult,
    DeleteInternetGatewayRequest, DescribeInternetGatewaysRequest, DescribeInternetGatewaysResult,
    DetachInternetGatewayRequest, InternetGatewayAttachment,
};
use model::Scope;
use model::ec2::internet_gateway::{InternetGateway, MAXIMUM_INTERNET_GATEWAYS};
use model::id::{InternetGatewayId, VpcId};
use store::{Transaction, View};
use wire::AwsError;

use super::addresses;
use super::errors::{in_use, invalid};
use super::filters::{Properties, each, text};
use super::listing::Selection;
use super::resources::{choose, find, parse};
use super::tags::{specified_for, to_wire};
use crate::context::Context;
use crate::handler::committed;
use crate::idempotency::dry_run;

pub(super) async fn create(
    cx: &Context,
    input: CreateInternetGatewayRequest,
) -> Result<CreateInternetGatewayResult, AwsError> {
    let CreateInternetGatewayRequest { dry_run: dry, tag_specifications } = input;
    let tags = specified_for(tag_specifications, "internet-gateway")?;
    let gateway = InternetGateway { id: cx.mint(InternetGatewayId::mint), vpc_id: None, tags };
    let scope = cx.scope();
    let make = |txn: &mut Transaction| {
        if txn.list::<InternetGateway>(&scope).count() >= MAXIMUM_INTERNET_GATEWAYS {
            let message =
                format!("this region already has {MAXIMUM_INTERNET_GATEWAYS} internet gateways, the most there can be");
            return Err(ErrorCode::InternetGatewayLimitExceeded.error(message));
        }
        dry_run(dry)?;
        txn.put(&scope, gateway.clone());
        Ok(())
    };
    committed(cx.store.transact(make).await)?;
    Ok(CreateInternetGatewayResult { internet_gateway: Some(shown(cx, &gateway)) })
}

/// The internet gateway of a VPC, if it has one.
pub(super) fn of_vpc(view: &View, scope: &Scope, vpc: &VpcId) -> Option<std::sync::Arc<InternetGateway>> {
    view.list::<InternetGateway>(scope).find(|gateway| gateway.vpc_id.as_ref() == Some(vpc))
}

pub(super) async fn attach(cx: &Context, input: AttachInternetGatewayRequest) -> Result<(), AwsError> {
    let AttachInternetGatewayRequest { dry_run: dry, internet_gateway_id, vpc_id } = input;
    let (id, vpc) = (parse::<InternetGatewayId>(&internet_gateway_id)?, parse::<VpcId>(&vpc_id)?);
    let scope = cx.scope();
    let work = |txn: &mut Transaction| {
        let gateway = find(txn.view(), &scope, &id)?;
        find(txn.view(), &scope, &vpc)?;
        if let Some(other) = &gateway.vpc_id {
            let message = format!("internet gateway {id} is already attached to {other}");
            return Err(ErrorCode::ResourceAlreadyAssociated.error(message));
        }
        if let Some(other) = of_vpc(txn.view(), &scope, &vpc) {
            return Err(invalid(format!("{vpc} already has an internet gateway attached: {}", other.id)));
        }
        dry_run(dry)?;
        txn.put(&scope, InternetGateway { vpc_id: Some(vpc.clone()), ..InternetGateway::clone(&gateway) });
        Ok(())
    };
    committed(cx.store.transact(work).await)
}

pub(super) async fn detach(cx: &Context, input: DetachInternetGatewayRequest) -> Result<(), AwsError> {
    let DetachInternetGatewayRequest { dry_run: dry, internet_gateway_id, vpc_id } = input;
    let (id, vpc) = (parse::<InternetGatewayId>(&internet_gateway_id)?, parse::<VpcId>(&vpc_id)?);
    let scope = cx.scope();
    let work = |txn: &mut Transaction| {
        let gateway = find(txn.view(), &scope, &id)?;
        find(txn.view(), &scope, &vpc)?;
        if gateway.vpc_id.as_ref() != Some(&vpc) {
            return Err(not_attached(format!("internet gateway {id} is not attached to {vpc}")));
        }
        if let Some(mapped) = addresses::public_in(txn.view(), &scope, &vpc) {
            return Err(in_use(format!("{vpc} has mapped public addresses ({mapped}); unmap them first")));
        }
        dry_run(dry)?;
        txn.put(&scope, InternetGateway { vpc_id: None, ..InternetGateway::clone(&gateway) });
        Ok(())
    };
    committed(cx.store.transact(work).await)
}

/// The error of what needs a gateway that is not there.
pub(super) fn not_attached(message: impl Into<String>) -> AwsError {
    ErrorCode::GatewayNotAttached.error(message)
}

pub(super) async fn delete(cx: &Context, input: DeleteInternetGatewayRequest) -> Result<(), AwsError> {
    let DeleteInternetGatewayRequest { dry_run: dry, internet_gateway_id } = input;
    let id = parse::<InternetGatewayId>(&internet_gateway_id)?;
    let scope = cx.scope();
    let remove = |txn: &mut Transaction| {
        if let Some(vpc) = &find(txn.view(), &scope, &id)?.vpc_id {
            return Err(in_use(format!("internet gateway {id} is attached to {vpc}; detach it first")));
        }
        dry_run(dry)?;
        txn.delete::<InternetGateway>(&scope, &id);
        Ok(())
    };
    committed(cx.store.transact(remove).await)
}

static PROPERTIES: Properties<types::InternetGateway> = Properties {
    named: &[
        // AWS's definition has `attached`, its manual and its answers `available`: both find it.
        ("attachment.state", |gateway| {
            each(&gateway.attachments, |_| ["attached", "available"].map(str::to_owned).to_vec())
        }),
        ("attachment.vpc-id", |gateway| each(&gateway.attachments, |attachment| text(&attachment.vpc_id))),
        ("internet-gateway-id", |gateway| text(&gateway.internet_gateway_id)),
        ("owner-id", |gateway| text(&gateway.owner_id)),
    ],
    tags: Some(|gateway| gateway.tags.as_deref().unwrap_or_default()),
};

pub(super) fn describe(
    cx: &Context,
    input: DescribeInternetGatewaysRequest,
) -> Result<DescribeInternetGatewaysResult, AwsError> {
    let DescribeInternetGatewaysRequest { dry_run, filters, internet_gateway_ids, max_results, next_token } = input;
    let ids = internet_gateway_ids.unwrap_or_default();
    let gateways = choose::<InternetGatewayId>(&cx.store.view(), &cx.scope(), &ids)?;
    let items = gateways.iter().map(|gateway| (gateway.id.to_string(), shown(cx, gateway)));
    let operation = "DescribeInternetGateways";
    let selection = Selection { operation, chosen: &ids, filters, max_results, next_token, dry_run };
    let page = selection.page(cx, &PROPERTIES, items)?;
    Ok(DescribeInternetGatewaysResult { next_token: page.next, internet_gateways: Some(page.items) })
}

fn shown(cx: &Context, gateway: &InternetGateway) -> types::InternetGateway {
    let attachment = |vpc: &VpcId| InternetGatewayAttachment {
        state: Some(AttachmentStatus::Attached),
        vpc_id: Some(vpc.to_string()),
    };
    types::InternetGateway {
        attachments: Some(gateway.vpc_id.iter().map(attachment).collect()),
        internet_gateway_id: Some(gateway.id.to_string()),
        owner_id: Some(cx.account.clone()),
        tags: Some(to_wire(&gateway.tags)),
    }
}
