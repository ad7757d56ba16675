//! Tags of groups.

use crate::world::World;

fn tag<'a>(group: &'a str, key: &'a str, value: &'a str, propagate: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("Tags.member.1.ResourceId", group),
        ("Tags.member.1.ResourceType", "auto-scaling-group"),
        ("Tags.member.1.Key", key),
        ("Tags.member.1.Value", value),
        ("Tags.member.1.PropagateAtLaunch", propagate),
    ]
}

fn shown(world: &World, group: &str) -> Vec<(String, String, bool)> {
    let group = world.record(group);
    group.tags.iter().map(|tag| (tag.key.clone(), tag.value.clone(), tag.propagate_at_launch)).collect()
}

#[tokio::test]
async fn tags_are_made_changed_and_deleted() {
    let world = World::new().await;
    world.group("web", ["0", "1", "0"]).await;
    world.call("CreateOrUpdateTags", &tag("web", "b", "1", "true")).await.ok();
    world.call("CreateOrUpdateTags", &tag("web", "a", "2", "false")).await.ok();
    assert_eq!(shown(&world, "web"), [("a".into(), "2".into(), false), ("b".into(), "1".into(), true)]);
    world.call("CreateOrUpdateTags", &tag("web", "b", "3", "false")).await.ok();
    assert_eq!(shown(&world, "web")[1], ("b".into(), "3".into(), false));
    world.call("DeleteTags", &tag("web", "b", "1", "true")).await.ok();
    assert_eq!(shown(&world, "web").len(), 2, "it has another value");
    world.call("DeleteTags", &[("Tags.member.1.ResourceId", "web"), ("Tags.member.1.Key", "b")]).await.ok();
    assert_eq!(shown(&world, "web").len(), 1);
}

#[tokio::test]
async fn tags_are_found_by_each_of_their_properties() {
    let world = World::new().await;
    for group in ["one", "two"] {
        world.group(group, ["0", "1", "0"]).await;
        world.call("CreateOrUpdateTags", &tag(group, "name", group, "true")).await.ok();
        world.call("CreateOrUpdateTags", &tag(group, "team", "web", "false")).await.ok();
    }
    let table = [
        ("auto-scaling-group", "one", 2),
        ("key", "team", 2),
        ("value", "two", 1),
        ("propagate-at-launch", "true", 2),
        ("key", "none", 0),
    ];
    for (name, value, count) in table {
        let filter = [("Filters.member.1.Name", name), ("Filters.member.1.Values.member.1", value)];
        let reply = world.call("DescribeTags", &filter).await.ok();
        assert_eq!(reply.all("Key").len(), count, "{name} {value}");
    }
    let all = world.call("DescribeTags", &[]).await.ok();
    assert_eq!(all.all("ResourceId"), ["one", "one", "two", "two"]);
}

#[tokio::test]
async fn bad_tags_are_refused() {
    let world = World::new().await;
    world.group("web", ["0", "1", "0"]).await;
    let action = "CreateOrUpdateTags";
    let twice = [tag("web", "a", "1", "true"), vec![("Tags.member.2.ResourceId", "web"), ("Tags.member.2.Key", "a")]];
    let filter = [("Filters.member.1.Name", "tag-key"), ("Filters.member.1.Values.member.1", "a")];
    world
        .refuses(&[
            (action, &tag("none", "a", "1", "true"), "ValidationError", "name not found"),
            (action, &tag("web", "aws:a", "1", "true"), "ValidationError", "reserved"),
            (action, &tag("web", "", "1", "true"), "ValidationError", "Key"),
            (action, &twice.concat(), "ValidationError", "more than once"),
            (action, &[("Tags.member.1.Key", "a")], "ValidationError", "ResourceId"),
            (
                action,
                &[("Tags.member.1.ResourceId", "web"), ("Tags.member.1.ResourceType", "x"), ("Tags.member.1.Key", "a")],
                "ValidationError",
                "auto-scaling-group",
            ),
            ("DescribeTags", &filter, "ValidationError", "tag-key"),
        ])
        .await;
    for number in 0..50 {
        world.call(action, &tag("web", &format!("key-{number}"), "", "true")).await.ok();
    }
    world.refuses(&[(action, &tag("web", "more", "", "true"), "LimitExceeded", "at most 50 tags")]).await;
    world.call(action, &tag("web", "key-7", "changed", "true")).await.ok();
}
