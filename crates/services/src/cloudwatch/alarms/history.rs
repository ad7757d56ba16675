//! DescribeAlarmHistory: what happened to one alarm or to all, also after they were deleted.

use api::cloudwatch::types::{
    self, AlarmType, DescribeAlarmHistoryInput, DescribeAlarmHistoryOutput, HistoryItemType, ScanBy,
};
use model::cloudwatch::alarm_history::{AlarmHistoryItem, HistoryKind, RETENTION};
use std::sync::Arc;

use crate::cloudwatch::errors::Error;
use crate::context::Context;
use crate::handler::{from_wire, to_wire};
use crate::pagination::Listing;

/// How many entries a page has when the caller does not say.
const PAGE_SIZE: i32 = 100;

pub(in crate::cloudwatch) fn describe_history(
    cx: &Context,
    input: DescribeAlarmHistoryInput,
) -> Result<DescribeAlarmHistoryOutput, Error> {
    let DescribeAlarmHistoryInput {
        alarm_name,
        alarm_types,
        end_date,
        history_item_type,
        max_records,
        next_token,
        scan_by,
        start_date,
    } = input;
    let (start, end) = (start_date.map(from_wire), end_date.map(from_wire));
    if start.zip(end).is_some_and(|(start, end)| start > end) {
        return Err(Error::value("StartDate", "it must not be after EndDate"));
    }
    let types = alarm_types.filter(|types| !types.is_empty()).unwrap_or_else(|| vec![AlarmType::MetricAlarm]);
    let of_type = |item: &AlarmHistoryItem| {
        types.contains(if item.composite { &AlarmType::CompositeAlarm } else { &AlarmType::MetricAlarm })
    };
    let fits = |item: &Arc<AlarmHistoryItem>| {
        (alarm_name.is_some() || of_type(item))
            && history_item_type.is_none_or(|wanted| wanted == kind(item.kind))
            && start.is_none_or(|start| item.at >= start)
            && end.is_none_or(|end| item.at <= end)
            && cx.now.since(item.at) <= RETENTION
    };
    let selection = format!("{alarm_name:?} {types:?} {history_item_type:?} {start:?} {end:?} {scan_by:?}");
    let newest_first = scan_by != Some(ScanBy::TimestampAscending);
    let prefix = alarm_name.as_deref().map(AlarmHistoryItem::id_prefix).unwrap_or_default();
    let view = cx.store.view();
    let items = view.range::<AlarmHistoryItem>(&cx.scope(), &prefix).filter(fits);
    let listing = Listing { operation: "DescribeAlarmHistory", selection: &selection };
    let size = usize::try_from(max_records.unwrap_or(PAGE_SIZE)).unwrap_or(1);
    let page = listing.page(cx, next_token.as_deref(), size, items.map(|item| (key(&item, newest_first), item)))?;
    let page = page.map(|item| shown(&item));
    Ok(DescribeAlarmHistoryOutput { alarm_history_items: Some(page.items), next_token: page.next })
}

/// Sorts as the caller wants to read: by time, then by number.
fn key(item: &AlarmHistoryItem, newest_first: bool) -> String {
    let (millis, number) = (item.at.millis().unsigned_abs(), item.number);
    let (millis, number) = if newest_first { (u64::MAX - millis, u64::MAX - number) } else { (millis, number) };
    format!("{millis:020}{number:020}{}", item.alarm_name)
}

fn kind(kind: HistoryKind) -> HistoryItemType {
    match kind {
        HistoryKind::ConfigurationUpdate => HistoryItemType::ConfigurationUpdate,
        HistoryKind::StateUpdate => HistoryItemType::StateUpdate,
        HistoryKind::Action => HistoryItemType::Action,
    }
}

fn shown(item: &AlarmHistoryItem) -> types::AlarmHistoryItem {
    types::AlarmHistoryItem {
        alarm_contributor_attributes: None,
        alarm_contributor_id: None,
        alarm_name: Some(item.alarm_name.clone()),
        alarm_type: Some(if item.composite { AlarmType::CompositeAlarm } else { AlarmType::MetricAlarm }),
        history_data: Some(item.data.clone()),
        history_item_type: Some(kind(item.kind)),
        history_summary: Some(item.summary.clone()),
        timestamp: Some(to_wire(item.at)),
    }
}
