//! Hostile text stays text in the window, and the page can send only the intended requests.

use headcount_desktop::DesktopOptions;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::fixture::{Fixture, bare};
use crate::page::Page;

/// Texts with elements, handlers, scripts, styles, and direction overrides.
const HOSTILE_STRINGS: [&str; 6] = [
    "<img src=x onerror=\"window.taken = 1\">",
    "<script>window.taken = 2</script><style>* { display: none }</style>",
    "</bdi></button><iframe src=\"javascript:parent.taken = 3\"></iframe>",
    "\u{202e}evil\u{2066} \u{0}\u{1b}[31m\u{feff}",
    "javascript:window.taken = 4 \" onfocus=\"window.taken = 5\" autofocus x=\"",
    "{{taken}} ${window.taken = 6} <!-- &lt;b&gt; ]]>",
];

/// Each way in which the page could reach the network; `ADDRESS` is replaced by a URL.
const CALLS: [&str; 5] = [
    "fetch('ADDRESS')",
    "new Image().src = 'ADDRESS'",
    "new WebSocket('ADDRESS'.replace('http', 'ws'))",
    "document.body.append(Object.assign(document.createElement('iframe'), { src: 'ADDRESS' }))",
    "document.body.append(Object.assign(document.createElement('script'), { src: 'ADDRESS' }))",
];

/// Script that records what the content security policy refuses.
const RECORD_REFUSALS: &str = "document.documentElement.dataset.refused = '',
    document.addEventListener('securitypolicyviolation', (event) => { document.documentElement.dataset.refused += event.violatedDirective; })";
/// The refused directives so far.
const REFUSED: &str = "document.documentElement.dataset.refused";

fn hostile() -> String {
    let entries: serde_json::Map<String, Value> = (1..)
        .zip(HOSTILE_STRINGS)
        .map(|(number, trick)| {
            let status = if number % 2 == 0 { "active" } else { trick };
            let entry = json!({ "session_id": trick, "role": trick, "goal": trick, "terminal": trick, "status": status,
                "current_work": trick, "marked_inactive_at": trick });
            (number.to_string(), entry)
        })
        .chain([(
            "7".to_owned(),
            json!({ "status": "active", "role": "<b>".repeat(350_000), "goal": "x".repeat(1 << 20) }),
        )])
        .chain([(HOSTILE_STRINGS[0].to_owned(), json!({})), ("8".to_owned(), json!(HOSTILE_STRINGS[1]))])
        .collect();
    serde_json::to_string_pretty(&entries).unwrap()
}

#[tokio::test]
async fn hostile_text_stays_text() {
    let fixture = Fixture::of_main_scenario(DesktopOptions::default()).await;
    let page = Page::open(&fixture, "--window").await;
    page.value(RECORD_REFUSALS).await;
    fixture.write(&hostile());
    fixture.workspace_files.beat(1, std::time::Duration::ZERO).unwrap();
    std::fs::write(fixture.workspace_files.heartbeats().join("<img src=x onerror=taken=7>-session-7.json"), "<b>")
        .unwrap();
    page.until("document.querySelectorAll('.row').length === 7").await;
    let rows = page.rows().await;
    let is_level = "new Set([...document.querySelectorAll('.row')].map((row) => row.offsetHeight)).size === 1";
    assert_eq!(page.value(is_level).await, true, "all rows have the same height");
    // Opens everything, so that every text is displayed somewhere.
    for number in 1..=7 {
        page.value(&format!("document.querySelector('.slot[data-number=\"{number}\"]').click()")).await;
        page.until(&format!("document.querySelector('.row[data-number=\"{number}\"] .details .extra-fields')?.checkVisibility() || {number} === 7"))
            .await;
        assert_eq!(
            page.value("document.documentElement.scrollWidth <= innerWidth").await,
            true,
            "{number} widens the page"
        );
    }
    page.value("document.querySelectorAll('details').forEach((details) => { details.open = true; })").await;
    page.click_button("Review 4 stale…").await;
    page.until("document.querySelector('dialog.cleanup-dialog[open] .stale-sessions li')").await;

    let role = |number: u64| rows.iter().find(|row| row.number == number).unwrap().role.clone();
    for (number, trick) in [
        (1, HOSTILE_STRINGS[0]),
        (2, HOSTILE_STRINGS[1]),
        (3, HOSTILE_STRINGS[2]),
        (4, "evil [31m"),
        (5, HOSTILE_STRINGS[4]),
        (6, HOSTILE_STRINGS[5]),
    ] {
        assert_eq!(role(number), trick);
    }
    assert!(role(7).len() < 1000, "{}", role(7).len());
    let length = page.value("document.body.textContent.length").await;
    assert!(length.as_u64().unwrap() < 40_000, "two megabytes of text are not on the page: {length}");
    let made = "document.querySelectorAll('body img, body script, body style, body iframe, body a').length";
    assert_eq!(page.value(made).await, 0);
    let handlers = "[...document.querySelectorAll('*')].filter((element) => element.getAttributeNames().some((name) => name.startsWith('on'))).length";
    assert_eq!(page.value(handlers).await, 0);
    assert_eq!(page.value("window.taken ?? null").await, Value::Null);
    assert_eq!(page.value(REFUSED).await, "");
    // The recorder works: a violation is refused and recorded.
    page.value("document.body.append(Object.assign(document.createElement('img'), { src: 'http://127.0.0.1:9/' }))")
        .await;
    page.until(REFUSED).await;
    page.close().await;
}

#[tokio::test]
async fn only_known_requests_are_answered_and_the_network_is_blocked() {
    let fixture = Fixture::of_main_scenario(bare()).await;
    let before = fixture.text();
    let page = Page::open(&fixture, "--window").await;

    assert_eq!(page.invoke("snapshot", json!({})).await["done"]["rest"]["counts"]["stale"], 9);
    for (command, payload) in [
        ("cleanup", json!({ "numbers": "x", "force": false })),
        ("cleanup", json!({ "numbers": [2.5], "force": false })),
        ("cleanup", json!({ "numbers": [-2], "force": false })),
        ("cleanup", json!({ "numbers": [2] })),
        ("undo", json!({ "change": "../../nothing" })),
        ("undo", json!({ "change": { "id": 1 } })),
        ("reassign", json!({ "from": "x", "to": 1 })),
        ("announce", json!({})),
        ("plugin:event|emit", json!({ "event": "snapshot", "payload": {} })),
        ("plugin:app|version", json!({})),
        ("plugin:path|resolve_directory", json!({ "directory": 1 })),
        ("plugin:window|close", json!({ "label": "main" })),
        ("plugin:webview|create_webview_window", json!({ "options": { "label": "x", "url": "index.html" } })),
        ("plugin:window-state|save_window_state", json!({ "flags": 1 })),
        ("plugin:notification|notify", json!({ "options": { "title": "x" } })),
        ("plugin:autostart|enable", json!({})),
        ("plugin:shell|execute", json!({ "program": "true", "args": [] })),
        ("plugin:fs|read_text_file", json!({ "path": "/etc/hostname" })),
        ("plugin:http|fetch", json!({ "clientConfig": { "url": "http://127.0.0.1:9" } })),
        ("plugin:opener|open_url", json!({ "url": "http://127.0.0.1:9" })),
    ] {
        let answer = page.invoke(command, payload).await;
        assert!(answer.get("refused").is_some(), "{command}: {answer}");
    }
    // Invalid arguments are refused with a code as well.
    for (command, payload) in [
        ("cleanup", json!({ "numbers": "x", "force": false })),
        ("cleanup", json!({ "numbers": [2.5], "force": false })),
        ("cleanup", json!({ "numbers": [2] })),
        ("undo", json!({})),
        ("details", json!({ "number": "2" })),
        ("register", json!({ "number": 13, "role": 5, "goal": "", "sessionId": null })),
        ("register_running", json!({ "pid": -1 })),
        ("heartbeat", json!({ "named": { "number": 2 } })),
        ("release", json!({ "named": { "number": null, "session_id": "session-2" } })),
        ("reactivate", json!({ "named": { "number": 1e30, "session_id": "session-2" } })),
        ("preview_reassign", json!({ "from": 2 })),
        ("reassign", json!({ "from": 2, "to": 13, "shown": [{ "from": 2 }] })),
        ("compact", json!({ "shown": {} })),
    ] {
        let answer = page.invoke(command, payload).await;
        assert_eq!(answer["refused"]["code"], "bad_request", "{command}: {answer}");
        assert!(answer["refused"]["message"].as_str().is_some_and(|said| said.contains(command)), "{answer}");
    }
    // A valid request that cannot apply changes nothing; the reason is a code and a message.
    let missing = page.invoke("undo", json!({ "change": "nothing" })).await;
    assert_eq!(missing["refused"]["code"], "no_change");
    let skipped = page.invoke("cleanup", json!({ "numbers": [1, 99], "force": false })).await;
    assert!(skipped["done"]["marked"] == json!([]) || skipped["refused"]["code"] == "no_session", "{skipped}");
    assert_eq!(fixture.text(), before);

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    page.value(RECORD_REFUSALS).await;
    for call in CALLS {
        page.value(&format!("{REFUSED} = ''")).await;
        page.value(&format!("(() => {{ try {{ {} }} catch {{ }} }})()", call.replace("ADDRESS", &address))).await;
        page.until(REFUSED).await;
    }
    // Navigating there is refused too.
    page.value(&format!("location.href = '{address}', true")).await;
    page.value(&format!("window.open('{address}'), true")).await;
    assert_eq!(
        page.invoke("snapshot", json!({})).await["done"]["rest"]["counts"]["stale"],
        9,
        "the page is still here"
    );
    let heard = tokio::time::timeout(std::time::Duration::from_millis(300), listener.accept()).await;
    assert!(heard.is_err(), "a connection was made: {heard:?}");
    page.close().await;
}
