//! Calls of SNS, signed and by link, and what they leave in the store.

use std::sync::Arc;

use model::Scope;
use model::sns::delivery::{Content, Delivery};

use crate::support::{ACCOUNT, REGION, Reply, Server};

pub struct World {
    pub server: Server,
}

pub fn scope() -> Scope {
    Scope::new(ACCOUNT, REGION)
}

impl World {
    pub async fn new() -> Self {
        Self { server: Server::start().await }
    }

    pub async fn call(&self, action: &str, parameters: &[(&str, &str)]) -> Reply {
        self.server.form(&self.server.signing("sns"), "2010-03-31", action, parameters).await
    }

    /// A GET that nobody signed.
    pub async fn open(&self, query: &str, accept: &str) -> Reply {
        let request =
            http::Request::get(format!("/?{query}")).header("host", "127.0.0.1:4566").header("accept", accept);
        self.server.send(request.body(Vec::new()).unwrap()).await
    }

    pub async fn topic(&self, name: &str) -> String {
        self.call("CreateTopic", &[("Name", name)]).await.ok().one("TopicArn")
    }

    /// The ARN of a subscription that waits for its confirmation.
    pub async fn subscribe(&self, topic: &str, protocol: &str, endpoint: &str) -> String {
        let parameters =
            [("TopicArn", topic), ("Protocol", protocol), ("Endpoint", endpoint), ("ReturnSubscriptionArn", "true")];
        self.call("Subscribe", &parameters).await.ok().one("SubscriptionArn")
    }

    /// A mail address that has agreed.
    pub async fn subscriber(&self, topic: &str, address: &str) -> String {
        let arn = self.subscribe(topic, "email", address).await;
        let token = self.token(address);
        self.call("ConfirmSubscription", &[("TopicArn", topic), ("Token", &token)]).await.ok();
        arn
    }

    /// Everything that waits for its delivery, oldest first.
    pub fn deliveries(&self) -> Vec<Arc<Delivery>> {
        self.server.store.view().list::<Delivery>(&scope()).collect()
    }

    /// The token of the newest question or farewell to an endpoint.
    pub fn token(&self, endpoint: &str) -> String {
        let token = |delivery: &Arc<Delivery>| match &delivery.content {
            Content::SubscriptionConfirmation { token } | Content::UnsubscribeConfirmation { token } => {
                Some(token.clone())
            }
            Content::Notification { .. } => None,
        };
        let to = self.deliveries().into_iter().filter(|delivery| delivery.endpoint == endpoint);
        to.filter_map(|delivery| token(&delivery)).last().unwrap()
    }

    /// Endpoint, subject and text of the notifications that wait.
    pub fn notifications(&self) -> Vec<(String, String, String)> {
        let shown = |delivery: Arc<Delivery>| match &delivery.content {
            Content::Notification { subject, body, .. } => {
                Some((delivery.endpoint.clone(), subject.clone().unwrap_or_default(), body.clone()))
            }
            Content::SubscriptionConfirmation { .. } | Content::UnsubscribeConfirmation { .. } => None,
        };
        self.deliveries().into_iter().filter_map(shown).collect()
    }
}
