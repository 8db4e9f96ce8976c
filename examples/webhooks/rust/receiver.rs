use std::collections::HashSet;
use std::env;
use std::error::Error;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::{routing::post, Router};
use standardwebhooks::Webhook;

struct Receiver {
    webhook: Webhook,
    handled: Mutex<HashSet<Bytes>>,
}

async fn receive(
    State(receiver): State<Arc<Receiver>>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    if receiver.webhook.verify(&body, &headers).is_err() {
        return StatusCode::UNAUTHORIZED;
    }
    let id = Bytes::copy_from_slice(headers["webhook-id"].as_bytes());
    if receiver.handled.lock().unwrap().insert(id.clone()) {
        println!("{} {}", String::from_utf8_lossy(&id), String::from_utf8_lossy(&body));
    }
    StatusCode::NO_CONTENT
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let receiver = Arc::new(Receiver {
        webhook: Webhook::new(&env::var("WEBHOOK_SECRET")?)?,
        handled: Mutex::default(),
    });
    let port = env::var("PORT").unwrap_or("9000".into());
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    let routes = Router::new().route("/", post(receive)).with_state(receiver);
    Ok(axum::serve(listener, routes).await?)
}
