//! Tags of users, and what tags of all IAM resources have in common. IAM's keys are the same when they differ only in case, and keep the spelling given last.

use api::iam::types::{ListUserTagsRequest, ListUserTagsResponse, Tag, TagUserRequest, UntagUserRequest};
use model::Tags;
use model::iam::User;
use store::Transaction;
use wire::AwsError;

use super::errors::Error;
use super::users::{existing, page_size};
use crate::context::Context;
use crate::handler::committed;
use crate::pagination::Listing;

/// The tags of one request.
pub(super) fn parse(tags: Vec<Tag>) -> Result<Tags, Error> {
    let lower: Vec<String> = tags.iter().map(|tag| tag.key.to_lowercase()).collect();
    if let Some(index) = (1..lower.len()).find(|index| lower[..*index].contains(&lower[*index])) {
        return Err(Error::DuplicateTag(tags[index].key.clone()));
    }
    Ok(Tags::parse(tags.into_iter().map(|Tag { key, value }| (key, value)))?)
}

/// Tags as the API shows them, ordered by key.
pub(super) fn to_wire(tags: &Tags) -> Vec<Tag> {
    tags.0.iter().map(|(key, value)| Tag { key: key.clone(), value: value.clone() }).collect()
}

pub(super) fn list(cx: &Context, input: ListUserTagsRequest) -> Result<ListUserTagsResponse, Error> {
    let ListUserTagsRequest { marker, max_items, user_name } = input;
    let user = existing(&cx.store.view(), &cx.global_scope(), &user_name)?;
    let listing = Listing { operation: "ListUserTags", selection: &user.id };
    let items = to_wire(&user.tags).into_iter().map(|tag| (tag.key.clone(), tag));
    let page = listing.page(cx, marker.as_deref(), page_size(max_items), items)?;
    Ok(ListUserTagsResponse { is_truncated: Some(page.next.is_some()), tags: Some(page.items), marker: page.next })
}

pub(super) async fn tag(cx: &Context, input: TagUserRequest) -> Result<(), AwsError> {
    let TagUserRequest { tags, user_name } = input;
    let added = parse(tags)?;
    change(cx, &user_name, |tags| with(tags, &added)).await
}

pub(super) async fn untag(cx: &Context, input: UntagUserRequest) -> Result<(), AwsError> {
    let UntagUserRequest { tag_keys, user_name } = input;
    change(cx, &user_name, |tags| Ok(without(tags, tag_keys.iter()))).await
}

async fn change(cx: &Context, user_name: &str, new: impl Fn(&Tags) -> Result<Tags, Error>) -> Result<(), AwsError> {
    let scope = cx.global_scope();
    let write = |txn: &mut Transaction| {
        let user = existing(txn.view(), &scope, user_name)?;
        let tags = new(&user.tags)?;
        txn.put(&scope, User { tags, ..User::clone(&user) });
        Ok::<(), Error>(())
    };
    committed(cx.store.transact(write).await)
}

/// Tags with others added or in the place of those with the same keys.
pub(super) fn with(tags: &Tags, added: &Tags) -> Result<Tags, Error> {
    Ok(without(tags, added.0.keys()).merged(added)?)
}

/// Tags without those with these keys.
pub(super) fn without<'a>(tags: &Tags, keys: impl Iterator<Item = &'a String>) -> Tags {
    let removed: Vec<String> = keys.map(|key| key.to_lowercase()).collect();
    let kept = tags.0.iter().filter(|(key, _)| !removed.contains(&key.to_lowercase()));
    Tags(kept.map(|(key, value)| (key.clone(), value.clone())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(key: &str) -> Tag {
        Tag { key: key.into(), value: "v".into() }
    }

    #[test]
    fn keys_that_differ_in_case_are_one_key() {
        assert_eq!(parse(vec![tag("Team"), tag("x"), tag("TEAM")]), Err(Error::DuplicateTag("TEAM".into())));
        let tags = parse(vec![tag("Team"), tag("x")]).unwrap();
        assert_eq!(without(&tags, ["tEAM".to_owned()].iter()), parse(vec![tag("x")]).unwrap());
    }
}
