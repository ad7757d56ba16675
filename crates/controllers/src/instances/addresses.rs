//! Which addresses instances are given when they start, so that no two have the same.

use model::{
    cidr::Cidr,
    ec2::{
        address::{Address, lowest_free},
        instance::{Instance, InstanceState},
        instance_state::{Command, Decision, Next, Observed},
    },
};
use std::{
    collections::BTreeSet,
    net::{IpAddr, Ipv4Addr},
};
use store::View;

/// Where instances that share the host's network listen: 127.64.0.0/12 (see the contract).
const FIRST_HOST_ADDRESS: u32 = u32::from_be_bytes([127, 64, 0, 0]);
/// How many addresses that are.
pub(super) const HOST_ADDRESSES: u32 = 1 << 20;

/// The addresses of an instance beside its private one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Addresses {
    /// On this host, for instances that share its network.
    pub host: Option<Ipv4Addr>,
    /// Of the public pool, for those in networks of their own.
    pub pool: Option<Ipv4Addr>,
}

impl Addresses {
    /// Those that it has.
    pub fn of(instance: &Instance) -> Self {
        Self { host: instance.host_address, pool: instance.pool_address }
    }
}

/// Gives each address once.
pub(super) struct Giver {
    /// The pool of public addresses, if instances are in networks of their own.
    pool: Option<Cidr>,
    taken: BTreeSet<Ipv4Addr>,
    first: u32,
}

impl Giver {
    /// Looks for addresses of the host from the `first` one of the range on.
    pub fn new(view: &View, inventory: &[Observed], pool: Option<Cidr>, first: u32) -> Self {
        let instances = view.all::<Instance>().filter(|(_, instance)| instance.state != InstanceState::Terminated);
        let taken = instances
            .flat_map(|(_, instance)| [instance.host_address, instance.pool_address])
            .flatten()
            // What runs may have an address that no record knows any more: a backup was restored.
            .chain(inventory.iter().filter_map(Observed::live).filter_map(|live| ipv4(live.address)))
            .chain(view.all::<Address>().map(|(_, address)| address.public_address))
            .collect();
        Self { pool, taken, first }
    }

    /// The addresses of an instance after what was decided about it. One on the host is for life; a public one is given
    /// back when the instance stops (EC2 user guide, "Amazon EC2 instance IP addressing").
    pub fn give(&mut self, instance: &Instance, decision: &Decision) -> Addresses {
        let Addresses { host, pool } = Addresses::of(instance);
        let starts = matches!(decision.command, Some(Command::Start { .. }));
        match self.pool {
            None => Addresses { host: host.or_else(|| starts.then(|| self.host_address()).flatten()), pool },
            Some(_) if ends(decision) => Addresses { host, pool: None },
            Some(block) => {
                let wanted = starts && instance.public_address_wanted;
                Addresses { host, pool: pool.or_else(|| wanted.then(|| self.public_address(block)).flatten()) }
            }
        }
    }

    /// The next one from `first` on, which moves behind it: whoever asks again need not look at those in between again.
    fn host_address(&mut self) -> Option<Ipv4Addr> {
        // The last byte is never 0 or 255: some programs take those for broadcasts.
        let usable = |n: &u32| !matches!(n & 0xff, 0 | 255);
        let all = (0..HOST_ADDRESSES).map(|n| (self.first + n) % HOST_ADDRESSES).filter(usable);
        let numbered = all.map(|n| (n, Ipv4Addr::from(FIRST_HOST_ADDRESS + n)));
        let (number, free) = { numbered }.find(|(_, address)| !self.taken.contains(address))?;
        self.taken.insert(free);
        self.first = number + 1;
        Some(free)
    }

    fn public_address(&mut self, pool: Cidr) -> Option<Ipv4Addr> {
        let free = lowest_free(pool, &self.taken)?;
        self.taken.insert(free);
        Some(free)
    }
}

/// Whether an instance does not run any more after this decision.
fn ends(decision: &Decision) -> bool {
    match &decision.next {
        Next::Keep => false,
        Next::Forget => true,
        Next::Change(next) => match next.state {
            InstanceState::Stopped | InstanceState::Terminated => true,
            InstanceState::Pending | InstanceState::Running | InstanceState::Stopping | InstanceState::ShuttingDown => {
                false
            }
        },
    }
}

const fn ipv4(address: IpAddr) -> Option<Ipv4Addr> {
    match address {
        IpAddr::V4(address) => Some(address),
        IpAddr::V6(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_the_host_are_given_once_and_end_neither_in_0_nor_in_255() {
        // From near the end of the range, so that it goes round.
        let mut giver = Giver { pool: None, taken: BTreeSet::new(), first: HOST_ADDRESSES - 100 };
        let given: Vec<Ipv4Addr> = (0..600).filter_map(|_| giver.host_address()).collect();
        assert_eq!(given.len(), 600);
        assert_eq!(given[0], Ipv4Addr::new(127, 79, 255, 156));
        assert!(given.contains(&Ipv4Addr::new(127, 64, 0, 1)));
        assert!(given.iter().all(|a| !matches!(a.octets()[3], 0 | 255) && matches!(a.octets()[1], 64..=79)));
        assert_eq!(giver.taken.len(), 600);
    }

    #[test]
    fn public_addresses_are_given_once_until_there_are_none() {
        let pool = "192.0.2.8/29".parse().unwrap();
        let mut giver = Giver { pool: Some(pool), taken: [Ipv4Addr::new(192, 0, 2, 10)].into(), first: 0 };
        let given: Vec<u8> = std::iter::from_fn(|| giver.public_address(pool)).map(|a| a.octets()[3]).collect();
        assert_eq!(given, [9, 11, 12, 13, 14]);
    }
}
