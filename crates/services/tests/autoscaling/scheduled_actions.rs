//! Scheduled actions through the API, one by one and in batches.

use crate::world::World;

const GROUP: (&str, &str) = ("AutoScalingGroupName", "web");
const NIGHTLY: [(&str, &str); 2] = [("Recurrence", "0 22 * * *"), ("DesiredCapacity", "1")];

fn action<'a>(name: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [&[GROUP, ("ScheduledActionName", name)][..], more].concat()
}

async fn world() -> World {
    let world = World::new().await;
    world.group("web", ["1", "5", "1"]).await;
    world
}

#[tokio::test]
async fn what_is_not_given_again_stays() {
    let world = world().await;
    let zone = [&NIGHTLY[..], &[("TimeZone", "Europe/Berlin")]].concat();
    world.call("PutScheduledUpdateGroupAction", &action("night", &zone)).await.ok();
    let first = world.call("DescribeScheduledActions", &[GROUP]).await.ok();
    world.call("PutScheduledUpdateGroupAction", &action("night", &[("MinSize", "0")])).await.ok();
    let shown = world.call("DescribeScheduledActions", &[GROUP]).await.ok();
    assert_eq!((shown.one("Recurrence"), shown.one("TimeZone")), ("0 22 * * *".into(), "Europe/Berlin".into()));
    assert_eq!((shown.one("MinSize"), shown.one("DesiredCapacity")), ("0".into(), "1".into()));
    for same in ["StartTime", "ScheduledActionARN"] {
        assert_eq!(shown.one(same), first.one(same), "{same}");
    }
    assert!(shown.one("ScheduledActionARN").contains(":scheduledUpdateGroupAction:"));

    world.call("DeleteScheduledAction", &action("night", &[])).await.ok();
    assert!(world.call("DescribeScheduledActions", &[]).await.ok().all("ScheduledActionName").is_empty());
}

#[tokio::test]
async fn actions_are_selected_by_name_or_by_time() {
    let world = world().await;
    for (name, start) in [("one", "2099-01-01T00:00:00Z"), ("two", "2099-02-01T00:00:00Z")] {
        let more = [("StartTime", start), ("MaxSize", "9")];
        world.call("PutScheduledUpdateGroupAction", &action(name, &more)).await.ok();
    }
    let cases: [(&[(&str, &str)], &[&str]); 4] = [
        (&[], &["one", "two"]),
        (&[("StartTime", "2099-01-15T00:00:00Z")], &["two"]),
        (&[("EndTime", "2099-01-15T00:00:00Z")], &["one"]),
        (&[("ScheduledActionNames.member.1", "one"), ("StartTime", "2099-01-15T00:00:00Z")], &["one"]),
    ];
    for (more, expected) in cases {
        let shown = world.call("DescribeScheduledActions", &[&[GROUP][..], more].concat()).await.ok();
        assert_eq!(shown.all("ScheduledActionName"), expected, "{more:?}");
    }
}

#[tokio::test]
async fn a_batch_says_which_actions_failed() {
    let world = world().await;
    let one = "ScheduledUpdateGroupActions.member.1";
    let two = "ScheduledUpdateGroupActions.member.2";
    let keys = [format!("{one}.ScheduledActionName"), format!("{one}.Recurrence"), format!("{one}.MinSize")];
    let bad = [format!("{two}.ScheduledActionName"), format!("{two}.Recurrence"), format!("{two}.MinSize")];
    let mut parameters = vec![GROUP];
    parameters.extend(keys.iter().map(String::as_str).zip(["good", "0 8 * * *", "2"]));
    parameters.extend(bad.iter().map(String::as_str).zip(["bad", "0 8 * *", "2"]));
    let reply = world.call("BatchPutScheduledUpdateGroupAction", &parameters).await.ok();
    assert_eq!((reply.one("ScheduledActionName"), reply.one("ErrorCode")), ("bad".into(), "ValidationError".into()));
    assert_eq!(world.call("DescribeScheduledActions", &[]).await.ok().all("ScheduledActionName"), ["good"]);

    let names = [("ScheduledActionNames.member.1", "good"), ("ScheduledActionNames.member.2", "gone")];
    let reply = world.call("BatchDeleteScheduledAction", &[&[GROUP][..], &names].concat()).await.ok();
    assert_eq!(reply.all("ScheduledActionName"), ["gone"]);
    assert!(world.call("DescribeScheduledActions", &[]).await.ok().all("ScheduledActionName").is_empty());
}

#[tokio::test]
async fn bad_actions_are_refused_and_say_why() {
    let world = world().await;
    world.call("PutScheduledUpdateGroupAction", &action("night", &NIGHTLY)).await.ok();
    let put = "PutScheduledUpdateGroupAction";
    let start = ("StartTime", "2099-01-01T00:00:00Z");
    let cases: Vec<(Vec<(&str, &str)>, &str, &str)> = vec![
        (vec![start], "ValidationError", "at least one of MinSize"),
        (vec![("MinSize", "1")], "ValidationError", "StartTime"),
        (vec![("StartTime", "2001-01-01T00:00:00Z"), ("MinSize", "1")], "ValidationError", "past"),
        (vec![start, ("EndTime", "2098-01-01T00:00:00Z"), ("MinSize", "1")], "ValidationError", "EndTime"),
        (vec![start, ("Time", "2098-01-01T00:00:00Z"), ("MinSize", "1")], "ValidationError", "Time"),
        (vec![("Recurrence", "0 25 * * *"), ("MinSize", "1")], "ValidationError", "`25` is not"),
        (vec![("Recurrence", "0 8 * * *"), ("TimeZone", "Mars"), ("MinSize", "1")], "ValidationError", "TimeZone"),
        (vec![start, ("MinSize", "3"), ("MaxSize", "2")], "ValidationError", "above the maximum"),
        (vec![start, ("MinSize", "-1")], "ValidationError", "MinSize"),
        (NIGHTLY.to_vec(), "AlreadyExists", "night"),
    ];
    for (more, code, text) in &cases {
        world.refuses(&[(put, &action("bad", more), code, text)]).await;
    }
    let other = [("AutoScalingGroupName", "nobody"), ("ScheduledActionName", "x")];
    world
        .refuses(&[
            ("DeleteScheduledAction", &action("gone", &[]), "ValidationError", "Scheduled action name not found"),
            ("DeleteScheduledAction", &other, "ValidationError", "AutoScalingGroup name not found"),
            ("DescribeScheduledActions", &other[..1], "ValidationError", "AutoScalingGroup name not found"),
        ])
        .await;
}

#[tokio::test]
async fn a_group_has_125_scheduled_actions() {
    let world = world().await;
    for number in 0..125 {
        let start = format!("2099-01-01T{:02}:{:02}:00Z", number / 60, number % 60);
        let more = [("StartTime", &*start), ("MinSize", "1")];
        world.call("PutScheduledUpdateGroupAction", &action(&format!("a{number}"), &more)).await.ok();
    }
    let more = action("more", &NIGHTLY);
    world.refuses(&[("PutScheduledUpdateGroupAction", &more, "LimitExceeded", "125 scheduled")]).await;
}
