//! Regions, Availability Zones and the account's attributes.

use api::ec2::types::{
    AccountAttribute, AccountAttributeName, AccountAttributeValue, AvailabilityZone, AvailabilityZoneOptInStatus,
    AvailabilityZoneState, DescribeAccountAttributesRequest, DescribeAccountAttributesResult,
    DescribeAvailabilityZonesRequest, DescribeAvailabilityZonesResult, DescribeRegionsRequest, DescribeRegionsResult,
    Region,
};
use model::ec2::address::MAXIMUM_ADDRESSES;
use model::ec2::instance::MAXIMUM_INSTANCES;
use model::ec2::security_group::MAXIMUM_GROUPS_PER_INTERFACE;
use wire::AwsError;

use super::defaults;
use super::errors::{combination, invalid};
use super::filters::{Properties, nothing, plain, text};
use super::listing::Selection;
use crate::context::Context;
use crate::idempotency::dry_run;
use crate::regions::{self, Zone};

/// The zone that a request chooses by name or by id; `None` when it chooses none.
///
/// # Errors
/// Zones that this server does not offer in the region; a name and an id of two zones.
pub(super) fn chosen_zone(cx: &Context, name: Option<&str>, id: Option<&str>) -> Result<Option<Zone>, AwsError> {
    let known = |member: &str, asked: Option<&str>, of: fn(&Zone) -> &str| {
        let Some(asked) = asked else { return Ok(None) };
        let found = cx.zones().into_iter().find(|zone| of(zone) == asked);
        let offered = || cx.zones().iter().map(of).collect::<Vec<_>>().join(", ");
        let shown = || asked.chars().take(64).collect::<String>();
        let refusal = || invalid(format!("{member}: there is no zone `{}` here; there are {}", shown(), offered()));
        found.map(Some).ok_or_else(refusal)
    };
    let by_name = known("AvailabilityZone", name, |zone| &zone.name)?;
    let by_id = known("AvailabilityZoneId", id, |zone| &zone.id)?;
    match (by_name, by_id) {
        (Some(one), Some(other)) if one != other => {
            Err(combination("AvailabilityZone and AvailabilityZoneId name two zones"))
        }
        (one, other) => Ok(one.or(other)),
    }
}

/// The id of a zone; also of one that is not offered any more but holds something.
pub(super) fn zone_id(cx: &Context, name: &str) -> Option<String> {
    let letter = name.chars().last()?;
    Some(cx.region().zone_of(letter)).filter(|zone| zone.name == name).map(|zone| zone.id)
}

static REGION_PROPERTIES: Properties<Region> = Properties {
    named: &[
        ("endpoint", |region| text(&region.endpoint)),
        ("opt-in-status", |region| text(&region.opt_in_status)),
        ("region-name", |region| text(&region.region_name)),
    ],
    tags: None,
};

/// Every region is on from the start, so `AllRegions` makes no difference.
pub(super) fn describe(cx: &Context, input: DescribeRegionsRequest) -> Result<DescribeRegionsResult, AwsError> {
    let DescribeRegionsRequest { all_regions: _, dry_run, filters, region_names } = input;
    let names = region_names.unwrap_or_default();
    let partition = partition(&cx.region);
    let known: Vec<&regions::Region> =
        regions::REGIONS.iter().filter(|region| self::partition(region.name) == partition).collect();
    if let Some(unknown) = names.iter().find(|name| !known.iter().any(|region| region.name == name.as_str())) {
        return Err(invalid(format!(
            "RegionName: there is no region `{}`",
            unknown.chars().take(64).collect::<String>()
        )));
    }
    let chosen = known.into_iter().filter(|region| names.is_empty() || names.iter().any(|name| name == region.name));
    let items = chosen.map(|region| (region.name.to_owned(), shown_region(region)));
    let selection = Selection {
        operation: "DescribeRegions",
        chosen: &names,
        filters,
        max_results: None,
        next_token: None,
        dry_run,
    };
    Ok(DescribeRegionsResult { regions: Some(selection.page(cx, &REGION_PROPERTIES, items)?.items) })
}

fn shown_region(region: &regions::Region) -> Region {
    let suffix = if partition(region.name) == "cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
    Region {
        endpoint: Some(format!("ec2.{}.{suffix}", region.name)),
        opt_in_status: Some(if region.opt_in { "opted-in" } else { "opt-in-not-required" }.to_owned()),
        region_name: Some(region.name.to_owned()),
    }
}

/// What of a region's name tells AWS's partitions apart; regions of another one are never shown.
fn partition(region: &str) -> &str {
    let special = ["cn", "us-gov", "us-isob", "us-isof", "us-iso", "eu-isoe", "eusc"];
    let of = |prefix: &&str| region.strip_prefix(*prefix).is_some_and(|rest| rest.starts_with('-'));
    special.into_iter().find(of).unwrap_or("")
}

static ZONE_PROPERTIES: Properties<AvailabilityZone> = Properties {
    named: &[
        ("group-long-name", |zone| text(&zone.group_long_name)),
        ("group-name", |zone| text(&zone.group_name)),
        ("message", nothing),
        ("opt-in-status", |zone| plain(zone.opt_in_status)),
        ("parent-zone-id", nothing),
        ("parent-zone-name", nothing),
        ("region-name", |zone| text(&zone.region_name)),
        ("state", |zone| plain(zone.state)),
        ("zone-id", |zone| text(&zone.zone_id)),
        ("zone-name", |zone| text(&zone.zone_name)),
        ("zone-type", |zone| text(&zone.zone_type)),
    ],
    tags: None,
};

/// Every zone that there is can be used, so `AllAvailabilityZones` makes no difference.
pub(super) fn describe_zones(
    cx: &Context,
    input: DescribeAvailabilityZonesRequest,
) -> Result<DescribeAvailabilityZonesResult, AwsError> {
    let DescribeAvailabilityZonesRequest { all_availability_zones: _, dry_run, filters, zone_ids, zone_names } = input;
    let (ids, names) = (zone_ids.unwrap_or_default(), zone_names.unwrap_or_default());
    for id in &ids {
        chosen_zone(cx, None, Some(id))?;
    }
    for name in &names {
        chosen_zone(cx, Some(name), None)?;
    }
    let chosen = cx
        .zones()
        .into_iter()
        .filter(|zone| (ids.is_empty() || ids.contains(&zone.id)) && (names.is_empty() || names.contains(&zone.name)));
    let items = chosen.map(|zone| (zone.name.clone(), shown_zone(cx, zone)));
    let selection = Selection {
        operation: "DescribeAvailabilityZones",
        chosen: &(&ids, &names),
        filters,
        max_results: None,
        next_token: None,
        dry_run,
    };
    let zones = selection.page(cx, &ZONE_PROPERTIES, items)?.items;
    Ok(DescribeAvailabilityZonesResult { availability_zones: Some(zones) })
}

fn shown_zone(cx: &Context, zone: Zone) -> AvailabilityZone {
    AvailabilityZone {
        group_long_name: None,
        // A zone group of its own is named after the region and a network border that is always 1.
        group_name: Some(format!("{}-zg-1", cx.region)),
        messages: Some(Vec::new()),
        network_border_group: Some(cx.region.clone()),
        opt_in_status: Some(AvailabilityZoneOptInStatus::OptInNotRequired),
        parent_zone_id: None,
        parent_zone_name: None,
        region_name: Some(cx.region.clone()),
        state: Some(AvailabilityZoneState::Available),
        zone_id: Some(zone.id),
        zone_name: Some(zone.name),
        zone_type: Some("availability-zone".to_owned()),
    }
}

pub(super) fn describe_account(
    cx: &Context,
    input: DescribeAccountAttributesRequest,
) -> Result<DescribeAccountAttributesResult, AwsError> {
    let DescribeAccountAttributesRequest { attribute_names, dry_run: dry } = input;
    dry_run(dry)?;
    let default =
        defaults::vpc(&cx.store.view(), &cx.scope()).map_or_else(|| "none".to_owned(), |vpc| vpc.id.to_string());
    let all = [
        ("supported-platforms", "VPC".to_owned()),
        ("vpc-max-security-groups-per-interface", MAXIMUM_GROUPS_PER_INTERFACE.to_string()),
        // Those of EC2-Classic, which there is none of, have the same limit.
        ("max-elastic-ips", MAXIMUM_ADDRESSES.to_string()),
        ("max-instances", MAXIMUM_INSTANCES.to_string()),
        ("vpc-max-elastic-ips", MAXIMUM_ADDRESSES.to_string()),
        ("default-vpc", default),
    ];
    let names: Vec<&str> = attribute_names.unwrap_or_default().into_iter().map(AccountAttributeName::as_str).collect();
    let chosen = all.into_iter().filter(|(name, _)| names.is_empty() || names.contains(name));
    let attributes = chosen.map(|(name, value)| AccountAttribute {
        attribute_name: Some(name.to_owned()),
        attribute_values: Some(vec![AccountAttributeValue { attribute_value: Some(value) }]),
    });
    Ok(DescribeAccountAttributesResult { account_attributes: Some(attributes.collect()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_of_other_partitions_are_told_apart() {
        let table = [
            ("ap-northeast-2", ""),
            ("us-east-1", ""),
            ("eu-west-1", ""),
            ("cn-north-1", "cn"),
            ("us-gov-east-1", "us-gov"),
            ("us-iso-east-1", "us-iso"),
            ("us-isob-east-1", "us-isob"),
            ("eusc-de-east-1", "eusc"),
        ];
        for (region, expected) in table {
            assert_eq!(partition(region), expected, "{region}");
        }
    }
}
