//! The connection of one check: TCP, and TLS where the health check's protocol is HTTPS.
//!
//! As with requests, a target's certificate is not verified: a self-signed or expired one is as good as any. No host is named
//! in the handshake, since a check is sent to an address. What is offered, [`crate::tls::connect`] says.

use super::http::Outcome;
use crate::{
    target,
    tls::{
        Application,
        connect::{of_checks, server_name},
    },
};
use model::elbv2::{snapshot::NodeInterface, target_group::TargetProtocol, target_health::CheckResult};
use rustix::io::Errno;
use std::{fmt, io, net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;

/// What a check is written to and its answer is read from.
pub trait Socket: AsyncRead + AsyncWrite + fmt::Debug + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + fmt::Debug + Send + Unpin> Socket for S {}

/// A connection, in clear text or over TLS.
pub type Connection = Box<dyn Socket>;

/// Connects, and goes through the handshake.
///
/// # Errors
/// What it says about the target that this was not possible.
pub async fn open(
    address: SocketAddr,
    interface: Option<&NodeInterface>,
    protocol: TargetProtocol,
    application: Application,
) -> Result<Connection, Outcome> {
    let stream = connect(address, interface).await?;
    match protocol {
        TargetProtocol::Http => Ok(Box::new(stream)),
        TargetProtocol::Https => secure(stream, address, application).await,
    }
}

async fn connect(address: SocketAddr, interface: Option<&NodeInterface>) -> Result<TcpStream, Outcome> {
    let stream = target::connect::open(address, interface).await.map_err(|error| classify(&error))?;
    if stream.local_addr().ok() == stream.peer_addr().ok() {
        // Nobody listened and the kernel happened to give us the very port that we asked for: we reached ourselves.
        // Reset, so that the port is free at once for the server that will want it.
        let _ = socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO));
        return Err(Outcome::NobodyThere);
    }
    Ok(stream)
}

async fn secure(stream: TcpStream, address: SocketAddr, application: Application) -> Result<Connection, Outcome> {
    let connector = TlsConnector::from(of_checks(application));
    let opened = connector.connect(server_name(None, address.ip()), stream).await;
    let stream = opened.map_err(|error| classify_handshake(&error))?;
    let agreed = stream.get_ref().1.alpn_protocol().and_then(Application::named);
    match (application, agreed) {
        // A server that agrees on nothing speaks HTTP/1.1.
        (Application::Http11, None | Some(Application::Http11)) | (Application::Http2, Some(Application::Http2)) => {
            Ok(Box::new(stream))
        }
        (Application::Http11, Some(Application::Http2)) | (Application::Http2, None | Some(Application::Http11)) => {
            Err(Outcome::Found(CheckResult::Failed))
        }
    }
}

/// What an error on connecting, reading or writing says about the target.
pub fn classify(error: &io::Error) -> Outcome {
    const OURS: [Errno; 6] =
        [Errno::MFILE, Errno::NFILE, Errno::NOMEM, Errno::NOBUFS, Errno::ADDRNOTAVAIL, Errno::AGAIN];
    if OURS.iter().any(|errno| error.raw_os_error() == Some(errno.raw_os_error())) {
        return Outcome::NotMeasured;
    }
    if error.kind() == io::ErrorKind::TimedOut {
        return Outcome::Found(CheckResult::TimedOut);
    }
    let nobody = [io::ErrorKind::ConnectionRefused, io::ErrorKind::ConnectionReset, io::ErrorKind::BrokenPipe];
    if nobody.contains(&error.kind()) { Outcome::NobodyThere } else { Outcome::Found(CheckResult::Failed) }
}

/// The same for the handshake. A server that closes within it, without an alert, is one that comes or goes: like one that
/// closes before a byte in clear text. Whatever else goes wrong with TLS is a failure.
fn classify_handshake(error: &io::Error) -> Outcome {
    if error.kind() == io::ErrorKind::UnexpectedEof { Outcome::NobodyThere } else { classify(error) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_node_lacks_is_not_held_against_the_target() {
        let of = |errno: Errno| classify(&io::Error::from_raw_os_error(errno.raw_os_error()));
        assert_eq!(of(Errno::MFILE), Outcome::NotMeasured);
        assert_eq!(of(Errno::NOBUFS), Outcome::NotMeasured);
        assert_eq!(of(Errno::CONNREFUSED), Outcome::NobodyThere);
        assert_eq!(of(Errno::CONNRESET), Outcome::NobodyThere);
        assert_eq!(of(Errno::HOSTUNREACH), Outcome::Found(CheckResult::Failed));
        assert_eq!(of(Errno::TIMEDOUT), Outcome::Found(CheckResult::TimedOut));
    }

    #[test]
    fn a_handshake_that_is_cut_off_is_nobody_and_one_that_goes_wrong_is_a_failure() {
        let of = |error: io::Error| classify_handshake(&error);
        assert_eq!(of(io::ErrorKind::UnexpectedEof.into()), Outcome::NobodyThere);
        assert_eq!(of(io::ErrorKind::ConnectionReset.into()), Outcome::NobodyThere);
        let garbage = io::Error::new(io::ErrorKind::InvalidData, rustls::Error::DecryptError);
        assert_eq!(of(garbage), Outcome::Found(CheckResult::Failed));
    }
}
