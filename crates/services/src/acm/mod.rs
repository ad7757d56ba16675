//! AWS Certificate Manager: certificates that are imported, for HTTPS listeners of load balancers.
//!
//! Private keys are in no answer: GetCertificate gives the certificate and its chain. Certificates that ACM itself requests
//! and renews are refused by name until they exist.

mod certificates;
mod errors;
mod listing;
mod tags;
mod views;

use api::acm::Operation;
use wire::{AwsError, Value};

use crate::context::Context;
use crate::handler::{done, read, reply};

/// The operations of ACM.
///
/// # Errors
/// Those of the operation.
pub async fn dispatch(cx: &Context, operation: Operation, input: Value) -> Result<Value, AwsError> {
    match operation {
        Operation::AddTagsToCertificate => done(tags::add(cx, read(input)?).await),
        Operation::DeleteCertificate => done(certificates::delete(cx, read(input)?).await),
        Operation::DescribeCertificate => reply(certificates::describe(cx, read(input)?)),
        Operation::GetCertificate => reply(certificates::get(cx, read(input)?)),
        Operation::ImportCertificate => reply(certificates::import(cx, read(input)?).await),
        Operation::ListCertificates => reply(listing::list(cx, read(input)?)),
        Operation::ListTagsForCertificate => reply(tags::list(cx, read(input)?)),
        Operation::RemoveTagsFromCertificate => done(tags::remove(cx, read(input)?).await),
    }
}
