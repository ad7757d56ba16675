//! Where a group's instances go: subnets of one VPC, or the default subnets of zones.

use std::collections::BTreeSet;
use std::sync::Arc;

use model::autoscaling::group::AutoScalingGroup;
use model::ec2::subnet::Subnet;
use model::ec2::vpc::Vpc;
use model::id::SubnetId;
use store::View;

use super::errors::{Error, invalid, shown};
use crate::context::Context;

/// What a request says about places.
#[derive(Clone, Debug, Default)]
pub(super) struct Given {
    pub(super) zones: Option<Vec<String>>,
    pub(super) zone_ids: Option<Vec<String>>,
    /// Ids with commas between them; blanks are skipped.
    pub(super) subnets: Option<String>,
}

/// Where instances go from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Places {
    /// Names in order, each once.
    pub(super) zones: Vec<String>,
    /// Empty: the default subnet of each zone.
    pub(super) subnets: Vec<SubnetId>,
}

impl Given {
    /// The places of a request, if it says anything about them.
    ///
    /// # Errors
    /// Zones and subnets that are not there or do not fit together.
    pub(super) fn resolve(
        &self,
        cx: &Context,
        view: &View,
        present: Option<&AutoScalingGroup>,
    ) -> Result<Option<Places>, Error> {
        let zones = self.zones(cx)?;
        let subnets = self.subnets(cx, view)?;
        match (zones, subnets) {
            (None, None) => Ok(None),
            (zones, Some(subnets)) => in_subnets(&subnets, zones.as_ref()).map(Some),
            (Some(zones), None) => match present.filter(|group| !group.subnets.is_empty()) {
                Some(group) => {
                    let there =
                        group.subnets.iter().filter_map(|id| view.get::<Subnet>(&cx.scope(), id)).collect::<Vec<_>>();
                    in_subnets(&there, Some(&zones)).map(Some)
                }
                None => in_default_subnets(cx, view, zones).map(Some),
            },
        }
    }

    fn zones(&self, cx: &Context) -> Result<Option<BTreeSet<String>>, Error> {
        let Self { zones, zone_ids, subnets: _ } = self;
        let known = cx.zones();
        let name = |text: &String| {
            let found = known.iter().find(|zone| zone.name == *text || zone.id == *text);
            found
                .map(|zone| zone.name.clone())
                .ok_or_else(|| invalid(format!("there is no Availability Zone `{}` in {}", shown(text), cx.region)))
        };
        match (zones.as_deref(), zone_ids.as_deref()) {
            (Some([_, ..]), Some([_, ..])) => Err(invalid("give AvailabilityZones or AvailabilityZoneIds, not both")),
            (Some(names @ [_, ..]), _) | (_, Some(names @ [_, ..])) => {
                names.iter().map(name).collect::<Result<_, _>>().map(Some)
            }
            (None | Some([]), None | Some([])) => Ok(None),
        }
    }

    fn subnets(&self, cx: &Context, view: &View) -> Result<Option<Vec<Arc<Subnet>>>, Error> {
        let texts = self.subnets.as_deref().unwrap_or_default().split(',').map(str::trim);
        let mut found: Vec<Arc<Subnet>> = Vec::new();
        for text in texts.filter(|text| !text.is_empty()) {
            let missing = || invalid(format!("The subnet ID '{}' does not exist", shown(text)));
            let subnet = view.get::<Subnet>(&cx.scope(), text).ok_or_else(missing)?;
            if !found.iter().any(|other| other.id == subnet.id) {
                found.push(subnet);
            }
        }
        Ok((!found.is_empty()).then_some(found))
    }
}

/// The zones are those of the subnets; zones that are named as well have to be the same.
fn in_subnets(subnets: &[Arc<Subnet>], named: Option<&BTreeSet<String>>) -> Result<Places, Error> {
    let zones: BTreeSet<String> = subnets.iter().map(|subnet| subnet.zone.clone()).collect();
    if named.is_some_and(|named| *named != zones) {
        return Err(invalid(format!(
            "The availability zones of the specified subnets and the Auto Scaling group do not match: the subnets are \
             in {}; leave AvailabilityZones out or change VPCZoneIdentifier too",
            zones.into_iter().collect::<Vec<_>>().join(", ")
        )));
    }
    let vpcs: BTreeSet<_> = subnets.iter().map(|subnet| &subnet.vpc_id).collect();
    if vpcs.len() > 1 {
        return Err(invalid("the subnets of VPCZoneIdentifier are in different VPCs; they have to be in one"));
    }
    let ids = subnets.iter().map(|subnet| subnet.id.clone()).collect();
    Ok(Places { zones: zones.into_iter().collect(), subnets: ids })
}

fn in_default_subnets(cx: &Context, view: &View, zones: BTreeSet<String>) -> Result<Places, Error> {
    let scope = cx.scope();
    let vpc = view.list::<Vpc>(&scope).find(|vpc| vpc.is_default);
    let vpc = vpc.ok_or_else(|| invalid("No default VPC for this user; give VPCZoneIdentifier"))?;
    for zone in &zones {
        let fits = |subnet: &Arc<Subnet>| subnet.vpc_id == vpc.id && subnet.default_for_zone && subnet.zone == *zone;
        if !view.list::<Subnet>(&scope).any(|subnet| fits(&subnet)) {
            return Err(invalid(format!("there is no default subnet in {zone}; give VPCZoneIdentifier")));
        }
    }
    Ok(Places { zones: zones.into_iter().collect(), subnets: Vec::new() })
}
