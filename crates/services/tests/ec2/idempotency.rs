//! Client tokens of RunInstances.

use std::time::Duration;

use model::ec2::image::HOST_IMAGE;
use model::ec2::instance::{Instance, InstanceState};

use crate::region::Ec2;

fn run<'a>(token: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let fixed = [("ImageId", HOST_IMAGE), ("MinCount", "2"), ("MaxCount", "2"), ("ClientToken", token)];
    [&fixed[..], more].concat()
}

#[tokio::test]
async fn a_repeated_launch_finds_the_same_instances() {
    let ec2 = Ec2::start().await;
    let first = ec2.call("RunInstances", &run("once", &[])).await.ok();
    ec2.becomes(&first.all("instanceId")[0], InstanceState::Running).await;
    let again = ec2.call("RunInstances", &run("once", &[])).await.ok();
    assert_eq!(again.all("instanceId"), first.all("instanceId"));
    assert_eq!(again.one("reservationId"), first.one("reservationId"));
    assert_eq!(again.all("clientToken"), ["once", "once"]);
    assert_eq!(ec2.code("RunInstances", &run("once", &[("DryRun", "true")])).await, "DryRunOperation");
    let other = ec2.call("RunInstances", &run("twice", &[])).await.ok();
    assert_ne!(other.one("reservationId"), first.one("reservationId"));
    for changed in [("InstanceType", "t2.micro"), ("UserData", "aGVsbG8="), ("DisableApiStop", "true")] {
        let code = ec2.code("RunInstances", &run("once", &[changed])).await;
        assert_eq!(code, "IdempotentParameterMismatch", "{changed:?}");
    }
    ec2.server.clock.advance(Duration::from_secs(25 * 3600));
    let later = ec2.call("RunInstances", &run("once", &[])).await.ok();
    assert_ne!(later.one("reservationId"), first.one("reservationId"));
}

#[tokio::test]
async fn a_refused_launch_does_not_use_its_token_up() {
    let ec2 = Ec2::start().await;
    assert_eq!(ec2.code("RunInstances", &run("t", &[("DryRun", "true")])).await, "DryRunOperation");
    assert_eq!(
        ec2.code("RunInstances", &run("t", &[("SubnetId", "subnet-00000000")])).await,
        "InvalidSubnetID.NotFound"
    );
    assert_eq!(ec2.call("RunInstances", &run("t", &[])).await.ok().all("instanceId").len(), 2);
}

#[tokio::test]
async fn of_fifty_repeated_launches_one_launches() {
    let ec2 = std::sync::Arc::new(Ec2::start().await);
    let calls: Vec<_> = (0..50)
        .map(|_| {
            let ec2 = std::sync::Arc::clone(&ec2);
            tokio::spawn(async move { ec2.call("RunInstances", &run("race", &[])).await.ok().one("reservationId") })
        })
        .collect();
    let mut reservations = std::collections::BTreeSet::new();
    for call in calls {
        reservations.insert(call.await.unwrap());
    }
    assert_eq!(reservations.len(), 1);
    assert_eq!(ec2.server.store.view().list::<Instance>(&ec2.scope()).count(), 2);
}
