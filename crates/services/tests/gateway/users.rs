//! IAM users and their tags.

use crate::support::{ACCOUNT, Server};

#[tokio::test]
async fn a_user_is_created_shown_listed_renamed_and_deleted() {
    let server = Server::start().await;
    let tags = [("Tags.member.1.Key", "team"), ("Tags.member.1.Value", "web")];
    let created = server.iam("CreateUser", &[&[("UserName", "kim"), ("Path", "/dev/")], &tags[..]].concat()).await.ok();
    assert_eq!(created.one("Arn"), format!("arn:aws:iam::{ACCOUNT}:user/dev/kim"));
    assert_eq!((created.one("Key"), created.one("Value")), ("team".into(), "web".into()));
    assert_eq!(created.one("CreateDate"), "2026-11-20T12:00:00.000Z");
    let id = created.one("UserId");
    assert!(id.starts_with("AIDA") && id.len() == 21, "{id}");

    assert_eq!(server.iam("GetUser", &[("UserName", "KIM")]).await.ok().one("UserName"), "kim");
    let renamed = [("UserName", "kim"), ("NewUserName", "Lee"), ("NewPath", "/ops/")];
    server.iam("UpdateUser", &renamed).await.ok();
    let found = server.iam("GetUser", &[("UserName", "Lee")]).await.ok();
    assert_eq!((found.one("UserId"), found.one("Path")), (id, "/ops/".into()));
    assert_eq!(server.iam("GetUser", &[("UserName", "kim")]).await.error(), (404, "NoSuchEntity".into()));

    server.iam("DeleteUser", &[("UserName", "Lee")]).await.ok();
    assert_eq!(server.iam("DeleteUser", &[("UserName", "Lee")]).await.error(), (404, "NoSuchEntity".into()));
    assert!(server.iam("ListUsers", &[]).await.ok().all("UserName").is_empty());
}

#[tokio::test]
async fn names_are_unique_without_regard_to_case() {
    let server = Server::start().await;
    for name in ["kim", "lee"] {
        server.iam("CreateUser", &[("UserName", name)]).await.ok();
    }
    for name in ["kim", "Kim", "KIM"] {
        assert_eq!(server.iam("CreateUser", &[("UserName", name)]).await.error(), (409, "EntityAlreadyExists".into()));
    }
    let taken = [("UserName", "kim"), ("NewUserName", "LEE")];
    assert_eq!(server.iam("UpdateUser", &taken).await.error(), (409, "EntityAlreadyExists".into()));
    server.iam("UpdateUser", &[("UserName", "kim"), ("NewUserName", "KIM")]).await.ok();
    assert_eq!(server.iam("ListUsers", &[]).await.all("UserName"), ["KIM", "lee"]);
}

#[tokio::test]
async fn of_fifty_who_create_the_same_user_one_succeeds() {
    let server = std::sync::Arc::new(Server::start().await);
    let calls: Vec<_> = (0..50)
        .map(|_| {
            let server = std::sync::Arc::clone(&server);
            tokio::spawn(async move { server.iam("CreateUser", &[("UserName", "kim")]).await.status })
        })
        .collect();
    let mut statuses = Vec::new();
    for call in calls {
        statuses.push(call.await.unwrap());
    }
    statuses.sort();
    assert_eq!((statuses[0], statuses.iter().filter(|status| **status == 409).count()), (200, 49), "{statuses:?}");
    assert_eq!(server.iam("ListUsers", &[]).await.all("UserName"), ["kim"]);
}

#[tokio::test]
async fn users_are_listed_page_by_page_while_others_come_and_go() {
    let server = Server::start().await;
    for (name, path) in [("a", "/x/"), ("b", "/y/"), ("c", "/x/"), ("d", "/x/z/")] {
        server.iam("CreateUser", &[("UserName", name), ("Path", path)]).await.ok();
    }
    let mut names = Vec::new();
    let mut marker: Option<String> = None;
    loop {
        let mut parameters = vec![("PathPrefix", "/x/"), ("MaxItems", "1")];
        if let Some(marker) = &marker {
            parameters.push(("Marker", marker));
        }
        let page = server.iam("ListUsers", &parameters).await.ok();
        names.extend(page.all("UserName"));
        assert_eq!(page.one("IsTruncated") == "true", !page.all("Marker").is_empty());
        let Some(next) = page.all("Marker").first().cloned() else { break };
        marker = Some(next);
        // The user that the marker names goes; one before it comes.
        if names == ["a"] {
            server.iam("DeleteUser", &[("UserName", "a")]).await.ok();
            server.iam("CreateUser", &[("UserName", "A0"), ("Path", "/x/")]).await.ok();
        }
    }
    assert_eq!(names, ["a", "c", "d"]);
}

#[tokio::test]
async fn a_marker_is_good_for_the_listing_that_made_it_only() {
    let server = Server::start().await;
    for name in ["a", "b", "c"] {
        server.iam("CreateUser", &[("UserName", name)]).await.ok();
    }
    let marker = server.iam("ListUsers", &[("MaxItems", "1")]).await.ok().one("Marker");
    let mut altered = marker.clone().into_bytes();
    altered[30] = if altered[30] == b'A' { b'B' } else { b'A' };
    let altered = String::from_utf8(altered).unwrap();
    let refused = (400, "ValidationError".to_owned());
    let with = |marker: &str, path: &str| {
        let (marker, path) = (marker.to_owned(), path.to_owned());
        let server = &server;
        async move { server.iam("ListUsers", &[("Marker", &marker), ("PathPrefix", &path)]).await.error() }
    };
    assert_eq!(with(&altered, "/").await, refused);
    assert_eq!(with("abc", "/").await, refused);
    assert_eq!(with("%", "/").await, refused);
    assert_eq!(with(&marker, "/x/").await, refused);
    let keys = server.iam("ListAccessKeys", &[("Marker", &marker)]).await.error();
    assert_eq!(keys, refused);
    assert_eq!(with(&marker, "/").await.0, 200);
    server.clock.advance(std::time::Duration::from_secs(24 * 3600 + 1));
    assert_eq!(with(&marker, "/").await, refused);
}

#[tokio::test]
async fn tags_are_merged_and_removed_without_regard_to_case() {
    let server = Server::start().await;
    server.iam("CreateUser", &[("UserName", "kim")]).await.ok();
    let tag = |key: &'static str, value: &'static str| {
        [("UserName", "kim"), ("Tags.member.1.Key", key), ("Tags.member.1.Value", value)]
    };
    server.iam("TagUser", &tag("Team", "web")).await.ok();
    server.iam("TagUser", &tag("TEAM", "db")).await.ok();
    server.iam("TagUser", &tag("stage", "")).await.ok();
    let listed = server.iam("ListUserTags", &[("UserName", "kim")]).await.ok();
    assert_eq!((listed.all("Key"), listed.all("Value").len()), (vec!["TEAM".to_owned(), "stage".to_owned()], 2));
    server.iam("UntagUser", &[("UserName", "kim"), ("TagKeys.member.1", "team")]).await.ok();
    assert_eq!(server.iam("ListUserTags", &[("UserName", "kim")]).await.all("Key"), ["stage"]);
    assert_eq!(server.iam("TagUser", &tag("aws:x", "1")).await.error(), (400, "InvalidInput".into()));
}

#[tokio::test]
async fn a_user_has_at_most_fifty_tags() {
    let server = Server::start().await;
    server.iam("CreateUser", &[("UserName", "kim")]).await.ok();
    for first in [0, 25] {
        let keys: Vec<(String, String)> = (0..25)
            .flat_map(|n| {
                let at = |member: &str| format!("Tags.member.{}.{member}", n + 1);
                [(at("Key"), format!("k{}", first + n)), (at("Value"), "v".to_owned())]
            })
            .collect();
        let mut parameters: Vec<(&str, &str)> =
            keys.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        parameters.push(("UserName", "kim"));
        server.iam("TagUser", &parameters).await.ok();
    }
    let one_more = [("UserName", "kim"), ("Tags.member.1.Key", "k50"), ("Tags.member.1.Value", "v")];
    assert_eq!(server.iam("TagUser", &one_more).await.error(), (409, "LimitExceeded".into()));
}

#[tokio::test]
async fn the_root_is_shown_as_a_user_without_a_name() {
    let server = Server::start().await;
    let root = server.iam("GetUser", &[]).await.ok();
    assert_eq!(root.one("Arn"), format!("arn:aws:iam::{ACCOUNT}:root"));
    assert!(root.all("UserName").is_empty());
}
