//! What must be done so that what is there becomes what the plan wants. Pure: no kernel is asked here.
//!
//! Links come and go whole: when one end is missing, both are made again. What the kernel removes with a link (its addresses and
//! routes) is counted as gone.

use crate::observe::{Observed, Seen};
use model::{
    cidr::Cidr,
    ec2::network_plan::{
        Hop, Link, LinkAddress, LinkEnd, Namespace, NetworkPlan, Place, PlannedRoute, PolicyRule, Setting,
    },
};
use std::{
    collections::{BTreeMap, BTreeSet},
    net::Ipv4Addr,
};

/// What is to be done, in the order of the fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Names to free, which stand for nothing.
    pub free: Vec<String>,
    /// Namespaces to make.
    pub make: Vec<String>,
    /// Settings of namespaces as a whole, before there are links: new ones inherit them.
    pub settings: BTreeMap<Place, Vec<Setting>>,
    /// Arguments of `ip` that remove something. It may be gone already.
    pub remove: BTreeMap<Place, Vec<String>>,
    /// Namespaces to delete.
    pub delete: Vec<String>,
    /// Arguments of `ip` that make links; the place is the one of the near end.
    pub links: BTreeMap<Place, Vec<String>>,
    /// Settings of links.
    pub link_settings: BTreeMap<Place, Vec<Setting>>,
    /// Arguments of `ip` that add something.
    pub add: BTreeMap<Place, Vec<String>>,
}

impl Difference {
    /// How many things are changed.
    pub fn len(&self) -> usize {
        let lines = |map: &BTreeMap<Place, Vec<String>>| map.values().map(Vec::len).sum::<usize>();
        let settings = |map: &BTreeMap<Place, Vec<Setting>>| map.values().map(Vec::len).sum::<usize>();
        self.free.len()
            + self.make.len()
            + self.delete.len()
            + lines(&self.remove)
            + lines(&self.links)
            + lines(&self.add)
            + settings(&self.settings)
            + settings(&self.link_settings)
    }
}

/// Compares. `process` is the number of a process in the outer namespace, for when that has no name.
pub fn difference(plan: &NetworkPlan, observed: &Observed, process: u32) -> Difference {
    let mut difference = Difference::default();
    let broken = broken_links(plan, observed);
    namespaces(&mut difference, plan, observed);
    links(&mut difference, plan, observed, &broken, process);
    for (place, wanted) in &plan.namespaces {
        let nothing = Seen::default();
        let seen = observed.places.get(place).unwrap_or(&nothing);
        let of_place = |end: &&LinkEnd| end.place == *place;
        let broken: BTreeSet<&str> = broken.iter().copied().filter(of_place).map(|end| end.name.as_str()).collect();
        one_place(&mut difference, place, wanted, seen, &broken);
    }
    for map in [&mut difference.remove, &mut difference.links, &mut difference.add] {
        map.retain(|_, lines| !lines.is_empty());
    }
    for map in [&mut difference.settings, &mut difference.link_settings] {
        map.retain(|_, settings| !settings.is_empty());
    }
    difference
}

/// Both ends of every link that has not both ends.
fn broken_links<'p>(plan: &'p NetworkPlan, observed: &Observed) -> BTreeSet<&'p LinkEnd> {
    let is_there =
        |end: &LinkEnd| observed.places.get(&end.place).is_some_and(|seen| seen.links.contains_key(&end.name));
    let broken = plan.links.iter().filter(|link| !is_there(&link.near) || !is_there(&link.far));
    broken.flat_map(|link| [&link.near, &link.far]).collect()
}

fn namespaces(difference: &mut Difference, plan: &NetworkPlan, observed: &Observed) {
    let name = |place: &Place| match place {
        Place::Named(name) => Some(name.clone()),
        Place::Outer => None,
    };
    difference.free.clone_from(&observed.hollow);
    let missing = plan.namespaces.keys().filter(|place| !observed.places.contains_key(place));
    difference.make = missing.filter_map(name).collect();
    let surplus = observed.places.keys().filter(|place| !plan.namespaces.contains_key(place));
    difference.delete = surplus.filter_map(name).collect();
}

fn links(
    difference: &mut Difference,
    plan: &NetworkPlan,
    observed: &Observed,
    broken: &BTreeSet<&LinkEnd>,
    process: u32,
) {
    let wanted: BTreeSet<&LinkEnd> = plan.links.iter().flat_map(|link| [&link.near, &link.far]).collect();
    for (place, seen) in &observed.places {
        // What is in a namespace that goes is removed too: the other end would outlive its namespace for a moment.
        let end = |name: &String| LinkEnd { place: place.clone(), name: name.clone() };
        let is_guest = plan.namespaces.get(place).is_some_and(|namespace| namespace.is_guest);
        let surplus = seen.links.keys().filter(|name| *name != "lo").filter(|name| {
            let end = end(name);
            broken.contains(&end) || !wanted.contains(&end) && !is_guest
        });
        let lines = surplus.map(|name| format!("link delete dev {name}"));
        difference.remove.entry(place.clone()).or_default().extend(lines);
    }
    for link in plan.links.iter().filter(|link| broken.contains(&link.near)) {
        let line = link_line(link, plan, process);
        difference.links.entry(link.near.place.clone()).or_default().push(line);
    }
    for end in wanted {
        let up = observed.places.get(&end.place).and_then(|seen| seen.links.get(&end.name)).is_some_and(|up| *up);
        if broken.contains(end) || !up {
            let line = format!("link set dev {} up", end.name);
            difference.add.entry(end.place.clone()).or_default().push(line);
        }
    }
}

fn link_line(link: &Link, plan: &NetworkPlan, process: u32) -> String {
    let namespace = match (&link.far.place, &plan.outer) {
        (Place::Named(name), _) | (Place::Outer, Some(name)) => name.clone(),
        (Place::Outer, None) => process.to_string(),
    };
    let mac = link.far_mac.as_ref().map(|mac| format!("address {mac} ")).unwrap_or_default();
    format!("link add name {} type veth peer name {} {mac}netns {namespace}", link.near.name, link.far.name)
}

fn one_place(difference: &mut Difference, place: &Place, wanted: &Namespace, seen: &Seen, broken: &BTreeSet<&str>) {
    let differs = |setting: &&Setting| {
        let reset = setting.link.as_deref().is_some_and(|link| broken.contains(link));
        reset || seen.settings.get(&setting.path) != Some(&setting.value)
    };
    let (of_links, of_all): (Vec<_>, Vec<_>) =
        wanted.settings.iter().filter(differs).cloned().partition(|setting| setting.link.is_some());
    difference.settings.insert(place.clone(), of_all);
    difference.link_settings.insert(place.clone(), of_links);

    let remove = difference.remove.entry(place.clone()).or_default();
    let add = difference.add.entry(place.clone()).or_default();
    if matches!(place, Place::Named(_)) && seen.links.get("lo") != Some(&true) {
        add.push("link set dev lo up".to_owned());
    }
    let goes = |link: &str| broken.contains(link);
    let addresses: BTreeSet<_> = seen.addresses.iter().filter(|address| !goes(&address.link)).cloned().collect();
    let routes: BTreeSet<_> =
        seen.routes.iter().filter(|route| !link_of(&route.hop).is_some_and(goes)).cloned().collect();
    if !wanted.is_guest {
        // Whatever is in the way of the new is removed first.
        remove.extend(routes.difference(&wanted.routes).map(|route| format!("route delete {}", route_text(route))));
        remove.extend(seen.rules.difference(&wanted.rules).map(|rule| format!("rule delete {}", rule_text(rule))));
        remove.extend(
            addresses.difference(&wanted.addresses).map(|address| format!("address delete {}", address_text(address))),
        );
    }
    // A guest may have put another route in the place of ours.
    let verb = if wanted.is_guest { "replace" } else { "add" };
    add.extend(wanted.addresses.difference(&addresses).map(|address| format!("address add {}", address_text(address))));
    add.extend(wanted.routes.difference(&routes).map(|route| format!("route {verb} {}", route_text(route))));
    add.extend(wanted.rules.difference(&seen.rules).map(|rule| format!("rule add {}", rule_text(rule))));
}

fn link_of(hop: &Hop) -> Option<&str> {
    match hop {
        Hop::Link(link) | Hop::Gateway { link, .. } => Some(link),
        Hop::Blackhole => None,
    }
}

fn address_text(address: &LinkAddress) -> String {
    match address.peer {
        Some(peer) => format!("{} peer {peer}/{} dev {}", address.address, address.prefix, address.link),
        None => format!("{}/{} dev {}", address.address, address.prefix, address.link),
    }
}

fn route_text(route: &PlannedRoute) -> String {
    let source = route.source.map(|source| format!(" src {source}")).unwrap_or_default();
    let (kind, hop) = match &route.hop {
        Hop::Blackhole => ("blackhole ", String::new()),
        Hop::Link(link) => ("unicast ", format!(" dev {link}")),
        Hop::Gateway { address, link } => ("unicast ", format!(" via {address} dev {link} onlink")),
    };
    format!("{kind}{}{hop}{source} table {}", destination_text(route.destination), route.table)
}

fn destination_text(destination: Cidr) -> String {
    if destination == Cidr::containing(Ipv4Addr::UNSPECIFIED, 0) {
        "default".to_owned()
    } else {
        destination.to_string()
    }
}

fn rule_text(rule: &PolicyRule) -> String {
    let block = |word: &str, block: Option<Cidr>| block.map(|block| format!("{word} {block} ")).unwrap_or_default();
    let from = rule.from.map_or("from all ".to_owned(), |from| format!("from {from} "));
    format!("priority {} {from}{}lookup {}", rule.priority, block("to", rule.to), rule.table)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::ec2::network_plan::{HostFacts, plan};
    use testkit::network::World;

    fn small() -> NetworkPlan {
        let mut world = World::seeded(1);
        let vpc = world.vpc("10.0.0.0/24");
        let subnet = world.subnet(&vpc, "10.0.0.0/28");
        let group = world.open_group(&vpc);
        world.internet_gateway(&vpc);
        world.instance(&subnet, &[&group]);
        world.instances[0].pool_address = Some(Ipv4Addr::new(198, 51, 100, 7));
        plan(&[world.records()], &HostFacts { tag: "0a1b2c".parse().unwrap(), outer: None })
    }

    /// What is seen where the plan is true.
    fn as_planned(plan: &NetworkPlan) -> Observed {
        let mut observed = Observed::default();
        for (place, namespace) in &plan.namespaces {
            let seen = observed.places.entry(place.clone()).or_default();
            seen.addresses.clone_from(&namespace.addresses);
            seen.routes.clone_from(&namespace.routes);
            seen.rules.clone_from(&namespace.rules);
            seen.settings = namespace.settings.iter().map(|s| (s.path.clone(), s.value.clone())).collect();
            seen.links.extend((*place != Place::Outer).then(|| ("lo".to_owned(), true)));
        }
        for end in plan.links.iter().flat_map(|link| [&link.near, &link.far]) {
            observed.places.entry(end.place.clone()).or_default().links.insert(end.name.clone(), true);
        }
        observed
    }

    fn instance(plan: &NetworkPlan) -> Place {
        plan.namespaces.iter().find(|(_, namespace)| namespace.is_guest).unwrap().0.clone()
    }

    fn near(plan: &NetworkPlan, far: &Place) -> LinkEnd {
        plan.links.iter().find(|link| link.far.place == *far).unwrap().near.clone()
    }

    #[test]
    fn a_plan_that_is_true_differs_in_nothing() {
        let plan = small();
        assert_eq!(difference(&plan, &as_planned(&plan), 1), Difference::default());
    }

    #[test]
    fn where_nothing_is_everything_is_made() {
        let plan = small();
        let difference = difference(&plan, &Observed::default(), 4711);
        assert_eq!(difference.make.len(), 2);
        assert!(difference.remove.is_empty() && difference.delete.is_empty(), "{difference:?}");
        let links: Vec<_> = difference.links.values().flatten().collect();
        assert_eq!(links.len(), 2);
        assert!(
            links.iter().any(|line| line.contains("peer name g0a1b2c") && line.ends_with("netns 4711")),
            "{links:?}"
        );
        assert!(links.iter().any(|line| line.contains("peer name eth0 address 02:")), "{links:?}");
        let inside = &difference.add[&instance(&plan)];
        assert_eq!(
            *inside,
            [
                "link set dev eth0 up",
                "link set dev lo up",
                "address add 10.0.0.4/28 dev eth0",
                "route replace unicast default via 10.0.0.1 dev eth0 onlink table 254"
            ]
        );
    }

    #[test]
    fn a_link_that_lost_one_end_is_made_again_with_all_that_hung_on_it() {
        let plan = small();
        let guest = instance(&plan);
        for lost in [LinkEnd { place: guest.clone(), name: "eth0".to_owned() }, near(&plan, &guest)] {
            let mut observed = as_planned(&plan);
            observed.places.get_mut(&lost.place).unwrap().links.remove(&lost.name);
            let difference = difference(&plan, &observed, 1);
            assert_eq!(difference.remove.values().flatten().count(), 1, "{difference:?}");
            assert_eq!(difference.links.values().flatten().count(), 1);
            assert_eq!(difference.add[&guest].len(), 3, "{difference:?}");
            let router = &difference.add[&near(&plan, &guest).place];
            assert!(router.iter().any(|line| line.starts_with("route add unicast 10.0.0.4/32 dev e")), "{router:?}");
            assert_eq!(difference.link_settings.values().flatten().count(), 1);
        }
    }

    #[test]
    fn what_an_instance_adds_itself_stays_and_what_is_added_elsewhere_goes() {
        let plan = small();
        let guest = instance(&plan);
        let router = near(&plan, &guest).place;
        let extra = LinkAddress { link: "lo".to_owned(), address: Ipv4Addr::new(192, 0, 2, 1), prefix: 32, peer: None };
        for (place, stays) in [(&guest, true), (&router, false)] {
            let mut observed = as_planned(&plan);
            let seen = observed.places.get_mut(place).unwrap();
            seen.addresses.insert(extra.clone());
            seen.links.insert("dummy0".to_owned(), true);
            let difference = difference(&plan, &observed, 1);
            let wanted: &[&str] =
                if stays { &[] } else { &["link delete dev dummy0", "address delete 192.0.2.1/32 dev lo"] };
            assert_eq!(difference.remove.values().flatten().collect::<Vec<_>>(), wanted);
        }
    }

    #[test]
    fn namespaces_that_are_not_planned_are_deleted_and_empty_names_freed() {
        let plan = small();
        let mut observed = as_planned(&plan);
        observed
            .places
            .entry(Place::Named("goru-0a1b2c-i-1".to_owned()))
            .or_default()
            .links
            .insert("eth0".to_owned(), true);
        observed.hollow.push("goru-0a1b2c-i-2".to_owned());
        let difference = difference(&plan, &observed, 1);
        assert_eq!(difference.delete, ["goru-0a1b2c-i-1"]);
        assert_eq!(difference.free, ["goru-0a1b2c-i-2"]);
        assert_eq!(difference.remove.values().flatten().collect::<Vec<_>>(), ["link delete dev eth0"]);
    }
}
