//! Tests: each layout is kept, and each edit can be undone byte for byte.

use super::*;
use proptest::prelude::*;

fn set(number: Number, field: &str, value: Option<&str>) -> Edit {
    Edit::Field { number, field: field.into(), value: value.map(Into::into) }
}

fn put(number: Number, value: Option<&str>) -> Edit {
    Edit::Entry { number, value: value.map(Into::into) }
}

fn read(text: &str) -> Registry {
    Registry::read(text.as_bytes().to_vec()).unwrap()
}

fn after(text: &str, edits: &[Edit]) -> String {
    edited(&read(text), edits)
}

const LAYOUTS: [&str; 7] = [
    "{\n  \"1\": {\n    \"status\": \"active\"\n  }\n}",
    "{\n    \"1\": {\n        \"a\": 1.10,\n        \"status\": \"active\"\n    }\n}\n",
    "{\"1\": {\"status\": \"active\"}}",
    "{\"1\":{\"a\":1e3,\"status\":\"active\"}}",
    "{\"1\":{\"status\":\"active\"}}",
    "\u{feff}{\r\n\t\"1\" : {\r\n\t\t\"a\" : 1 ,\r\n\t\t\"status\" : \"active\"\r\n\t}\r\n}\r\n",
    "{ \"1\": { \"status\": \"active\" } }",
];

#[test]
fn fields_are_laid_out_like_their_neighbours() {
    let both = [set(1, "status", Some("\"inactive\"")), set(1, "m", Some("1"))];
    let wanted = [
        "{\n  \"1\": {\n    \"status\": \"inactive\",\n    \"m\": 1\n  }\n}",
        "{\n    \"1\": {\n        \"a\": 1.10,\n        \"status\": \"inactive\",\n        \"m\": 1\n    }\n}\n",
        "{\"1\": {\"status\": \"inactive\", \"m\": 1}}",
        "{\"1\":{\"a\":1e3,\"status\":\"inactive\",\"m\":1}}",
        "{\"1\":{\"status\":\"inactive\",\"m\":1}}",
        "\u{feff}{\r\n\t\"1\" : {\r\n\t\t\"a\" : 1 ,\r\n\t\t\"status\" : \"inactive\",\r\n\t\t\"m\" : 1\r\n\t}\r\n}\r\n",
        "{ \"1\": { \"status\": \"inactive\", \"m\": 1 } }",
    ];
    for (before, wanted) in LAYOUTS.iter().zip(wanted) {
        assert_eq!(after(before, &both), wanted);
    }
}

#[test]
fn entries_are_laid_out_like_their_neighbours() {
    let wanted = [
        "{\n  \"1\": {\n    \"status\": \"active\"\n  },\n  \"2\": {\n    \"x\": 5,\n    \"f\": [\n      1,\n      2\n    ]\n  }\n}",
        "{\n    \"1\": {\n        \"a\": 1.10,\n        \"status\": \"active\"\n    },\n    \"2\": {\n        \"x\": 5,\n        \"f\": [\n            1,\n            2\n        ]\n    }\n}\n",
        "{\"1\": {\"status\": \"active\"}, \"2\": {\"x\": 5, \"f\": [1, 2]}}",
        "{\"1\":{\"a\":1e3,\"status\":\"active\"},\"2\":{\"x\":5,\"f\":[1,2]}}",
        "{\"1\":{\"status\":\"active\"},\"2\":{\"x\":5,\"f\":[1,2]}}",
        "\u{feff}{\r\n\t\"1\" : {\r\n\t\t\"a\" : 1 ,\r\n\t\t\"status\" : \"active\"\r\n\t},\r\n\t\"2\" : {\r\n\t\t\"x\" : 5,\r\n\t\t\"f\" : [\r\n\t\t\t1,\r\n\t\t\t2\r\n\t\t]\r\n\t}\r\n}\r\n",
        "{ \"1\": { \"status\": \"active\" }, \"2\": { \"x\": 5, \"f\": [1, 2] } }",
    ];
    for (before, wanted) in LAYOUTS.iter().zip(wanted) {
        let layout = Layout::of_entries(&read(before));
        let entry = layout.object(&[("x", "5"), ("f", &layout.numbers(&[1, 2]))]);
        let with = after(before, &[put(2, Some(&entry))]);
        assert_eq!(with, wanted);
        assert_eq!(after(&with, &[put(2, None)]), *before);
    }
}

#[test]
fn a_new_file_has_the_layout_of_python() {
    for before in ["{}", "{ }", "{\n}"] {
        let layout = Layout::of_entries(&read(before));
        let entry = layout.object(&[("a", "1"), ("b", "\"x\"")]);
        let with = after(before, &[put(1, Some(&entry))]);
        assert_eq!(with, "{\n  \"1\": {\n    \"a\": 1,\n    \"b\": \"x\"\n  }\n}", "{before:?}");
        assert_eq!(after(&with, &[put(1, None)]), "{}");
    }
}

#[test]
fn any_subset_of_members_can_be_removed() {
    let text = "{\"1\": {\"a\": 1, \"b\": 2, \"c\": 3, \"d\": 4}}";
    for (gone, wanted) in [
        ("a", "{\"1\": {\"b\": 2, \"c\": 3, \"d\": 4}}"),
        ("ab", "{\"1\": {\"c\": 3, \"d\": 4}}"),
        ("bc", "{\"1\": {\"a\": 1, \"d\": 4}}"),
        ("ac", "{\"1\": {\"b\": 2, \"d\": 4}}"),
        ("cd", "{\"1\": {\"a\": 1, \"b\": 2}}"),
        ("abcd", "{\"1\": {}}"),
    ] {
        let edits: Vec<Edit> = gone.chars().map(|name| set(1, &name.to_string(), None)).collect();
        assert_eq!(after(text, &edits), wanted, "{gone}");
        let added: Vec<Edit> = edits.into_iter().chain([set(1, "e", Some("5"))]).collect();
        let value: serde_json::Value = serde_json::from_str(&after(text, &added)).unwrap();
        assert_eq!(value["1"]["e"], 5, "{gone}");
    }
    assert_eq!(after("{\"1\": {}}", &[set(1, "a", Some("1"))]), "{\"1\": {\"a\": 1}}");
    assert_eq!(after("{\"1\": {}}", &[set(1, "a", None), set(2, "a", Some("1"))]), "{\"1\": {}}");
}

#[test]
fn keys_can_be_swapped() {
    let text = "{ \"5\" : {\"a\": 1e3},\n\"13\": {} , \"x\": 1}";
    let swapped = after(text, &[Edit::Rename { number: 5, to: 13 }, Edit::Rename { number: 13, to: 5 }]);
    assert_eq!(swapped, "{ \"13\" : {\"a\": 1e3},\n\"5\": {} , \"x\": 1}");
}

proptest! {
    #[test]
    fn other_bytes_are_kept(
        ws in "[ \t\r\n]{0,3}", pad in "[ \n]{0,2}", tail in "[ \n]{0,2}", other in "-?[1-9][0-9]{0,30}(\\.[0-9]{1,3}0)?",
    ) {
        let text = format!("{{{ws}\"1\"{pad}:{ws}{{{ws}\"x\"{pad}:{ws}{other}{pad},{ws}\"status\"{pad}:{ws}\"active\"{ws}}}{tail}}}{tail}");
        let out = after(&text, &[set(1, "status", Some("\"inactive\"")), set(1, "m", Some("7")), put(2, Some("{}"))]);
        // The reverse edits restore the text.
        let back = after(&out, &[set(1, "status", Some("\"active\"")), set(1, "m", None), put(2, None)]);
        prop_assert_eq!(back, text);
        let value: serde_json::Value = serde_json::from_str(&out).unwrap();
        prop_assert_eq!(&value["1"]["status"], "inactive");
        prop_assert_eq!(&value["1"]["m"], 7);
    }
}
