//! Who signed a request: the claim is read by the wire layer, the key comes from the store.
//!
//! Keys are looked up in the newest state for every request, so a deleted or deactivated key ends at once. Policies are
//! not evaluated: an active key may do everything in its account.

use model::iam::{AccessKey, KeyOwner};
use model::{Scope, Timestamp};
use store::View;
use wire::identify::Call;
use wire::sigv4::{self, Claim, SignatureError};
use wire::{AwsError, Request};

use crate::context::{Authentication, Principal, Settings};
use crate::{iam, regions};

/// The signer of a request and where it wants to act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    pub principal: Principal,
    pub access_key_id: Option<String>,
    pub account: String,
    pub region: String,
}

/// Establishes the caller.
///
/// # Errors
/// The signature's, in the codes of the call's protocol.
pub(crate) fn authenticate(
    view: &View,
    settings: &Settings,
    request: &Request<'_>,
    call: &Call,
    now: Timestamp,
) -> Result<Caller, AwsError> {
    let caller = match settings.authentication {
        Authentication::Sigv4 => verified(view, settings, request, call, now),
        Authentication::None => trusted(view, settings, request),
    };
    caller.map_err(|error| error.to_aws_error(call.protocol))
}

fn verified(
    view: &View,
    settings: &Settings,
    request: &Request<'_>,
    call: &Call,
    now: Timestamp,
) -> Result<Caller, SignatureError> {
    let claim = sigv4::parse(request)?;
    let now = jiff::Timestamp::from_millisecond(now.millis()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    claim.check(call.service.signing_name, None, now)?;
    check_region(&claim.region)?;
    let (account, key) = find_key(view, settings, &claim.access_key).ok_or(SignatureError::UnknownKey)?;
    if !key.active {
        return Err(SignatureError::UnknownKey);
    }
    if claim.session_token.is_some() {
        // Only temporary keys have tokens, and there are none.
        return Err(SignatureError::InvalidToken);
    }
    claim.verify(request, &key.secret)?;
    let principal = owner(view, &account, &key.owner).ok_or(SignatureError::UnknownKey)?;
    Ok(Caller { principal, access_key_id: Some(key.id.clone()), account, region: claim.region })
}

/// With `auth.mode = "none"`: whoever the request says it is. A key of the store is its owner; an access key id of
/// twelve digits is that account's root, so that tests can use several accounts; everything else is the root of the
/// configured account.
fn trusted(view: &View, settings: &Settings, request: &Request<'_>) -> Result<Caller, SignatureError> {
    let claim = if sigv4::is_signed(request) { sigv4::parse(request).ok() } else { None };
    let Some(Claim { access_key, region, .. }) = claim else {
        return Ok(root_of(&settings.account_id, None, &settings.default_region));
    };
    check_region(&region)?;
    if let Some((account, key)) = find_key(view, settings, &access_key)
        && let Some(principal) = owner(view, &account, &key.owner)
    {
        return Ok(Caller { principal, access_key_id: Some(access_key), account, region });
    }
    let names_account = access_key.len() == 12 && access_key.bytes().all(|byte| byte.is_ascii_digit());
    let account = if names_account { access_key.clone() } else { settings.account_id.clone() };
    Ok(root_of(&account, Some(access_key), &region))
}

fn root_of(account: &str, access_key_id: Option<String>, region: &str) -> Caller {
    Caller { principal: Principal::Root, access_key_id, account: account.to_owned(), region: region.to_owned() }
}

fn check_region(region: &str) -> Result<(), SignatureError> {
    match regions::find(region) {
        Some(_) => Ok(()),
        None => Err(SignatureError::WrongScope(format!(
            "the credential must be scoped to a region of AWS; {region:.64} is none"
        ))),
    }
}

/// The key of that id with its account: the configured account first, then any other.
fn find_key(view: &View, settings: &Settings, id: &str) -> Option<(String, std::sync::Arc<AccessKey>)> {
    let own = Scope::global(&settings.account_id);
    if let Some(key) = view.get::<AccessKey>(&own, id) {
        return Some((own.account, key));
    }
    view.all::<AccessKey>().find(|(_, key)| key.id == id).map(|(scope, key)| (scope.account, key))
}

fn owner(view: &View, account: &str, owner: &KeyOwner) -> Option<Principal> {
    match owner {
        KeyOwner::Root => Some(Principal::Root),
        KeyOwner::User(name) => {
            let user = iam::find_user(view, &Scope::global(account), name)?;
            Some(Principal::User { name: user.name.clone(), id: user.id.clone(), path: user.path.clone() })
        }
    }
}
