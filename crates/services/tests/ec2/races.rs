//! Many callers at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::ec2::instance::Instance;

use crate::region::Ec2;

/// Codes (empty for success) of fifty calls that are made at once, with how often each came.
async fn fifty(
    ec2: &Arc<Ec2>,
    action: &'static str,
    parameters: Vec<(&'static str, String)>,
) -> BTreeMap<String, usize> {
    let calls: Vec<_> = (0..50)
        .map(|_| {
            let (ec2, parameters) = (Arc::clone(ec2), parameters.clone());
            tokio::spawn(async move {
                let parameters: Vec<(&str, &str)> =
                    parameters.iter().map(|(name, value)| (*name, value.as_str())).collect();
                ec2.call(action, &parameters).await.error().1
            })
        })
        .collect();
    let mut codes = BTreeMap::new();
    for call in calls {
        *codes.entry(call.await.expect("a call does not panic")).or_default() += 1;
    }
    codes
}

fn one_of_fifty(code: &str) -> BTreeMap<String, usize> {
    BTreeMap::from([(String::new(), 1), (code.to_owned(), 49)])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_who_make_or_delete_the_same_thing_one_succeeds() {
    let ec2 = Arc::new(Ec2::start().await);
    let vpc = ec2.default_vpc().await;
    let named = vec![("GroupName", "web".to_owned()), ("GroupDescription", "web".to_owned())];
    assert_eq!(fifty(&ec2, "CreateSecurityGroup", named).await, one_of_fifty("InvalidGroup.Duplicate"));
    let subnet = vec![("VpcId", vpc.clone()), ("CidrBlock", "172.31.128.0/20".to_owned())];
    assert_eq!(fifty(&ec2, "CreateSubnet", subnet).await, one_of_fifty("InvalidSubnet.Conflict"));
    let rule =
        vec![("GroupName", "web".to_owned()), ("IpProtocol", "-1".to_owned()), ("CidrIp", "10.0.0.0/8".to_owned())];
    assert_eq!(fifty(&ec2, "AuthorizeSecurityGroupIngress", rule).await, one_of_fifty("InvalidPermission.Duplicate"));
    let group = vec![("GroupName", "web".to_owned())];
    assert_eq!(fifty(&ec2, "DeleteSecurityGroup", group).await, one_of_fifty("InvalidGroup.NotFound"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn instances_that_are_launched_at_once_have_addresses_of_their_own() {
    let ec2 = Arc::new(Ec2::start().await);
    // Eleven addresses for fifty callers.
    let subnet = ec2.subnet(&ec2.default_vpc().await, "172.31.128.0/28").await;
    let run = vec![
        ("ImageId", model::ec2::image::HOST_IMAGE.to_owned()),
        ("MinCount", "1".to_owned()),
        ("MaxCount", "1".to_owned()),
        ("SubnetId", subnet),
    ];
    let codes = fifty(&ec2, "RunInstances", run).await;
    let expected = BTreeMap::from([(String::new(), 11), ("InsufficientFreeAddressesInSubnet".to_owned(), 39)]);
    assert_eq!(codes, expected);
    let view = ec2.server.store.view();
    let addresses: std::collections::BTreeSet<_> =
        view.list::<Instance>(&ec2.scope()).map(|instance| instance.private_address).collect();
    assert_eq!(addresses.len(), 11);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subnet_is_deleted_or_launched_into_but_not_both() {
    for _ in 0..20 {
        let ec2 = Arc::new(Ec2::start().await);
        let subnet = ec2.subnet(&ec2.default_vpc().await, "172.31.128.0/28").await;
        let (one, other) = (Arc::clone(&ec2), Arc::clone(&ec2));
        let (into, gone) = (subnet.clone(), subnet.clone());
        let launch = tokio::spawn(async move {
            let run = [
                ("ImageId", model::ec2::image::HOST_IMAGE),
                ("MinCount", "1"),
                ("MaxCount", "1"),
                ("SubnetId", into.as_str()),
            ];
            one.call("RunInstances", &run).await.error().1
        });
        let delete = tokio::spawn(async move { other.call("DeleteSubnet", &[("SubnetId", &gone)]).await.error().1 });
        let outcome = (launch.await.unwrap(), delete.await.unwrap());
        let (launched, deleted) = (outcome.0.is_empty(), outcome.1.is_empty());
        assert!(launched != deleted, "{outcome:?}");
    }
}
