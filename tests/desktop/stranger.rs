//! What strangers write stays text in the window, and the page can ask of the app what it needs and nothing else.

use headcount_desktop::DesktopOptions;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::page::Page;
use crate::world::{World, bare};

/// Texts that would be elements, handlers, scripts, styles or other people's words.
const TRICKS: [&str; 6] = [
    "<img src=x onerror=\"window.taken = 1\">",
    "<script>window.taken = 2</script><style>* { display: none }</style>",
    "</bdi></button><iframe src=\"javascript:parent.taken = 3\"></iframe>",
    "\u{202e}evil\u{2066} \u{0}\u{1b}[31m\u{feff}",
    "javascript:window.taken = 4 \" onfocus=\"window.taken = 5\" autofocus x=\"",
    "{{taken}} ${window.taken = 6} <!-- &lt;b&gt; ]]>",
];

/// Everything the page might do to the network, each on its own; `ADDRESS` stands for where.
const CALLS: [&str; 5] = [
    "fetch('ADDRESS')",
    "new Image().src = 'ADDRESS'",
    "new WebSocket('ADDRESS'.replace('http', 'ws'))",
    "document.body.append(Object.assign(document.createElement('iframe'), { src: 'ADDRESS' }))",
    "document.body.append(Object.assign(document.createElement('script'), { src: 'ADDRESS' }))",
];

/// Notes on the page what its content security policy refuses.
const HEAR: &str = "document.documentElement.dataset.refused = '',
    document.addEventListener('securitypolicyviolation', (event) => { document.documentElement.dataset.refused += event.violatedDirective; })";
/// What was refused so far.
const REFUSED: &str = "document.documentElement.dataset.refused";

fn hostile() -> String {
    let entries: serde_json::Map<String, Value> = (1..)
        .zip(TRICKS)
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
        .chain([(TRICKS[0].to_owned(), json!({})), ("8".to_owned(), json!(TRICKS[1]))])
        .collect();
    serde_json::to_string_pretty(&entries).unwrap()
}

#[tokio::test]
async fn strange_text_is_text() {
    let world = World::of_story(DesktopOptions::default()).await;
    let page = Page::open(&world, "--window").await;
    page.value(HEAR).await;
    world.write(&hostile());
    world.story.beat(1, std::time::Duration::ZERO).unwrap();
    std::fs::write(world.story.heartbeats().join("<img src=x onerror=taken=7>-session-7.json"), "<b>").unwrap();
    page.until("document.querySelectorAll('.row').length === 7").await;
    let rows = page.rows().await;
    let is_level = "new Set([...document.querySelectorAll('.row')].map((row) => row.offsetHeight)).size === 1";
    assert_eq!(page.value(is_level).await, true, "a row is as high as the others, whatever stands in it");
    // Everything is opened, so that every text is somewhere.
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
    for (number, trick) in
        [(1, TRICKS[0]), (2, TRICKS[1]), (3, TRICKS[2]), (4, "evil [31m"), (5, TRICKS[4]), (6, TRICKS[5])]
    {
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
    // The ear is not deaf: what an injected element would do is refused, and heard.
    page.value("document.body.append(Object.assign(document.createElement('img'), { src: 'http://127.0.0.1:9/' }))")
        .await;
    page.until(REFUSED).await;
    page.close().await;
}

#[tokio::test]
async fn only_our_requests_are_answered_and_nothing_leaves() {
    let world = World::of_story(bare()).await;
    let before = world.text();
    let page = Page::open(&world, "--window").await;

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
    // What makes no sense is refused with a code, too.
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
        ("rehearse_reassign", json!({ "from": 2 })),
        ("reassign", json!({ "from": 2, "to": 13, "shown": [{ "from": 2 }] })),
        ("compact", json!({ "shown": {} })),
    ] {
        let answer = page.invoke(command, payload).await;
        assert_eq!(answer["refused"]["code"], "bad_request", "{command}: {answer}");
        assert!(answer["refused"]["message"].as_str().is_some_and(|said| said.contains(command)), "{answer}");
    }
    // What is asked for and makes no sense changes nothing; the reason is a code and a sentence.
    let missing = page.invoke("undo", json!({ "change": "nothing" })).await;
    assert_eq!(missing["refused"]["code"], "no_change");
    let skipped = page.invoke("cleanup", json!({ "numbers": [1, 99], "force": false })).await;
    assert!(skipped["done"]["marked"] == json!([]) || skipped["refused"]["code"] == "no_session", "{skipped}");
    assert_eq!(world.text(), before);

    let ear = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/", ear.local_addr().unwrap());
    page.value(HEAR).await;
    for call in CALLS {
        page.value(&format!("{REFUSED} = ''")).await;
        page.value(&format!("(() => {{ try {{ {} }} catch {{ }} }})()", call.replace("ADDRESS", &address))).await;
        page.until(REFUSED).await;
    }
    // Going there altogether is no way out either.
    page.value(&format!("location.href = '{address}', true")).await;
    page.value(&format!("window.open('{address}'), true")).await;
    assert_eq!(
        page.invoke("snapshot", json!({})).await["done"]["rest"]["counts"]["stale"],
        9,
        "the page is still here"
    );
    let heard = tokio::time::timeout(std::time::Duration::from_millis(300), ear.accept()).await;
    assert!(heard.is_err(), "somebody called: {heard:?}");
    page.close().await;
}
