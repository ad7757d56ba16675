//! Tags of groups, and whether new instances get them.

use std::collections::BTreeSet;
use std::sync::Arc;

use api::autoscaling::types as shape;
use model::Tags;
use model::autoscaling::group::{AutoScalingGroup, GroupTag};
use store::{Transaction, View};
use wire::AwsError;

use super::errors::{Error, committed, invalid, shown};
use super::resources::{DEFAULT_PAGE, MAXIMUM_PAGE, group_name, group_to_change, page_size};
use crate::context::Context;
use crate::pagination::Listing;

/// The only kind of resource that has tags here.
pub(super) const RESOURCE_TYPE: &str = "auto-scaling-group";

/// A tag of a request and the group that it names, if it does.
#[derive(Clone, Debug)]
struct Given {
    group: Option<String>,
    tag: GroupTag,
}

fn given(tag: shape::Tag) -> Result<Given, Error> {
    let shape::Tag { key, propagate_at_launch, resource_id, resource_type, value } = tag;
    if resource_type.as_deref().is_some_and(|kind| kind != RESOURCE_TYPE) {
        return Err(invalid(format!("ResourceType of a tag has to be {RESOURCE_TYPE}")));
    }
    let value = value.unwrap_or_default();
    let propagate_at_launch = propagate_at_launch.unwrap_or(false);
    let group = resource_id.map(|id| group_name(&id).to_owned());
    Ok(Given { group, tag: GroupTag { key, value, propagate_at_launch } })
}

/// The tags of a group that is created; a ResourceId may repeat its name.
pub(super) fn of_new_group(name: &str, tags: Option<Vec<shape::Tag>>) -> Result<Vec<GroupTag>, Error> {
    let given = tags.unwrap_or_default().into_iter().map(given).collect::<Result<Vec<Given>, Error>>()?;
    if given.iter().any(|one| one.group.as_deref().is_some_and(|group| group != name)) {
        return Err(invalid(format!("the ResourceId of a tag is not the name of the group, `{}`", shown(name))));
    }
    merged(&[], given.into_iter().map(|one| one.tag).collect())
}

/// `old` with `new` in their places, in order of keys. A key twice in one request is refused.
fn merged(old: &[GroupTag], new: Vec<GroupTag>) -> Result<Vec<GroupTag>, Error> {
    let pairs = |tags: &[GroupTag]| tags.iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect::<Vec<_>>();
    Tags(pairs(old).into_iter().collect()).merged(&Tags::parse(pairs(&new))?)?;
    let replaced: BTreeSet<&String> = new.iter().map(|tag| &tag.key).collect();
    let kept = old.iter().filter(|tag| !replaced.contains(&tag.key)).cloned();
    let mut all: Vec<GroupTag> = kept.chain(new.iter().cloned()).collect();
    all.sort_by(|one, other| one.key.cmp(&other.key));
    Ok(all)
}

/// By group, in order; every tag has to name one.
fn by_group(tags: Vec<shape::Tag>) -> Result<Vec<(String, Vec<GroupTag>)>, Error> {
    let mut groups: Vec<(String, Vec<GroupTag>)> = Vec::new();
    for tag in tags {
        let Given { group, tag } = given(tag)?;
        let group = group.ok_or_else(|| invalid("ResourceId of a tag is needed: the name of the group"))?;
        match groups.iter_mut().find(|(name, _)| *name == group) {
            Some((_, tags)) => tags.push(tag),
            None => groups.push((group, vec![tag])),
        }
    }
    Ok(groups)
}

pub(super) async fn create_or_update(cx: &Context, input: shape::CreateOrUpdateTagsType) -> Result<(), AwsError> {
    let shape::CreateOrUpdateTagsType { tags } = input;
    let groups = by_group(tags)?;
    write(cx, &groups, |_, old, new| merged(old, new.to_vec())).await
}

/// A tag that is given with a value goes only if it has that value, as on AWS.
pub(super) async fn delete(cx: &Context, input: shape::DeleteTagsType) -> Result<(), AwsError> {
    let shape::DeleteTagsType { tags } = input;
    let with_value = tags.iter().filter(|tag| tag.value.is_some());
    let named =
        |tag: &shape::Tag| (group_name(tag.resource_id.as_deref().unwrap_or_default()).to_owned(), tag.key.clone());
    let with_value: BTreeSet<(String, String)> = with_value.map(named).collect();
    let groups = by_group(tags)?;
    let without = |group: &str, old: &[GroupTag], gone: &[GroupTag]| {
        let goes = |tag: &GroupTag| {
            let any = |other: &GroupTag| !with_value.contains(&(group.to_owned(), other.key.clone()));
            let same = |other: &GroupTag| other.value == tag.value || any(other);
            gone.iter().any(|other| other.key == tag.key && same(other))
        };
        Ok(old.iter().filter(|tag| !goes(tag)).cloned().collect())
    };
    write(cx, &groups, without).await
}

async fn write(
    cx: &Context,
    groups: &[(String, Vec<GroupTag>)],
    new: impl Fn(&str, &[GroupTag], &[GroupTag]) -> Result<Vec<GroupTag>, Error> + Send + Sync,
) -> Result<(), AwsError> {
    let scope = cx.scope();
    let write = |txn: &mut Transaction| {
        for (name, given) in groups {
            let old = group_to_change(txn.view(), &scope, name)?;
            let tags = new(name, &old.tags, given)?;
            if tags != old.tags {
                txn.put(&scope, AutoScalingGroup { tags, ..AutoScalingGroup::clone(&old) });
            }
        }
        Ok(())
    };
    committed(cx.store.transact(write).await)
}

/// The filters of DescribeTags.
#[derive(Debug)]
struct Selection(Vec<(Property, BTreeSet<String>)>);

#[derive(Clone, Copy, Debug)]
enum Property {
    Group,
    Key,
    Value,
    PropagateAtLaunch,
}

impl Selection {
    fn parse(filters: Vec<shape::Filter>) -> Result<Self, Error> {
        let one = |shape::Filter { name, values }| {
            let property = match name.as_str() {
                "auto-scaling-group" => Property::Group,
                "key" => Property::Key,
                "value" => Property::Value,
                "propagate-at-launch" => Property::PropagateAtLaunch,
                other => return Err(invalid(format!("there is no filter `{}` of tags", shown(other)))),
            };
            Ok((property, values.into_iter().collect()))
        };
        Ok(Self(filters.into_iter().map(one).collect::<Result<_, _>>()?))
    }

    fn admits(&self, group: &str, tag: &GroupTag) -> bool {
        self.0.iter().all(|(property, values)| match property {
            Property::Group => values.contains(group),
            Property::Key => values.contains(&tag.key),
            Property::Value => values.contains(&tag.value),
            Property::PropagateAtLaunch => values.contains(&tag.propagate_at_launch.to_string()),
        })
    }
}

pub(super) fn describe(cx: &Context, input: shape::DescribeTagsType) -> Result<shape::TagsType, Error> {
    let shape::DescribeTagsType { filters, max_records, next_token } = input;
    let selection = Selection::parse(filters.unwrap_or_default())?;
    let found = all(&cx.store.view(), cx);
    let wanted = found.into_iter().filter(|(_, (group, tag))| selection.admits(&group.name, tag));
    let listing = Listing { operation: "DescribeTags", selection: &selection };
    let size = page_size(max_records, DEFAULT_PAGE, MAXIMUM_PAGE);
    let page = listing.page(cx, next_token.as_deref(), size, wanted)?;
    let page = page.map(|(group, tag)| to_shape(&group.name, &tag));
    Ok(shape::TagsType { next_token: page.next, tags: Some(page.items) })
}

fn all(view: &View, cx: &Context) -> Vec<(String, (Arc<AutoScalingGroup>, GroupTag))> {
    let groups = view.list::<AutoScalingGroup>(&cx.scope());
    let of_group = |group: Arc<AutoScalingGroup>| {
        let keyed = |tag: &GroupTag| (format!("{}:{}", group.name, tag.key), (Arc::clone(&group), tag.clone()));
        group.tags.iter().map(keyed).collect::<Vec<_>>()
    };
    groups.flat_map(of_group).collect()
}

/// A tag as answers show it.
pub(super) fn to_shape(group: &str, tag: &GroupTag) -> shape::TagDescription {
    shape::TagDescription {
        key: Some(tag.key.clone()),
        propagate_at_launch: Some(tag.propagate_at_launch),
        resource_id: Some(group.to_owned()),
        resource_type: Some(RESOURCE_TYPE.to_owned()),
        value: Some(tag.value.clone()),
    }
}
