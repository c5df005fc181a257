use super::*;
use crate::ledger::journal::{Record, RecordId, merge, read_lines};
use crate::ledger::time::Timestamp;

fn id(digit: char) -> VersionId {
    String::from(digit).repeat(10).parse().unwrap()
}

fn event(time: i64, kind: EventKind) -> Event {
    let id = RecordId::new(time.unsigned_abs(), time.unsigned_abs().into());
    Event { id, time: Timestamp::from_microseconds(time), kind }
}

fn register(time: i64, version: char, number: u64) -> Event {
    event(time, EventKind::Register { version: id(version), number })
}

fn alias(time: i64, version: char, was: Option<char>) -> Event {
    let (version, was) = (Some(id(version)), was.map(id));
    event(time, EventKind::Alias { alias: "champion".into(), version, was, back: false })
}

fn reference(text: &str) -> Reference {
    Reference::parse(text)
}

/// Three versions; the alias points at 1, then 2, then 3.
fn three() -> Vec<Event> {
    vec![
        register(1, 'a', 1),
        alias(2, 'a', None),
        register(3, 'b', 2),
        alias(4, 'b', Some('a')),
        register(5, 'c', 3),
        alias(6, 'c', Some('b')),
    ]
}

fn back(model: &Model) -> EventKind {
    model.go_back("house", "champion").unwrap()
}

#[test]
fn a_reference_names_the_newest_an_alias_or_a_number() {
    let model = fold(&three());
    for (text, number) in [("house", 3), ("house@champion", 3), ("house/2", 2), ("house/aaaa", 1)] {
        assert_eq!(model.usable(&reference(text)).unwrap().number, number, "{text}");
    }
    for text in ["house@challenger", "house/4", "house/0", "house/aaab", "house/a"] {
        assert!(model.find(&reference(text)).is_err(), "{text}");
    }
}

#[test]
fn every_kind_is_read_back_and_a_newer_one_is_kept() {
    for event in three() {
        assert_eq!(read_lines::<Event>(event.to_line().as_bytes()).records, [event]);
    }
    let line = register(1, 'a', 1).to_line().replace("register", "bless");
    let lines = read_lines::<Event>(line.as_bytes());
    assert!(matches!(lines.records[0].kind, EventKind::Other(_)), "{lines:?}");
    assert_eq!(fold(&lines.records), Model::default());
}

#[test]
fn going_back_walks_back_and_never_to_and_fro() {
    let mut events = three();
    for expected in ['b', 'a'] {
        let kind = back(&fold(&events));
        events.push(event(10 + events.len() as i64, kind));
        assert_eq!(fold(&events).aliases["champion"], id(expected));
    }
    let model = fold(&events);
    assert!(matches!(model.go_back("house", "champion"), Err(RegistryError::NothingBefore { .. })));
    events.push(alias(20, 'c', Some('a')));
    assert_eq!(back(&fold(&events)), {
        let (version, was) = (Some(id('a')), Some(id('c')));
        EventKind::Alias { alias: "champion".into(), version, was, back: true }
    });
}

#[test]
fn the_past_is_a_fold_of_what_was_written_by_then() {
    let until = |time: i64| {
        let events = three();
        let model = fold(events.iter().filter(|event| event.time.microseconds() <= time));
        model.aliases.get("champion").cloned()
    };
    assert_eq!(
        [until(1), until(2), until(5), until(6)],
        [None, Some(id('a')), Some(id('b')), Some(id('c'))]
    );
}

#[test]
fn what_an_alias_points_at_is_not_deleted() {
    let mut events = three();
    let model = fold(&events);
    assert!(model.delete("house", Some(&id('c'))).is_err());
    assert!(model.delete("house", None).is_err());
    let kind = model.delete("house", Some(&id('a'))).unwrap();
    events.push(event(30, kind));
    let model = fold(&events);
    assert!(matches!(
        model.usable(&reference("house/1")),
        Err(RegistryError::DeletedVersion { number: 1, .. })
    ));
    assert_eq!(model.usable(&reference("house/2")).unwrap().id, id('b'), "numbers stay");
    let kind = model.take_away("house", "champion").unwrap();
    events.push(event(31, kind));
    assert!(fold(&events).delete("house", None).is_ok());
}

#[test]
fn moves_made_in_two_clones_are_a_tie_until_somebody_decides() {
    let mut events = three();
    events.truncate(5);
    // Here to 3, elsewhere to 1, both coming from 2.
    let here = alias(8, 'c', Some('b'));
    let there = alias(7, 'a', Some('b'));
    events.extend([here.clone(), there]);
    let model = fold(&merge(events.clone()));
    assert_eq!(model.aliases["champion"], id('c'));
    assert_eq!((model.ties.len(), model.ties[0].other.clone()), (1, Some(id('a'))));
    events.push(alias(9, 'a', Some('c')));
    assert_eq!(fold(&merge(events.clone())).ties, []);
    // Both to the same version is no tie.
    let same = [register(1, 'a', 1), alias(2, 'a', None), alias(3, 'a', None)];
    assert_eq!(fold(&same).ties, []);
}

#[test]
fn a_merge_shows_which_numbers_moved() {
    let model = fold(&[register(1, 'a', 1), register(2, 'b', 1), register(3, 'c', 2)]);
    let numbers: Vec<_> = model.versions.iter().map(|it| (it.said, it.number)).collect();
    assert_eq!(numbers, [(1, 1), (1, 2), (2, 3)]);
}

#[test]
fn names_that_references_could_not_tell_are_refused() {
    for name in ["house", "house.v2", "집값", "a b"] {
        check_name(name).unwrap();
    }
    for name in ["", "a/b", "a@b", ".a", "-a", "con", "a=b", " a", "a?"] {
        assert!(check_name(name).is_err(), "{name}");
    }
    assert!(check_alias("champion").is_ok() && check_alias("2026-11").is_ok());
    assert!(check_alias("3").is_err() && check_alias("").is_err() && check_alias("a b").is_err());
}
