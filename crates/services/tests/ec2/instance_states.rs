//! Start, stop, reboot, terminate, status and console.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use model::ec2::instance::{DesiredState, InstanceState};

use crate::region::Ec2;

#[tokio::test]
async fn every_change_of_state_is_allowed_or_refused_as_on_aws() {
    use InstanceState::{Pending, Running, ShuttingDown, Stopped, Stopping, Terminated};
    let wrong = Err("IncorrectInstanceState");
    let table: &[(&str, InstanceState, Result<(InstanceState, DesiredState, u32), &str>)] = &[
        ("StartInstances", Pending, Ok((Pending, DesiredState::Running, 1))),
        ("StartInstances", Running, Ok((Running, DesiredState::Running, 1))),
        ("StartInstances", Stopped, Ok((Pending, DesiredState::Running, 2))),
        ("StartInstances", Stopping, wrong),
        ("StartInstances", ShuttingDown, wrong),
        ("StartInstances", Terminated, wrong),
        ("StopInstances", Pending, Ok((Stopping, DesiredState::Stopped, 1))),
        ("StopInstances", Running, Ok((Stopping, DesiredState::Stopped, 1))),
        ("StopInstances", Stopping, Ok((Stopping, DesiredState::Stopped, 1))),
        ("StopInstances", ShuttingDown, wrong),
        ("StopInstances", Terminated, wrong),
        ("TerminateInstances", Pending, Ok((ShuttingDown, DesiredState::Terminated, 1))),
        ("TerminateInstances", Running, Ok((ShuttingDown, DesiredState::Terminated, 1))),
        ("TerminateInstances", Stopping, Ok((ShuttingDown, DesiredState::Terminated, 1))),
        ("TerminateInstances", Stopped, Ok((ShuttingDown, DesiredState::Terminated, 1))),
        ("TerminateInstances", ShuttingDown, Ok((ShuttingDown, DesiredState::Terminated, 1))),
        ("RebootInstances", Pending, Ok((Pending, DesiredState::Running, 1))),
        ("RebootInstances", Running, Ok((Running, DesiredState::Running, 2))),
        ("RebootInstances", Stopping, wrong),
        ("RebootInstances", Stopped, wrong),
        ("RebootInstances", ShuttingDown, wrong),
        ("RebootInstances", Terminated, wrong),
    ];
    let ec2 = Ec2::start().await;
    for (action, before, expected) in table {
        let id = ec2.launch(&[]).await;
        ec2.becomes(&id, *before).await;
        let reply = ec2.call(action, &[("InstanceId.1", &id)]).await;
        let record = ec2.record(&id);
        match expected {
            Ok((state, desired, boot)) => {
                assert_eq!(
                    (record.state, record.desired, record.boot),
                    (*state, *desired, *boot),
                    "{action} {before:?}"
                );
                if *action != "RebootInstances" {
                    let names = [state.name().to_owned(), before.name().to_owned()];
                    assert_eq!(reply.ok().all("name"), names, "{action} {before:?}: current, previous");
                }
            }
            Err(code) => {
                assert_eq!(reply.error().1, *code, "{action} {before:?}");
                assert_eq!((record.state, record.boot), (*before, 1), "{action} {before:?}");
            }
        }
    }
}

#[tokio::test]
async fn states_that_are_reached_already_stay() {
    let ec2 = Ec2::start().await;
    let id = ec2.launch(&[]).await;
    for (action, state) in
        [("StopInstances", InstanceState::Stopped), ("TerminateInstances", InstanceState::Terminated)]
    {
        ec2.becomes(&id, state).await;
        let before = ec2.record(&id);
        assert_eq!(ec2.call(action, &[("InstanceId.1", &id)]).await.ok().all("name"), [state.name(), state.name()]);
        assert_eq!(ec2.record(&id), before);
    }
}

#[tokio::test]
async fn a_call_changes_all_its_instances_or_none() {
    let ec2 = Ec2::start().await;
    let (one, other) = (ec2.launch_running(&[]).await, ec2.launch_running(&[("DisableApiTermination", "true")]).await);
    let both = [("InstanceId.1", one.as_str()), ("InstanceId.2", &other)];
    assert_eq!(ec2.code("TerminateInstances", &both).await, "OperationNotPermitted");
    assert_eq!(ec2.record(&one).state, InstanceState::Running);
    let unknown = [("InstanceId.1", one.as_str()), ("InstanceId.2", "i-00000000")];
    for action in ["StartInstances", "StopInstances", "RebootInstances", "TerminateInstances"] {
        assert_eq!(ec2.code(action, &unknown).await, "InvalidInstanceID.NotFound", "{action}");
        assert_eq!(ec2.code(action, &[("InstanceId.1", "web")]).await, "InvalidInstanceID.Malformed", "{action}");
        assert_eq!(ec2.code(action, &[]).await, "MissingParameter", "{action}");
        let dry = ec2.call(action, &[("InstanceId.1", &one), ("DryRun", "true")]).await;
        assert_eq!(dry.error(), (412, "DryRunOperation".into()), "{action}");
    }
    assert_eq!(ec2.record(&one).state, InstanceState::Running);
    assert_eq!(ec2.call("StopInstances", &both).await.ok().all("instanceId"), [one, other]);
}

#[tokio::test]
async fn protected_instances_are_stopped_and_terminated_only_after_the_protection_is_lifted() {
    let ec2 = Ec2::start().await;
    let id = ec2.launch_running(&[("DisableApiTermination", "true"), ("DisableApiStop", "true")]).await;
    for (action, attribute) in [("StopInstances", "DisableApiStop"), ("TerminateInstances", "DisableApiTermination")] {
        assert_eq!(ec2.code(action, &[("InstanceId.1", &id)]).await, "OperationNotPermitted", "{action}");
        let lift = format!("{attribute}.Value");
        ec2.call("ModifyInstanceAttribute", &[("InstanceId", &id), (&lift, "false")]).await.ok();
        ec2.call(action, &[("InstanceId.1", &id)]).await.ok();
    }
}

#[tokio::test]
async fn a_forced_stop_asks_nobody_and_the_next_start_forgets_it() {
    let ec2 = Ec2::start().await;
    for (action, member) in
        [("StopInstances", "Force"), ("StopInstances", "SkipOsShutdown"), ("TerminateInstances", "Force")]
    {
        let id = ec2.launch_running(&[]).await;
        ec2.call("StopInstances", &[("InstanceId.1", &id)]).await.ok();
        assert!(!ec2.record(&id).end_without_asking);
        ec2.call(action, &[("InstanceId.1", &id), (member, "true")]).await.ok();
        assert!(ec2.record(&id).end_without_asking, "{action} {member}");
        if action == "StopInstances" {
            ec2.becomes(&id, InstanceState::Stopped).await;
            ec2.call("StartInstances", &[("InstanceId.1", &id)]).await.ok();
            assert!(!ec2.record(&id).end_without_asking);
        }
    }
    assert_eq!(
        ec2.code("StopInstances", &[("InstanceId.1", "i-00000000"), ("Hibernate", "true")]).await,
        "UnsupportedOperation"
    );
}

#[tokio::test]
async fn why_an_instance_stopped_is_told() {
    let ec2 = Ec2::start().await;
    let id = ec2.launch_running(&[]).await;
    let shown = async || ec2.call("DescribeInstances", &[("InstanceId.1", &id)]).await.ok();
    assert_eq!(shown().await.one("reason"), "");
    ec2.call("StopInstances", &[("InstanceId.1", &id)]).await.ok();
    let stopping = shown().await;
    assert_eq!(stopping.one("reason"), "User initiated (2026-11-20 12:00:00 GMT)");
    assert!(stopping.all("code").contains(&"Client.UserInitiatedShutdown".to_owned()));
    ec2.becomes(&id, InstanceState::Stopped).await;
    ec2.call("StartInstances", &[("InstanceId.1", &id)]).await.ok();
    assert_eq!(shown().await.one("reason"), "");
}

#[tokio::test]
async fn terminated_instances_are_shown_for_an_hour() {
    let ec2 = Ec2::start().await;
    let id = ec2.launch(&[]).await;
    ec2.becomes(&id, InstanceState::Terminated).await;
    ec2.server.clock.advance(Duration::from_secs(3599));
    assert_eq!(ec2.call("DescribeInstances", &[]).await.ok().one("instanceId"), id);
    ec2.server.clock.advance(Duration::from_secs(1));
    assert!(ec2.call("DescribeInstances", &[]).await.ok().all("instanceId").is_empty());
}

#[tokio::test]
async fn status_follows_from_reachability() {
    let ec2 = Ec2::start().await;
    let id = ec2.launch(&[]).await;
    let all = [("IncludeAllInstances", "true")];
    let status = async |parameters: &[(&str, &str)]| {
        let reply = ec2.call("DescribeInstanceStatus", parameters).await.ok();
        reply.all("status").into_iter().filter(|text| !text.contains('<')).collect::<Vec<_>>()
    };
    assert!(ec2.call("DescribeInstanceStatus", &[]).await.ok().all("instanceId").is_empty(), "pending");
    assert_eq!(ec2.call("DescribeInstanceStatus", &all).await.ok().all("instanceId"), [id.as_str()]);
    assert_eq!(status(&all).await, ["not-applicable", "not-applicable"]);
    ec2.becomes(&id, InstanceState::Running).await;
    let ok = ec2.call("DescribeInstanceStatus", &[("InstanceId.1", &id)]).await.ok();
    assert_eq!(ok.text().matches("<status>ok</status>").count(), 2, "{}", ok.text());
    assert_eq!(ok.text().matches("<status>passed</status>").count(), 2);
    ec2.edit(&id, |instance| instance.runtime.as_mut().unwrap().reachable = false).await;
    let impaired = [("Filter.1.Name", "instance-status.status"), ("Filter.1.Value.1", "impaired")];
    assert_eq!(ec2.call("DescribeInstanceStatus", &impaired).await.ok().all("instanceId"), [id.as_str()]);
    let failed = [("Filter.1.Name", "instance-status.reachability"), ("Filter.1.Value.1", "failed")];
    assert_eq!(ec2.call("DescribeInstanceStatus", &failed).await.ok().all("instanceId"), [id.as_str()]);
    ec2.edit(&id, |instance| instance.boot += 1).await;
    let booting = [("Filter.1.Name", "instance-status.status"), ("Filter.1.Value.1", "initializing")];
    assert_eq!(ec2.call("DescribeInstanceStatus", &booting).await.ok().all("instanceId"), [id.as_str()]);
}

#[tokio::test]
async fn the_console_is_what_the_driver_kept() {
    let ec2 = Ec2::start().await;
    let id = ec2.launch_running(&[]).await;
    let reply = ec2.call("GetConsoleOutput", &[("InstanceId", &id), ("Latest", "true")]).await.ok();
    assert_eq!(STANDARD.decode(reply.one("output")).unwrap(), format!("hello from {id}\n").into_bytes());
    assert_eq!((reply.one("instanceId"), reply.one("timestamp")), (id.clone(), "2026-11-20T12:00:05.000Z".into()));
    ec2.refuses(&[
        ("GetConsoleOutput", &[], "MissingParameter"),
        ("GetConsoleOutput", &[("InstanceId", "i-00000000")], "InvalidInstanceID.NotFound"),
        ("GetConsoleOutput", &[("InstanceId", "x")], "InvalidInstanceID.Malformed"),
        ("GetConsoleOutput", &[("InstanceId", &id), ("DryRun", "true")], "DryRunOperation"),
    ])
    .await;
}
