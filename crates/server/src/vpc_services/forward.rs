//! Asks the host's resolvers what no VPC knows, from the host's own network.
//!
//! Nothing can go round in a circle: our own resolvers listen in the networks of VPCs only. The question is passed on as it came,
//! but for its number, and by the way by which it came, so that what is cut off here is cut off there.

use super::message::{answers, id, renumbered};
use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::Path,
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpStream, UdpSocket},
    time::timeout,
};

/// The host's list of resolvers.
pub(super) const RESOLV_CONF: &str = "/etc/resolv.conf";
/// How long one resolver has; whoever asks us waits five seconds by default.
const PATIENCE: Duration = Duration::from_secs(2);
/// How many resolvers of the list are asked (resolv.conf(5): MAXNS).
const MAXIMUM_RESOLVERS: usize = 3;
/// The bytes of the list that are looked at.
const MAXIMUM_LIST_BYTES: u64 = 64 << 10;
const DNS_PORT: u16 = 53;
/// The largest message (its length has two bytes where it stands before it).
pub(super) const MAXIMUM_MESSAGE_BYTES: usize = 65_535;

/// How a question came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Transport {
    /// A datagram.
    Udp,
    /// A connection, each message with its length before it.
    Tcp,
}

/// The answer of the first resolver of the list that gives one; `None`: none does.
pub(super) async fn ask(list: &Path, question: &[u8], number: u16, by: Transport) -> Option<Vec<u8>> {
    let own = id(question)?;
    let asked = renumbered(question.to_vec(), number);
    for resolver in resolvers(list).await {
        let to = SocketAddr::new(resolver, DNS_PORT);
        let answer = match by {
            Transport::Udp => timeout(PATIENCE, by_udp(to, &asked)).await,
            Transport::Tcp => timeout(PATIENCE, by_tcp(to, &asked)).await,
        };
        match answer {
            Ok(Ok(answer)) => return Some(renumbered(answer, own)),
            Ok(Err(error)) => tracing::debug!(%to, %error, "a resolver of the host cannot be asked"),
            Err(_) => tracing::debug!(%to, "a resolver of the host does not answer"),
        }
    }
    None
}

async fn by_udp(to: SocketAddr, question: &[u8]) -> io::Result<Vec<u8>> {
    let any = match to {
        SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    };
    // A port of the kernel's choice for each question: together with the number it is hard to guess.
    let socket = UdpSocket::bind((any, 0)).await?;
    socket.connect(to).await?;
    socket.send(question).await?;
    let mut buffer = vec![0; MAXIMUM_MESSAGE_BYTES];
    loop {
        let length = socket.recv(&mut buffer).await?;
        if answers(&buffer[..length], question) {
            buffer.truncate(length);
            return Ok(buffer);
        }
    }
}

async fn by_tcp(to: SocketAddr, question: &[u8]) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(to).await?;
    send(&mut stream, question).await?;
    let answer = receive(&mut stream).await?;
    match answers(&answer, question) {
        true => Ok(answer),
        false => Err(io::Error::new(io::ErrorKind::InvalidData, "it answers another question")),
    }
}

/// Writes a message to a connection.
pub(super) async fn send(stream: &mut TcpStream, message: &[u8]) -> io::Result<()> {
    let length = u16::try_from(message.len()).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
    stream.write_all(&[&length.to_be_bytes(), message].concat()).await
}

/// Reads a message from a connection.
pub(super) async fn receive(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let length = stream.read_u16().await?;
    let mut message = vec![0; usize::from(length)];
    stream.read_exact(&mut message).await?;
    Ok(message)
}

/// The list is read each time: it changes with the networks that a host is in.
async fn resolvers(list: &Path) -> Vec<IpAddr> {
    let text = async {
        let mut text = String::new();
        let file = tokio::fs::File::open(list).await?;
        file.take(MAXIMUM_LIST_BYTES).read_to_string(&mut text).await?;
        io::Result::Ok(text)
    };
    match text.await {
        Ok(text) => listed(&text),
        Err(error) => {
            tracing::debug!(list = %list.display(), %error, "the host's list of resolvers cannot be read");
            Vec::new()
        }
    }
}

/// The resolvers of a list, in its form of resolv.conf(5).
fn listed(text: &str) -> Vec<IpAddr> {
    let address = |line: &str| {
        let mut words = line.split_ascii_whitespace();
        let is_one = words.next() == Some("nameserver");
        words.next().filter(|_| is_one)?.parse().ok()
    };
    text.lines().filter_map(address).take(MAXIMUM_RESOLVERS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_three_resolvers_of_the_list_are_asked() {
        let text = "# nameserver 192.0.2.9\nsearch example.com\nnameserver 192.0.2.1\n\tnameserver  2001:db8::1 # near\n\
                    nameserver\nnameserver nobody\nnameservers 192.0.2.8\nnameserver 192.0.2.2\nnameserver 192.0.2.3\n";
        let expected = ["192.0.2.1", "2001:db8::1", "192.0.2.2"].map(|text| text.parse::<IpAddr>().unwrap());
        assert_eq!(listed(text), expected);
        assert!(listed("").is_empty());
    }
}
