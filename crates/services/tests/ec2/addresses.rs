//! Elastic IPs.

use std::sync::Arc;

use model::ec2::address::Address;
use model::ec2::instance::InstanceState;
use services::Settings;

use crate::region::Ec2;
use crate::support::{Server, settings};

fn filter<'a>(name: &'a str, value: &'a str) -> [(&'a str, &'a str); 2] {
    [("Filter.1.Name", name), ("Filter.1.Value.1", value)]
}

#[tokio::test]
async fn addresses_are_the_lowest_free_ones_of_the_whole_host() {
    let ec2 = Ec2::start().await;
    let tags = [
        ("Domain", "vpc"),
        ("TagSpecification.1.ResourceType", "elastic-ip"),
        ("TagSpecification.1.Tag.1.Key", "Name"),
        ("TagSpecification.1.Tag.1.Value", "way out"),
    ];
    let first = ec2.call("AllocateAddress", &tags).await.ok();
    assert_eq!((first.one("publicIp"), first.one("domain")), ("127.80.0.1".into(), "vpc".into()));
    assert_eq!(
        (first.one("networkBorderGroup"), first.one("publicIpv4Pool")),
        ("ap-northeast-2".into(), "amazon".into())
    );
    let elsewhere = ec2.call_in("eu-west-1", "AllocateAddress", &[]).await.ok();
    assert_eq!(elsewhere.one("publicIp"), "127.80.0.2", "another region takes from the same pool");
    let wished = ec2.call("AllocateAddress", &[("Address", "127.80.0.4")]).await.ok();
    assert_eq!(wished.one("publicIp"), "127.80.0.4");
    assert_eq!([ec2.address().await.1, ec2.address().await.1], ["127.80.0.3", "127.80.0.5"]);
    let id = first.one("allocationId");
    ec2.call("ReleaseAddress", &[("AllocationId", &id)]).await.ok();
    assert_eq!(ec2.code("ReleaseAddress", &[("AllocationId", &id)]).await, "InvalidAllocationID.NotFound");
    assert_eq!(ec2.address().await.1, "127.80.0.1", "what is released is free for the next");
    ec2.call("ReleaseAddress", &[("PublicIp", "127.80.0.5")]).await.ok();
    ec2.refuses(&[
        ("AllocateAddress", &[("Address", "127.80.0.1")], "InvalidIPAddress.InUse"),
        ("AllocateAddress", &[("Address", "127.80.0.2")], "InvalidIPAddress.InUse"),
        ("AllocateAddress", &[("Address", "127.80.0.0")], "InvalidParameterValue"),
        ("AllocateAddress", &[("Address", "127.80.255.255")], "InvalidParameterValue"),
        ("AllocateAddress", &[("Address", "8.8.8.8")], "InvalidParameterValue"),
        ("AllocateAddress", &[("Address", "::1")], "InvalidAddress.Malformed"),
        ("AllocateAddress", &[("Address", "127.080.0.9")], "InvalidAddress.Malformed"),
        ("AllocateAddress", &[("Domain", "standard")], "UnsupportedOperation"),
        ("AllocateAddress", &[("Domain", "x")], "InvalidParameterValue"),
        ("AllocateAddress", &[("NetworkBorderGroup", "us-east-1")], "InvalidParameterValue"),
        ("AllocateAddress", &[("PublicIpv4Pool", "x")], "UnsupportedOperation"),
        ("AllocateAddress", &[("DryRun", "true")], "DryRunOperation"),
        ("ReleaseAddress", &[], "MissingParameter"),
        (
            "ReleaseAddress",
            &[("AllocationId", "eipalloc-00000000"), ("PublicIp", "1.2.3.4")],
            "InvalidParameterCombination",
        ),
        ("ReleaseAddress", &[("AllocationId", "x")], "InvalidParameterValue"),
        ("ReleaseAddress", &[("PublicIp", "127.80.0.2")], "InvalidAddress.NotFound"),
        ("ReleaseAddress", &[("PublicIp", "127.80.0.1"), ("DryRun", "true")], "DryRunOperation"),
        ("ReleaseAddress", &[("PublicIp", "127.80.0.1"), ("NetworkBorderGroup", "x")], "InvalidAddress.NotFound"),
    ])
    .await;
}

#[tokio::test]
async fn the_pool_and_the_account_have_an_end() {
    let settings = Settings { public_pool: "192.0.2.8/30".parse().unwrap(), ..settings() };
    let ec2 = Ec2 { server: Server::with(settings).await };
    assert_eq!([ec2.address().await.1, ec2.address().await.1], ["192.0.2.9", "192.0.2.10"]);
    let reply = ec2.call("AllocateAddress", &[]).await;
    assert_eq!(reply.error(), (500, "InsufficientAddressCapacity".into()));
    let ec2 = Ec2::start().await;
    for _ in 0..100 {
        ec2.address().await;
    }
    assert_eq!(ec2.code("AllocateAddress", &[]).await, "AddressLimitExceeded");
    ec2.call_in("eu-west-1", "AllocateAddress", &[]).await.ok();
}

#[tokio::test]
async fn fifty_calls_at_once_get_fifty_addresses() {
    let ec2 = Arc::new(Ec2::start().await);
    let calls: Vec<_> = (0..50)
        .map(|_| {
            let ec2 = Arc::clone(&ec2);
            tokio::spawn(async move { ec2.address().await.1 })
        })
        .collect();
    let mut addresses = std::collections::BTreeSet::new();
    for call in calls {
        addresses.insert(call.await.unwrap());
    }
    assert_eq!(addresses.len(), 50);
}

#[tokio::test]
async fn an_associated_address_is_the_public_address_of_an_instance() {
    let ec2 = Ec2::start().await;
    let instance = ec2.launch_running(&[]).await;
    let (allocation, public) = ec2.address().await;
    let associate = [("AllocationId", allocation.as_str()), ("InstanceId", &instance)];
    let association = ec2.call("AssociateAddress", &associate).await.ok().one("associationId");
    let again = ec2.call("AssociateAddress", &associate).await.ok().one("associationId");
    assert_eq!(again, association, "a second time it is the same");
    let interface = ec2.record(&instance).network_interface_id.to_string();
    let private = ec2.record(&instance).private_address.to_string();
    for state in [InstanceState::Running, InstanceState::Stopped, InstanceState::Running] {
        ec2.becomes(&instance, state).await;
        let shown = ec2.call("DescribeInstances", &[]).await.ok();
        assert_eq!(shown.one("ipAddress"), public, "{state:?}");
        assert_eq!(shown.one("dnsName"), public);
        assert!(shown.all("publicIp").iter().all(|address| *address == public));
        assert_eq!(shown.all("ipOwnerId")[0], crate::support::ACCOUNT);
    }
    let interfaces =
        ec2.call("DescribeNetworkInterfaces", &filter("association.allocation-id", &allocation)).await.ok();
    assert_eq!(interfaces.all("associationId")[0], association);
    assert_eq!(interfaces.one("attachmentId"), ec2.record(&instance).network_attachment_id.to_string());
    for (name, value) in [
        ("allocation-id", allocation.as_str()),
        ("association-id", &association),
        ("domain", "vpc"),
        ("instance-id", &instance),
        ("network-interface-id", &interface),
        ("network-interface-owner-id", crate::support::ACCOUNT),
        ("network-border-group", "ap-*"),
        ("private-ip-address", &private),
        ("public-ip", &public),
    ] {
        let found = ec2.call("DescribeAddresses", &filter(name, value)).await.ok();
        assert_eq!(found.one("allocationId"), allocation, "{name}={value}");
    }
    let shown = ec2.call("DescribeAddresses", &[("PublicIp.1", &public)]).await.ok();
    assert_eq!((shown.one("instanceId"), shown.one("privateIpAddress")), (instance.clone(), private));
    assert_eq!(ec2.code("ReleaseAddress", &[("AllocationId", &allocation)]).await, "InvalidIPAddress.InUse");
    ec2.call("DisassociateAddress", &[("AssociationId", &association)]).await.ok();
    let own = ec2.call("DescribeInstances", &[]).await.ok();
    assert_eq!(own.one("ipAddress"), "127.64.0.1", "its own address is back");
    assert_eq!(own.all("ipOwnerId")[0], "amazon");
    assert_eq!(
        ec2.code("DisassociateAddress", &[("AssociationId", &association)]).await,
        "InvalidAssociationID.NotFound"
    );
    ec2.call("DisassociateAddress", &[("PublicIp", &public)]).await.ok();
    ec2.call("ReleaseAddress", &[("AllocationId", &allocation)]).await.ok();
}

#[tokio::test]
async fn an_address_moves_unless_that_is_forbidden() {
    let ec2 = Ec2::start().await;
    let (one, two) = (ec2.launch_running(&[]).await, ec2.launch_running(&[]).await);
    let ((first, public), (second, _)) = (ec2.address().await, ec2.address().await);
    let associate = async |allocation: &str, instance: &str, more: &[(&str, &str)]| {
        let fixed = [("AllocationId", allocation), ("InstanceId", instance)];
        ec2.call("AssociateAddress", &[&fixed[..], more].concat()).await
    };
    associate(&first, &one, &[]).await.ok();
    let keep = [("AllowReassociation", "false")];
    assert_eq!(associate(&first, &two, &keep).await.error().1, "Resource.AlreadyAssociated");
    assert_eq!(associate(&second, &one, &keep).await.error().1, "Resource.AlreadyAssociated");
    associate(&first, &one, &keep).await.ok();
    associate(&first, &two, &[("AllowReassociation", "true")]).await.ok();
    let of = async |allocation: &str| {
        ec2.call("DescribeAddresses", &[("AllocationId.1", allocation)]).await.ok().all("instanceId")
    };
    assert_eq!(of(&first).await, std::slice::from_ref(&two));
    // Another address takes the place of the first one, which stays allocated.
    associate(&second, &two, &[]).await.ok();
    assert!(of(&first).await.is_empty());
    assert_eq!(of(&second).await, [two]);
    let by_interface = ec2.record(&one);
    let interface = [
        ("PublicIp", public.as_str()),
        ("NetworkInterfaceId", by_interface.network_interface_id.as_str()),
        ("PrivateIpAddress", &by_interface.private_address.to_string()),
    ];
    ec2.call("AssociateAddress", &interface).await.ok();
    assert_eq!(of(&first).await, [one]);
}

#[tokio::test]
async fn bad_associations_are_refused() {
    let ec2 = Ec2::start().await;
    let (pending, running) = (ec2.launch(&[]).await, ec2.launch_running(&[]).await);
    let gone = ec2.launch_running(&[]).await;
    ec2.becomes(&gone, InstanceState::Terminated).await;
    let interface_of_gone = ec2.record(&gone).network_interface_id.to_string();
    let vpc = ec2.vpc("10.0.0.0/16").await;
    let closed = ec2.subnet(&vpc, "10.0.1.0/24").await;
    let closed = ec2.launch_running(&[("SubnetId", &closed)]).await;
    let subnet = ec2.default_subnets().await.remove(0);
    let (_, of_gateway) = ec2.nat_gateway(&subnet).await;
    let shown = ec2.call("DescribeAddresses", &[("AllocationId.1", &of_gateway)]).await.ok();
    let (interface, association) = (shown.one("networkInterfaceId"), shown.one("associationId"));
    let (allocation, public) = ec2.address().await;
    let (a, i) = (("AllocationId", allocation.as_str()), ("InstanceId", running.as_str()));
    ec2.refuses(&[
        ("AssociateAddress", &[a], "MissingParameter"),
        ("AssociateAddress", &[i], "MissingParameter"),
        ("AssociateAddress", &[a, i, ("PublicIp", &public)], "InvalidParameterCombination"),
        ("AssociateAddress", &[a, i, ("NetworkInterfaceId", &interface)], "InvalidParameterCombination"),
        ("AssociateAddress", &[a, ("InstanceId", "i-00000000")], "InvalidInstanceID.NotFound"),
        ("AssociateAddress", &[a, ("InstanceId", "x")], "InvalidInstanceID.Malformed"),
        ("AssociateAddress", &[a, ("InstanceId", &pending)], "InvalidInstanceID"),
        ("AssociateAddress", &[a, ("InstanceId", &gone)], "InvalidInstanceID"),
        ("AssociateAddress", &[a, ("InstanceId", &closed)], "Gateway.NotAttached"),
        ("AssociateAddress", &[a, ("NetworkInterfaceId", &interface)], "OperationNotPermitted"),
        ("AssociateAddress", &[a, ("NetworkInterfaceId", &interface_of_gone)], "InvalidNetworkInterfaceID.NotFound"),
        ("AssociateAddress", &[a, i, ("PrivateIpAddress", "172.31.0.99")], "InvalidParameterValue"),
        ("AssociateAddress", &[("AllocationId", "eipalloc-00000000"), i], "InvalidAllocationID.NotFound"),
        ("AssociateAddress", &[("PublicIp", "127.80.9.9"), i], "InvalidAddress.NotFound"),
        ("AssociateAddress", &[("PublicIp", "x"), i], "InvalidAddress.Malformed"),
        ("AssociateAddress", &[a, i, ("DryRun", "true")], "DryRunOperation"),
        // What a NAT gateway holds is the gateway's.
        ("AssociateAddress", &[("AllocationId", &of_gateway), i], "AuthFailure"),
        ("DisassociateAddress", &[("AssociationId", &association)], "AuthFailure"),
        ("ReleaseAddress", &[("AllocationId", &of_gateway)], "InvalidIPAddress.InUse"),
        ("DisassociateAddress", &[], "MissingParameter"),
        (
            "DisassociateAddress",
            &[("AssociationId", &association), ("PublicIp", &public)],
            "InvalidParameterCombination",
        ),
        ("DisassociateAddress", &[("AssociationId", "x")], "InvalidParameterValue"),
        ("DisassociateAddress", &[("PublicIp", &public), ("DryRun", "true")], "DryRunOperation"),
        ("DescribeAddresses", &[("AllocationId.1", "eipalloc-00000000")], "InvalidAllocationID.NotFound"),
        ("DescribeAddresses", &[("PublicIp.1", "9.9.9.9")], "InvalidAddress.NotFound"),
        ("DescribeAddresses", &filter("colour", "red"), "InvalidParameterValue"),
        ("DescribeAddresses", &[("DryRun", "true")], "DryRunOperation"),
        ("DescribeAddressesAttribute", &[("AllocationId.1", "eipalloc-00000000")], "InvalidAllocationID.NotFound"),
        ("DescribeAddressesAttribute", &[("Attribute", "x")], "InvalidParameterValue"),
        ("DescribeAddressesAttribute", &[("MaxResults", "0")], "InvalidParameterValue"),
    ])
    .await;
    let view = ec2.server.store.view();
    let untouched = view.get::<Address>(&ec2.scope(), &allocation).unwrap();
    assert_eq!(untouched.association, None);
}

#[tokio::test]
async fn the_account_may_have_as_many_addresses_as_it_says() {
    let ec2 = Ec2::start().await;
    let shown = ec2.call("DescribeAccountAttributes", &[]).await.ok();
    let of_vpcs = shown.all("attributeName").iter().position(|name| name == "vpc-max-elastic-ips").unwrap();
    assert_eq!(shown.all("attributeValue")[of_vpcs], "100");
    ec2.address().await;
    let attributes = ec2.call("DescribeAddressesAttribute", &[("Attribute", "domain-name")]).await.ok();
    assert_eq!(attributes.one("publicIp"), "127.80.0.1");
}
