//! Elastic IPs of interfaces that end: they stay with their account and stand for nothing any more.

use model::{Scope, ec2::address::Address, id::NetworkInterfaceId};
use store::Transaction;

/// Disassociates the Elastic IP of an interface, if it has one, in the transaction that ends the interface.
pub fn release(txn: &mut Transaction, scope: &Scope, interface: &NetworkInterfaceId) {
    let associated = txn.list::<Address>(scope).find(|address| address.is_of(interface));
    if let Some(address) = associated {
        txn.put(scope, Address { association: None, ..Address::clone(&address) });
    }
}
