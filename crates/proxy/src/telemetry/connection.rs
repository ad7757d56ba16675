//! A client's connection, as the connection log will show it: noted when it is established, or failed to be.
//!
//! Only connections of load balancers whose attributes ask for connection logs are noted. Over TLS that is when the
//! handshake ended, well or not; in clear text when it is known whose the connection is.

use super::record::{Place, put_text};
use crate::config::CompiledSnapshot;
use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

/// How a TLS handshake with a client ended. Texts are empty where there is nothing to say.
#[derive(Clone, Copy, Debug)]
pub struct Handshake<'a> {
    /// Version of TLS and cipher, with the names that logs use; none: not agreed on.
    pub agreed: Option<(&'static str, &'static str)>,
    /// The group of the key exchange; none: there was no key exchange.
    pub group: Option<&'static str>,
    /// How long it took; none: it failed.
    pub took: Option<Duration>,
    /// The subject of the client's certificate.
    pub subject: &'a str,
    /// `NotBefore=…;NotAfter=…` of it.
    pub validity: &'a str,
    /// Its serial number in hexadecimal.
    pub serial_number: &'a str,
    /// `Success`, or `Failed:` and AWS's code.
    pub status: &'a str,
}

/// A connection.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionNote {
    /// When it was established or failed, in microseconds since 1970.
    pub at: i64,
    /// The listener.
    pub listener: usize,
    /// The address of the load balancer's node.
    pub node: IpAddr,
    /// Who connected.
    pub client: SocketAddr,
    /// Which connection: counts in the process.
    pub connection: u64,
    /// Version of TLS and cipher.
    pub agreed: Option<(&'static str, &'static str)>,
    /// The group of the key exchange.
    pub group: Option<&'static str>,
    /// How long the handshake took.
    pub took: Option<Duration>,
    /// The subject of the client's certificate.
    pub subject: Place,
    /// Its validity.
    pub validity: Place,
    /// Its serial number.
    pub serial_number: Place,
    /// How it was judged; empty for a connection in clear text.
    pub status: Place,
}

impl ConnectionNote {
    /// A connection in clear text.
    pub fn plain(at: i64, listener: usize, node: IpAddr, client: SocketAddr, connection: u64) -> Self {
        let nothing = Place::default();
        Self {
            at,
            listener,
            node,
            client,
            connection,
            agreed: None,
            group: None,
            took: None,
            subject: nothing,
            validity: nothing,
            serial_number: nothing,
            status: nothing,
        }
    }

    /// The same over TLS; `texts` gets what is said.
    pub fn with_handshake(self, handshake: &Handshake<'_>, texts: &mut Vec<u8>) -> Self {
        let mut put = |text: &str| put_text(texts, text.as_bytes());
        Self {
            agreed: handshake.agreed,
            group: handshake.group,
            took: handshake.took,
            subject: put(handshake.subject),
            validity: put(handshake.validity),
            serial_number: put(handshake.serial_number),
            status: put(handshake.status),
            ..self
        }
    }
}

/// A connection with what its note refers to.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionRecord<'a> {
    /// The note.
    pub note: &'a ConnectionNote,
    texts: &'a [u8],
    snapshot: &'a CompiledSnapshot,
}

impl<'a> ConnectionRecord<'a> {
    /// A note that refers to a snapshot. `texts` are those of the connection.
    pub fn of(note: &'a ConnectionNote, texts: &'a [u8], snapshot: &'a CompiledSnapshot) -> Self {
        Self { note, texts, snapshot }
    }

    /// A text of it.
    pub fn text(&self, place: Place) -> &'a [u8] {
        self.texts.get(place.range()).unwrap_or_default()
    }

    /// Its load balancer: `app/<name>/<id>`.
    pub fn load_balancer(&self) -> &'a Arc<str> {
        &self.snapshot.balancer_of(self.note.listener).dimension
    }

    /// The port of its listener.
    pub fn port(&self) -> u16 {
        self.snapshot.listeners[self.note.listener].port
    }
}
