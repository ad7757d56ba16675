//! Versions of launch templates: create, describe, delete; and the data that an instance would have come from.

use std::sync::Arc;

use api::ec2::ErrorCode;
use api::ec2::types::{
    self, CreateLaunchTemplateVersionRequest, CreateLaunchTemplateVersionResult, DeleteLaunchTemplateVersionsRequest,
    DeleteLaunchTemplateVersionsResponseErrorItem, DeleteLaunchTemplateVersionsResponseSuccessItem,
    DeleteLaunchTemplateVersionsResult, DescribeLaunchTemplateVersionsRequest, DescribeLaunchTemplateVersionsResult,
    GetLaunchTemplateDataRequest, GetLaunchTemplateDataResult, LaunchTemplateErrorCode, ResponseError,
};
use model::ec2::launch::LaunchSpec;
use model::ec2::launch_template::{LaunchTemplate, LaunchTemplateVersion, MAXIMUM_VERSIONS, VersionWanted, resolve};
use model::id::InstanceId;
use model::{Scope, Timestamp};
use store::{Transaction, View};
use wire::AwsError;

use super::errors::{self, combination, invalid, missing};
use super::filters::{Properties, nothing, plain, text};
use super::launch_spec;
use super::launch_templates::{Named, shown_number, version_wanted};
use super::listing::Selection;
use super::resources::find_text;
use crate::context::Context;
use crate::handler::{self, committed};
use crate::idempotency::{ClientToken, dry_run, once};

/// The most versions that one call may name (EC2 API reference, DeleteLaunchTemplateVersions).
const MAXIMUM_NAMED: usize = 200;

pub(super) async fn create(
    cx: &Context,
    input: CreateLaunchTemplateVersionRequest,
) -> Result<CreateLaunchTemplateVersionResult, AwsError> {
    let CreateLaunchTemplateVersionRequest {
        client_token,
        dry_run: dry,
        launch_template_data,
        launch_template_id,
        launch_template_name,
        resolve_alias,
        source_version,
        version_description,
    } = input;
    let named = Named::of(launch_template_id.as_deref(), launch_template_name.as_deref())?;
    let data = launch_spec::of_template(cx, launch_template_data)?;
    let source = source_version.map(|text| version_wanted(&text)).transpose()?;
    let asked = (&named, source, &data, &version_description);
    let token = ClientToken::new(cx, "CreateLaunchTemplateVersion", client_token.as_deref(), &asked)?;
    let scope = cx.scope();
    let work = |txn: &mut Transaction| {
        let id = once(txn, token.as_ref(), |txn| {
            let mut template = LaunchTemplate::clone(&*named.find(txn.view(), &scope)?);
            refuse_if_full(txn.view(), &scope, &template)?;
            let version = LaunchTemplateVersion {
                template_id: template.id.clone(),
                version: template.versions_made + 1,
                description: version_description.clone(),
                data: based_on(txn.view(), &scope, &template, source, &data)?,
                created_at: cx.now,
                created_by: cx.principal.arn(&cx.account).to_string(),
            };
            (template.versions_made, template.latest_version) = (version.version, version.version);
            let id = version.id();
            txn.put(&scope, version);
            txn.put(&scope, template);
            Ok::<String, AwsError>(id)
        })?;
        dry_run(dry)?;
        let version = txn.get::<LaunchTemplateVersion>(&scope, &id).ok_or_else(deleted_meanwhile)?;
        let template = Named::Id(version.template_id.clone()).find(txn.view(), &scope)?;
        Ok::<_, AwsError>((template, version))
    };
    let (template, version) = committed(cx.store.transact(work).await)?;
    let launch_template_version = Some(shown(&template, &version, resolve_alias == Some(true)));
    Ok(CreateLaunchTemplateVersionResult { launch_template_version, warning: None })
}

/// For a repeated call whose version was deleted after the first one.
fn deleted_meanwhile() -> AwsError {
    let message = "the version that the first call with this token made has been deleted; use a new token";
    ErrorCode::InvalidLaunchTemplateIdVersionNotFound.error(message)
}

fn refuse_if_full(view: &View, scope: &Scope, template: &LaunchTemplate) -> Result<(), AwsError> {
    if versions(view, scope, template).count() >= MAXIMUM_VERSIONS {
        let message = format!("{} already has {MAXIMUM_VERSIONS} versions, the most there can be", template.id);
        return Err(ErrorCode::MaxTemplateVersionLimitExceeded.error(message));
    }
    Ok(())
}

fn versions<'v>(
    view: &'v View,
    scope: &Scope,
    template: &LaunchTemplate,
) -> impl Iterator<Item = Arc<LaunchTemplateVersion>> + use<'v> {
    view.range::<LaunchTemplateVersion>(scope, &LaunchTemplateVersion::id_prefix(&template.id))
}

fn based_on(
    view: &View,
    scope: &Scope,
    template: &LaunchTemplate,
    source: Option<VersionWanted>,
    data: &LaunchSpec,
) -> Result<LaunchSpec, AwsError> {
    let Some(source) = source else { return Ok(data.clone()) };
    let (_, base) = resolve(template, source, |id| view.get(scope, id)).map_err(|error| errors::version(&error))?;
    // Where a version comes from is no part of what it says.
    let base = LaunchSpec { launch_template: None, ..base };
    let merged = base.overridden(data.clone());
    launch_spec::check(&merged)?;
    Ok(merged)
}

/// Which versions a Describe call asks for.
#[derive(Debug)]
struct Range {
    wanted: Vec<VersionWanted>,
    least: u64,
    most: u64,
}

impl Range {
    fn of(versions: Option<Vec<String>>, least: Option<&str>, most: Option<&str>) -> Result<Self, AwsError> {
        let wanted = versions.unwrap_or_default();
        if wanted.len() > MAXIMUM_NAMED {
            return Err(invalid(format!("a call names at most {MAXIMUM_NAMED} versions")));
        }
        if !wanted.is_empty() && (least.is_some() || most.is_some()) {
            return Err(combination("Versions excludes MinVersion and MaxVersion"));
        }
        let wanted = wanted.iter().map(|text| version_wanted(text)).collect::<Result<_, AwsError>>()?;
        let bound = |member: &str, text: Option<&str>| text.map(|text| number(member, text)).transpose();
        let (least, most) = (bound("MinVersion", least)?, bound("MaxVersion", most)?);
        Ok(Self { wanted, least: least.unwrap_or(0), most: most.unwrap_or(u64::MAX) })
    }

    /// The versions of one template; each once.
    fn chosen(
        &self,
        view: &View,
        scope: &Scope,
        template: &LaunchTemplate,
    ) -> Result<Vec<Arc<LaunchTemplateVersion>>, AwsError> {
        if self.wanted.is_empty() {
            let within = |version: &Arc<LaunchTemplateVersion>| (self.least..=self.most).contains(&version.version);
            return Ok(versions(view, scope, template).filter(within).collect());
        }
        let mut chosen = Vec::new();
        for wanted in &self.wanted {
            let (number, _) =
                resolve(template, *wanted, |id| view.get(scope, id)).map_err(|error| errors::version(&error))?;
            chosen.extend(view.get(scope, LaunchTemplateVersion::id_of(&template.id, number)));
        }
        chosen.sort_by_key(|version: &Arc<LaunchTemplateVersion>| version.version);
        chosen.dedup();
        Ok(chosen)
    }
}

fn number(member: &str, text: &str) -> Result<u64, AwsError> {
    match version_wanted(text)? {
        VersionWanted::Number(number) => Ok(number),
        VersionWanted::Latest | VersionWanted::Default => {
            Err(invalid(format!("{member} is {text}; here it has to be a number from 1")))
        }
    }
}

fn data(version: &types::LaunchTemplateVersion) -> types::ResponseLaunchTemplateData {
    version.launch_template_data.clone().unwrap_or_default()
}

fn options(version: &types::LaunchTemplateVersion) -> types::LaunchTemplateInstanceMetadataOptions {
    data(version).metadata_options.unwrap_or_default()
}

static PROPERTIES: Properties<types::LaunchTemplateVersion> = Properties {
    named: &[
        ("create-time", |version| text(&version.create_time.map(|at| Timestamp::from_millis(at.0).to_string()))),
        ("ebs-optimized", nothing),
        ("host-resource-group-arn", nothing),
        ("http-endpoint", |version| plain(options(version).http_endpoint)),
        ("http-protocol-ipv4", nothing),
        ("http-tokens", |version| plain(options(version).http_tokens)),
        ("iam-instance-profile", nothing),
        ("image-id", |version| text(&data(version).image_id)),
        ("instance-type", |version| text(&data(version).instance_type)),
        ("is-default-version", |version| plain(version.default_version)),
        ("kernel-id", nothing),
        ("license-configuration-arn", nothing),
        ("network-card-index", nothing),
        ("ram-disk-id", nothing),
    ],
    tags: None,
};

pub(super) fn describe(
    cx: &Context,
    input: DescribeLaunchTemplateVersionsRequest,
) -> Result<DescribeLaunchTemplateVersionsResult, AwsError> {
    let DescribeLaunchTemplateVersionsRequest {
        dry_run,
        filters,
        launch_template_id,
        launch_template_name,
        max_results,
        max_version,
        min_version,
        next_token,
        resolve_alias,
        versions,
    } = input;
    let named = Named::maybe(launch_template_id.as_deref(), launch_template_name.as_deref())?;
    let range = Range::of(versions, min_version.as_deref(), max_version.as_deref())?;
    if max_results.is_some_and(|size| usize::try_from(size).is_ok_and(|size| size > MAXIMUM_NAMED)) {
        return Err(invalid(format!("MaxResults has to be from 1 to {MAXIMUM_NAMED}")));
    }
    let (view, scope, resolved) = (cx.store.view(), cx.scope(), resolve_alias == Some(true));
    let mut items = Vec::new();
    for template in templates(&view, &scope, named.as_ref(), &range)? {
        let chosen = range.chosen(&view, &scope, &template)?;
        items.extend(chosen.iter().map(|version| (place(version), shown(&template, version, resolved))));
    }
    let (operation, chosen) = ("DescribeLaunchTemplateVersions", (&named, &range, resolved));
    let selection = Selection { operation, chosen: &chosen, filters, max_results, next_token, dry_run };
    let page = selection.page(cx, &PROPERTIES, items)?;
    Ok(DescribeLaunchTemplateVersionsResult { launch_template_versions: Some(page.items), next_token: page.next })
}

/// The template that is named; or all of them, of which only the latest and the default versions can be asked for.
fn templates(
    view: &View,
    scope: &Scope,
    named: Option<&Named>,
    range: &Range,
) -> Result<Vec<Arc<LaunchTemplate>>, AwsError> {
    if let Some(named) = named {
        return Ok(vec![named.find(view, scope)?]);
    }
    let of_all = |wanted: &VersionWanted| matches!(wanted, VersionWanted::Latest | VersionWanted::Default);
    if range.wanted.is_empty() || !range.wanted.iter().all(of_all) {
        return Err(missing(
            "LaunchTemplateId or LaunchTemplateName has to be given, unless Versions are $Latest and $Default",
        ));
    }
    Ok(view.list(scope).collect())
}

/// By template; the newest version first, as AWS shows them.
fn place(version: &LaunchTemplateVersion) -> String {
    LaunchTemplateVersion::id_of(&version.template_id, u64::MAX - version.version)
}

pub(super) async fn delete(
    cx: &Context,
    input: DeleteLaunchTemplateVersionsRequest,
) -> Result<DeleteLaunchTemplateVersionsResult, AwsError> {
    let DeleteLaunchTemplateVersionsRequest { dry_run: dry, launch_template_id, launch_template_name, versions } =
        input;
    let named = Named::of(launch_template_id.as_deref(), launch_template_name.as_deref())?;
    if versions.is_empty() || versions.len() > MAXIMUM_NAMED {
        return Err(invalid(format!("a call deletes 1 to {MAXIMUM_NAMED} versions")));
    }
    let numbers = versions.iter().map(|text| number("LaunchTemplateVersion", text));
    let numbers = numbers.collect::<Result<Vec<u64>, AwsError>>()?;
    let scope = cx.scope();
    let work = |txn: &mut Transaction| {
        let template = named.find(txn.view(), &scope)?;
        dry_run(dry)?;
        let (mut deleted, mut kept) = (Vec::new(), Vec::new());
        for number in &numbers {
            match delete_one(txn, &scope, &template, *number) {
                Ok(()) => deleted.push(success(&template, *number)),
                Err(error) => kept.push(failure(&template, *number, error)),
            }
        }
        let latest = self::versions(txn.view(), &scope, &template).last().map(|version| version.version);
        let latest_version = latest.unwrap_or(template.latest_version);
        txn.put(&scope, LaunchTemplate { latest_version, ..LaunchTemplate::clone(&template) });
        Ok::<_, AwsError>((deleted, kept))
    };
    let (deleted, kept) = committed(cx.store.transact(work).await)?;
    Ok(DeleteLaunchTemplateVersionsResult {
        successfully_deleted_launch_template_versions: Some(deleted),
        unsuccessfully_deleted_launch_template_versions: Some(kept),
    })
}

fn delete_one(
    txn: &mut Transaction,
    scope: &Scope,
    template: &LaunchTemplate,
    number: u64,
) -> Result<(), ResponseError> {
    if number == template.default_version {
        let message = format!("version {number} is the default version; make another one the default first");
        return Err(ResponseError { code: Some(LaunchTemplateErrorCode::UnexpectedError), message: Some(message) });
    }
    match txn.delete::<LaunchTemplateVersion>(scope, LaunchTemplateVersion::id_of(&template.id, number)) {
        true => Ok(()),
        false => Err(ResponseError {
            code: Some(LaunchTemplateErrorCode::LaunchTemplateVersionDoesNotExist),
            message: Some(format!("{} has no version {number}", template.id)),
        }),
    }
}

fn success(template: &LaunchTemplate, number: u64) -> DeleteLaunchTemplateVersionsResponseSuccessItem {
    DeleteLaunchTemplateVersionsResponseSuccessItem {
        launch_template_id: Some(template.id.to_string()),
        launch_template_name: Some(template.name.clone()),
        version_number: shown_number(number),
    }
}

fn failure(
    template: &LaunchTemplate,
    number: u64,
    error: ResponseError,
) -> DeleteLaunchTemplateVersionsResponseErrorItem {
    DeleteLaunchTemplateVersionsResponseErrorItem {
        launch_template_id: Some(template.id.to_string()),
        launch_template_name: Some(template.name.clone()),
        response_error: Some(error),
        version_number: shown_number(number),
    }
}

fn shown(template: &LaunchTemplate, version: &LaunchTemplateVersion, resolved: bool) -> types::LaunchTemplateVersion {
    types::LaunchTemplateVersion {
        create_time: Some(handler::to_wire(version.created_at)),
        created_by: Some(version.created_by.clone()),
        default_version: Some(version.version == template.default_version),
        launch_template_data: Some(launch_spec::shown(&version.data, resolved)),
        launch_template_id: Some(template.id.to_string()),
        launch_template_name: Some(template.name.clone()),
        version_description: version.description.clone(),
        version_number: shown_number(version.version),
    }
}

/// What one would write into a launch template to get such an instance again.
pub(super) fn data_of_instance(
    cx: &Context,
    input: GetLaunchTemplateDataRequest,
) -> Result<GetLaunchTemplateDataResult, AwsError> {
    let GetLaunchTemplateDataRequest { dry_run: dry, instance_id } = input;
    let view = cx.store.view();
    let instance = find_text::<InstanceId>(&view, &cx.scope(), &instance_id)?;
    dry_run(dry)?;
    let data = launch_spec::shown(&LaunchSpec::of(&instance), false);
    Ok(GetLaunchTemplateDataResult { launch_template_data: Some(data) })
}
