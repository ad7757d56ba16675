//! What all Describe operations have in common: filters, pages, DryRun.

use std::fmt::Debug;

use api::ec2::types::Filter;
use wire::AwsError;

use super::errors::{self, combination, invalid};
use super::filters::{Filters, Properties};
use crate::context::Context;
use crate::idempotency::dry_run;
use crate::pagination::{Listing, Page};

/// The most items of a page. AWS's tables of shapes say so for most operations; for the others it is checked here.
pub(super) const MAXIMUM_PAGE_SIZE: i32 = 1000;

/// The members that Describe operations share.
pub(super) struct Selection<'a> {
    /// AWS's name of the operation.
    pub operation: &'static str,
    /// Every other member that selects items, which must stay the same from page to page.
    pub chosen: &'a dyn Debug,
    /// `Filters`
    pub filters: Option<Vec<Filter>>,
    /// `MaxResults`
    pub max_results: Option<i32>,
    /// `NextToken`
    pub next_token: Option<String>,
    /// `DryRun`
    pub dry_run: Option<bool>,
}

impl Selection<'_> {
    /// The page of those items that the filters admit. Items come with a key that is unique and that orders them.
    ///
    /// # Errors
    /// Unknown filters, page sizes out of range, tokens of other listings; `DryRunOperation` when all is well and
    /// DryRun is set.
    pub(super) fn page<T>(
        self,
        cx: &Context,
        properties: &Properties<T>,
        items: impl IntoIterator<Item = (String, T)>,
    ) -> Result<Page<T>, AwsError> {
        let Self { operation, chosen, filters, max_results, next_token, dry_run: dry } = self;
        let filters = Filters::parse(filters, properties)?;
        let size = page_size(max_results)?;
        let selection = (chosen, &filters);
        let listing = Listing { operation, selection: &selection };
        let admitted = items.into_iter().filter(|(_, item)| filters.admit(properties, item));
        let page = listing.page(cx, next_token.as_deref(), size, admitted).map_err(errors::token)?;
        dry_run(dry)?;
        Ok(page)
    }
}

/// Without `MaxResults` everything comes at once.
fn page_size(max_results: Option<i32>) -> Result<usize, AwsError> {
    let Some(size) = max_results else { return Ok(usize::MAX) };
    let fits = usize::try_from(size).ok().filter(|_| (1..=MAXIMUM_PAGE_SIZE).contains(&size));
    fits.ok_or_else(|| invalid(format!("MaxResults is {size}; it has to be from 1 to {MAXIMUM_PAGE_SIZE}")))
}

/// Some operations page only when no ids are given (EC2 API reference, under MaxResults of each).
pub(super) fn refuse_pages_of_ids(member: &str, ids: &[String], max_results: Option<i32>) -> Result<(), AwsError> {
    match max_results {
        Some(_) if !ids.is_empty() => Err(combination(format!("MaxResults and {member} exclude each other"))),
        Some(_) | None => Ok(()),
    }
}
