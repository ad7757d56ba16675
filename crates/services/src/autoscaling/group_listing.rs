//! DescribeAutoScalingGroups: names, filters by tags, pages.

use std::collections::BTreeSet;

use api::autoscaling::types as shape;
use model::autoscaling::group::AutoScalingGroup;

use super::errors::{Error, invalid, shown};
use super::resources::{DEFAULT_PAGE, MAXIMUM_PAGE, group_name, page_size};
use super::views::Shown;
use crate::context::Context;
use crate::pagination::Listing;

/// The filters of DescribeAutoScalingGroups, which look at tags.
#[derive(Debug)]
struct Selection {
    names: BTreeSet<String>,
    filters: Vec<(Property, BTreeSet<String>)>,
}

#[derive(Debug)]
enum Property {
    TagKey,
    TagValue,
    Tag(String),
}

impl Selection {
    fn parse(names: Option<Vec<String>>, filters: Option<Vec<shape::Filter>>) -> Result<Self, Error> {
        let one = |shape::Filter { name, values }: shape::Filter| {
            let property = match (name.as_str(), name.strip_prefix("tag:")) {
                ("tag-key", _) => Property::TagKey,
                ("tag-value", _) => Property::TagValue,
                (_, Some(key)) => Property::Tag(key.to_owned()),
                (other, None) => {
                    let message = format!(
                        "there is no filter `{}` of groups; there are tag-key, tag-value and tag:<key>",
                        shown(other)
                    );
                    return Err(invalid(message));
                }
            };
            Ok((property, values.into_iter().collect()))
        };
        let filters = filters.unwrap_or_default().into_iter().map(one).collect::<Result<_, Error>>()?;
        let names = names.unwrap_or_default().iter().map(|name| group_name(name).to_owned()).collect();
        Ok(Self { names, filters })
    }

    fn admits(&self, group: &AutoScalingGroup) -> bool {
        let matches = |(property, values): &(Property, BTreeSet<String>)| {
            group.tags.iter().any(|tag| match property {
                Property::TagKey => values.contains(&tag.key),
                Property::TagValue => values.contains(&tag.value),
                Property::Tag(key) => tag.key == *key && values.contains(&tag.value),
            })
        };
        (self.names.is_empty() || self.names.contains(&group.name)) && self.filters.iter().all(matches)
    }
}

/// Names that are not there are left out, as on AWS.
pub(super) fn describe(
    cx: &Context,
    input: shape::AutoScalingGroupNamesType,
) -> Result<shape::AutoScalingGroupsType, Error> {
    let shape::AutoScalingGroupNamesType {
        auto_scaling_group_names,
        filters,
        include_instances,
        max_records,
        next_token,
    } = input;
    let selection = Selection::parse(auto_scaling_group_names, filters)?;
    let with_instances = include_instances.unwrap_or(true);
    let view = cx.store.view();
    let wanted = view.list::<AutoScalingGroup>(&cx.scope()).filter(|group| selection.admits(group));
    let listing = Listing { operation: "DescribeAutoScalingGroups", selection: &(&selection, with_instances) };
    let size = page_size(max_records, DEFAULT_PAGE, MAXIMUM_PAGE);
    let page = listing.page(cx, next_token.as_deref(), size, wanted.map(|group| (group.name.clone(), group)))?;
    let views = Shown::new(cx, &view);
    let page = page.map(|group| views.group(&group, with_instances));
    Ok(shape::AutoScalingGroupsType { auto_scaling_groups: Some(page.items), next_token: page.next })
}
