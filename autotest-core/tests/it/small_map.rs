//! The map for few entries.

use autotest_core::SmallMap;

fn letters() -> SmallMap<u32, &'static str> {
    [(3, "c"), (1, "a"), (2, "b")].into_iter().collect()
}

#[test]
fn entries_are_in_the_order_of_their_keys() {
    let mut map = letters();
    assert_eq!(map.len(), 3);
    assert!(!map.is_empty());
    assert_eq!(map.values().collect::<Vec<_>>(), [&"a", &"b", &"c"]);
    map.extend([(0, "z"), (2, "B")]);
    let expected = [(0, "z"), (1, "a"), (2, "B"), (3, "c")];
    assert_eq!(map.into_iter().collect::<Vec<_>>(), expected);
}

#[test]
fn entries_are_found_changed_and_taken_out() {
    let mut map = letters();
    assert_eq!((map.get(&2), map.get(&4)), (Some(&"b"), None));
    assert!(map.contains_key(&1) && !map.contains_key(&4));
    *map.get_mut(&2).unwrap() = "B";
    assert_eq!(map.get_mut(&4), None);
    assert_eq!(map.remove(&2), Some("B"));
    assert_eq!(map.remove(&2), None);
    assert_eq!(map.len(), 2);
    assert!(SmallMap::<u8, u8>::new().is_empty());
}

#[test]
fn a_map_is_an_object_in_json() {
    let map: SmallMap<String, u8> = [("b".to_owned(), 2), ("a".to_owned(), 1)]
        .into_iter()
        .collect();
    let json = serde_json::to_string(&map).unwrap();
    assert_eq!(json, r#"{"a":1,"b":2}"#);
    let again: SmallMap<String, u8> = serde_json::from_str(r#"{"b":2,"a":0,"a":1}"#).unwrap();
    assert_eq!(again, map);
    let error = serde_json::from_str::<SmallMap<String, u8>>("[]").unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("invalid type: sequence, expected a map")
    );
}
