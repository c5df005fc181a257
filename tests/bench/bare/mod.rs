//! The least that writes a run so that it survives a power cut: the recorder's system calls without its
//! digests, formats and checks.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;

/// The content of a run's files, and what `run.toml` held while the run was under way.
pub(crate) struct Files {
    params: Vec<u8>,
    run: Vec<u8>,
    first_run: Vec<u8>,
    metrics: Vec<u8>,
    manifest: Vec<u8>,
    artifacts: Vec<(String, Vec<u8>)>,
}

impl Files {
    /// The files of a sealed attempt; `first` is the size of `run.toml` before the seal.
    pub(crate) fn of(attempt: &Path, first: usize) -> Self {
        let read = |name: &str| fs::read(attempt.join(name)).unwrap();
        let artifacts = fs::read_dir(attempt.join("artifacts")).into_iter().flatten();
        let artifacts = artifacts.map(|file| {
            let file = file.unwrap();
            (file.file_name().into_string().unwrap(), fs::read(file.path()).unwrap())
        });
        Self {
            params: read("params.toml"),
            run: read("run.toml"),
            first_run: vec![b' '; first],
            metrics: read("metrics.jsonl"),
            manifest: read("manifest.toml"),
            artifacts: artifacts.collect(),
        }
    }
}

/// Writes a run into a folder of its own, syncs it, and renames it to its place.
pub(crate) fn write(root: &Path, directory: &str, files: &Files) {
    let state = root.join(".fairledger");
    let leases = state.join("leases");
    fs::create_dir_all(&leases).unwrap();
    let lease = leases.join("run.lock");
    let mut options = OpenOptions::new();
    let mut lock =
        options.read(true).write(true).create(true).truncate(false).open(&lease).unwrap();
    lock.lock().unwrap();
    lock.write_all(b"{\"pid\": 1}\n").unwrap();

    let folder = state.join("tmp/housing").join(Path::new(directory).file_name().unwrap());
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("params.toml"), &files.params).unwrap();
    fs::write(folder.join("run.toml"), &files.first_run).unwrap();
    let mut metrics = OpenOptions::new()
        .append(true)
        .create_new(true)
        .open(folder.join("metrics.jsonl"))
        .unwrap();
    metrics.write_all(&files.metrics).unwrap();
    metrics.sync_all().unwrap();
    drop(metrics);

    let artifacts = folder.join("artifacts");
    if !files.artifacts.is_empty() {
        fs::create_dir(&artifacts).unwrap();
    }
    for (name, bytes) in &files.artifacts {
        create(&artifacts.join(name), bytes);
    }
    sync(&folder.join("params.toml"));
    read(&folder.join("params.toml"));
    read(&folder.join("metrics.jsonl"));
    create(&folder.join("run.toml.new"), &files.run);
    fs::rename(folder.join("run.toml.new"), folder.join("run.toml")).unwrap();
    create(&folder.join("manifest.toml"), &files.manifest);
    if !files.artifacts.is_empty() {
        sync(&artifacts);
    }
    sync(&folder);

    let target = root.join(directory);
    let shard = target.parent().unwrap();
    if fs::create_dir(shard).is_ok() {
        sync(shard.parent().unwrap());
    }
    fs::rename(&folder, &target).unwrap();
    sync(shard);
    fs::remove_file(&lease).unwrap();
}

/// Number and bytes of the files below a folder.
pub(crate) fn size_of(folder: &Path) -> (usize, u64) {
    let (mut files, mut bytes) = (0, 0);
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let metadata = entry.metadata().unwrap();
        if metadata.is_dir() {
            let (more, larger) = size_of(&entry.path());
            files += more;
            bytes += larger;
        } else {
            files += 1;
            bytes += metadata.len();
        }
    }
    (files, bytes)
}

fn create(path: &Path, bytes: &[u8]) {
    let mut file = File::create_new(path).unwrap();
    file.write_all(bytes).unwrap();
    file.sync_all().unwrap();
}

fn sync(path: &Path) {
    File::open(path).unwrap().sync_all().unwrap();
}

fn read(path: &Path) {
    let mut bytes = Vec::new();
    File::open(path).unwrap().read_to_end(&mut bytes).unwrap();
}
