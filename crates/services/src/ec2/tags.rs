//! Tags: on every resource that is a record, on the rules of security groups and on network interfaces.
//!
//! CreateTags and DeleteTags change all resources that they name, or none.

use std::collections::BTreeMap;
use std::sync::Arc;

use api::ec2::ErrorCode;
use api::ec2::types::{
    CreateTagsRequest, DeleteTagsRequest, DescribeTagsRequest, DescribeTagsResult, Filter, Tag, TagDescription,
    TagSpecification,
};
use model::ec2::address::Address;
use model::ec2::image::Image;
use model::ec2::instance::Instance;
use model::ec2::launch_template::LaunchTemplate;
use model::ec2::nat_gateway::NatGateway;
use model::ec2::network_interface::NetworkInterface;
use model::ec2::security_group::SecurityGroup;
use model::ec2::subnet::Subnet;
use model::ec2::{internet_gateway::InternetGateway, key_pair::KeyPair, route_table::RouteTable, vpc::Vpc};
use model::id::{
    AddressAllocationId, ImageId, InstanceId, InternetGatewayId, KeyPairId, LaunchTemplateId, NatGatewayId,
    NetworkAclId, NetworkInterfaceId, RouteTableId, SecurityGroupId, SecurityGroupRuleId, SubnetId, VpcId,
};
use model::tag::{InvalidTags, MAXIMUM_KEY_LENGTH, is_reserved};
use model::{Scope, Tags};
use store::{Transaction, View};
use wire::AwsError;

use super::errors::{self, invalid, missing, unsupported};
use super::filters::{Properties, text};
use super::listing::Selection;
use super::network_interfaces::{self, Owner};
use super::resources::{MAXIMUM_IDS, StoredId, find, not_found, parse};
use super::{images, key_pairs, network_acls};
use crate::context::Context;
use crate::handler::committed;
use crate::idempotency::dry_run;

/// The tags of one request.
///
/// # Errors
/// Those of [`errors::tags`].
pub(super) fn parse_tags(tags: Vec<Tag>) -> Result<Tags, AwsError> {
    let pairs = tags.into_iter().map(|Tag { key, value }| (key, value.unwrap_or_default()));
    Tags::parse(pairs).map_err(|error| errors::tags(&error))
}

/// Tags as the API shows them, ordered by key.
pub(super) fn to_wire(tags: &Tags) -> Vec<Tag> {
    tags.0.iter().map(|(key, value)| Tag { key: key.clone(), value: Some(value.clone()) }).collect()
}

/// The tags that a request that makes things gives to each type of them.
///
/// # Errors
/// Types that the request does not make, types given twice, tags that cannot be.
pub(super) fn specified(
    specifications: Option<Vec<TagSpecification>>,
    made: &[&'static str],
) -> Result<BTreeMap<&'static str, Tags>, AwsError> {
    let mut by_type = BTreeMap::new();
    for TagSpecification { resource_type, tags } in specifications.unwrap_or_default() {
        let given = resource_type.ok_or_else(|| missing("a TagSpecification has no ResourceType"))?;
        let Some(known) = made.iter().find(|known| **known == given) else {
            return Err(invalid(format!(
                "TagSpecification: this call makes no `{}` that could be tagged; it makes {}",
                given.chars().take(64).collect::<String>(),
                made.join(", ")
            )));
        };
        if by_type.insert(*known, parse_tags(tags.unwrap_or_default())?).is_some() {
            return Err(invalid(format!("TagSpecification: `{known}` is given more than once")));
        }
    }
    Ok(by_type)
}

/// The same for a request that makes one thing.
///
/// # Errors
/// As [`specified`].
pub(super) fn specified_for(
    specifications: Option<Vec<TagSpecification>>,
    made: &'static str,
) -> Result<Tags, AwsError> {
    Ok(specified(specifications, &[made])?.remove(made).unwrap_or_default())
}

pub(super) async fn create(cx: &Context, input: CreateTagsRequest) -> Result<(), AwsError> {
    let CreateTagsRequest { dry_run: dry, resources, tags } = input;
    let added = parse_tags(tags)?;
    if added.0.is_empty() {
        return Err(missing("CreateTags needs at least one tag"));
    }
    change(cx, &resources, dry, |tags| tags.merged(&added).map_err(|error| errors::tags(&error))).await
}

pub(super) async fn delete(cx: &Context, input: DeleteTagsRequest) -> Result<(), AwsError> {
    let DeleteTagsRequest { dry_run: dry, resources, tags } = input;
    if let Some(tag) = tags.iter().flatten().find(|tag| is_reserved(&tag.key)) {
        return Err(errors::tags(&InvalidTags::Reserved(tag.key.chars().take(MAXIMUM_KEY_LENGTH).collect())));
    }
    let goes = |key: &String, value: &String| match &tags {
        // Those of AWS stay.
        None => !is_reserved(key),
        Some(tags) => tags.iter().any(|tag| tag.key == *key && tag.value.as_ref().is_none_or(|given| given == value)),
    };
    change(cx, &resources, dry, |tags| {
        let stay = tags.0.iter().filter(|(key, value)| !goes(key, value));
        Ok(Tags(stay.map(|(key, value)| (key.clone(), value.clone())).collect()))
    })
    .await
}

async fn change(
    cx: &Context,
    resources: &[String],
    dry: Option<bool>,
    edit: impl Fn(&Tags) -> Result<Tags, AwsError>,
) -> Result<(), AwsError> {
    if resources.is_empty() {
        return Err(missing("no resource is given"));
    }
    if resources.len() > MAXIMUM_IDS {
        return Err(invalid(format!("a call tags at most {MAXIMUM_IDS} resources")));
    }
    let scope = cx.scope();
    let work = |txn: &mut Transaction| {
        for id in resources {
            change_one(cx, txn, &scope, id, &edit)?;
        }
        dry_run(dry)
    };
    committed(cx.store.transact(work).await)
}

type Edit<'a> = &'a dyn Fn(&Tags) -> Result<Tags, AwsError>;

fn change_one(cx: &Context, txn: &mut Transaction, scope: &Scope, id: &str, edit: Edit<'_>) -> Result<(), AwsError> {
    match Resource::of(id)? {
        Resource::Vpc(id) => on_record(txn, scope, &id, |r: &mut Vpc| &mut r.tags, edit),
        Resource::Subnet(id) => on_record(txn, scope, &id, |r: &mut Subnet| &mut r.tags, edit),
        Resource::SecurityGroup(id) => on_record(txn, scope, &id, |r: &mut SecurityGroup| &mut r.tags, edit),
        Resource::InternetGateway(id) => on_record(txn, scope, &id, |r: &mut InternetGateway| &mut r.tags, edit),
        Resource::RouteTable(id) => on_record(txn, scope, &id, |r: &mut RouteTable| &mut r.tags, edit),
        Resource::NatGateway(id) => on_record(txn, scope, &id, |r: &mut NatGateway| &mut r.tags, edit),
        Resource::Address(id) => on_record(txn, scope, &id, |r: &mut Address| &mut r.tags, edit),
        Resource::Instance(id) => {
            let options = find(txn.view(), scope, &id)?.metadata_options;
            let shown = |tags: &Tags| {
                let edited = edit(tags)?;
                options.check_tags(&edited).map_err(|error| invalid(error.to_string()))?;
                Ok(edited)
            };
            on_record(txn, scope, &id, |r: &mut Instance| &mut r.tags, &shown)
        }
        Resource::LaunchTemplate(id) => on_record(txn, scope, &id, |r: &mut LaunchTemplate| &mut r.tags, edit),
        Resource::Image(id) => {
            if cx.settings.images.iter().any(|image| image.id == id) {
                return Err(unsupported(format!("image {id} is of the configuration; its tags cannot be changed")));
            }
            images::find(cx, txn.view(), &id)?;
            on_record(txn, scope, &id, |r: &mut Image| &mut r.tags, edit)
        }
        Resource::KeyPair(id) => {
            let pair = key_pairs::by_id(txn.view(), scope, &id).ok_or_else(|| not_found(&id))?;
            let tags = edit(&pair.tags)?;
            txn.put(scope, KeyPair { tags, ..KeyPair::clone(&pair) });
            Ok(())
        }
        Resource::NetworkAcl(id) => {
            let mut acl = network_acls::get(txn.view(), scope, &id)?;
            acl.tags = edit(&acl.tags)?;
            txn.put(scope, acl);
            Ok(())
        }
        Resource::SecurityGroupRule(id) => on_rule(txn, scope, &id, edit),
        Resource::NetworkInterface(id) => on_interface(txn, scope, &id, edit),
    }
}

fn on_record<I: StoredId>(
    txn: &mut Transaction,
    scope: &Scope,
    id: &I,
    tags: fn(&mut I::Record) -> &mut Tags,
    edit: Edit<'_>,
) -> Result<(), AwsError> {
    let mut record = I::Record::clone(&*find(txn.view(), scope, id)?);
    let place = tags(&mut record);
    *place = edit(place)?;
    txn.put(scope, record);
    Ok(())
}

fn on_interface(txn: &mut Transaction, scope: &Scope, id: &NetworkInterfaceId, edit: Edit<'_>) -> Result<(), AwsError> {
    match network_interfaces::owner(txn.view(), scope, id).ok_or_else(|| not_found(id))? {
        Owner::Instance(instance) => {
            on_record(txn, scope, &instance.id, |r: &mut Instance| &mut r.network_interface_tags, edit)
        }
        Owner::Other(interface) => {
            let tags = edit(&interface.tags)?;
            txn.put(scope, NetworkInterface { tags, ..NetworkInterface::clone(&interface) });
            Ok(())
        }
    }
}

fn on_rule(txn: &mut Transaction, scope: &Scope, id: &SecurityGroupRuleId, edit: Edit<'_>) -> Result<(), AwsError> {
    let owner = txn.list::<SecurityGroup>(scope).find(|group| group.rules.iter().any(|rule| rule.id == *id));
    let mut group = SecurityGroup::clone(&*owner.ok_or_else(|| not_found(id))?);
    for rule in group.rules.iter_mut().filter(|rule| rule.id == *id) {
        rule.tags = edit(&rule.tags)?;
    }
    txn.put(scope, group);
    Ok(())
}

/// What an id in CreateTags may name.
enum Resource {
    Vpc(VpcId),
    Subnet(SubnetId),
    SecurityGroup(SecurityGroupId),
    SecurityGroupRule(SecurityGroupRuleId),
    InternetGateway(InternetGatewayId),
    RouteTable(RouteTableId),
    NatGateway(NatGatewayId),
    Address(AddressAllocationId),
    NetworkInterface(NetworkInterfaceId),
    Instance(InstanceId),
    LaunchTemplate(LaunchTemplateId),
    Image(ImageId),
    KeyPair(KeyPairId),
    NetworkAcl(NetworkAclId),
}

impl Resource {
    fn of(id: &str) -> Result<Self, AwsError> {
        let prefix = id.split_inclusive('-').next().unwrap_or_default();
        Ok(match prefix {
            VpcId::PREFIX => Self::Vpc(parse(id)?),
            SubnetId::PREFIX => Self::Subnet(parse(id)?),
            SecurityGroupId::PREFIX => Self::SecurityGroup(parse(id)?),
            SecurityGroupRuleId::PREFIX => Self::SecurityGroupRule(parse(id)?),
            InternetGatewayId::PREFIX => Self::InternetGateway(parse(id)?),
            RouteTableId::PREFIX => Self::RouteTable(parse(id)?),
            NatGatewayId::PREFIX => Self::NatGateway(parse(id)?),
            AddressAllocationId::PREFIX => Self::Address(parse(id)?),
            NetworkInterfaceId::PREFIX => Self::NetworkInterface(parse(id)?),
            InstanceId::PREFIX => Self::Instance(parse(id)?),
            LaunchTemplateId::PREFIX => Self::LaunchTemplate(parse(id)?),
            ImageId::PREFIX => Self::Image(parse(id)?),
            KeyPairId::PREFIX => Self::KeyPair(parse(id)?),
            NetworkAclId::PREFIX => Self::NetworkAcl(parse(id)?),
            _ => {
                let shown: String = id.chars().take(64).collect();
                return Err(ErrorCode::InvalidID.error(format!("`{shown}` is no id of anything that can be tagged")));
            }
        })
    }
}

static PROPERTIES: Properties<TagDescription> = Properties {
    named: &[
        ("key", |tag| text(&tag.key)),
        ("resource-id", |tag| text(&tag.resource_id)),
        ("resource-type", |tag| text(&tag.resource_type)),
        ("value", |tag| text(&tag.value)),
    ],
    tags: None,
};

pub(super) fn describe(cx: &Context, input: DescribeTagsRequest) -> Result<DescribeTagsResult, AwsError> {
    let DescribeTagsRequest { dry_run, filters, max_results, next_token } = input;
    let filters = filters.map(pairs);
    let view = cx.store.view();
    let items = all(cx, &view).into_iter().map(keyed);
    let selection = Selection { operation: "DescribeTags", chosen: &(), filters, max_results, next_token, dry_run };
    let page = selection.page(cx, &PROPERTIES, items)?;
    Ok(DescribeTagsResult { next_token: page.next, tags: Some(page.items) })
}

/// `tag:<key>` with its values stands for a pair of filters here, because each item is one tag: those of that key, and
/// those with one of the values.
fn pairs(filters: Vec<Filter>) -> Vec<Filter> {
    let mut all = Vec::with_capacity(filters.len());
    for mut filter in filters {
        if let Some(key) = filter.name.as_deref().and_then(|name| name.strip_prefix("tag:")) {
            let exact = key.replace('\\', "\\\\").replace('*', "\\*").replace('?', "\\?");
            all.push(Filter { name: Some("key".to_owned()), values: Some(vec![exact]) });
            filter.name = Some("value".to_owned());
        }
        all.push(filter);
    }
    all
}

fn keyed(tag: TagDescription) -> (String, TagDescription) {
    let key = format!("{}|{}", tag.resource_id.as_deref().unwrap_or_default(), tag.key.as_deref().unwrap_or_default());
    (key, tag)
}

/// Every tag of the account and region.
fn all(cx: &Context, view: &View) -> Vec<TagDescription> {
    let scope = &cx.scope();
    let mut found = Vec::new();
    collect(&mut found, "vpc", view.list::<Vpc>(scope), |r| (r.id.to_string(), &r.tags));
    collect(&mut found, "subnet", view.list::<Subnet>(scope), |r| (r.id.to_string(), &r.tags));
    collect(&mut found, "security-group", view.list::<SecurityGroup>(scope), |r| (r.id.to_string(), &r.tags));
    collect(&mut found, "internet-gateway", view.list::<InternetGateway>(scope), |r| (r.id.to_string(), &r.tags));
    collect(&mut found, "route-table", view.list::<RouteTable>(scope), |r| (r.id.to_string(), &r.tags));
    collect(&mut found, "natgateway", view.list::<NatGateway>(scope), |r| (r.id.to_string(), &r.tags));
    collect(&mut found, "elastic-ip", view.list::<Address>(scope), |r| (r.id.to_string(), &r.tags));
    collect(&mut found, "network-interface", view.list::<NetworkInterface>(scope), |r| (r.id.to_string(), &r.tags));
    collect(&mut found, "instance", view.list::<Instance>(scope), |r| (r.id.to_string(), &r.tags));
    collect(&mut found, "launch-template", view.list::<LaunchTemplate>(scope), |r| (r.id.to_string(), &r.tags));
    let interfaces = view.list::<Instance>(scope).filter(|instance| instance.occupies());
    collect(&mut found, "network-interface", interfaces, |r| {
        (r.network_interface_id.to_string(), &r.network_interface_tags)
    });
    collect(&mut found, "image", images::all(cx, view).into_iter(), |r| (r.id.to_string(), &r.tags));
    collect(&mut found, "key-pair", view.list::<KeyPair>(scope), |r| (r.id.to_string(), &r.tags));
    let acls = network_acls::all(view, scope).into_iter();
    collect(&mut found, "network-acl", acls, |r| (r.id.to_string(), &r.tags));
    for group in view.list::<SecurityGroup>(scope) {
        let rules = group.rules.iter().cloned().map(Arc::new);
        collect(&mut found, "security-group-rule", rules, |r| (r.id.to_string(), &r.tags));
    }
    found
}

fn collect<R>(
    found: &mut Vec<TagDescription>,
    resource_type: &str,
    records: impl Iterator<Item = Arc<R>>,
    tags: impl Fn(&R) -> (String, &Tags),
) {
    for record in records {
        let (id, tags) = tags(&record);
        found.extend(tags.0.iter().map(|(key, value)| TagDescription {
            key: Some(key.clone()),
            resource_id: Some(id.clone()),
            resource_type: Some(resource_type.to_owned()),
            value: Some(value.clone()),
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_id_can_be_tagged_and_others_cannot() {
        for prefix in [
            "vpc-",
            "subnet-",
            "sg-",
            "sgr-",
            "igw-",
            "rtb-",
            "nat-",
            "eipalloc-",
            "eni-",
            "i-",
            "lt-",
            "ami-",
            "key-",
            "acl-",
        ] {
            assert!(Resource::of(&format!("{prefix}0123456789abcdef0")).is_ok(), "{prefix}");
        }
        for id in ["", "vpc", "x-0123456789abcdef0", "eni-attach-0123456789abcdef0", "vpc-xyz", "arn:aws:x"] {
            assert!(Resource::of(id).is_err(), "{id}");
        }
    }
}
