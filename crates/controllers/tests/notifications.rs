//! Deliveries over real sockets, with time moved by hand: retries, a slow endpoint, a restart in the middle, mail.
#![allow(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod support;

use controllers::{
    Context, Controller, Next,
    notifications::{
        MailSettings, NotificationSettings, Notifications, Published, Signer, SmtpSettings, SmtpTls, publish,
    },
};
use model::{
    Arn, Timestamp,
    sns::{
        delivery::Delivery,
        filter_policy::FilterPolicyScope,
        message::Message,
        protocol::Protocol,
        subscription::{Subscription, SubscriptionState},
        topic::Topic,
    },
    time::Clock,
};
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};
use support::{DEADLINE, get, put, scope, surroundings};
use testkit::CountedIds;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// What came in, and what is answered next; `None` is never answered.
#[derive(Clone, Default)]
struct Peer {
    received: Arc<Mutex<Vec<String>>>,
    answers: Arc<Mutex<Vec<Option<&'static str>>>>,
}

impl Peer {
    fn received(&self) -> Vec<String> {
        self.received.lock().unwrap().clone()
    }

    fn answer(&self, usual: &'static str) -> Option<&'static str> {
        let mut answers = self.answers.lock().unwrap();
        if answers.is_empty() { Some(usual) } else { answers.remove(0) }
    }

    /// An HTTP server; the URL to post to.
    async fn http(&self) -> String {
        let (listener, peer) = (TcpListener::bind("127.0.0.1:0").await.unwrap(), self.clone());
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(peer.clone().exchange(stream));
            }
        });
        url
    }

    async fn exchange(self, stream: TcpStream) -> std::io::Result<()> {
        let mut stream = BufReader::new(stream);
        let (mut id, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).await?;
            match line.trim().split_once(": ") {
                None if line.trim().is_empty() => break,
                Some(("x-amz-sns-message-id", value)) => id = value.to_owned(),
                Some(("content-length", value)) => length = value.parse().unwrap(),
                Some(_) | None => {}
            }
        }
        stream.read_exact(&mut vec![0; length]).await?;
        self.received.lock().unwrap().push(id);
        match self.answer("200 OK") {
            Some(status) => {
                stream.write_all(format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n").as_bytes()).await
            }
            None => std::future::pending().await,
        }
    }

    /// A mail server that keeps Message-IDs; its port.
    async fn smtp(&self) -> u16 {
        let (listener, peer) = (TcpListener::bind("127.0.0.1:0").await.unwrap(), self.clone());
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(peer.clone().converse(stream));
            }
        });
        port
    }

    async fn converse(self, stream: TcpStream) -> std::io::Result<()> {
        let mut stream = BufReader::new(stream);
        stream.write_all(b"220 ready\r\n").await?;
        let (mut in_data, mut id) = (false, String::new());
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            let reply = match (in_data, line.trim_end()) {
                (true, ".") => {
                    in_data = false;
                    self.received.lock().unwrap().push(std::mem::take(&mut id));
                    self.answer("250 taken").map(|answer| format!("{answer}\r\n"))
                }
                (true, text) => {
                    id = text.strip_prefix("Message-ID: ").map_or(id, str::to_owned);
                    continue;
                }
                (false, "DATA") => {
                    in_data = true;
                    Some("354 go on\r\n".to_owned())
                }
                (false, _) => Some("250 ok\r\n".to_owned()),
            };
            match reply {
                Some(reply) => stream.write_all(reply.as_bytes()).await?,
                None => std::future::pending().await,
            }
        }
    }
}

fn topic() -> Topic {
    Topic::new(Arn::new("sns", &scope().region, &scope().account, "web"), Timestamp::default())
}

fn subscription(protocol: Protocol, endpoint: &str) -> Subscription {
    let topic = topic().arn;
    let state = SubscriptionState::Confirmed { token: "t".to_owned(), at: Timestamp::default(), authenticated: false };
    Subscription {
        arn: topic.with_resource(format!("web:{}", endpoint.replace([':', '/'], "-"))),
        topic_arn: topic,
        protocol,
        endpoint: endpoint.to_owned(),
        owner: scope().account,
        state,
        authenticate_on_unsubscribe: false,
        raw_message_delivery: false,
        filter_policy: None,
        filter_policy_scope: FilterPolicyScope::default(),
        delivery_policy: None,
        created_at: Timestamp::default(),
    }
}

struct Sender {
    controller: Notifications,
    _settings: watch::Sender<NotificationSettings>,
    _directory: tempfile::TempDir,
}

fn sender(smtp_port: Option<u16>) -> Sender {
    let directory = tempfile::tempdir().unwrap();
    let mail = match smtp_port {
        None => MailSettings::Outbox { directory: directory.path().join("outbox") },
        Some(port) => MailSettings::Smtp(SmtpSettings {
            host: "127.0.0.1".to_owned(),
            port,
            tls: SmtpTls::None,
            credentials: None,
            from: "alarms@example.com".to_owned(),
        }),
    };
    let settings = NotificationSettings { base_url: "http://127.0.0.1:4566".to_owned(), api: None, mail };
    let (settings, known) = watch::channel(settings);
    let signer = Arc::new(Signer::open(&directory.path().join("key.pem")).unwrap());
    Sender { controller: Notifications::new(known, signer), _settings: settings, _directory: directory }
}

async fn publish_to(cx: &Context, seed: u64, subscriptions: &[Subscription]) {
    put(cx, topic()).await;
    for subscription in subscriptions {
        put(cx, subscription.clone()).await;
    }
    let now = cx.clock.now();
    let published = cx.store.transact(|txn| {
        let message = Message::new("ALARM", "hot");
        let mut ids = CountedIds::seeded(seed);
        Ok::<_, std::convert::Infallible>(publish(txn, &topic().arn, &message, &mut ids, now))
    });
    assert_eq!(published.await.unwrap(), Published::To(subscriptions.len()));
}

fn waiting(cx: &Context) -> Vec<Arc<Delivery>> {
    cx.store.view().list(&scope()).collect()
}

/// Lets the controller look again and again until the condition holds; gives when it wants to look next.
async fn drive(sender: &mut Sender, cx: &Context, what: &str, mut done: impl FnMut(Next) -> bool) {
    let looking = async {
        loop {
            let next = sender.controller.reconcile(cx).await.unwrap();
            if done(next) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    assert!(tokio::time::timeout(DEADLINE, looking).await.is_ok(), "waited for {what}; {:?}", waiting(cx));
}

#[tokio::test]
async fn a_failed_post_is_tried_again_when_its_time_has_come_and_not_before() {
    let ((cx, clock), peer) = (surroundings(), Peer::default());
    let url = peer.http().await;
    *peer.answers.lock().unwrap() = vec![Some("500 Oops"), Some("503 Busy")];
    let mut sender = sender(None);
    publish_to(&cx, 1, &[subscription(Protocol::Http, &url)]).await;
    for attempt in [1, 2] {
        // It says when it will look again only once the try is over and written down.
        let due = Next::At(clock.now().plus(Duration::from_secs(20)));
        drive(&mut sender, &cx, "the end of a try", |next| next == due).await;
        assert_eq!((peer.received().len(), waiting(&cx)[0].attempts), (attempt as usize, attempt));
        clock.advance(Duration::from_millis(19_999));
        assert_eq!(sender.controller.reconcile(&cx).await.unwrap(), due);
        clock.advance(Duration::from_millis(1));
    }
    drive(&mut sender, &cx, "the third try", |_| waiting(&cx).is_empty()).await;
    let received = peer.received();
    assert_eq!(received.len(), 3);
    assert!(received.iter().all(|id| *id == received[0] && !id.is_empty()), "{received:?}");
}

#[tokio::test]
async fn an_endpoint_that_does_not_answer_holds_up_nobody_else() {
    let ((cx, _clock), slow, fast) = (surroundings(), Peer::default(), Peer::default());
    let (slow_url, fast_url) = (slow.http().await, fast.http().await);
    *slow.answers.lock().unwrap() = vec![None; 100];
    let mut sender = sender(None);
    for seed in 0..20 {
        publish_to(&cx, seed, &[subscription(Protocol::Http, &slow_url), subscription(Protocol::Http, &fast_url)])
            .await;
    }
    let left = || waiting(&cx).iter().filter(|delivery| delivery.endpoint == fast_url).count();
    drive(&mut sender, &cx, "the fast endpoint", |_| left() == 0).await;
    assert_eq!(fast.received().len(), 20);
    assert!(slow.received().len() <= 8, "at most eight posts to one host at the same time");
    assert_eq!(waiting(&cx).len(), 20);
}

#[tokio::test]
async fn what_was_under_way_at_a_kill_is_sent_again_under_the_same_id() {
    let ((cx, _clock), peer) = (surroundings(), Peer::default());
    let port = peer.smtp().await;
    *peer.answers.lock().unwrap() = vec![None];
    publish_to(&cx, 1, &[subscription(Protocol::Email, "kim@example.com")]).await;
    let mut killed = sender(Some(port));
    drive(&mut killed, &cx, "the mail at the server", |_| peer.received().len() == 1).await;
    drop(killed);
    let mut next = sender(Some(port));
    drive(&mut next, &cx, "the mail again", |_| waiting(&cx).is_empty()).await;
    let received = peer.received();
    assert_eq!((received.len(), &received[0]), (2, &received[1]));
    assert!(received[0].ends_with("@example.com>"), "{received:?}");
}

#[tokio::test]
async fn on_the_healthy_path_every_mail_is_sent_once_also_across_restarts() {
    let ((cx, _clock), peer) = (surroundings(), Peer::default());
    let port = peer.smtp().await;
    let all: Vec<Subscription> =
        (0..30).map(|n| subscription(Protocol::Email, &format!("kim{n}@example.com"))).collect();
    for seed in 0..5 {
        publish_to(&cx, seed, &all).await;
        let mut sender = sender(Some(port));
        let before = waiting(&cx).len();
        drive(&mut sender, &cx, "some mails", |_| waiting(&cx).len() < before).await;
        sender.controller.finish().await;
    }
    let mut last = sender(Some(port));
    drive(&mut last, &cx, "all mails", |_| waiting(&cx).is_empty()).await;
    last.controller.finish().await;
    let received = peer.received();
    let distinct: BTreeSet<&String> = received.iter().collect();
    assert_eq!((received.len(), distinct.len()), (150, 150));
}

#[tokio::test]
async fn what_is_given_up_leaves_an_event_and_what_nobody_wants_is_not_sent() {
    let ((cx, _clock), peer) = (surroundings(), Peer::default());
    let url = peer.http().await;
    *peer.answers.lock().unwrap() = vec![Some("404 Gone")];
    let mut sender = sender(None);
    publish_to(&cx, 1, &[subscription(Protocol::Http, &url)]).await;
    drive(&mut sender, &cx, "the refusal", |_| waiting(&cx).is_empty()).await;
    publish_to(&cx, 2, &[subscription(Protocol::Http, &url)]).await;
    let left = SubscriptionState::Unsubscribed { token: "t".to_owned(), since: cx.clock.now() };
    put(&cx, Subscription { state: left, ..subscription(Protocol::Http, &url) }).await;
    drive(&mut sender, &cx, "the withdrawal", |_| waiting(&cx).is_empty()).await;
    assert_eq!(peer.received().len(), 1);
    let events: Vec<String> = cx.store.events(0, 10).await.unwrap().into_iter().map(|e| e.event.message).collect();
    assert!(events[0].contains("answered 404") && events[1].contains("subscription is gone"), "{events:?}");
}

#[tokio::test]
async fn a_subscription_that_was_not_confirmed_in_time_is_forgotten() {
    let (cx, clock) = surroundings();
    put(&cx, topic()).await;
    let state = SubscriptionState::Pending { token: "t".to_owned(), since: clock.now() };
    let pending = Subscription { state, ..subscription(Protocol::Email, "kim@example.com") };
    put(&cx, pending.clone()).await;
    let mut sender = sender(None);
    let at = clock.now().plus(Duration::from_secs(3 * 24 * 60 * 60));
    assert_eq!(sender.controller.reconcile(&cx).await.unwrap(), Next::At(at));
    assert!(get::<Subscription>(&cx, pending.arn.to_string()).is_some());
    clock.set(at);
    sender.controller.reconcile(&cx).await.unwrap();
    assert!(get::<Subscription>(&cx, pending.arn.to_string()).is_none());
}
