//! Launch templates: create, describe, modify, delete. Their versions are in [`super::launch_template_versions`].

use std::sync::Arc;

use api::ec2::ErrorCode;
use api::ec2::types::{
    self, CreateLaunchTemplateRequest, CreateLaunchTemplateResult, DeleteLaunchTemplateRequest,
    DeleteLaunchTemplateResult, DescribeLaunchTemplatesRequest, DescribeLaunchTemplatesResult,
    ModifyLaunchTemplateRequest, ModifyLaunchTemplateResult,
};
use model::ec2::launch_template::{
    LaunchTemplate, LaunchTemplateVersion, MAXIMUM_TEMPLATES, VersionWanted, check_name, resolve,
};
use model::id::LaunchTemplateId;
use model::{Scope, Timestamp};
use store::{Transaction, View};
use wire::AwsError;

use super::errors::{self, combination, invalid, missing};
use super::filters::{Properties, text};
use super::launch_spec;
use super::listing::Selection;
use super::resources::{MAXIMUM_IDS, find, parse, parse_all};
use super::tags::{specified_for, to_wire};
use crate::context::Context;
use crate::handler::{self, committed};
use crate::idempotency::{ClientToken, dry_run, once};

/// How a request names a launch template.
#[derive(Clone, Debug)]
pub(super) enum Named {
    Id(LaunchTemplateId),
    Name(String),
}

impl Named {
    /// By the one of both members that is given.
    ///
    /// # Errors
    /// Both or none, malformed ones.
    pub(super) fn of(id: Option<&str>, name: Option<&str>) -> Result<Self, AwsError> {
        let named = Self::maybe(id, name)?;
        named.ok_or_else(|| missing("LaunchTemplateId or LaunchTemplateName has to be given"))
    }

    /// The same where a request need not name one.
    ///
    /// # Errors
    /// Both, malformed ones.
    pub(super) fn maybe(id: Option<&str>, name: Option<&str>) -> Result<Option<Self>, AwsError> {
        match (id, name) {
            (Some(_), Some(_)) => Err(combination("LaunchTemplateId and LaunchTemplateName exclude each other")),
            (None, None) => Ok(None),
            (Some(id), None) => Ok(Some(Self::Id(parse(id)?))),
            (None, Some(name)) => {
                named(name)?;
                Ok(Some(Self::Name(name.to_owned())))
            }
        }
    }

    /// Its record.
    ///
    /// # Errors
    /// `InvalidLaunchTemplateId.NotFound`, `InvalidLaunchTemplateName.NotFoundException`.
    pub(super) fn find(&self, view: &View, scope: &Scope) -> Result<Arc<LaunchTemplate>, AwsError> {
        match self {
            Self::Id(id) => find(view, scope, id),
            Self::Name(name) => by_name(view, scope, name).ok_or_else(|| {
                let message = format!("there is no launch template named `{name}` in this account and region");
                ErrorCode::InvalidLaunchTemplateNameNotFoundException.error(message)
            }),
        }
    }
}

fn named(name: &str) -> Result<(), AwsError> {
    check_name(name).map_err(|e| ErrorCode::InvalidLaunchTemplateNameMalformedException.error(e.to_string()))
}

fn by_name(view: &View, scope: &Scope, name: &str) -> Option<Arc<LaunchTemplate>> {
    view.list::<LaunchTemplate>(scope).find(|template| template.name == name)
}

/// The version that a text wants.
///
/// # Errors
/// `InvalidParameterValue`.
pub(super) fn version_wanted(text: &str) -> Result<VersionWanted, AwsError> {
    text.parse().map_err(|error: model::ec2::launch_template::InvalidVersion| invalid(error.to_string()))
}

/// A number as answers show it.
pub(super) fn shown_number(number: u64) -> Option<i64> {
    i64::try_from(number).ok()
}

pub(super) async fn create(
    cx: &Context,
    input: CreateLaunchTemplateRequest,
) -> Result<CreateLaunchTemplateResult, AwsError> {
    let CreateLaunchTemplateRequest {
        client_token,
        dry_run: dry,
        launch_template_data,
        launch_template_name,
        tag_specifications,
        version_description,
    } = input;
    named(&launch_template_name)?;
    let data = launch_spec::of_template(cx, launch_template_data)?;
    let tags = specified_for(tag_specifications, "launch-template")?;
    let asked = (&launch_template_name, &data, &tags, &version_description);
    let token = ClientToken::new(cx, "CreateLaunchTemplate", client_token.as_deref(), &asked)?;
    let template = LaunchTemplate {
        id: cx.mint(LaunchTemplateId::mint),
        name: launch_template_name,
        created_at: cx.now,
        created_by: cx.principal.arn(&cx.account).to_string(),
        default_version: 1,
        latest_version: 1,
        versions_made: 1,
        tags,
    };
    let first = LaunchTemplateVersion {
        template_id: template.id.clone(),
        version: 1,
        description: version_description,
        data,
        created_at: cx.now,
        created_by: template.created_by.clone(),
    };
    let scope = cx.scope();
    let work = |txn: &mut Transaction| {
        let id = once(txn, token.as_ref(), |txn| {
            refuse_if_there(txn.view(), &scope, &template.name)?;
            dry_run(dry)?;
            txn.put(&scope, template.clone());
            txn.put(&scope, first.clone());
            Ok::<String, AwsError>(template.id.to_string())
        })?;
        dry_run(dry)?;
        find(txn.view(), &scope, &parse::<LaunchTemplateId>(&id)?)
    };
    let made = committed(cx.store.transact(work).await)?;
    Ok(CreateLaunchTemplateResult { launch_template: Some(shown(&made)), warning: None })
}

fn refuse_if_there(view: &View, scope: &Scope, name: &str) -> Result<(), AwsError> {
    if let Some(taken) = by_name(view, scope, name) {
        let message = format!("there is a launch template named `{name}` already: {}", taken.id);
        return Err(ErrorCode::InvalidLaunchTemplateNameAlreadyExistsException.error(message));
    }
    if view.list::<LaunchTemplate>(scope).count() >= MAXIMUM_TEMPLATES {
        let message = format!("this region already has {MAXIMUM_TEMPLATES} launch templates, the most there can be");
        return Err(ErrorCode::MaxTemplateLimitExceeded.error(message));
    }
    Ok(())
}

static PROPERTIES: Properties<types::LaunchTemplate> = Properties {
    named: &[
        ("create-time", |template| text(&template.create_time.map(|at| Timestamp::from_millis(at.0).to_string()))),
        ("launch-template-name", |template| text(&template.launch_template_name)),
    ],
    tags: Some(|template| template.tags.as_deref().unwrap_or_default()),
};

pub(super) fn describe(
    cx: &Context,
    input: DescribeLaunchTemplatesRequest,
) -> Result<DescribeLaunchTemplatesResult, AwsError> {
    let DescribeLaunchTemplatesRequest {
        dry_run,
        filters,
        launch_template_ids,
        launch_template_names,
        max_results,
        next_token,
    } = input;
    let (ids, names) = (launch_template_ids.unwrap_or_default(), launch_template_names.unwrap_or_default());
    let (view, scope) = (cx.store.view(), cx.scope());
    let chosen = chosen(&view, &scope, &ids, &names)?;
    let items = chosen.iter().map(|template| (template.name.clone(), shown(template)));
    let (operation, chosen) = ("DescribeLaunchTemplates", (&ids, &names));
    let selection = Selection { operation, chosen: &chosen, filters, max_results, next_token, dry_run };
    let page = selection.page(cx, &PROPERTIES, items)?;
    Ok(DescribeLaunchTemplatesResult { launch_templates: Some(page.items), next_token: page.next })
}

fn chosen(view: &View, scope: &Scope, ids: &[String], names: &[String]) -> Result<Vec<Arc<LaunchTemplate>>, AwsError> {
    if ids.is_empty() && names.is_empty() {
        return Ok(view.list(scope).collect());
    }
    if names.len() > MAXIMUM_IDS {
        return Err(invalid(format!("a call names at most {MAXIMUM_IDS} launch templates")));
    }
    let by_id = parse_all(ids)?.into_iter().map(|id| Ok(Named::Id(id)));
    let by_name = names.iter().map(|name| Named::of(None, Some(name)));
    let mut found = Vec::new();
    for named in by_id.chain(by_name) {
        let template = named?.find(view, scope)?;
        if !found.contains(&template) {
            found.push(template);
        }
    }
    Ok(found)
}

pub(super) async fn modify(
    cx: &Context,
    input: ModifyLaunchTemplateRequest,
) -> Result<ModifyLaunchTemplateResult, AwsError> {
    let ModifyLaunchTemplateRequest {
        client_token,
        default_version,
        dry_run: dry,
        launch_template_id,
        launch_template_name,
    } = input;
    let named = Named::of(launch_template_id.as_deref(), launch_template_name.as_deref())?;
    let text =
        default_version.ok_or_else(|| missing("SetDefaultVersion is not given; nothing else can be modified"))?;
    let wanted = version_wanted(&text)?;
    let token = ClientToken::new(cx, "ModifyLaunchTemplate", client_token.as_deref(), &(&named, wanted))?;
    let scope = cx.scope();
    let work = |txn: &mut Transaction| {
        let id = once(txn, token.as_ref(), |txn| {
            let mut template = LaunchTemplate::clone(&*named.find(txn.view(), &scope)?);
            let found = resolve(&template, wanted, |id| txn.get(&scope, id));
            (template.default_version, _) = found.map_err(|error| errors::version(&error))?;
            let id = template.id.to_string();
            txn.put(&scope, template);
            Ok::<String, AwsError>(id)
        })?;
        dry_run(dry)?;
        find(txn.view(), &scope, &parse::<LaunchTemplateId>(&id)?)
    };
    let template = committed(cx.store.transact(work).await)?;
    Ok(ModifyLaunchTemplateResult { launch_template: Some(shown(&template)) })
}

pub(super) async fn delete(
    cx: &Context,
    input: DeleteLaunchTemplateRequest,
) -> Result<DeleteLaunchTemplateResult, AwsError> {
    let DeleteLaunchTemplateRequest { dry_run: dry, launch_template_id, launch_template_name } = input;
    let named = Named::of(launch_template_id.as_deref(), launch_template_name.as_deref())?;
    let scope = cx.scope();
    let work = |txn: &mut Transaction| {
        let template = named.find(txn.view(), &scope)?;
        dry_run(dry)?;
        let prefix = LaunchTemplateVersion::id_prefix(&template.id);
        let versions: Vec<String> =
            txn.range::<LaunchTemplateVersion>(&scope, &prefix).map(|version| version.id()).collect();
        for id in versions {
            txn.delete::<LaunchTemplateVersion>(&scope, id);
        }
        txn.delete::<LaunchTemplate>(&scope, &template.id);
        Ok::<_, AwsError>(template)
    };
    let template = committed(cx.store.transact(work).await)?;
    Ok(DeleteLaunchTemplateResult { launch_template: Some(shown(&template)) })
}

fn shown(template: &LaunchTemplate) -> types::LaunchTemplate {
    types::LaunchTemplate {
        create_time: Some(handler::to_wire(template.created_at)),
        created_by: Some(template.created_by.clone()),
        default_version_number: shown_number(template.default_version),
        latest_version_number: shown_number(template.latest_version),
        launch_template_id: Some(template.id.to_string()),
        launch_template_name: Some(template.name.clone()),
        tags: Some(to_wire(&template.tags)),
    }
}
