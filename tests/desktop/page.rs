//! The window's page, controlled through `WebDriver`.
//!
//! Guarantees: clicks and keys are real events of the web engine, not scripted ones. Waits for changes of the page,
//! with a deadline. Reads text and structure, not pixels.

use std::path::Path;

use headcount_desktop::WebDriver;
use headcount_desktop::fantoccini::Locator;
use headcount_desktop::fantoccini::actions::{
    InputSource, KeyAction, KeyActions, MOUSE_BUTTON_LEFT, MouseActions, PointerAction,
};
use headcount_desktop::fantoccini::wd::TimeoutConfiguration;
use serde_json::{Value, json};

use crate::fixture::{APP, Fixture, WAIT};

/// Evaluates `EXPRESSION` now and on each change of the page, until it is true or the time is up.
const WATCH: &str = "
    const done = arguments[arguments.length - 1];
    const ask = () => { try { return EXPRESSION; } catch (error) { return null; } };
    const watching = new MutationObserver(look);
    const end = (answer) => { watching.disconnect(); clearTimeout(late); done(answer); };
    const late = setTimeout(() => end({ late: true }), TIME);
    function look() { const found = ask(); if (found) end({ found }); }
    watching.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    for (const kind of ['focusin', 'focusout', 'close', 'change']) document.addEventListener(kind, look, true);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', look);
    look();";

/// A JavaScript expression for the visible button with this label.
pub(crate) fn button(label: &str) -> String {
    let says = format!("button.textContent.trim() === {} && button.checkVisibility()", json!(label));
    format!("[...document.querySelectorAll('button')].find((button) => {says})")
}

/// A window controlled by the driver.
pub(crate) struct Page {
    driver: WebDriver,
}

/// The contents of a row.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) number: u64,
    pub(crate) state: String,
    pub(crate) role: String,
    pub(crate) why: String,
}

impl Page {
    /// Opens the window for a fixture's workspace; `at` is `--window` or `--window=PLACE`.
    pub(crate) async fn open(fixture: &Fixture, at: &str) -> Self {
        let registry = fixture.workspace_files.registry().display().to_string();
        let driver = fixture.desktop.drive(Path::new(APP), &[at, "--registry", &registry], &[], WAIT).await.unwrap();
        let patience = TimeoutConfiguration::new(Some(2 * WAIT), Some(WAIT), None);
        driver.client().update_timeouts(patience).await.unwrap();
        let page = Self { driver };
        page.until("!document.querySelector('[aria-busy]') && document.title !== 'Headcount'").await;
        page
    }

    /// The value of a JavaScript expression.
    pub(crate) async fn value(&self, expression: &str) -> Value {
        self.driver.client().execute(&format!("return ({expression});"), vec![]).await.unwrap()
    }

    /// Waits until an expression is true; returns its value.
    pub(crate) async fn until(&self, expression: &str) -> Value {
        let script = WATCH.replace("EXPRESSION", expression).replace("TIME", &WAIT.as_millis().to_string());
        let mut answer = self.driver.client().execute_async(&script, vec![]).await.unwrap();
        let reads = if answer["late"] == true { self.text("body").await } else { String::new() };
        assert!(answer["late"] != true, "no sign of {expression} on the page, which reads: {reads}");
        answer["found"].take()
    }

    /// The result of a request to the app: `{"done": …}` or `{"refused": …}`.
    pub(crate) async fn invoke(&self, command: &str, payload: Value) -> Value {
        let script = "const [command, payload, done] = arguments;
            window.__TAURI_INTERNALS__.invoke(command, payload).then((said) => done({ done: said }), (why) => done({ refused: why }));";
        self.driver.client().execute_async(script, vec![json!(command), payload]).await.unwrap()
    }

    /// The visible text of an element.
    pub(crate) async fn text(&self, css: &str) -> String {
        let element = self.driver.client().find(Locator::Css(css)).await.unwrap();
        element.text().await.unwrap()
    }

    /// Clicks on an element with the mouse at its position.
    pub(crate) async fn click(&self, css: &str) {
        self.until(&format!("document.querySelector({}).checkVisibility()", json!(css))).await;
        self.driver.client().find(Locator::Css(css)).await.unwrap().click().await.unwrap();
    }

    /// Clicks on the visible button with this label.
    pub(crate) async fn click_button(&self, label: &str) {
        self.until(&button(label)).await;
        // Finds the visible one: closed dialogs have buttons with the same label.
        let found = self.value(&format!("{}.toggleAttribute('data-found', true)", button(label))).await;
        assert_eq!(found, true);
        let element = self.driver.client().find(Locator::Css("[data-found]")).await.unwrap();
        self.value("document.querySelector('[data-found]').removeAttribute('data-found')").await;
        element.click().await.unwrap_or_else(|error| panic!("cannot click on {label}: {error}"));
    }

    /// Clicks on the existing element at this `XPath`.
    pub(crate) async fn click_path(&self, path: &str) {
        self.driver.client().find(Locator::XPath(path)).await.unwrap().click().await.unwrap();
    }

    /// Presses keys one after the other, while the `held` keys are down.
    pub(crate) async fn press(&self, held: &[char], keys: &[char]) {
        let down = |value: &char| KeyAction::Down { value: *value };
        let up = |value: &char| KeyAction::Up { value: *value };
        let struck = keys.iter().flat_map(|key| [down(key), up(key)]);
        let all = held.iter().map(down).chain(struck).chain(held.iter().rev().map(up));
        let keyboard = all.fold(KeyActions::new("keyboard".into()), InputSource::then);
        self.driver.client().perform_actions(keyboard).await.unwrap();
    }

    /// Moves the mouse onto an element.
    pub(crate) async fn hover(&self, css: &str) {
        let onto = self.onto(css).await;
        self.driver.client().perform_actions(MouseActions::new("mouse".into()).then(onto)).await.unwrap();
    }

    /// Moves the mouse away from all elements.
    pub(crate) async fn leave(&self) {
        let away = PointerAction::MoveTo { duration: None, x: 1.0, y: 1.0 };
        self.driver.client().perform_actions(MouseActions::new("mouse".into()).then(away)).await.unwrap();
    }

    /// Drags one element to another with the mouse.
    pub(crate) async fn drag(&self, from: &str, to: &str) {
        // Scrolls to the top, where both are visible.
        self.value("(window.scrollTo({ top: 0, behavior: 'instant' }), true)").await;
        let mouse = MouseActions::new("mouse".into())
            .then(self.onto(from).await)
            .then(PointerAction::Down { button: MOUSE_BUTTON_LEFT })
            .then(self.onto(to).await)
            .then(PointerAction::Up { button: MOUSE_BUTTON_LEFT });
        self.driver.client().perform_actions(mouse).await.unwrap();
    }

    async fn onto(&self, css: &str) -> PointerAction {
        let element = self.driver.client().find(Locator::Css(css)).await.unwrap();
        PointerAction::MoveToElement { element, duration: None, x: 0.0, y: 0.0 }
    }

    /// Types into the focused element.
    pub(crate) async fn write(&self, text: &str) {
        self.press(&[], &text.chars().collect::<Vec<_>>()).await;
    }

    /// The rows, from top to bottom.
    pub(crate) async fn rows(&self) -> Vec<Row> {
        let rows = self.value(
            "[...document.querySelectorAll('.row')].filter((row) => row.checkVisibility()).map((row) => ({
                number: Number(row.dataset.number), state: row.closest('.group').dataset.state,
                role: row.querySelector('.role').textContent, why: row.querySelector('.reason').textContent }))",
        );
        let text = |row: &Value, field: &str| row[field].as_str().unwrap().to_owned();
        let rows = rows.await;
        let row = |row: &Value| Row {
            number: row["number"].as_u64().unwrap(),
            state: text(row, "state"),
            role: text(row, "role"),
            why: text(row, "why"),
        };
        rows.as_array().unwrap().iter().map(row).collect()
    }

    /// Minimises the window.
    pub(crate) async fn minimize(&self) {
        self.driver.client().minimize_window().await.unwrap();
    }

    /// Closes the window.
    pub(crate) async fn close(self) {
        self.driver.close(WAIT).await.unwrap();
    }
}
