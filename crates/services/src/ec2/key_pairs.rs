//! Key pairs: create, import, describe, delete. Who has the private key may log in to instances that name the pair.
//!
//! The private key of a pair that is made here is in its answer and nowhere else: no record and no log has it.

use std::sync::Arc;

use api::ec2::ErrorCode;
use api::ec2::types::{
    self, CreateKeyPairRequest, DeleteKeyPairRequest, DeleteKeyPairResult, DescribeKeyPairsRequest,
    DescribeKeyPairsResult, ImportKeyPairRequest, ImportKeyPairResult, KeyFormat, KeyPairInfo,
};
use model::ec2::key_pair::{KeyPair, KeyType, MAXIMUM_KEY_PAIRS, check_name};
use model::id::KeyPairId;
use model::{Scope, Tags};
use store::{Transaction, View};
use wire::AwsError;

use super::errors::{combination, invalid, missing, unsupported};
use super::filters::{Properties, text};
use super::key_material::{self, PublicHalf};
use super::listing::Selection;
use super::resources::{MAXIMUM_IDS, not_found, parse, parse_all};
use super::tags::{specified_for, to_wire};
use crate::context::Context;
use crate::handler::{self, committed};
use crate::idempotency::dry_run;

pub(super) async fn create(cx: &Context, input: CreateKeyPairRequest) -> Result<types::KeyPair, AwsError> {
    let CreateKeyPairRequest { dry_run: dry, key_format, key_name: name, key_type, tag_specifications } = input;
    named(&name)?;
    match key_format {
        None | Some(KeyFormat::Pem) => {}
        Some(KeyFormat::Ppk) => {
            return Err(unsupported(
                "KeyFormat ppk: Goru makes keys for OpenSSH; PuTTYgen turns a pem file into a ppk one",
            ));
        }
    }
    let key_type = match key_type {
        None | Some(types::KeyType::Rsa) => KeyType::Rsa,
        Some(types::KeyType::Ed25519) => KeyType::Ed25519,
    };
    let tags = specified_for(tag_specifications, "key-pair")?;
    // Before the work of making a key, and again in the transaction.
    refuse_if_there(&cx.store.view(), &cx.scope(), &name)?;
    dry_run(dry)?;
    let owner = name.clone();
    let made = tokio::task::spawn_blocking(move || key_material::make(key_type, &owner)).await;
    let (half, secret) = made.map_err(failed)?.map_err(failed)?;
    let pair = insert(cx, name, half, tags, None).await?;
    Ok(types::KeyPair {
        key_fingerprint: Some(pair.fingerprint),
        key_material: Some(secret.expose().to_owned()),
        key_name: Some(pair.name),
        key_pair_id: Some(pair.id.to_string()),
        tags: Some(to_wire(&pair.tags)),
    })
}

pub(super) async fn import(cx: &Context, input: ImportKeyPairRequest) -> Result<ImportKeyPairResult, AwsError> {
    let ImportKeyPairRequest { dry_run, key_name: name, public_key_material, tag_specifications } = input;
    named(&name)?;
    let half = key_material::import(&public_key_material, &name)
        .map_err(|error| ErrorCode::InvalidKeyFormat.error(error.to_string()))?;
    let tags = specified_for(tag_specifications, "key-pair")?;
    let pair = insert(cx, name, half, tags, dry_run).await?;
    Ok(ImportKeyPairResult {
        key_fingerprint: Some(pair.fingerprint),
        key_name: Some(pair.name),
        key_pair_id: Some(pair.id.to_string()),
        tags: Some(to_wire(&pair.tags)),
    })
}

fn named(name: &str) -> Result<(), AwsError> {
    check_name(name).map_err(|error| invalid(format!("KeyName: {error}")))
}

fn failed(error: impl std::fmt::Display) -> AwsError {
    AwsError::internal(error.to_string())
}

async fn insert(
    cx: &Context,
    name: String,
    half: PublicHalf,
    tags: Tags,
    dry: Option<bool>,
) -> Result<KeyPair, AwsError> {
    let PublicHalf { key_type, line, fingerprint } = half;
    let pair = KeyPair {
        id: cx.mint(KeyPairId::mint),
        name,
        key_type,
        public_key: line,
        fingerprint,
        created_at: cx.now,
        tags,
    };
    let scope = cx.scope();
    let put = |txn: &mut Transaction| {
        refuse_if_there(txn.view(), &scope, &pair.name)?;
        dry_run(dry)?;
        txn.put(&scope, pair.clone());
        Ok::<(), AwsError>(())
    };
    committed(cx.store.transact(put).await)?;
    Ok(pair)
}

fn refuse_if_there(view: &View, scope: &Scope, name: &str) -> Result<(), AwsError> {
    if view.contains::<KeyPair>(scope, name) {
        let message = format!("The keypair '{name}' already exists");
        return Err(ErrorCode::InvalidKeyPairDuplicate.error(message));
    }
    if view.list::<KeyPair>(scope).count() >= MAXIMUM_KEY_PAIRS {
        let message = format!("this region already has {MAXIMUM_KEY_PAIRS} key pairs, the most there can be");
        return Err(ErrorCode::ResourceLimitExceeded.error(message));
    }
    Ok(())
}

/// The pair of an id. Records go by their names.
pub(super) fn by_id(view: &View, scope: &Scope, id: &KeyPairId) -> Option<Arc<KeyPair>> {
    view.list::<KeyPair>(scope).find(|pair| pair.id == *id)
}

static PROPERTIES: Properties<KeyPairInfo> = Properties {
    named: &[
        ("fingerprint", |pair| text(&pair.key_fingerprint)),
        ("key-name", |pair| text(&pair.key_name)),
        ("key-pair-id", |pair| text(&pair.key_pair_id)),
    ],
    tags: Some(|pair| pair.tags.as_deref().unwrap_or_default()),
};

pub(super) fn describe(cx: &Context, input: DescribeKeyPairsRequest) -> Result<DescribeKeyPairsResult, AwsError> {
    let DescribeKeyPairsRequest { dry_run, filters, include_public_key, key_names, key_pair_ids } = input;
    let (names, ids) = (key_names.unwrap_or_default(), key_pair_ids.unwrap_or_default());
    let pairs = chosen(&cx.store.view(), &cx.scope(), &names, &ids)?;
    let with_key = include_public_key == Some(true);
    let items = pairs.iter().map(|pair| (pair.name.clone(), shown(pair, with_key)));
    let (operation, chosen) = ("DescribeKeyPairs", (&names, &ids));
    let selection = Selection { operation, chosen: &chosen, filters, max_results: None, next_token: None, dry_run };
    let page = selection.page(cx, &PROPERTIES, items)?;
    Ok(DescribeKeyPairsResult { key_pairs: Some(page.items) })
}

fn chosen(view: &View, scope: &Scope, names: &[String], ids: &[String]) -> Result<Vec<Arc<KeyPair>>, AwsError> {
    if names.len() > MAXIMUM_IDS {
        return Err(invalid(format!("a call names at most {MAXIMUM_IDS} key pairs")));
    }
    let sought = parse_all::<KeyPairId>(ids)?;
    if let Some(name) = names.iter().find(|name| !view.contains::<KeyPair>(scope, name)) {
        return Err(no_such_name(name));
    }
    if let Some(id) = sought.iter().find(|id| by_id(view, scope, id).is_none()) {
        return Err(not_found(id));
    }
    let all = names.is_empty() && sought.is_empty();
    let wanted = |pair: &Arc<KeyPair>| all || names.contains(&pair.name) || sought.contains(&pair.id);
    Ok(view.list::<KeyPair>(scope).filter(wanted).collect())
}

fn no_such_name(name: &str) -> AwsError {
    let shown: String = name.chars().take(64).collect();
    ErrorCode::InvalidKeyPairNotFound.error(format!("The key pair '{shown}' does not exist"))
}

fn shown(pair: &KeyPair, with_key: bool) -> KeyPairInfo {
    KeyPairInfo {
        create_time: Some(handler::to_wire(pair.created_at)),
        key_fingerprint: Some(pair.fingerprint.clone()),
        key_name: Some(pair.name.clone()),
        key_pair_id: Some(pair.id.to_string()),
        key_type: Some(match pair.key_type {
            KeyType::Rsa => types::KeyType::Rsa,
            KeyType::Ed25519 => types::KeyType::Ed25519,
        }),
        public_key: with_key.then(|| pair.public_key.clone()),
        tags: Some(to_wire(&pair.tags)),
    }
}

/// Succeeds for a pair that is not there, as on AWS. Instances keep the key that they were launched with.
pub(super) async fn delete(cx: &Context, input: DeleteKeyPairRequest) -> Result<DeleteKeyPairResult, AwsError> {
    let DeleteKeyPairRequest { dry_run: dry, key_name, key_pair_id } = input;
    let id = key_pair_id.map(|text| parse::<KeyPairId>(&text)).transpose()?;
    if key_name.is_none() && id.is_none() {
        return Err(missing("KeyName or KeyPairId has to be given"));
    }
    let scope = cx.scope();
    let remove = |txn: &mut Transaction| {
        let named = key_name.as_ref().and_then(|name| txn.get::<KeyPair>(&scope, name));
        let of_id = id.as_ref().and_then(|id| by_id(txn.view(), &scope, id));
        let both = key_name.is_some() && id.is_some();
        if both && named.as_ref().map(|pair| &pair.id) != of_id.as_ref().map(|pair| &pair.id) {
            return Err(combination("KeyName and KeyPairId are not those of one key pair; one of them is enough"));
        }
        dry_run(dry)?;
        let found = named.or(of_id);
        if let Some(pair) = &found {
            txn.delete::<KeyPair>(&scope, &pair.name);
        }
        Ok(found.map(|pair| pair.id.to_string()))
    };
    let key_pair_id = committed(cx.store.transact(remove).await)?;
    Ok(DeleteKeyPairResult { key_pair_id, r#return: Some(true) })
}
