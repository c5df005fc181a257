//! Manifests, written and read.

use super::*;

fn manifest() -> Manifest {
    Manifest {
        format: FORMAT,
        run: "00112233445566778899aabbccddeeff".parse().unwrap(),
        attempt: "01JD0000000000000000000000".parse().unwrap(),
        files: vec![ManifestFile {
            path: "artifacts/a \"b\".csv".into(),
            size: 3,
            blake3: Digest::of(b"abc"),
            sha256: "ba7816bf".into(),
        }],
    }
}

#[test]
fn text_and_back() {
    let text = manifest().to_text();
    assert_eq!(Manifest::from_text(&text).unwrap(), manifest());
    text.parse::<toml::Table>().unwrap();
}

#[test]
fn every_changed_byte_and_every_cut_is_noticed() {
    let text = manifest().to_text();
    for at in 0..text.len() {
        let mut bytes = text.clone().into_bytes();
        bytes[at] ^= 1;
        assert!(
            String::from_utf8(bytes).map_or(true, |text| Manifest::from_text(&text).is_err()),
            "byte {at}"
        );
        assert!(Manifest::from_text(&text[..at]).is_err(), "cut at {at}");
    }
}

#[test]
fn paths_stay_inside() {
    for path in ["../x", "/x", "a//b", "a/./b", "c:x", "a\\b", ""] {
        assert!(!is_inside(path), "{path}");
    }
    assert!(is_inside("artifacts/model.forest"));
}
