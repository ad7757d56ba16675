//! The regions that a credential scope may name, and their Availability Zones.
//!
//! Names, zone letters and zone ids are those of AWS's endpoint data. Which zones of a region a server offers can be
//! narrowed or replaced in [`crate::Settings`]; what a region holds is kept apart in the store and not known here.

/// One region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    /// For example `ap-northeast-2`.
    pub name: &'static str,
    /// What the ids of its zones begin with, for example `apne2` in `apne2-az1`.
    pub zone_id_prefix: &'static str,
    /// Letters of its zones in order, each with the number in its zone id.
    pub zones: &'static [(char, u8)],
    /// Whether accounts of AWS must switch it on before they can use it; here every region is on.
    pub opt_in: bool,
}

/// One Availability Zone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Zone {
    /// For example `ap-northeast-2a`.
    pub name: String,
    /// For example `apne2-az1`.
    pub id: String,
}

const ABC: &[(char, u8)] = &[('a', 1), ('b', 2), ('c', 3)];
const ABCD: &[(char, u8)] = &[('a', 1), ('b', 2), ('c', 3), ('d', 4)];

const fn region(name: &'static str, zone_id_prefix: &'static str, zones: &'static [(char, u8)]) -> Region {
    Region { name, zone_id_prefix, zones, opt_in: false }
}

const fn opt_in(name: &'static str, zone_id_prefix: &'static str, zones: &'static [(char, u8)]) -> Region {
    Region { name, zone_id_prefix, zones, opt_in: true }
}

/// Every region, ordered by name.
pub static REGIONS: &[Region] = &[
    opt_in("af-south-1", "afs1", ABC),
    opt_in("ap-east-1", "ape1", ABC),
    opt_in("ap-east-2", "ape2", ABC),
    region("ap-northeast-1", "apne1", &[('a', 4), ('c', 1), ('d', 2)]),
    region("ap-northeast-2", "apne2", ABCD),
    region("ap-northeast-3", "apne3", ABC),
    region("ap-south-1", "aps1", &[('a', 1), ('b', 3), ('c', 2)]),
    opt_in("ap-south-2", "aps2", ABC),
    region("ap-southeast-1", "apse1", ABC),
    region("ap-southeast-2", "apse2", ABC),
    opt_in("ap-southeast-3", "apse3", ABC),
    opt_in("ap-southeast-4", "apse4", ABC),
    opt_in("ap-southeast-5", "apse5", ABC),
    opt_in("ap-southeast-6", "apse6", ABC),
    opt_in("ap-southeast-7", "apse7", ABC),
    region("ca-central-1", "cac1", &[('a', 1), ('b', 2), ('d', 4)]),
    opt_in("ca-west-1", "caw1", ABC),
    region("cn-north-1", "cnn1", &[('a', 1), ('b', 2), ('d', 4)]),
    region("cn-northwest-1", "cnnw1", ABC),
    region("eu-central-1", "euc1", &[('a', 2), ('b', 3), ('c', 1)]),
    opt_in("eu-central-2", "euc2", ABC),
    region("eu-isoe-west-1", "eui1", ABC),
    region("eu-north-1", "eun1", ABC),
    opt_in("eu-south-1", "eus1", ABC),
    opt_in("eu-south-2", "eus2", ABC),
    region("eu-west-1", "euw1", &[('a', 3), ('b', 1), ('c', 2)]),
    region("eu-west-2", "euw2", &[('a', 2), ('b', 3), ('c', 1)]),
    region("eu-west-3", "euw3", ABC),
    region("eusc-de-east-1", "eude1", ABC),
    opt_in("il-central-1", "ilc1", ABC),
    opt_in("me-central-1", "mec1", ABC),
    opt_in("me-south-1", "mes1", ABC),
    opt_in("mx-central-1", "mxc1", ABC),
    region("sa-east-1", "sae1", ABC),
    region("us-east-1", "use1", &[('a', 1), ('b', 2), ('c', 4), ('d', 6), ('e', 3), ('f', 5)]),
    region("us-east-2", "use2", ABC),
    region("us-gov-east-1", "usge1", ABC),
    region("us-gov-west-1", "usgw1", ABC),
    region("us-iso-east-1", "usie1", ABC),
    region("us-iso-west-1", "usiw1", ABC),
    region("us-isob-east-1", "usibe1", ABC),
    region("us-isob-west-1", "usibw1", ABC),
    region("us-isof-east-1", "usife1", ABC),
    region("us-isof-south-1", "usifs1", ABC),
    region("us-west-1", "usw1", &[('a', 3), ('b', 1)]),
    region("us-west-2", "usw2", ABCD),
];

/// The region of that name.
pub fn find(name: &str) -> Option<&'static Region> {
    REGIONS.binary_search_by(|region| region.name.cmp(name)).ok().map(|index| &REGIONS[index])
}

impl Region {
    /// Its zones in order.
    pub fn all_zones(&self) -> Vec<Zone> {
        self.zones.iter().map(|(letter, number)| self.zone(*letter, *number)).collect()
    }

    /// The zone of that letter. One that AWS does not have gets the number of its letter, after those that AWS has.
    pub fn zone_of(&self, letter: char) -> Zone {
        let known = self.zones.iter().find(|(known, _)| *known == letter).map(|(_, number)| *number);
        let taken = |number: &u8| self.zones.iter().any(|(_, known)| known == number);
        let position = u8::try_from(u32::from(letter).saturating_sub(u32::from('a') - 1)).unwrap_or(u8::MAX);
        let free = || if taken(&position) { position.saturating_add(26) } else { position };
        self.zone(letter, known.unwrap_or_else(free))
    }

    fn zone(&self, letter: char, number: u8) -> Zone {
        Zone { name: format!("{}{letter}", self.name), id: format!("{}-az{number}", self.zone_id_prefix) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_ordered_so_that_each_is_found() {
        assert!(REGIONS.windows(2).all(|pair| pair[0].name < pair[1].name));
        assert!(REGIONS.iter().all(|region| find(region.name) == Some(region)));
        assert_eq!(REGIONS.len(), 46);
    }

    #[test]
    fn seoul_has_four_zones() {
        let zones = find("ap-northeast-2").map(Region::all_zones).unwrap();
        let shown: Vec<_> = zones.iter().map(|zone| (zone.name.as_str(), zone.id.as_str())).collect();
        let expected = [
            ("ap-northeast-2a", "apne2-az1"),
            ("ap-northeast-2b", "apne2-az2"),
            ("ap-northeast-2c", "apne2-az3"),
            ("ap-northeast-2d", "apne2-az4"),
        ];
        assert_eq!(shown, expected);
    }

    #[test]
    fn zones_of_a_region_have_ids_of_their_own() {
        for region in REGIONS {
            let mut ids: Vec<_> = region.all_zones().into_iter().map(|zone| zone.id).collect();
            ids.sort();
            ids.dedup();
            assert_eq!(ids.len(), region.zones.len(), "{}", region.name);
            assert!(ids.len() >= 2, "{}", region.name);
        }
    }

    #[test]
    fn names_that_aws_does_not_have_are_not_found() {
        for name in ["", "global", "us-east", "US-EAST-1", "ap-northeast-2a", "moon-1", "aws-global"] {
            assert_eq!(find(name), None, "{name}");
        }
    }
}
