//! Trying ways: TCP connections that are opened and closed at once, from the host or from a load balancer's interface.
//!
//! Only making a socket needs the network namespace that it belongs to; everything else is the runtime's.

use model::why_network::probe::{Outcome, PATIENCE, Probe, Vantage};
use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, ErrorKind},
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};
use tokio::{net::TcpSocket, sync::Semaphore, task::JoinSet, time::timeout};

/// So many are tried at the same time.
const AT_ONCE: usize = 16;

/// What came of each; one that could not be followed to its end is left out.
pub async fn carry_out(probes: BTreeSet<Probe>) -> BTreeMap<Probe, Outcome> {
    let room = Arc::new(Semaphore::new(AT_ONCE));
    let mut tasks = JoinSet::new();
    for probe in probes {
        let room = room.clone();
        tasks.spawn(async move {
            let _turn = room.acquire().await;
            let outcome = try_one(&probe).await;
            (probe, outcome)
        });
    }
    let mut outcomes = BTreeMap::new();
    while let Some(ended) = tasks.join_next().await {
        outcomes.extend(ended);
    }
    outcomes
}

async fn try_one(probe: &Probe) -> Outcome {
    let socket = match &probe.from {
        Vantage::Host => socket_for(probe.to, None),
        Vantage::Interface { namespace, address } => {
            let (namespace, address, to) = (namespace.clone(), *address, probe.to);
            let inside = move || network::enter(&namespace, || socket_for(to, Some(address)));
            // Entering waits for a thread, if only for a moment.
            match tokio::task::spawn_blocking(inside).await {
                Ok(made) => made.and_then(|made| made),
                Err(error) => Err(io::Error::other(error)),
            }
        }
    };
    match socket {
        Ok(socket) => outcome(timeout(PATIENCE, socket.connect(probe.to)).await.map(|ended| ended.map(drop))),
        Err(error) => Outcome::NoNetwork(why_not(probe, &error)),
    }
}

fn socket_for(to: SocketAddr, from: Option<Ipv4Addr>) -> io::Result<TcpSocket> {
    let socket = if to.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    if let Some(from) = from {
        socket.bind(SocketAddr::new(IpAddr::V4(from), 0))?;
    }
    Ok(socket)
}

fn why_not(probe: &Probe, error: &io::Error) -> String {
    match (&probe.from, error.kind()) {
        (Vantage::Interface { namespace, .. }, ErrorKind::NotFound) => format!("there is no namespace {namespace}"),
        (Vantage::Interface { namespace, address }, ErrorKind::AddrNotAvailable) => {
            format!("{address} is not in namespace {namespace}")
        }
        (_, _) => error.to_string(),
    }
}

fn outcome(connected: Result<io::Result<()>, tokio::time::error::Elapsed>) -> Outcome {
    match connected {
        Ok(Ok(())) => Outcome::Connected,
        Err(_) => Outcome::TimedOut,
        Ok(Err(error)) if error.kind() == ErrorKind::TimedOut => Outcome::TimedOut,
        Ok(Err(error)) if matches!(error.kind(), ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset) => {
            Outcome::Refused
        }
        Ok(Err(error)) => Outcome::Unreachable(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    async fn tried(probe: Probe) -> Outcome {
        carry_out(BTreeSet::from([probe.clone()])).await.remove(&probe).expect("every probe has an outcome")
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_port_takes_connections_or_refuses_them_and_a_namespace_is_there_or_not() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let to = listener.local_addr().unwrap();
        let probe = |from| Probe { from, to };
        assert_eq!(tried(probe(Vantage::Host)).await, Outcome::Connected);
        drop(listener);
        assert_eq!(tried(probe(Vantage::Host)).await, Outcome::Refused);
        let nowhere = Vantage::Interface { namespace: "goru-000000-none".to_owned(), address: Ipv4Addr::LOCALHOST };
        let said = "there is no namespace goru-000000-none".to_owned();
        assert_eq!(tried(probe(nowhere)).await, Outcome::NoNetwork(said));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn who_does_not_answer_is_not_waited_for_long() {
        // A full queue: Linux drops what comes beyond it.
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        rustix::net::listen(&listener, 0).unwrap();
        let to = listener.local_addr().unwrap();
        let _first = std::net::TcpStream::connect(to).unwrap();
        let began = std::time::Instant::now();
        let outcome = tried(Probe { from: Vantage::Host, to }).await;
        assert_eq!(outcome, Outcome::TimedOut);
        assert!(began.elapsed() < 3 * PATIENCE);
    }
}
