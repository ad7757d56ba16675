//! The load generator and its targets: one process, one thread, one epoll.
//!
//! Client and targets share a core so that a proxy gets the other one to itself, and together they must cost less per
//! request than the proxy does - otherwise the generator is what is measured. So there is little allocation and one
//! receive and one send per turn on each side; bodies are thrown away by the kernel where nobody reads them. Orders come as
//! JSON lines on stdin, replies go to stdout, and the end of stdin ends the process.

mod held;
mod http1;
mod http2;
mod latencies;
mod message;
mod running;
mod sockets;
mod target;
mod tls;
mod wire;

use std::io::{ErrorKind, Write};
use std::net::{SocketAddr, TcpListener};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use rustix::time::{ClockId, clock_gettime};
use socket2::{Domain, Socket as Socket2, Type};

use super::order::{Held, Hello, Hold, Job, Measured, Order, Probe, Probed, Released, Reply, Usage, Watch};
use super::process::{self, CoreTicks};
use held::{Holding, TICK};
use http1::Http1;
use http2::Http2;
use running::{Running, Spent};
use sockets::{Ready, Socket, Sockets};
use target::{Answers, Target};
use wire::{BUFFER_BYTES, Broken, Sources, Wire};

/// Both targets; two addresses, so that a balancer has something to balance.
const TARGET_ADDRESSES: [&str; 2] = ["127.0.0.11:0", "127.0.0.12:0"];
/// Connections of a proxy that may wait at a target: it may open thousands at once.
const BACKLOG: i32 = 4096;
/// The most client connections of a job.
const MAXIMUM_CONNECTIONS: usize = 4096;
/// The most clients that are held.
const MAXIMUM_HELD: usize = 50_000;
/// The longest job.
const MAXIMUM_DURATION: Duration = Duration::from_secs(120);
/// How long a probe may take.
const PROBE: Duration = Duration::from_secs(5);
/// How long it may take until all held clients are open.
const OPENING: Duration = Duration::from_secs(120);
/// How long a run waits for an event before it looks whether it still goes on.
const PATIENCE: Duration = Duration::from_secs(1);
/// The longest wait for an event.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

/// Whether a connection of the load is of more use.
pub enum After {
    Keep,
    /// It did what it was for; another one takes its place.
    Replace,
    /// A request failed; another connection takes its place.
    Failed(Broken),
}

/// Runs until stdin ends.
///
/// # Errors
/// When the sockets cannot be opened or an order is not understood.
pub fn run() -> Result<()> {
    let mut generator = Generator::new()?;
    generator.sockets.watch_stdin()?;
    say(&Hello { targets: generator.target_addresses()? })?;
    let mut input = Vec::new();
    while generator.wait_for_line(&mut input)? {
        while let Some(end) = input.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = input.drain(..=end).collect();
            let order = serde_json::from_slice(&line).context("an order that is not JSON")?;
            let reply = generator.carry_out(order).unwrap_or_else(|error| Some(Reply::Failed(format!("{error:#}"))));
            reply.map_or(Ok(()), |reply| say(&reply))?;
        }
    }
    Ok(())
}

fn say(message: &impl serde::Serialize) -> Result<()> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(&line)?;
    Ok(stdout.flush()?)
}

struct Generator {
    sockets: Sockets,
    buffer: Vec<u8>,
    answers: Answers,
    sources: Sources,
    running: Option<Running>,
    holding: Option<Holding>,
}

impl Generator {
    fn new() -> Result<Self> {
        let mut sockets = Sockets::new()?;
        for (number, address) in TARGET_ADDRESSES.into_iter().enumerate() {
            let listener = listen(address).with_context(|| format!("cannot listen on {address}"))?;
            sockets.add(Socket::Listener(listener, number))?;
        }
        Ok(Self {
            sockets,
            buffer: vec![0; BUFFER_BYTES],
            answers: Answers::new(TARGET_ADDRESSES.len()),
            sources: Sources::new(),
            running: None,
            holding: None,
        })
    }

    fn target_addresses(&self) -> Result<Vec<SocketAddr>> {
        let listeners = self.sockets.iter().filter_map(|socket| match socket {
            Socket::Listener(listener, _) => Some(listener.local_addr()),
            Socket::Target(_) | Socket::Http1(_) | Socket::Http2(_) | Socket::Held(_) => None,
        });
        Ok(listeners.collect::<std::io::Result<_>>()?)
    }

    /// Serves targets until stdin has something; appends it. False at the end of stdin.
    fn wait_for_line(&mut self, input: &mut Vec<u8>) -> Result<bool> {
        while !self.turn(LONGEST_WAIT)? {}
        let mut bytes = [0; 64 * 1024];
        // Not through the library's stdin, which may keep bytes that epoll then knows nothing of.
        let read = rustix::io::read(rustix::stdio::stdin(), &mut bytes)?;
        input.extend_from_slice(&bytes[..read]);
        Ok(read > 0)
    }

    fn carry_out(&mut self, order: Order) -> Result<Option<Reply>> {
        Ok(Some(match order {
            Order::Run(job) => Reply::Measured(self.run_job(job)?),
            // The run that it is about has noticed it and has replied.
            Order::Stop => return Ok(None),
            Order::Probe(probe) => Reply::Probed(self.probe(probe)?),
            Order::Hold(hold) => Reply::Held(self.hold(hold)?),
            Order::Release => Reply::Released(self.release()?),
        }))
    }

    // --- load

    fn run_job(&mut self, job: Job) -> Result<Measured> {
        let warm_up = Duration::from_millis(job.warm_up_milliseconds).min(MAXIMUM_DURATION);
        let duration = Duration::from_millis(job.milliseconds).min(MAXIMUM_DURATION);
        self.running = Some(Running::new(job)?);
        let outcome = self.measure(warm_up, duration);
        self.end_clients();
        self.running = None;
        outcome
    }

    fn measure(&mut self, warm_up: Duration, duration: Duration) -> Result<Measured> {
        let connections = self.running()?.job.connections.min(MAXIMUM_CONNECTIONS);
        (0..connections).try_for_each(|_| self.connect())?;
        self.load_for(warm_up)?;
        say(&Reply::Began)?;
        let watch = self.running()?.job.watch.clone();
        let before = Moment::read(&watch)?;
        self.running()?.begin();
        self.load_for(duration)?;
        let spent = before.until(&Moment::read(&watch)?);
        self.running()?.measured(&spent)
    }

    fn running(&mut self) -> Result<&mut Running> {
        self.running.as_mut().context("no job is running")
    }

    fn load_for(&mut self, duration: Duration) -> Result<()> {
        let start = Instant::now();
        while start.elapsed() < duration && self.running()?.goes_on() {
            let paced = self.running()?.is_paced();
            let wait = if paced { Duration::ZERO } else { duration.saturating_sub(start.elapsed()).min(PATIENCE) };
            if self.turn(wait)? {
                // An order during a run is the one to stop.
                break;
            }
            self.send_what_is_due()?;
        }
        Ok(())
    }

    fn send_what_is_due(&mut self) -> Result<()> {
        while let Some((index, since)) = self.running()?.due() {
            let Some(mut socket) = self.sockets.take(index) else { continue };
            let (Socket::Http1(client), Some(running)) = (&mut socket, self.running.as_mut()) else { continue };
            let after = client.send(since, running).map_or_else(After::Failed, |()| After::Keep);
            self.conclude(index, socket, after)?;
        }
        Ok(())
    }

    /// One connection more.
    fn connect(&mut self) -> Result<()> {
        let Some(running) = self.running.as_mut() else { return Ok(()) };
        let session = running.tls.as_ref().map(tls::TlsClients::session).transpose()?;
        let address = running.job.speech.address;
        let wire = if running.job.close {
            Wire::connect_from(&mut self.sources, address, session, None)?
        } else {
            Wire::connect(address, session)?
        };
        let number = self.sockets.reserve();
        let client = match running.job.speech.http2_streams {
            None => Http1::begin(wire, number, running).map(Socket::Http1),
            Some(_) => Http2::begin(wire, running).map(Socket::Http2),
        };
        match client {
            Ok(client) => self.sockets.put_new(number, client),
            Err(reason) => {
                self.sockets.free(number);
                bail!("cannot begin on a new connection: {reason}")
            }
        }
    }

    fn end_clients(&mut self) {
        self.sockets.remove_all(|socket| matches!(socket, Socket::Http1(_) | Socket::Http2(_)));
    }

    // --- one request

    fn probe(&mut self, probe: Probe) -> Result<Probed> {
        let job = Job {
            speech: probe.speech,
            requests: vec![probe.request],
            answer_bytes: None,
            connections: 1,
            close: false,
            sticky: false,
            rate: None,
            warm_up_milliseconds: 0,
            milliseconds: 0,
            watch: Watch { pids: Vec::new(), core: 0 },
        };
        let mut running = Running::new(job)?;
        running.capture = Some(Vec::new());
        self.running = Some(running);
        let outcome = self.await_probe();
        self.end_clients();
        let running = self.running.take();
        outcome?;
        let running = running.context("no probe")?;
        let reason = (running.tally.errors > 0).then(|| running.tally.reasons().to_string());
        let text = String::from_utf8_lossy(running.capture.as_deref().unwrap_or_default()).into_owned();
        Ok(Probed { text, reason })
    }

    /// The first answer is the one: what comes after it is cut off by the end of the probe.
    fn await_probe(&mut self) -> Result<()> {
        let start = Instant::now();
        self.connect()?;
        while self.running()?.tally.requests + self.running()?.tally.errors == 0 {
            ensure!(start.elapsed() < PROBE, "no answer within {} s", PROBE.as_secs());
            self.turn(PROBE.saturating_sub(start.elapsed()))?;
        }
        Ok(())
    }

    // --- clients that stay

    fn hold(&mut self, hold: Hold) -> Result<Held> {
        ensure!(self.holding.is_none(), "clients are held already");
        ensure!(hold.clients <= MAXIMUM_HELD, "at most {MAXIMUM_HELD} clients are held");
        self.holding = Some(Holding::new(hold)?);
        let start = Instant::now();
        while self.holding.as_ref().is_some_and(|holding| !holding.is_complete()) {
            ensure!(start.elapsed() < OPENING, "the clients are not open after {} s", OPENING.as_secs());
            self.open_some()?;
            self.turn(Duration::from_millis(1))?;
        }
        let holding = self.holding.as_ref().context("nobody is held")?;
        Ok(Held {
            opened: holding.settled,
            failed: holding.failed,
            reasons: holding.reasons.counts(),
            seconds: start.elapsed().as_secs_f64(),
        })
    }

    fn open_some(&mut self) -> Result<()> {
        let Some(holding) = self.holding.as_mut() else { return Ok(()) };
        for _ in 0..holding.to_open() {
            match holding.open(&mut self.sources) {
                Ok(client) => {
                    holding.settled += usize::from(client.is_settled);
                    holding.members.push(self.sockets.add(Socket::Held(client))?);
                }
                Err(reason) => {
                    holding.failed += 1;
                    holding.reasons.add(reason);
                }
            }
        }
        Ok(())
    }

    fn release(&mut self) -> Result<Released> {
        let holding = self.holding.take().context("nobody is held")?;
        self.sockets.remove_all(|socket| matches!(socket, Socket::Held(_)));
        Ok(Released { lost: holding.lost, reasons: holding.reasons.counts() })
    }

    /// Lets those slow clients act whose turn it is.
    fn tick(&mut self) -> Result<()> {
        let turn = self.holding.as_mut().map(Holding::turn).unwrap_or_default();
        for index in turn {
            let Some(mut socket) = self.sockets.take(index) else { continue };
            let after = match &mut socket {
                Socket::Held(client) => client.act().map_or_else(After::Failed, |()| After::Keep),
                // A number that was given to another socket since its client was lost.
                Socket::Listener(..) | Socket::Target(_) | Socket::Http1(_) | Socket::Http2(_) => After::Keep,
            };
            self.conclude(index, socket, after)?;
        }
        Ok(())
    }

    // --- events

    /// One round of events. True when stdin is readable.
    fn turn(&mut self, wait: Duration) -> Result<bool> {
        let slow = self.holding.as_ref().is_some_and(Holding::is_slow);
        let wait = if slow { wait.min(TICK) } else { wait };
        let mut stdin_is_readable = false;
        for event in 0..self.sockets.wait(wait)? {
            match self.sockets.ready(event) {
                Ready::Stdin => stdin_is_readable = true,
                Ready::Socket(index) => self.serve(index)?,
            }
        }
        self.tick()?;
        Ok(stdin_is_readable)
    }

    fn serve(&mut self, index: usize) -> Result<()> {
        // Taken out while it is served, so that serving may add and remove others.
        let Some(mut socket) = self.sockets.take(index) else { return Ok(()) };
        let after = match (&mut socket, self.running.as_mut()) {
            (Socket::Listener(listener, number), _) => accept(listener, *number, &mut self.sockets)?,
            (Socket::Target(target), _) => match target.serve(&mut self.buffer, &self.answers) {
                Ok(true) => After::Keep,
                Ok(false) | Err(_) => After::Replace,
            },
            (Socket::Http1(client), Some(running)) => client.serve(&mut self.buffer, running),
            (Socket::Http2(client), Some(running)) => client.serve(&mut self.buffer, running),
            (Socket::Http1(_) | Socket::Http2(_), None) => After::Replace,
            (Socket::Held(client), _) => self.holding.as_mut().map_or(After::Replace, |holding| {
                let was_settled = client.is_settled;
                let after = client.serve(&mut self.buffer).map_or_else(After::Failed, |()| After::Keep);
                holding.settled += usize::from(client.is_settled && !was_settled);
                after
            }),
        };
        self.conclude(index, socket, after)
    }

    /// Puts a socket back or replaces it.
    fn conclude(&mut self, index: usize, socket: Socket, after: After) -> Result<()> {
        let reason = match after {
            After::Keep => return self.sockets.put(index, socket),
            After::Replace => None,
            After::Failed(reason) => Some(reason),
        };
        match &socket {
            Socket::Listener(..) | Socket::Target(_) => {}
            Socket::Held(client) => self.lose(client.is_settled, reason),
            Socket::Http1(_) | Socket::Http2(_) => {
                if let Some(running) = self.running.as_mut() {
                    running.forget(index);
                    reason.into_iter().for_each(|reason| running.tally.failed(reason));
                }
            }
        }
        let is_load = matches!(socket, Socket::Http1(_) | Socket::Http2(_));
        drop(socket);
        self.sockets.free(index);
        let is_probe = self.running.as_ref().is_some_and(|running| running.capture.is_some());
        if is_load && !is_probe { self.reconnect() } else { Ok(()) }
    }

    /// A proxy that takes no new connections fails requests, until there are too many of them.
    fn reconnect(&mut self) -> Result<()> {
        while let Err(error) = self.connect() {
            let running = self.running()?;
            running.tally.failed(format!("{error:#}"));
            if !running.goes_on() {
                break;
            }
        }
        Ok(())
    }

    fn lose(&mut self, was_settled: bool, reason: Option<Broken>) {
        if let Some(holding) = self.holding.as_mut() {
            if was_settled {
                holding.lost += 1;
            } else {
                holding.failed += 1;
            }
            reason.into_iter().for_each(|reason| holding.reasons.add(reason));
        }
    }
}

fn listen(address: &str) -> Result<TcpListener> {
    let socket = Socket2::new(Domain::IPV4, Type::STREAM, None)?;
    socket.bind(&address.parse::<SocketAddr>()?.into())?;
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

fn accept(listener: &TcpListener, number: usize, sockets: &mut Sockets) -> Result<After> {
    loop {
        match listener.accept() {
            Ok((stream, _)) => {
                stream.set_nodelay(true)?;
                sockets.add(Socket::Target(Target::new(stream, number)))?;
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(After::Keep),
            Err(error) => return Err(error.into()),
        }
    }
}

/// Clocks at a moment.
struct Moment {
    at: Instant,
    /// CPU time of the generator and of the proxy, in seconds.
    own: f64,
    proxy: f64,
    core: CoreTicks,
}

impl Moment {
    fn read(watch: &Watch) -> Result<Self> {
        let proxy = watch.pids.iter().map(|pid| process::cpu_seconds(*pid)).sum();
        Ok(Self { core: CoreTicks::read(watch.core)?, proxy, own: own_cpu_seconds(), at: Instant::now() })
    }

    fn until(&self, later: &Self) -> Spent {
        let core_busy = later.core.busy_since(self.core);
        Spent {
            seconds: later.at.duration_since(self.at).as_secs_f64(),
            own_cpu_seconds: later.own - self.own,
            usage: Usage { cpu_seconds: later.proxy - self.proxy, core_busy },
        }
    }
}

/// CPU time of this process so far.
fn own_cpu_seconds() -> f64 {
    let spent = clock_gettime(ClockId::ProcessCPUTime);
    spent.tv_sec as f64 + spent.tv_nsec as f64 / 1e9
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::order::{Body, HoldKind, Request, Speech};

    /// The generator asks its own target, with nobody in between.
    fn generator() -> (Generator, Speech) {
        let generator = Generator::new().unwrap();
        let address = generator.target_addresses().unwrap()[1];
        (generator, Speech { address, tls: None, http2_streams: None })
    }

    fn job(speech: &Speech, path: &str, body: Body, answer_bytes: usize) -> Job {
        Job {
            speech: speech.clone(),
            requests: vec![Request { body, ..Request::get(path) }],
            answer_bytes: Some(answer_bytes),
            connections: 4,
            close: false,
            sticky: false,
            rate: None,
            warm_up_milliseconds: 20,
            milliseconds: 100,
            watch: Watch { pids: vec![std::process::id()], core: 0 },
        }
    }

    #[test]
    fn every_kind_of_load_reaches_a_target_and_comes_back() {
        let (mut generator, speech) = generator();
        let (none, large) = (Body::None, 1 << 20);
        for job in [
            job(&speech, "/s", none, 100),
            job(&speech, "/rule/1m", none, large),
            Job { close: true, ..job(&speech, "/10k", none, 10 * 1024) },
            Job { rate: Some(500.0), ..job(&speech, "/s", none, 100) },
            job(&speech, "/s", Body::Length(large), 100),
            job(&speech, "/s", Body::Chunked { bytes: 10_000, chunk: 999 }, 100),
        ] {
            let measured = generator.run_job(job).unwrap();
            assert!(measured.requests > 0 && measured.errors == 0, "{measured:?}");
            assert!(measured.p99_us >= measured.p50_us && measured.usage.cpu_seconds > 0.0, "{measured:?}");
        }
    }

    #[test]
    fn what_is_no_proper_answer_is_an_error_with_its_reason() {
        let (mut generator, speech) = generator();
        let error = generator.run_job(job(&speech, "/s", Body::None, 99)).unwrap_err().to_string();
        assert!(error.contains("100 bytes instead of 99"), "{error}");
        let sticky = Job { sticky: true, ..job(&speech, "/s", Body::None, 100) };
        let error = generator.run_job(sticky).unwrap_err().to_string();
        assert!(error.contains("no cookie"), "{error}");
        assert_eq!(generator.sockets.iter().filter(|socket| matches!(socket, Socket::Http1(_))).count(), 0);
    }

    #[test]
    fn a_probe_shows_the_request_as_the_target_got_it() {
        let (mut generator, speech) = generator();
        let probed = generator.probe(Probe { speech, request: Request::get("/echo") }).unwrap();
        assert_eq!(probed.reason, None);
        assert!(probed.text.starts_with("HTTP/1.1 200 OK\r\n") && probed.text.contains("\r\nX-Target: 1\r\n"));
        assert!(probed.text.contains("\r\n\r\nGET /echo HTTP/1.1\r\nHost: bench.elb.localhost\r\n"), "{}", probed.text);
    }

    #[test]
    fn clients_stay_until_they_are_released_while_others_are_served() {
        let (mut generator, speech) = generator();
        for (kind, clients) in [(HoldKind::Idle, 300), (HoldKind::Slow, 30)] {
            let held = generator.hold(Hold { speech: speech.clone(), kind, clients }).unwrap();
            assert_eq!((held.opened, held.failed), (clients, 0), "{held:?}");
            let measured = generator.run_job(job(&speech, "/s", Body::None, 100)).unwrap();
            assert!(measured.requests > 0 && measured.errors == 0, "{measured:?}");
            let released = generator.release().unwrap();
            assert_eq!(released.lost, 0, "{released:?}");
            assert!(generator.release().is_err(), "nobody is left");
        }
    }
}
