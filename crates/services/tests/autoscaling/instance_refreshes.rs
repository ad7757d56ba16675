//! Instance refreshes through the API: what is started, shown, cancelled and rolled back, and what is refused.

use model::autoscaling::instance_refresh::{InstanceRefresh, RefreshStatus};

use crate::world::{IMAGE, World, scope};

const GROUP: (&str, &str) = ("AutoScalingGroupName", "web");

/// With template `web`, versions 1 and 2.
async fn world() -> World {
    let world = World::new().await;
    world.group("web", ["1", "5", "4"]).await;
    let data = [("LaunchTemplateData.ImageId", IMAGE), ("LaunchTemplateData.InstanceType", "t3.micro")];
    let create = [&[("LaunchTemplateName", "web")][..], &data].concat();
    world.ec2("CreateLaunchTemplate", &create).await.ok();
    world.ec2("CreateLaunchTemplateVersion", &create).await.ok();
    world
}

fn to_version(version: &str) -> Vec<(&str, &str)> {
    let name = ("DesiredConfiguration.LaunchTemplate.LaunchTemplateName", "web");
    vec![GROUP, name, ("DesiredConfiguration.LaunchTemplate.Version", version)]
}

fn newest(world: &World) -> InstanceRefresh {
    let view = world.server.store.view();
    let newest = view.range::<InstanceRefresh>(&scope(), "web:").last().unwrap();
    InstanceRefresh::clone(&newest)
}

async fn set(world: &World, status: RefreshStatus) {
    world.put(InstanceRefresh { status, ..newest(world) }).await;
}

#[tokio::test]
async fn a_refresh_is_shown_with_the_preferences_in_force() {
    let world = world().await;
    let preferences = [
        ("Preferences.MinHealthyPercentage", "75"),
        ("Preferences.CheckpointPercentages.member.1", "50"),
        ("Preferences.CheckpointPercentages.member.2", "100"),
        ("Preferences.AutoRollback", "true"),
        ("Preferences.StandbyInstances", "Terminate"),
    ];
    let started = world.call("StartInstanceRefresh", &[&to_version("2")[..], &preferences].concat()).await.ok();
    let id = started.one("InstanceRefreshId");
    let shown = world.call("DescribeInstanceRefreshes", &[GROUP]).await.ok();
    let expected = [
        ("InstanceRefreshId", &*id),
        ("Status", "Pending"),
        ("Strategy", "Rolling"),
        ("MinHealthyPercentage", "75"),
        ("MaxHealthyPercentage", "100"),
        ("CheckpointDelay", "3600"),
        ("SkipMatching", "false"),
        ("AutoRollback", "true"),
        ("ScaleInProtectedInstances", "Wait"),
        ("StandbyInstances", "Terminate"),
        ("InstanceWarmup", "0"),
        ("LaunchTemplateName", "web"),
        ("Version", "2"),
    ];
    for (element, value) in expected {
        assert_eq!(shown.one(element), value, "{element}");
    }
    assert!(shown.all("PercentageComplete").is_empty(), "nobody has counted yet");
}

#[tokio::test]
async fn one_refresh_at_a_time_the_newest_is_shown_first() {
    let world = world().await;
    let first = world.call("StartInstanceRefresh", &[GROUP]).await.ok().one("InstanceRefreshId");
    world.refuses(&[("StartInstanceRefresh", &[GROUP], "InstanceRefreshInProgress", &first)]).await;
    set(&world, RefreshStatus::Successful).await;
    let second = world.call("StartInstanceRefresh", &[GROUP]).await.ok().one("InstanceRefreshId");
    let shown = world.call("DescribeInstanceRefreshes", &[GROUP]).await.ok();
    assert_eq!(shown.all("InstanceRefreshId"), [&*second, &*first]);
    let page = world.call("DescribeInstanceRefreshes", &[GROUP, ("MaxRecords", "1")]).await.ok();
    let token = page.one("NextToken");
    let next = [GROUP, ("MaxRecords", "1"), ("NextToken", &*token)];
    let rest = world.call("DescribeInstanceRefreshes", &next).await.ok();
    assert_eq!((page.one("InstanceRefreshId"), rest.one("InstanceRefreshId")), (second, first.clone()));
    let named = world.call("DescribeInstanceRefreshes", &[GROUP, ("InstanceRefreshIds.member.1", &*first)]).await.ok();
    assert_eq!(named.one("InstanceRefreshId"), first);
}

#[tokio::test]
async fn cancelling_needs_one_that_is_under_way() {
    let world = world().await;
    let code = "ActiveInstanceRefreshNotFound";
    world.refuses(&[("CancelInstanceRefresh", &[GROUP], code, "web")]).await;
    let id = world.call("StartInstanceRefresh", &[GROUP]).await.ok().one("InstanceRefreshId");
    assert_eq!(world.call("CancelInstanceRefresh", &[GROUP]).await.ok().one("InstanceRefreshId"), id);
    assert_eq!(newest(&world).status, RefreshStatus::Cancelling);
    set(&world, RefreshStatus::Cancelled).await;
    world.refuses(&[("CancelInstanceRefresh", &[GROUP], code, "web")]).await;
}

#[tokio::test]
async fn only_what_can_be_put_back_is_rolled_back() {
    let world = world().await;
    let (action, irreversible) = ("RollbackInstanceRefresh", "IrreversibleInstanceRefresh");
    world.refuses(&[(action, &[GROUP], "ActiveInstanceRefreshNotFound", "web")]).await;
    world.call("StartInstanceRefresh", &[GROUP]).await.ok();
    world.refuses(&[(action, &[GROUP], irreversible, "DesiredConfiguration")]).await;
    set(&world, RefreshStatus::Failed).await;

    world.call("StartInstanceRefresh", &to_version("$Latest")).await.ok();
    world.call(action, &[GROUP]).await.ok();
    let rolled = newest(&world);
    assert_eq!(rolled.status, RefreshStatus::RollbackInProgress);
    assert!(rolled.rollback.is_some());
    world.refuses(&[(action, &[GROUP], irreversible, "already")]).await;
    let shown = world.call("DescribeInstanceRefreshes", &[GROUP]).await.ok();
    assert_eq!(shown.all("RollbackReason").len(), 1);
    set(&world, RefreshStatus::RollbackSuccessful).await;

    let latest = [GROUP, ("LaunchTemplate.LaunchTemplateName", "web"), ("LaunchTemplate.Version", "$Latest")];
    world.call("UpdateAutoScalingGroup", &latest).await.ok();
    world.call("StartInstanceRefresh", &to_version("2")).await.ok();
    world.refuses(&[(action, &[GROUP], irreversible, "$Latest")]).await;
}

#[tokio::test]
async fn bad_refreshes_are_refused_and_say_why() {
    let world = world().await;
    let cases: Vec<(Vec<(&str, &str)>, &str)> = vec![
        (vec![("AutoScalingGroupName", "nobody")], "AutoScalingGroup name not found"),
        (vec![GROUP, ("Strategy", "ReplaceRootVolume")], "ReplaceRootVolume"),
        (vec![GROUP, ("Strategy", "Magic")], "trategy"),
        (vec![GROUP, ("Preferences.MinHealthyPercentage", "101")], "inHealthyPercentage"),
        (vec![GROUP, ("Preferences.MaxHealthyPercentage", "110")], "MinHealthyPercentage"),
        (
            vec![GROUP, ("Preferences.MinHealthyPercentage", "50"), ("Preferences.MaxHealthyPercentage", "151")],
            "more than 100 apart",
        ),
        (vec![GROUP, ("Preferences.CheckpointDelay", "60")], "CheckpointPercentages"),
        (vec![GROUP, ("Preferences.CheckpointDelay", "172801")], "heckpointDelay"),
        (
            vec![
                GROUP,
                ("Preferences.CheckpointPercentages.member.1", "50"),
                ("Preferences.CheckpointPercentages.member.2", "50"),
            ],
            "ascend",
        ),
        (vec![GROUP, ("Preferences.BakeTime", "172801")], "akeTime"),
        (vec![GROUP, ("Preferences.InstanceWarmup", "-1")], "nstanceWarmup"),
        (vec![GROUP, ("Preferences.AutoRollback", "true")], "AutoRollback"),
        (vec![GROUP, ("Preferences.AlarmSpecification.Alarms.member.1", "nobody")], "nobody"),
        (vec![GROUP, ("Preferences.StandbyInstances", "Refresh")], "tandbyInstances"),
        (to_version("9"), "9"),
    ];
    for (parameters, text) in &cases {
        world.refuses(&[("StartInstanceRefresh", parameters, "ValidationError", text)]).await;
    }
    assert_eq!(world.server.store.view().list::<InstanceRefresh>(&scope()).count(), 0);
}
