use std::fs::{self, OpenOptions};
use std::io::Write;
use std::thread;

use super::super::clock::now;
use super::super::random;
use super::*;
use crate::ledger::annotation::{Annotation, AnnotationId, AnnotationKind, fold};

fn tag(key: &str, value: &str) -> Annotation {
    let time = now();
    let kind = AnnotationKind::Tag { key: key.into(), value: value.into() };
    let id = AnnotationId::new(time.milliseconds(), random());
    Annotation { id, time, run: request(1).id(), kind }
}

#[test]
fn two_writers_merge_into_one_story() {
    let (here, there) = (Project::new(), Project::new());
    let (first, second, third) = (tag("a", "1"), tag("a", "2"), tag("b", "3"));
    here.store.annotate("housing", &[first, third.clone()]).unwrap();
    let theirs = there.store.annotate("housing", &[second, third]).unwrap();
    let folder = here.root().join("experiments/housing/annotations");
    fs::copy(&theirs, folder.join(theirs.file_name().unwrap())).unwrap();
    let records = here.store.annotations("housing").unwrap();
    assert_eq!(records.len(), 3);
    let tags = &fold(&records)[&request(1).id()].tags;
    assert_eq!((tags["a"].as_str(), tags["b"].as_str()), ("2", "3"));
    assert_eq!(here.store.annotations("absent").unwrap(), []);
}

#[test]
fn a_torn_line_is_cut_before_the_next_is_written() {
    let project = Project::new();
    let records = [tag("a", &"long".repeat(3000)), tag("b", "2")];
    let path = project.store.annotate("housing", &records[..1]).unwrap();
    let mut file = OpenOptions::new().append(true).open(&path).unwrap();
    file.write_all("{\"id\":\"é".as_bytes()).unwrap();
    assert_eq!(project.store.annotations("housing").unwrap(), records[..1]);
    project.store.annotate("housing", &records[1..]).unwrap();
    assert_eq!(project.reopened().annotations("housing").unwrap(), records);
    assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 2);
}

#[test]
fn processes_of_one_clone_do_not_interleave() {
    let project = Project::new();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let store = project.reopened();
                for _ in 0..10 {
                    store.annotate("housing", &[tag("a", "1"), tag("b", "2")]).unwrap();
                }
            });
        }
    });
    assert_eq!(project.store.annotations("housing").unwrap().len(), 80);
    let folder = project.root().join("experiments/housing/annotations");
    assert_eq!(fs::read_dir(folder).unwrap().count(), 1);
}

#[test]
fn a_line_that_is_no_annotation_is_named() {
    let project = Project::new();
    let path = project.store.annotate("housing", &[tag("a", "1")]).unwrap();
    fs::write(&path, fs::read_to_string(&path).unwrap() + "nonsense\n").unwrap();
    assert_eq!(project.store.annotations("housing").unwrap().len(), 1);
    let faults = project.store.verify(&mut |_, _| {}).unwrap().faults;
    assert_eq!(faults[0].what, "has no annotation in line 2");
}
