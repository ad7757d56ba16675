//! What each request makes of members, and which requests are refused whole.
//! Times are fixed, so that causes can be compared to the letter.

use super::samples::{group, id, member};
use super::*;
use LifecycleState as L;

const NOW: Timestamp = Timestamp::from_seconds(1_581_446_050);

/// A group of desired capacity 3 with members in these states, numbered from 1.
fn with(states: &[L]) -> AutoScalingGroup {
    let mut group = group(1, 4, 3);
    let members = states.iter().zip(1..).map(|(state, n)| (id(n), member(n, *state)));
    group.members = members.collect();
    group
}

fn request(group: &mut AutoScalingGroup, count: usize) -> Request<'_> {
    Request { group, activity_ids: (0..count).map(|n| format!("new-{n}")).collect(), now: NOW }
}

fn running(n: u8) -> Instance {
    let record = serde_json::json!({
        "id": id(n), "reservation_id": "r-0000000000000000a", "launch_index": 0,
        "image_id": "ami-0000000000000000a", "instance_type": "t2.micro", "host": "local", "zone": "eu-west-1b",
        "vpc_id": "vpc-0000000000000000a", "subnet_id": "subnet-0000000000000000b",
        "network_interface_id": "eni-0000000000000000a", "network_attachment_id": "eni-attach-0000000000000000a",
        "private_address": "10.0.0.9", "public_address_wanted": false, "security_groups": [],
        "shutdown_behavior": "stop", "termination_protection": false, "stop_protection": false,
        "detailed_monitoring": false, "tags": {}, "launched_at": 0, "desired": "running", "state": "running",
        "state_changed_at": 0, "boot": 1,
    });
    serde_json::from_value(record).unwrap()
}

#[test]
fn each_request_says_where_members_go_and_why() {
    type Ask = fn(Request<'_>, &[InstanceId]) -> Result<Requested, RefusedMembers>;
    let table: [(Ask, L, L, u32, &str, &str); 6] = [
        (
            |r, m| r.terminate(m, true),
            L::InService,
            L::Terminating,
            2,
            "Terminating EC2 instance",
            "instance ID was taken out of service in response to a user request, shrinking the capacity from 3 to 2",
        ),
        (
            |r, m| r.terminate(m, false),
            L::WarmedStopped,
            L::WarmedTerminating,
            3,
            "Terminating EC2 instance",
            "instance ID was taken out of service in response to a user request",
        ),
        (
            |r, m| r.detach(m, true),
            L::InService,
            L::Detaching,
            2,
            "Detaching EC2 instance",
            "instance ID was detached in response to a user request, shrinking the capacity from 3 to 2",
        ),
        (
            |r, m| r.detach(m, true),
            L::Standby,
            L::Detaching,
            3,
            "Detaching EC2 instance",
            "instance ID was detached in response to a user request",
        ),
        (
            |r, m| r.enter_standby(m, false),
            L::InService,
            L::EnteringStandby,
            3,
            "Moving EC2 instance to Standby",
            "instance ID was moved to standby in response to a user request",
        ),
        (
            |r, m| r.exit_standby(m),
            L::Standby,
            L::Pending,
            4,
            "Moving EC2 instance out of Standby",
            "instance ID was moved out of standby in response to a user request, increasing the capacity from 3 to 4",
        ),
    ];
    for (ask, from, to, desired, description, cause) in table {
        let mut group = with(&[from]);
        let done = ask(request(&mut group, 1), &[id(1)]).unwrap();
        let member = &group.members[&id(1)];
        assert_eq!((member.lifecycle, group.desired), (to, desired), "{description}");
        assert_eq!((member.activity.as_deref(), member.since), (Some("new-0"), NOW));
        assert!(member.hooks_done.is_empty());
        assert_eq!(member.departure.is_some(), to != L::Pending);
        let activity = &done.started[0];
        assert_eq!(activity.description, format!("{description}: {}", id(1)));
        let cause = cause.replace("ID", id(1).as_str());
        assert_eq!(activity.cause, format!("At 2020-02-11T18:34:10Z {cause}."));
        let details = r#"{"Subnet ID":"subnet-0000000000000000a","Availability Zone":"eu-west-1a"}"#;
        assert_eq!(activity.details, details);
    }
}

#[test]
fn a_termination_supersedes_the_launch() {
    let mut group = with(&[L::PendingWait]);
    let done = request(&mut group, 1).terminate(&[id(1)], false).unwrap();
    assert_eq!(done.superseded, ["old-1"]);
}

#[test]
fn attached_instances_raise_the_capacity_up_to_the_maximum() {
    let mut group = with(&[L::InService]);
    let done = request(&mut group, 1).attach(&[&running(9)]).unwrap();
    assert_eq!((group.desired, group.members[&id(9)].lifecycle), (4, L::Pending));
    assert!(done.started[0].cause.contains("increasing the capacity from 3 to 4"));
    let refused = request(&mut group, 1).attach(&[&running(10)]);
    assert_eq!(refused, Err(InvalidConstraints::AboveMaximum { desired: 5, maximum: 4 }.into()));
}

#[test]
fn only_running_instances_of_the_groups_zones_are_attached() {
    let stopped = Instance { state: InstanceState::Stopped, ..running(9) };
    let elsewhere = Instance { zone: "eu-west-1c".into(), ..running(9) };
    let owned = Instance { auto_scaling_group: Some("other".into()), ..running(9) };
    for (instance, sentence) in [
        (stopped, "is not running"),
        (elsewhere, "is in zone eu-west-1c, which is not one of group web"),
        (owned, "is already part of Auto Scaling group other"),
        (running(1), "is already part of Auto Scaling group web"),
    ] {
        let mut group = with(&[L::InService]);
        let before = group.clone();
        let error = request(&mut group, 1).attach(&[&instance]).unwrap_err();
        assert_eq!(error.to_string(), format!("the instance {} {sentence}", instance.id));
        assert_eq!(group, before);
    }
}

#[test]
fn a_request_that_does_not_fit_one_member_changes_none() {
    let mut group = with(&[L::InService, L::Terminating, L::InService]);
    let before = group.clone();
    let (wrong_state, missing) = ([id(1), id(2)], [id(1), id(9)]);
    assert!(matches!(request(&mut group, 2).terminate(&wrong_state, true), Err(RefusedMembers::State { .. })));
    assert!(matches!(request(&mut group, 2).detach(&missing, true), Err(RefusedMembers::NotMember { .. })));
    assert!(matches!(request(&mut group, 1).exit_standby(&[id(1)]), Err(RefusedMembers::State { .. })));
    assert!(group.protect(&wrong_state, true).is_err());
    assert_eq!(group, before);
}

#[test]
fn the_minimum_holds_against_decrements() {
    let mut group = AutoScalingGroup { minimum: 2, ..with(&[L::InService, L::InService]) };
    let refused = request(&mut group, 2).enter_standby(&[id(1), id(2)], true);
    assert_eq!(refused, Err(InvalidConstraints::BelowMinimum { desired: 1, minimum: 2 }.into()));
    assert_eq!(group.desired, 3);
    request(&mut group, 2).enter_standby(&[id(1), id(2)], false).unwrap();
}

#[test]
fn a_bad_opinion_waits_for_the_grace_period_only_if_it_is_to() {
    // Grace, seconds in service (or not yet), whether grace is respected; whether the member is unhealthy then.
    let table = [
        (0, Some(0), true, true),
        (60, Some(59), true, false),
        (60, Some(60), true, true),
        (60, Some(59), false, true),
        (0, None, true, false),
        (0, None, false, true),
    ];
    for (grace, in_service, respect, expected) in table {
        let mut group = AutoScalingGroup { health_check_grace_seconds: grace, ..with(&[L::InService]) };
        let in_service_at = in_service.map(|seconds| NOW.minus(Duration::from_secs(seconds)));
        group.members.insert(id(1), GroupInstance { in_service_at, ..member(1, L::InService) });
        group.set_health(&id(1), false, respect, NOW).unwrap();
        assert_eq!(group.members[&id(1)].unhealthy.is_some(), expected, "{grace} {in_service:?} {respect}");
        group.set_health(&id(1), true, respect, NOW).unwrap();
        assert_eq!(group.members[&id(1)].unhealthy, None);
    }
    let mut group = with(&[L::Standby]);
    assert!(matches!(group.set_health(&id(1), false, false, NOW), Err(RefusedMembers::State { .. })));
    assert!(matches!(group.set_health(&id(2), false, false, NOW), Err(RefusedMembers::NotMember { .. })));
}

#[test]
fn members_are_protected_until_they_leave() {
    let mut group = with(&[L::InService, L::Standby]);
    group.protect(&[id(1), id(2)], true).unwrap();
    assert!(group.members.values().all(|member| member.protected));
    group.protect(&[id(2)], false).unwrap();
    assert!(group.members[&id(1)].protected && !group.members[&id(2)].protected);
}
