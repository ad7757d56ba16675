//! The tasks that serve streams. One that has served its stream waits for the next: what a task remembers of a request takes
//! some kilobytes, too much to be given back and asked for again with every request.

use super::{client::RequestStream, connection};
use crate::{error::ProxyError, http::request::Request, worker::Worker};
use std::{
    cell::{Cell, RefCell},
    future::poll_fn,
    rc::Rc,
    task::{Poll, Waker},
};

/// How many tasks of one worker wait at most; more end when they are done.
const MAXIMUM_IDLE: usize = 256;

/// A stream, and its request if that can be served.
pub(crate) type Job = (RequestStream, Result<Request, ProxyError>);

/// The waiting tasks of one worker.
#[derive(Default)]
pub(crate) struct StreamTasks {
    idle: RefCell<Vec<Rc<Desk>>>,
}

/// Where a task finds its work.
#[derive(Default)]
struct Desk {
    job: Cell<Option<Job>>,
    waker: Cell<Option<Waker>>,
}

impl StreamTasks {
    /// Has a request served: by the task that became idle last, else by a new one.
    pub fn start(worker: &Rc<Worker>, job: Job) {
        let idle = worker.stream_tasks.idle.borrow_mut().pop();
        if let Some(desk) = idle {
            desk.job.set(Some(job));
            desk.waker.take().into_iter().for_each(Waker::wake);
            return;
        }
        let desk = Rc::new(Desk::default());
        desk.job.set(Some(job));
        tokio::task::spawn_local(work(Rc::clone(worker), desk));
    }

    /// Takes a task that is done, while there is room for it.
    fn keep(&self, desk: &Rc<Desk>) -> bool {
        let mut idle = self.idle.borrow_mut();
        let room = idle.len() < MAXIMUM_IDLE;
        if room {
            idle.push(Rc::clone(desk));
        }
        room
    }
}

async fn work(worker: Rc<Worker>, desk: Rc<Desk>) {
    loop {
        let (client, prepared) = desk.next().await;
        connection::run(client, prepared).await;
        if !worker.stream_tasks.keep(&desk) {
            return;
        }
    }
}

impl Desk {
    async fn next(&self) -> Job {
        poll_fn(|context| match self.job.take() {
            Some(job) => Poll::Ready(job),
            None => {
                self.waker.set(Some(context.waker().clone()));
                Poll::Pending
            }
        })
        .await
    }
}

impl std::fmt::Debug for StreamTasks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StreamTasks").field("idle", &self.idle.borrow().len()).finish()
    }
}
