//! The document behind `goru why TRACE-ID`: what became of a request, and what to change.
//!
//! The node remembers requests; `model` has the words. Here both meet, with the settings as they are now.

use controllers::node_link::{FoundRequests, NodeLink, NotAsked};
use model::{
    elbv2::{
        attribute::{LOAD_BALANCER, TARGET_GROUP},
        load_balancer::LoadBalancer,
        request_record::RequestRecord,
        target::Target,
        target_group::TargetGroup,
        target_health::{CheckedHealth, CheckedState},
        why_request::{Settings, explain},
    },
    node::Remembered,
};
use serde_json::{Value, json};
use store::View;

/// The longest id that is looked for, in bytes.
const MAXIMUM_ID: usize = 1024;

/// Why there is no such document.
#[derive(Debug, thiserror::Error)]
pub enum NoRequest {
    /// More than [`MAXIMUM_ID`] bytes.
    #[error("an id has at most {MAXIMUM_ID} bytes")]
    TooLong,
    /// The node does not know it (any more).
    #[error("no request with the id `{id}` is remembered{}", and_what_is(*.remembered))]
    Unknown {
        /// What was asked for, shortened.
        id: String,
        /// How far the node's memory goes back.
        remembered: Remembered,
    },
    /// The node did not answer.
    #[error("{0}")]
    NotAsked(#[from] NotAsked),
}

/// Everything that is remembered of requests with this id, explained, the newest first.
pub async fn document(link: &NodeLink, view: &View, id: &str) -> Result<Value, NoRequest> {
    if id.len() > MAXIMUM_ID {
        return Err(NoRequest::TooLong);
    }
    let FoundRequests { requests, remembered } = link.find_requests(id).await?;
    if requests.is_empty() {
        return Err(NoRequest::Unknown { id: id.chars().take(100).collect(), remembered });
    }
    let explained: Vec<Value> = requests.into_iter().map(|request| explained(link, view, request)).collect();
    Ok(json!({ "id": id, "requests": explained }))
}

fn explained(link: &NodeLink, view: &View, request: Value) -> Value {
    // A node of another version may write what this one does not read; the rest is explained all the same.
    let record: RequestRecord = serde_json::from_value(request.clone()).unwrap_or_default();
    let explanation = explain(&record, &settings(link, view, &record));
    json!({
        "summary": explanation.summary,
        "happened": explanation.happened,
        "change": explanation.change,
        "failed": record.has_failed(),
        "record": request,
    })
}

/// The settings that a request was served with, as they are now.
fn settings(link: &NodeLink, view: &View, record: &RequestRecord) -> Settings {
    let balancer = view.all::<LoadBalancer>().map(|(_, one)| one).find(|one| one.dimension() == record.elb);
    let of_balancer = |key: &str| balancer.as_ref().map(|one| one.attributes.get(LOAD_BALANCER, key).to_owned());
    let arn = record.target_group_arn.as_deref();
    let group =
        view.all::<TargetGroup>().map(|(_, one)| one).find(|one| arn.is_some_and(|arn| one.arn.to_string() == arn));
    let number = |key: &str| group.as_ref().map(|one| one.attributes.number(TARGET_GROUP, key));
    Settings {
        idle_timeout_seconds: of_balancer("idle_timeout.timeout_seconds").and_then(|value| value.parse().ok()),
        desync_mode: of_balancer("routing.http.desync_mitigation_mode"),
        deregistration_delay_seconds: number("deregistration_delay.timeout_seconds"),
        retry: group.as_ref().map(|one| one.attributes.enabled(TARGET_GROUP, "goru.retry.enabled")),
        hold_seconds: number("goru.hold.timeout_seconds"),
        target_health: group.and_then(|group| health(link, view, &group, record)),
    }
}

/// What is known of the health of the target that was tried last, in words.
fn health(link: &NodeLink, view: &View, group: &TargetGroup, record: &RequestRecord) -> Option<String> {
    let address = record.target.as_deref()?.parse().ok()?;
    let snapshot = link.snapshot()?;
    let plan = snapshot.target_groups.iter().find(|plan| plan.arn == group.arn)?;
    let Some(planned) = plan.targets.iter().find(|target| target.address == address) else {
        return Some("no longer registered".to_owned());
    };
    let of_group = view.all::<Target>().map(|(_, one)| one).filter(|one| one.target_group_arn == group.arn);
    let target = of_group.into_iter().find(|one| one.key == planned.key)?;
    match (target.deregistered_at, &target.health) {
        (Some(since), _) => Some(format!("being deregistered (since {since})")),
        (None, Some(health)) => Some(words(health)),
        (None, None) => None,
    }
}

fn words(health: &CheckedHealth) -> String {
    let state = match health.state {
        CheckedState::Initial => "not checked yet",
        CheckedState::Healthy => "healthy",
        CheckedState::Unhealthy => "unhealthy",
    };
    format!("{state} (since {})", health.since)
}

/// `; the node remembers …`.
fn and_what_is(remembered: Remembered) -> String {
    let part = |count: u64, what: &str, since: Option<model::Timestamp>| {
        let since = since.map_or_else(String::new, |since| format!(" since {since}"));
        format!("the last {count}{what}{since}")
    };
    let Remembered { requests, since, failed, failed_since } = remembered;
    match (requests, failed) {
        (0, _) => ": the node has served none since it started".to_owned(),
        (_, 0) => {
            format!(" (any more): the node remembers {}, of which none failed", part(requests, " requests", since))
        }
        (_, _) => format!(
            " (any more): the node remembers {} and, apart from them, {}",
            part(requests, " requests", since),
            part(failed, " that failed", failed_since)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Timestamp;

    #[test]
    fn who_asks_for_what_is_forgotten_is_told_what_is_remembered() {
        let at = |seconds| Some(Timestamp::from_seconds(seconds));
        let said = |remembered| NoRequest::Unknown { id: "1-a".to_owned(), remembered }.to_string();
        assert_eq!(
            said(Remembered::default()),
            "no request with the id `1-a` is remembered: the node has served none since it started"
        );
        let some = Remembered { requests: 10_100, since: at(60), ..Remembered::default() };
        assert_eq!(
            said(some),
            "no request with the id `1-a` is remembered (any more): the node remembers the last 10100 requests since \
             1970-01-01T00:01:00.000Z, of which none failed"
        );
        let failed = Remembered { failed: 7, failed_since: at(1), ..some };
        assert!(said(failed).ends_with("and, apart from them, the last 7 that failed since 1970-01-01T00:00:01.000Z"));
    }
}
