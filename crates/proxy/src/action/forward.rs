//! The `forward` action: which target group and which target get a request, and the cookies that keep a client there.

use crate::{
    config::{
        CompiledSnapshot,
        listener::{CompiledForward, CompiledListener},
        target_group::CompiledTargetGroup,
    },
    http::request_head::RequestHead,
    target_group::{
        algorithm,
        stickiness::{APPLICATION_COOKIE, Binding, GROUP_COOKIES, Keyring, Kind, TARGET_COOKIES, sets_cookie},
        usable::{UsableTargets, ZoneTargets},
    },
    worker::Worker,
};
use model::elbv2::stickiness::Stickiness;
use std::cell::RefCell;

/// How long the browser keeps cookies of target stickiness: seven days, whatever the duration is (ELB user guide).
const COOKIE_DAYS: i64 = 7;

/// A target that was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Its position in the target group.
    pub target: u32,
    /// Whether it was chosen although too few targets are healthy.
    pub fail_open: bool,
}

/// What stands in the way of a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoChoice {
    /// No target is registered (in the zone).
    NoTarget,
    /// None is healthy, and the group's owner wants the outage bridged.
    Outage,
}

/// How a request's client stays with a target or a group.
#[derive(Debug, Default)]
pub(crate) struct Sticky {
    /// The target that a cookie asks for.
    wanted: Option<u64>,
    /// Whether there is no session to go on with: none was begun, it is over, or its cookie cannot be followed.
    lost: bool,
    /// What a group cookie says from now on.
    group: Option<Binding>,
    /// Whether the request came with the application's cookie.
    has_application_cookie: bool,
}

/// Chooses the group: the one that a cookie names, or by weight. `None`: all weights are 0. What must be known of the
/// request's cookies later is put into `sticky`.
#[inline]
pub(crate) fn group(
    forward: &CompiledForward,
    listener: &CompiledListener,
    snapshot: &CompiledSnapshot,
    head: &RequestHead<'_, '_>,
    worker: &Worker,
    sticky: &mut Option<Box<Sticky>>,
) -> Option<usize> {
    let group = match forward.stickiness_seconds {
        None => forward.draw(|| worker.random()),
        Some(seconds) => {
            let now = worker.wall_seconds();
            let sticky = sticky.get_or_insert_default();
            let kept = kept_group(forward, listener, snapshot, head, seconds, now);
            sticky.lost |= kept.is_none() && head.cookies(GROUP_COOKIES[0]).next().is_some();
            let group = kept.or_else(|| forward.draw(|| worker.random()));
            sticky.group = group.map(|group| Binding {
                scope: listener.cookie_name,
                choice: snapshot.target_groups[group].cookie_name,
                at: now,
            });
            group
        }
    }?;
    if let Some(stickiness) = &snapshot.target_groups[group].stickiness {
        let sticky = sticky.get_or_insert_default();
        want_target(sticky, &snapshot.target_groups[group], stickiness, &snapshot.cookie_keys, head, worker);
    }
    Some(group)
}

fn kept_group(
    forward: &CompiledForward,
    listener: &CompiledListener,
    snapshot: &CompiledSnapshot,
    head: &RequestHead<'_, '_>,
    seconds: u32,
    now: i64,
) -> Option<usize> {
    let binding = opened(&snapshot.cookie_keys, Kind::Group, GROUP_COOKIES.into_iter(), head)?;
    let holds = binding.holds(listener.cookie_name, seconds, now);
    let groups = forward.groups.iter().map(|(group, _)| *group);
    groups.filter(|_| holds).find(|group| snapshot.target_groups[*group].cookie_name == binding.choice)
}

/// The first cookie of one of these names that is one of ours.
fn opened<'n>(
    keys: &Keyring,
    kind: Kind,
    names: impl Iterator<Item = &'n str>,
    head: &RequestHead<'_, '_>,
) -> Option<Binding> {
    let mut names = names;
    names.find_map(|name| head.cookies(name).find_map(|value| keys.open(kind, value)))
}

fn want_target(
    sticky: &mut Sticky,
    group: &CompiledTargetGroup,
    stickiness: &Stickiness,
    keys: &Keyring,
    head: &RequestHead<'_, '_>,
    worker: &Worker,
) {
    let (binding, seconds) = match stickiness {
        Stickiness::LbCookie { duration_seconds } => {
            (opened(keys, Kind::Target, TARGET_COOKIES.into_iter(), head), *duration_seconds)
        }
        Stickiness::AppCookie { name, duration_seconds } => {
            // Without the application's cookie its session is over, and with it the stickiness.
            sticky.has_application_cookie = head.cookies(name).next().is_some();
            let names = std::iter::once(APPLICATION_COOKIE).filter(|_| sticky.has_application_cookie);
            (opened(keys, Kind::Application, names, head), *duration_seconds)
        }
    };
    let held = binding.filter(|binding| binding.holds(group.cookie_name, seconds, worker.wall_seconds()));
    sticky.wanted = held.map(|binding| binding.choice);
    sticky.lost |= sticky.wanted.is_none();
}

/// Chooses a target, another one than `except` if there is one.
///
/// # Errors
/// There is none that should get the request.
#[inline]
pub(crate) fn target(
    group: &CompiledTargetGroup,
    usable: &RefCell<UsableTargets>,
    zone: usize,
    worker: &Worker,
    sticky: Option<&Sticky>,
    except: Option<u32>,
) -> Result<Choice, NoChoice> {
    let mut lists = usable.borrow_mut();
    let usable = lists.of_zone(group, zone, worker.wheel.now());
    if !usable.any_healthy && !usable.positions.is_empty() && group.bridges_outages {
        return Err(NoChoice::Outage);
    }
    among(group, usable, worker, sticky, except).ok_or(NoChoice::NoTarget)
}

/// Chooses a target though none is healthy. `None`: none is registered.
pub(crate) fn any_target(
    group: &CompiledTargetGroup,
    usable: &RefCell<UsableTargets>,
    zone: usize,
    worker: &Worker,
    sticky: Option<&Sticky>,
) -> Option<Choice> {
    among(group, usable.borrow_mut().of_zone(group, zone, worker.wheel.now()), worker, sticky, None)
}

#[inline]
fn among(
    group: &CompiledTargetGroup,
    usable: &ZoneTargets,
    worker: &Worker,
    sticky: Option<&Sticky>,
    except: Option<u32>,
) -> Option<Choice> {
    let fail_open = usable.fail_open;
    if let Some(wanted) = sticky.and_then(|sticky| sticky.wanted)
        && except.is_none()
        && let Some(target) = group.target_of_cookie(wanted).filter(|target| usable.positions.contains(target))
    {
        return Some(Choice { target, fail_open });
    }
    algorithm::choose(group, usable, worker, except).map(|target| Choice { target, fail_open })
}

impl Sticky {
    /// Whether the target was chosen anew because no session could be gone on with (NonStickyRequestCount).
    pub fn missed(&self, served_by: u64) -> bool {
        self.lost || self.wanted.is_some_and(|wanted| wanted != served_by)
    }

    /// Whether the client met the target that its cookie asks for; none: it has no cookie.
    pub fn kept(&self, served_by: u64) -> Option<bool> {
        let has_cookie = self.lost || self.wanted.is_some();
        has_cookie.then(|| !self.missed(served_by))
    }

    /// Appends the `Set-Cookie` lines of an answer.
    ///
    /// `target`: what stands for the target that answered; `set_cookies`: the values of its own Set-Cookie fields.
    pub fn write_cookies<'a>(
        &self,
        group: &CompiledTargetGroup,
        target: u64,
        set_cookies: impl Iterator<Item = &'a [u8]>,
        keys: &Keyring,
        worker: &Worker,
        out: &mut Vec<u8>,
    ) {
        let now = worker.wall_seconds();
        let mut writer = CookieWriter { keys, worker, now, out };
        if let Some(binding) = self.group {
            let expires = now + COOKIE_DAYS * 86_400;
            writer.pair(GROUP_COOKIES, Kind::Group, binding, expires);
        }
        let binding = Binding { scope: group.cookie_name, choice: target, at: now };
        match &group.stickiness {
            None => {}
            Some(Stickiness::LbCookie { duration_seconds: _ }) => {
                writer.pair(TARGET_COOKIES, Kind::Target, binding, now + COOKIE_DAYS * 86_400);
            }
            Some(Stickiness::AppCookie { name, duration_seconds }) => {
                // A session begins with the application's cookie, and lives on with every request that carries it.
                let mut set_cookies = set_cookies;
                if self.has_application_cookie || set_cookies.any(|field| sets_cookie(field, name)) {
                    let expires = now + i64::from(*duration_seconds);
                    writer.one(APPLICATION_COOKIE, Kind::Application, binding, expires, "");
                }
            }
        }
    }
}

struct CookieWriter<'a> {
    keys: &'a Keyring,
    worker: &'a Worker,
    now: i64,
    out: &'a mut Vec<u8>,
}

impl CookieWriter<'_> {
    /// A cookie and its twin for requests from other sites.
    fn pair(&mut self, [own, cross_site]: [&str; 2], kind: Kind, binding: Binding, expires: i64) {
        self.one(own, kind, binding, expires, "");
        self.one(cross_site, kind, binding, expires, "; SameSite=None; Secure");
    }

    fn one(&mut self, name: &str, kind: Kind, binding: Binding, expires: i64, more: &str) {
        let begin = self.out.len();
        self.out.extend_from_slice(b"Set-Cookie: ");
        self.out.extend_from_slice(name.as_bytes());
        self.out.push(b'=');
        let random = [self.worker.random(), self.worker.random()];
        if !self.keys.seal(kind, binding, random, self.out) {
            self.out.truncate(begin);
            return;
        }
        self.out.extend_from_slice(b"; Expires=");
        self.worker.with_later_date(expires - self.now, |date| self.out.extend_from_slice(date.as_bytes()));
        self.out.extend_from_slice(b"; Path=/");
        self.out.extend_from_slice(more.as_bytes());
        self.out.extend_from_slice(b"\r\n");
    }
}
