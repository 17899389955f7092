//! Installs Headcount's hooks into a settings text, and removes them.

use std::ops::Range;

use serde_json::{Value, json};

use super::{Event, Group, Handler, HookOptions, Settings, Unusable};
use crate::json::edit::{Layout, Splice, apply_splices, members, removals};
use crate::json::{Object, items, string};

/// The remainder of an event after its hooks were removed.
enum Rest {
    /// It stays, with these changes.
    Some(Vec<Splice>),
    /// Nothing else was in it.
    Nothing,
}

impl Settings {
    /// The text with each of Headcount's hooks once.
    ///
    /// # Errors
    /// If the list of an event is not a list.
    pub fn with(&self, options: &HookOptions<'_>) -> Result<String, Unusable> {
        let is_elsewhere = |name: &str| options.elsewhere.iter().any(|elsewhere| elsewhere == name);
        let is_run_already = |event: &Event| event.is_custom() || is_elsewhere(&event.name);
        let mut wanted: Vec<&str> = options.events().filter(|name| !is_elsewhere(name)).collect();
        let surplus = |event: &Event, handler: &Handler| {
            let first = event.handlers().find(|handler| handler.own().is_some());
            let is_first = first.is_some_and(|first| first.object.range == handler.object.range);
            let is_wanted = options.events().any(|wanted| wanted == event.name) && !is_run_already(event);
            !(is_first && is_wanted)
        };
        let reduced = Self::read(self.removed(None, surplus).into_bytes())?;
        let mut splices = Vec::new();
        for event in reduced.hooks.iter().flat_map(|hooks| &hooks.events) {
            let own = event.handlers().find_map(|handler| Some((handler, handler.own()?)));
            if let Some((handler, own)) = own {
                let command = handler.object.raw(&reduced.text, "command").and_then(string).unwrap_or_default();
                let is_missing = options.missing.contains(&own.program);
                let written = own.rewritten(&command, options.program, options.form, is_missing);
                splices.extend(reduced.updates(handler, &HookOptions::handler_of(&event.name, written)));
            }
            if own.is_some() || event.is_custom() {
                wanted.retain(|name| *name != event.name);
            }
        }
        splices.extend(reduced.additions(&wanted, options)?);
        Ok(apply_splices(&reduced.text, splices))
    }

    /// The text without Headcount's hooks. Objects and lists that become empty are removed too, unless they existed
    /// `before` the hooks were installed.
    #[must_use]
    pub fn without(&self, before: Option<&Self>) -> String {
        self.removed(before, |_, _| true)
    }

    /// The splices that set the fields of a hook to their wanted values. Other fields, added by a person, stay.
    fn updates(&self, handler: &Handler, wanted: &Value) -> Vec<Splice> {
        let bare = Layout::python(5);
        let layout = Layout::of(&self.text, &handler.object).unwrap_or(bare.clone());
        let is_current = |name: &str, value: &Value| {
            let raw = handler.object.raw(&self.text, name).unwrap_or_default();
            serde_json::from_str::<Value>(raw).is_ok_and(|found| found == *value)
        };
        let fields = wanted.as_object().into_iter().flatten().filter(|(name, value)| !is_current(name, value));
        let mut changes: Vec<(String, Option<String>)> =
            fields.map(|(name, value)| (name.clone(), Some(layout.value(value)))).collect();
        let unwanted = ["args", "async"].into_iter().filter(|name| wanted.get(name).is_none());
        changes.extend(unwanted.map(|name| (name.to_owned(), None)));
        let changes: Vec<(String, Option<&str>)> =
            changes.iter().map(|(name, value)| (name.clone(), value.as_deref())).collect();
        members(&self.text, &handler.object, &changes, &bare)
    }

    /// The splices that add a group for each of these events: to the event's list, to a new list, or to a new `hooks`.
    fn additions(&self, events: &[&str], options: &HookOptions<'_>) -> Result<Vec<Splice>, Unusable> {
        if events.is_empty() {
            return Ok(Vec::new());
        }
        let text = self.text.as_str();
        let group = |event: &str| json!({ "hooks": [options.handler(event)] });
        let all = || events.iter().map(|event| ((*event).to_owned(), json!([group(event)]))).collect();
        let Some(root) = &self.root else {
            let file = Layout::python(1);
            let object = file.object(&[("hooks", &file.value(&Value::Object(all())))]);
            return Ok(vec![(text.len()..text.len(), format!("{object}\n"))]);
        };
        let outer = Layout::of(text, root).unwrap_or_else(|| Layout::python(1));
        let Some(hooks) = &self.hooks else {
            let value = outer.value(&Value::Object(all()));
            return Ok(members(text, root, &[("hooks".into(), Some(&value))], &Layout::python(1)));
        };
        let layout = Layout::of(text, &hooks.object).unwrap_or_else(|| outer.inner());
        let mut splices = Vec::new();
        let mut missing = Vec::new();
        for name in events {
            match hooks.events.iter().find(|event| event.name == *name) {
                Some(event) => splices.push(append_group(text, event, &group(name), &layout)?),
                None => missing.push(((*name).to_owned(), layout.value(&json!([group(name)])))),
            }
        }
        let missing: Vec<_> = missing.iter().map(|(name, value)| (name.clone(), Some(value.as_str()))).collect();
        splices.extend(members(text, &hooks.object, &missing, &layout));
        Ok(splices)
    }

    /// The text without those of Headcount's hooks for which `is_gone` holds.
    fn removed(&self, before: Option<&Self>, is_gone: impl Fn(&Event, &Handler) -> bool) -> String {
        let (Some(root), Some(hooks)) = (&self.root, &self.hooks) else { return self.text.clone() };
        let is_gone = |event: &Event, handler: &Handler| handler.own().is_some() && is_gone(event, handler);
        let mut splices = Vec::new();
        let mut gone = Vec::new();
        for event in &hooks.events {
            match rest_of_event(event, &is_gone) {
                Rest::Some(changes) => splices.extend(changes),
                Rest::Nothing => match (before.and_then(|before| before.emptied_list(&event.name)), &event.list) {
                    (Some(emptied_list), Some(list)) => splices.push((list.clone(), emptied_list)),
                    _ => gone.push((event.name.clone(), None)),
                },
            }
        }
        if gone.is_empty() && splices.is_empty() {
            return self.text.clone();
        }
        if gone.len() < hooks.events.len() {
            splices.extend(members(&self.text, &hooks.object, &gone, &Layout::python(2)));
            return apply_splices(&self.text, splices);
        }
        // `hooks` becomes empty.
        if let Some(found) = before.and_then(|before| before.hooks.as_ref().map(|hooks| (before, hooks))) {
            let (before, hooks_before) = found;
            let raw = before.text.get(hooks_before.object.range.clone()).filter(|_| hooks_before.object.is_empty());
            return apply_splices(&self.text, vec![(hooks.object.range.clone(), raw.unwrap_or("{}").to_owned())]);
        }
        let is_all = root.fields.len() == 1;
        match before.filter(|before| is_all && before.is_empty()) {
            Some(before) if before.root.is_none() => before.text.clone(),
            Some(before) => {
                let raw = before.root.as_ref().and_then(|root| before.text.get(root.range.clone()));
                apply_splices(&self.text, vec![(root.range.clone(), raw.unwrap_or("{}").to_owned())])
            }
            None => apply_splices(&self.text, members(&self.text, root, &[("hooks".into(), None)], &Layout::python(1))),
        }
    }

    /// The text of an event's list after its last hook is removed, if the list existed before: as it was, or empty.
    fn emptied_list(&self, event: &str) -> Option<String> {
        let event = self.hooks.as_ref()?.events.iter().find(|found| found.name == event)?;
        let raw = self.text.get(event.list.clone()?).filter(|_| event.groups.is_empty());
        Some(raw.unwrap_or("[]").to_owned())
    }
}

/// The remainder of an event after the removal.
fn rest_of_event(event: &Event, is_gone: &impl Fn(&Event, &Handler) -> bool) -> Rest {
    let mut splices = Vec::new();
    let mut gone = Vec::new();
    for group in &event.groups {
        let is_removed: Vec<bool> = group.handlers.iter().map(|handler| is_gone(event, handler)).collect();
        let is_all = !is_removed.is_empty() && is_removed.iter().all(|gone| *gone);
        gone.push(is_all);
        if !is_all && is_removed.contains(&true) {
            splices.extend(removals(&spans(group), &is_removed));
        }
    }
    if !gone.is_empty() && gone.iter().all(|gone| *gone) {
        return Rest::Nothing;
    }
    let groups: Vec<Range<usize>> = event.groups.iter().map(|group| group.range.clone()).collect();
    splices.extend(removals(&groups, &gone));
    Rest::Some(splices)
}

fn spans(group: &Group) -> Vec<Range<usize>> {
    group.handlers.iter().map(|handler| handler.object.range.clone()).collect()
}

/// The splice that appends a group to an event's list, in the layout of the group before it.
fn append_group(text: &str, event: &Event, group: &Value, hooks: &Layout) -> Result<Splice, Unusable> {
    let form = || Unusable::Form { place: format!("`hooks.{}` in it", event.name), wanted: "a list" };
    let list = event.list.clone().ok_or_else(form)?;
    let found = items(text, list.clone()).unwrap_or_default();
    let (Some(final_item), Some(layout)) = (found.last(), Layout::of_list(text, list.clone(), &found, hooks.colon()))
    else {
        return Ok((list, hooks.value(&json!([group]))));
    };
    let neighbour = Object::read(text, final_item.clone()).ok().and_then(|object| Layout::of(text, &object));
    let item = match (&neighbour, group.as_object()) {
        (Some(neighbour), Some(fields)) => {
            let fields: Vec<(&str, String)> =
                fields.iter().map(|(name, value)| (name.as_str(), neighbour.value(value))).collect();
            let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            neighbour.object(&fields)
        }
        _ => layout.value(group),
    };
    Ok((final_item.end..final_item.end, format!(",{}{item}", layout.between())))
}
