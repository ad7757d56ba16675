//! Targets that behave as told: answer, hang, dawdle, reset, close, talk nonsense, refuse. Real sockets on loopback, a
//! thread per connection.

// Every test binary uses a part of this.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used)]
// Plain threads wait here: nothing that could be starved shares them.
#![allow(clippy::disallowed_methods)]

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

/// What a target does with a connection once it has read the head of a request.
#[derive(Clone, Copy, Debug)]
pub enum Behaviour {
    /// Sends this status with the body `ok` and closes.
    Answer(u16),
    /// The same after a while.
    Slow(u16, Duration),
    /// Says nothing and keeps the connection.
    Hang,
    /// Sends half a head and keeps the connection.
    HangInHead,
    /// Closes without a word.
    Close,
    /// Resets the connection.
    Reset,
    /// Sends something that is not HTTP and closes.
    Garbage,
    /// Sends an endless head.
    EndlessHead,
}

/// A running target.
#[derive(Debug)]
pub struct Target {
    pub address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    behaviour: Mutex<Behaviour>,
    requests: Mutex<Vec<(Instant, String)>>,
    ended: AtomicBool,
}

impl Target {
    /// Listens on a free port.
    pub fn start(behaviour: Behaviour) -> Self {
        Self::on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap(), behaviour)
    }

    /// Serves a listener.
    pub fn on(listener: TcpListener, behaviour: Behaviour) -> Self {
        let shared = Arc::new(Shared {
            behaviour: Mutex::new(behaviour),
            requests: Mutex::default(),
            ended: AtomicBool::new(false),
        });
        let address = listener.local_addr().unwrap();
        let accepting = Arc::clone(&shared);
        let thread = std::thread::spawn(move || accept(&listener, &accepting));
        Self { address, shared, thread: Some(thread) }
    }

    /// Behaves otherwise from the next request on.
    pub fn set(&self, behaviour: Behaviour) {
        *self.shared.behaviour.lock().unwrap() = behaviour;
    }

    /// When requests came, and their heads.
    pub fn requests(&self) -> Vec<(Instant, String)> {
        self.shared.requests.lock().unwrap().clone()
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::SeqCst);
        // Wakes the accepting thread; if that fails it ends with the process.
        if TcpStream::connect(self.address).is_ok()
            && let Some(thread) = self.thread.take()
        {
            thread.join().unwrap();
        }
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept() {
        if shared.ended.load(Ordering::SeqCst) {
            return;
        }
        let shared = Arc::clone(shared);
        std::thread::spawn(move || serve(stream, &shared));
    }
}

fn serve(mut stream: TcpStream, shared: &Shared) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => return,
        }
    }
    let behaviour = *shared.behaviour.lock().unwrap();
    shared.requests.lock().unwrap().push((Instant::now(), String::from_utf8_lossy(&head).into_owned()));
    behave(&mut stream, behaviour);
}

fn behave(stream: &mut TcpStream, behaviour: Behaviour) {
    let answer = |status| format!("HTTP/1.1 {status} X\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
    // The other side may be gone; that is its business.
    let _ = match behaviour {
        Behaviour::Answer(status) => stream.write_all(answer(status).as_bytes()),
        Behaviour::Slow(status, time) => {
            std::thread::sleep(time);
            stream.write_all(answer(status).as_bytes())
        }
        Behaviour::Hang => wait_for_end(stream),
        Behaviour::HangInHead => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-");
            wait_for_end(stream)
        }
        Behaviour::Close => Ok(()),
        Behaviour::Reset => socket2::SockRef::from(&*stream).set_linger(Some(Duration::ZERO)),
        Behaviour::Garbage => stream.write_all(b"220 mail.example.com ESMTP\r\n"),
        Behaviour::EndlessHead => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n");
            while stream
                .write_all(b"X-Filler: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n")
                .is_ok()
            {}
            Ok(())
        }
    };
}

fn wait_for_end(stream: &mut TcpStream) -> std::io::Result<()> {
    let mut rest = [0; 64];
    while stream.read(&mut rest)? > 0 {}
    Ok(())
}

/// A bound address at which nobody listens: connections are refused until [`Reserved::listen`].
pub struct Reserved {
    socket: socket2::Socket,
    pub address: SocketAddr,
}

impl Reserved {
    pub fn new() -> Self {
        let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
        socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).unwrap();
        let address = socket.local_addr().unwrap().as_socket().unwrap();
        Self { socket, address }
    }

    /// Begins to listen.
    pub fn listen(self, behaviour: Behaviour) -> Target {
        self.socket.listen(128).unwrap();
        Target::on(self.socket.into(), behaviour)
    }
}
