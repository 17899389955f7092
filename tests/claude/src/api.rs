//! A stand-in for the model API on loopback: fixed answers, every request recorded.
//!
//! A prompt controls its answer: `[[bash:COMMAND]]` makes the model call the Bash tool once, `[[worktree:NAME]]` the
//! `EnterWorktree` tool, and `[[delay:SECONDS]]` delays the answer.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http_body_util::{BodyExt as _, Channel, Either, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::CONTENT_TYPE;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// The text of every answer.
pub(crate) const ANSWER: &str = "FAKE ANSWER.";

/// The requests to `/v1/messages`, oldest first.
type Requests = Arc<Mutex<Vec<Recorded>>>;

/// A request.
#[derive(Debug)]
struct Recorded {
    body: Value,
    /// Whether the whole of an answer that ends the turn was sent.
    is_answered: bool,
}

impl Recorded {
    /// The messages as JSON, if this is a request of a main conversation: one that offers tools.
    fn messages(&self) -> Option<String> {
        let has_tools = self.body["tools"].as_array().is_some_and(|tools| !tools.is_empty());
        has_tools.then(|| self.body["messages"].to_string())
    }
}

type Body = Either<Full<Bytes>, Channel<Bytes, Infallible>>;

/// The server. Ends with the process.
#[derive(Debug)]
pub struct ModelApi {
    address: SocketAddr,
    requests: Requests,
}

impl ModelApi {
    /// Starts a server on a free port of loopback.
    pub fn start() -> Self {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Requests::default();
        let recorded = Arc::clone(&requests);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(serve(listener, recorded));
        });
        Self { address, requests }
    }

    /// Where the server listens.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The messages of every request of a main conversation (one that offers tools) whose messages contain a text, as JSON,
    /// oldest first.
    pub fn turns(&self, text: &str) -> Vec<String> {
        let requests = self.requests.lock().unwrap();
        requests.iter().filter_map(Recorded::messages).filter(|messages| messages.contains(text)).collect()
    }

    /// Whether the newest request that contains a text has got the whole of an answer that ends the turn.
    pub fn is_answered(&self, text: &str) -> bool {
        let requests = self.requests.lock().unwrap();
        let is_meant = |request: &&Recorded| request.messages().is_some_and(|messages| messages.contains(text));
        requests.iter().rfind(is_meant).is_some_and(|request| request.is_answered)
    }
}

async fn serve(listener: std::net::TcpListener, requests: Requests) {
    let listener = TcpListener::from_std(listener).unwrap();
    while let Ok((stream, _)) = listener.accept().await {
        let requests = Arc::clone(&requests);
        tokio::spawn(async move {
            let service = service_fn(move |request| answer(request, Arc::clone(&requests)));
            // A client that ends in the middle of an answer is expected.
            drop(http1::Builder::new().serve_connection(TokioIo::new(stream), service).await);
        });
    }
}

async fn answer(request: Request<Incoming>, requests: Requests) -> Result<Response<Body>, hyper::Error> {
    let (path, is_post) = (request.uri().path().to_owned(), request.method() == hyper::Method::POST);
    let body = request.into_body().collect().await?.to_bytes();
    if !is_post {
        let error = json!({ "type": "error", "error": { "type": "not_found_error", "message": "not found" } });
        return Ok(whole(StatusCode::NOT_FOUND, &error));
    }
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    if path != "/v1/messages" {
        return Ok(whole(StatusCode::OK, &json!({ "input_tokens": 1000 })));
    }
    let prompt = Prompt::newest(&body);
    let index = record(&requests, body.clone());
    // The client joins messages that have the same id.
    let message = json!({
        "id": format!("msg_{index}"), "type": "message", "role": "assistant", "model": body["model"], "content": [], "stop_reason": null,
        "stop_sequence": null, "usage": usage(),
    });
    if body["stream"] != true {
        tokio::time::sleep(prompt.delay).await;
        let (block, stop) = prompt.block(index);
        let mut message = message;
        message["content"] = json!([block]);
        message["stop_reason"] = json!(stop);
        return Ok(whole(StatusCode::OK, &message));
    }
    let (mut sender, body) = Channel::new(8);
    tokio::spawn(async move {
        for event in prompt.events(index, &message) {
            let kind = event["type"].as_str().unwrap();
            // The receiver is gone if the client has ended.
            if sender.send_data(format!("event: {kind}\ndata: {event}\n\n").into()).await.is_err() {
                return;
            }
            if kind == "message_start" {
                tokio::time::sleep(prompt.delay).await;
            }
        }
        if prompt.call.is_none() {
            requests.lock().unwrap()[index].is_answered = true;
        }
    });
    Ok(Response::builder().header(CONTENT_TYPE, "text/event-stream").body(Either::Right(body)).unwrap())
}

/// Returns the index of the new request.
fn record(requests: &Requests, body: Value) -> usize {
    let mut requests = requests.lock().unwrap();
    requests.push(Recorded { body, is_answered: false });
    requests.len() - 1
}

fn whole(status: StatusCode, value: &Value) -> Response<Body> {
    let body = Either::Left(Full::from(value.to_string()));
    Response::builder().status(status).header(CONTENT_TYPE, "application/json").body(body).unwrap()
}

fn usage() -> Value {
    json!({ "input_tokens": 1000, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0, "output_tokens": 5 })
}

/// What the newest prompt of a conversation orders.
#[derive(Debug, Default)]
struct Prompt {
    /// The tool that the model calls before it answers.
    call: Option<Call>,
    delay: Duration,
}

/// A call of a tool.
#[derive(Debug, PartialEq)]
struct Call {
    tool: &'static str,
    input: Value,
}

impl Call {
    /// The call that a prompt orders.
    fn ordered(text: &str) -> Option<Self> {
        let bash = directive(text, "bash").map(|command| {
            let input = json!({ "command": command, "description": "run a command" });
            Self { tool: "Bash", input }
        });
        let worktree = || Some(Self { tool: "EnterWorktree", input: json!({ "name": directive(text, "worktree")? }) });
        bash.or_else(worktree)
    }
}

impl Prompt {
    fn newest(request: &Value) -> Self {
        let has_tools = request["tools"].as_array().is_some_and(|tools| !tools.is_empty());
        let mut has_result = false;
        for message in request["messages"].as_array().into_iter().flatten().rev() {
            if message["role"] != "user" {
                continue;
            }
            let content = &message["content"];
            let blocks =
                content.as_array().cloned().unwrap_or_else(|| vec![json!({ "type": "text", "text": content })]);
            if blocks.iter().any(|block| block["type"] == "tool_result") {
                has_result = true;
                continue;
            }
            let mut texts = blocks.iter().filter_map(|block| block["text"].as_str());
            if let Some(text) = texts.rfind(|text| !text.contains("<system-reminder>")) {
                let delay = directive(text, "delay").and_then(|delay| delay.parse().ok()).unwrap_or(0.0);
                let call = Call::ordered(text).filter(|_| has_tools && !has_result);
                return Self { call, delay: Duration::from_secs_f64(delay) };
            }
        }
        Self::default()
    }

    /// The whole answer to the request with this index, and why it ends.
    fn block(&self, index: usize) -> (Value, &'static str) {
        match &self.call {
            Some(Call { tool, input }) => {
                let id = format!("toolu_{index}");
                (json!({ "type": "tool_use", "id": id, "name": tool, "input": input }), "tool_use")
            }
            None => (json!({ "type": "text", "text": ANSWER }), "end_turn"),
        }
    }

    /// The answer as the events of a stream.
    fn events(&self, index: usize, message: &Value) -> [Value; 6] {
        let (mut block, stop) = self.block(index);
        let delta = if self.call.is_some() {
            let input = std::mem::replace(&mut block["input"], json!({}));
            json!({ "type": "input_json_delta", "partial_json": input.to_string() })
        } else {
            block["text"] = json!("");
            json!({ "type": "text_delta", "text": ANSWER })
        };
        [
            json!({ "type": "message_start", "message": message }),
            json!({ "type": "content_block_start", "index": 0, "content_block": block }),
            json!({ "type": "content_block_delta", "index": 0, "delta": delta }),
            json!({ "type": "content_block_stop", "index": 0 }),
            json!({ "type": "message_delta", "delta": { "stop_reason": stop, "stop_sequence": null }, "usage": usage() }),
            json!({ "type": "message_stop" }),
        ]
    }
}

/// The value of `[[name:value]]` in a text.
fn directive<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(&format!("[[{name}:"))?;
    rest.split_once("]]").map(|(value, _)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(messages: &Value) -> Value {
        json!({ "tools": [{ "name": "Bash" }], "messages": messages })
    }

    #[test]
    fn a_tool_is_called_once_for_each_prompt() {
        let prompt = json!({ "role": "user", "content": [{ "type": "text", "text": "[[bash:touch made]] please" }] });
        let asked = Prompt::newest(&request(&json!([prompt])));
        assert_eq!(asked.call, Call::ordered("[[bash:touch made]]"));
        let result = json!({ "role": "user", "content": [{ "type": "tool_result", "tool_use_id": "toolu_1" }] });
        assert_eq!(Prompt::newest(&request(&json!([prompt, result]))).call, None);
        let next = json!({ "role": "user", "content": "[[worktree:side]]" });
        let call = Call { tool: "EnterWorktree", input: json!({ "name": "side" }) };
        assert_eq!(Prompt::newest(&request(&json!([prompt, result, next]))).call, Some(call));
        assert_eq!(Prompt::newest(&json!({ "messages": [next] })).call, None, "a request that offers no tools");
    }

    #[test]
    fn a_reminder_is_no_prompt() {
        let content =
            json!([{ "type": "text", "text": "[[delay:2]]" }, { "type": "text", "text": "<system-reminder>x" }]);
        let newest = Prompt::newest(&request(&json!([{ "role": "user", "content": content }])));
        assert_eq!(newest.delay, Duration::from_secs(2));
    }
}
