//! What becomes of a request: its listener, its rule and the action of that, and what it becomes for the target.

use super::{
    Version,
    client::{Client, ClientConnection, ClientTls, Unserved},
    desync::{Class, Findings},
    forwarded::ForwardedTls,
    host::MAXIMUM_HOST,
    request::{Disposition, Request},
    request_head::{RequestHead, Rewriting},
    response_head::Asked,
};
use crate::{
    action::{
        forward::{self, Sticky},
        redirect::{CompiledRedirect, RedirectRequest},
    },
    config::{
        CompiledLoadBalancer, CompiledSnapshot, FrontEntry,
        listener::{CompiledAction, CompiledListener},
    },
    error::ProxyError,
    rule::{RuleRequest, split_target},
    telemetry::{
        counters::LoadBalancerCounts,
        record::{Place, Texts, Transformed, put_text},
    },
    timer::Micros,
    worker::{Running, Worker},
};
use model::elbv2::target_group::Call;
use std::rc::Rc;

/// Decides what becomes of a request and writes what its target will get, with what has arrived of the body: the bytes of `after`,
/// which follow the head, up to the length that was received of the request.
///
/// # Errors
/// A request that has no listener, or none that takes its client, or whose body is malformed from its first bytes on.
pub(crate) fn prepare<C: Client>(client: &C, head: &RequestHead<'_, '_>, after: &[u8]) -> Result<Request, Unserved> {
    let connection = client.connection();
    let worker = &*connection.worker;
    let running = worker.running();
    let mut host_room = [0; MAXIMUM_HOST];
    let host = head.host.as_ref().and_then(|host| host.key(&mut host_room)).unwrap_or_default();
    let stream = client.http2();
    let grpc = stream.is_some() && head.is_grpc();
    if let (Some(stream), true) = (stream, grpc) {
        stream.is_grpc();
    }
    let about = About::new(connection, &running, host, (stream.is_some(), grpc))?;
    // Two servers read the frames of HTTP/2 in the same way.
    let findings = if about.http2 { Findings::default() } else { head.findings };
    about.note_form(head, findings);

    let mut body = head.body.clone();
    let used = body.advance(after).map_err(|_| ProxyError::BadRequest("chunked body"))?;
    let mut text = worker.buffers.spare();
    let routed = about.route(head, host, findings, &mut text);
    let mut output = worker.buffers.output.borrow_mut();
    output.clear();
    let trace_id = head.write(&about.rewriting(&routed, &text), &mut output);
    let texts = match worker.notes.is_some() {
        true => about.put_texts(&mut text, head, routed.texts, &output[trace_id]),
        // Error pages have it, whether or not anything is noted.
        false => Texts { trace_id: put_text(&mut text, &output[trace_id]), ..routed.texts },
    };
    output.extend_from_slice(&after[..used]);

    let load_balancer = about.load_balancer;
    let clear = findings.keeps_connections(load_balancer.desync_mode);
    let old = worker.wheel.now().since(connection.opened) >= load_balancer.client_keep_alive;
    let server_name = about.server_name(&routed, host, &text);
    Ok(Request {
        listener: about.entry.listener,
        zone: about.zone,
        rule: routed.rule,
        disposition: routed.disposition,
        asked: Asked { head: head.method == "HEAD", upgrade: head.upgrade.is_some(), version: head.version },
        idempotent: head.is_idempotent(),
        // What follows an Upgrade is the other protocol's, whether or not the target agreed to speak it.
        keep_alive: head.keep_alive && head.upgrade.is_none() && clear && !old && !client.handle().is_closing(),
        clear,
        expects_continue: head.expects_continue && used == 0,
        body,
        received: (head.length + used) as u64,
        sticky: routed.sticky,
        server_name,
        transform: routed.transform,
        findings,
        version: match head.version {
            _ if about.http2 => "2.0",
            Version::Http10 => "1.0",
            Version::Http11 => "1.1",
        },
        saved: None,
        began: Micros::now(),
        texts,
        text,
        running: Rc::clone(&running),
    })
}

/// Where a request came in.
struct About<'a> {
    connection: &'a ClientConnection,
    worker: &'a Worker,
    snapshot: &'a CompiledSnapshot,
    entry: &'a FrontEntry,
    listener: &'a CompiledListener,
    load_balancer: &'a CompiledLoadBalancer,
    zone: usize,
    counts: &'a LoadBalancerCounts,
    /// Whether the client speaks HTTP/2.
    http2: bool,
    /// Whether it calls something by gRPC.
    grpc: bool,
}

/// What was decided about a request.
struct Routed {
    rule: Option<usize>,
    disposition: Disposition,
    sticky: Option<Box<Sticky>>,
    transform: Option<Transformed>,
    /// Of these: where it is redirected to, and what was transformed.
    texts: Texts,
}

impl<'a> About<'a> {
    fn new(
        connection: &'a ClientConnection,
        running: &'a Running,
        host: &[u8],
        (http2, grpc): (bool, bool),
    ) -> Result<Self, Unserved> {
        let (worker, snapshot) = (&*connection.worker, &*running.snapshot);
        let entry = connection.entry(snapshot, host)?;
        let load_balancer = snapshot.balancer_of(entry.listener);
        let zone = connection.zone(entry, load_balancer, running);
        connection.count_for(&running.snapshot, entry.listener, zone);
        connection.idle_timeout.set(load_balancer.idle_timeout);
        connection.keep_alive.set(load_balancer.client_keep_alive);
        Ok(Self {
            connection,
            worker,
            snapshot,
            entry,
            listener: &snapshot.listeners[entry.listener],
            load_balancer,
            zone,
            counts: load_balancer.zones[zone].counts.of(worker.index),
            http2,
            grpc,
        })
    }

    /// Counts what is peculiar about the form of a request.
    #[inline]
    fn note_form(&self, head: &RequestHead<'_, '_>, findings: Findings) {
        if head.has_invalid_names() {
            let invalid = match self.load_balancer.drop_invalid_header_fields {
                true => &self.counts.dropped_invalid_headers,
                false => &self.counts.forwarded_invalid_headers,
            };
            invalid.add(1);
        }
        if findings.class() != Class::Compliant {
            self.counts.non_compliant_requests.add(1);
        }
        if self.connection.is_ipv6() {
            self.counts.ipv6_requests.add(1);
        }
        if self.grpc {
            self.counts.grpc_requests.add(1);
        }
    }

    /// Decides. `text` gets what the decision makes: a location, a host, a path.
    #[inline]
    fn route(&self, head: &RequestHead<'_, '_>, host: &[u8], findings: Findings, text: &mut Vec<u8>) -> Routed {
        let mut routed = Routed {
            rule: None,
            disposition: Disposition::Redirect,
            sticky: None,
            transform: None,
            texts: Texts::default(),
        };
        routed.disposition = if findings.is_refused(self.load_balancer.desync_mode) {
            Disposition::Refuse(ProxyError::NotCompliant)
        } else if let Err(error) = head.check(self.load_balancer.xff_mode) {
            Disposition::Refuse(error)
        } else {
            routed.rule = self.find_rule(head, host);
            self.act(head, host, &mut routed, text)
        };
        routed
    }

    #[inline]
    fn find_rule(&self, head: &RequestHead<'_, '_>, host: &[u8]) -> Option<usize> {
        let rules = &self.listener.rules;
        if rules.is_empty() {
            return None;
        }
        let (path, query) = split_target(head.path.as_bytes());
        let rule = rules.first_match(&RuleRequest {
            host: if host.is_empty() { self.load_balancer.dns_name.as_bytes() } else { host },
            path,
            query,
            method: head.method.as_bytes(),
            source: self.connection.address.ip().to_canonical(),
            fields: head.fields(),
        });
        self.counts.rule_evaluations.add(rules.evaluations(rule) as u64);
        rule
    }

    #[inline]
    fn act(&self, head: &RequestHead<'_, '_>, host: &[u8], routed: &mut Routed, text: &mut Vec<u8>) -> Disposition {
        match self.listener.action(routed.rule) {
            CompiledAction::Forward(forward) => {
                if let Some(Err(error)) = routed.rule.map(|rule| self.transform(rule, head, host, routed, text)) {
                    return Disposition::Refuse(error);
                }
                let group =
                    forward::group(forward, self.listener, self.snapshot, head, self.worker, &mut routed.sticky);
                let Some(group) = group else { return Disposition::Refuse(ProxyError::NoTarget) };
                if self.fits(group, head) {
                    Disposition::Forward(group)
                } else {
                    Disposition::Refuse(ProxyError::IncompatibleProtocol)
                }
            }
            CompiledAction::Redirect(redirect) => self.redirect(redirect, head, &mut routed.texts, text),
            CompiledAction::FixedResponse(_) => Disposition::FixedResponse,
        }
    }

    /// Whether the group's targets speak what the client speaks.
    #[inline]
    fn fits(&self, group: usize, head: &RequestHead<'_, '_>) -> bool {
        let version = self.snapshot.target_groups[group].protocol_version;
        let call = match (self.http2, self.grpc) {
            (false, _) => Call::Http1,
            (true, false) => Call::Http2,
            (true, true) => Call::Grpc,
        };
        version.serves(call, head.method)
    }

    fn redirect(
        &self,
        redirect: &CompiledRedirect,
        head: &RequestHead<'_, '_>,
        texts: &mut Texts,
        text: &mut Vec<u8>,
    ) -> Disposition {
        let (path, query) = split_target(head.path.as_bytes());
        let request = RedirectRequest {
            https: self.connection.tls().is_some(),
            host: head.host.map_or(self.load_balancer.dns_name.as_bytes(), |host| host.name),
            port: self.listener.port,
            path,
            query,
        };
        let from = text.len();
        match redirect.write_location(&request, text) {
            Ok(()) => {
                texts.redirect_url = Place::since(from, text);
                Disposition::Redirect
            }
            Err(_) => {
                self.counts.redirect_url_limit_exceeded.add(1);
                Disposition::Refuse(ProxyError::RedirectTooLong)
            }
        }
    }

    /// Makes what the rule's transforms make of host, path and query.
    fn transform(
        &self,
        rule: usize,
        head: &RequestHead<'_, '_>,
        host: &[u8],
        routed: &mut Routed,
        text: &mut Vec<u8>,
    ) -> Result<(), ProxyError> {
        let Some(transforms) = &self.listener.rule_actions[rule].transforms else { return Ok(()) };
        let host = if host.is_empty() { self.load_balancer.dns_name.as_bytes() } else { host };
        let slash = if head.path.starts_with(['/', '*']) { "" } else { "/" };
        let target = [slash, head.path].concat();
        routed.transform = Some(Transformed::InvalidHost);
        let from = text.len();
        if transforms.rewrite_host(host, text).map_err(|_| ProxyError::TransformFailed)? {
            routed.texts.transformed_host = Place::since(from, text);
        }
        routed.transform = Some(Transformed::InvalidPath);
        let from = text.len();
        if transforms.rewrite_target(target.as_bytes(), text).map_err(|_| ProxyError::TransformFailed)? {
            routed.texts.transformed_uri = Place::since(from, text);
        }
        routed.transform = Some(Transformed::Success);
        Ok(())
    }

    fn rewriting<'r>(&'r self, routed: &Routed, text: &'r [u8]) -> Rewriting<'r> {
        let transformed = |place: Place| Some(place.of(text)).filter(|text| !text.is_empty());
        let tls = self.connection.tls().zip(self.listener.tls.as_ref());
        Rewriting {
            xff_mode: self.load_balancer.xff_mode,
            client: self.connection.text.text(self.load_balancer.xff_client_port),
            port: self.listener.port,
            forwarded_lines: &self.listener.forwarded_lines,
            preserve_host: self.load_balancer.preserve_host_header,
            default_host: &self.load_balancer.dns_name,
            host: transformed(routed.texts.transformed_host),
            target: transformed(routed.texts.transformed_uri),
            drop_invalid_names: self.load_balancer.drop_invalid_header_fields,
            reserved: &self.load_balancer.reserved_headers,
            trailers: self.http2,
            tls: tls.map(|(tls, own)| ForwardedTls { tls, headers: &own.headers }),
            seconds: self.worker.wall_seconds(),
            random: [self.worker.random(), self.worker.random()],
        }
    }

    /// The host that TLS handshakes with targets ask for, where there are any.
    fn server_name(&self, routed: &Routed, host: &[u8], text: &[u8]) -> Option<Box<str>> {
        let Disposition::Forward(group) = routed.disposition else { return None };
        self.snapshot.target_groups[group].connectors.as_ref()?;
        let host = match routed.texts.transformed_host.of(text) {
            [] => host,
            transformed => transformed.split(|byte| *byte == b':').next().unwrap_or_default(),
        };
        Some(str::from_utf8(host).unwrap_or_default().into())
    }

    /// Keeps what logs will say of a request beyond numbers.
    fn put_texts(&self, text: &mut Vec<u8>, head: &RequestHead<'_, '_>, texts: Texts, trace_id: &[u8]) -> Texts {
        let method = put_text(text, head.method.as_bytes());
        let host = match head.host {
            Some(host) => {
                let from = text.len();
                let place = put_text(text, host.name);
                text[from..].make_ascii_lowercase();
                place
            }
            None => put_text(text, self.load_balancer.dns_name.as_bytes()),
        };
        let texts = Texts {
            method,
            host,
            path: put_text(text, head.path.as_bytes()),
            user_agent: put_text(text, head.user_agent().unwrap_or_default()),
            trace_id: put_text(text, trace_id),
            ..texts
        };
        self.connection.tls().map_or(texts, |tls| put_tls_texts(text, tls, texts))
    }
}

fn put_tls_texts(text: &mut Vec<u8>, tls: &ClientTls, texts: Texts) -> Texts {
    let server_name = tls.server_name.as_deref().unwrap_or_default();
    let certificate = tls.certificate.as_ref().map_or("", |certificate| &certificate.arn_text);
    Texts {
        server_name: put_text(text, server_name.as_bytes()),
        certificate: put_text(text, certificate.as_bytes()),
        ..texts
    }
}
