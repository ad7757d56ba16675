//! The AWS operations: from the bytes of a request to a change of state and the bytes of the answer.
//!
//! Knows records, the store and the wire; knows no socket, process or effect of any kind. `controllers` makes true what
//! is written here; the two meet in the store and nowhere else.
//!
//! # For the server
//! [`Gateway::new`] takes the store, the [`Settings`], a [`Clock`] and a source of ids;
//! [`Gateway::handle`] takes the head of a request and its whole body (already capped) and gives the whole answer.
//! [`Gateway::refuse`] is for a body that could not be read.
//! It never fails and never panics: every error is an answer in the form of the request's protocol.
//! [`Gateway::set_console`] says where the output of instances is, [`Gateway::set_files`] where objects of S3 are. [`iam::ensure_root_key`] makes the account's root key
//! at the first start.
//!
//! # For a new service
//! 1. `<service>/mod.rs` has `pub async fn dispatch(cx: &Context, operation: Operation, input: Value) ->
//!    Result<Value, AwsError>`: an exhaustive match, the table of contents. An arm reads
//!    `Operation::CreateUser => reply(users::create(cx, read(input)?).await)` (see [`handler`]).
//! 2. `gateway.rs`: its table in `SERVICES`, a variant of `Served`, and the arms that the compiler then asks for. What a
//!    region has from the start (EC2's default VPC) is made in `Served::prepare_region`, before the first operation that
//!    can show it: look for a `RegionSetup` record in the view, and make everything in one transaction if there is none.
//! 3. Operations are `pub(super) async fn create(cx: &Context, input: CreateUserInput) -> Result<Output, E>` with
//!    `E: Into<AwsError>`. They destructure their input without `..`, parse texts into types of `model`, and change
//!    state in one transaction. What the shape tables can check (required, range, pattern, refused members) is
//!    already checked.
//! 4. `<service>/errors.rs` turns failures into AWS's codes.
//!
//! # What there is for all
//! - [`Context`]: caller, account, region, now, ids, state, settings.
//! - [`pagination::Listing`]: pages and sealed tokens.
//! - [`idempotency`]: ClientToken and DryRun.
//! - [`handler`]: inputs and outputs, times to and from the wire, failed commits. Draw ids with [`Context::mint`] before
//!   the transaction; its closure may run twice.
//! - [`regions`]: regions and zones; [`Context::zones`] for those that this server offers.

pub mod acm;
mod authentication;
pub mod autoscaling;
pub mod cloudwatch;
mod content;
pub mod context;
pub mod ec2;
pub mod elbv2;
pub mod files;
pub mod gateway;
pub mod handler;
pub mod iam;
pub mod idempotency;
pub mod pagination;
pub mod regions;
pub mod sns;
pub mod ssm;
pub mod sts;
mod x509;

pub use context::{Authentication, Clock, Console, Context, InstanceFiles, Principal, Settings, SharedIds, TokenKey};
pub use files::{Files, ObjectError};
pub use gateway::{Gateway, MAXIMUM_BODY_BYTES, UnreadBody};
