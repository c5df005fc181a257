//! `sitemap.xml`: where the pages of a published site are.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::graph::address;

/// The file that tells harvesters the pages of a site (sitemaps.org 0.9); none where the site has no address.
pub fn sitemap(files: &BTreeMap<String, Vec<u8>>, url: &str) -> Option<(String, Vec<u8>)> {
    // The protocol takes 50,000 addresses a file.
    const MOST: usize = 50_000;
    if url.is_empty() {
        return None;
    }
    let mut text = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n",
    );
    let pages = files.keys().filter(|path| path.rsplit('.').next() == Some("html"));
    for page in pages.take(MOST) {
        let page = page.strip_suffix("index.html").unwrap_or(page);
        let url = url.replace('&', "&amp;").replace('<', "&lt;");
        let _ = writeln!(text, "<url><loc>{url}/{}</loc></url>", address(page));
    }
    text.push_str("</urlset>\n");
    Some(("sitemap.xml".into(), text.into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_listed_and_other_files_are_not() {
        let files = ["index.html", "x/a/index.html", "runs/p/1.html", "app.css"];
        let files = files.iter().map(|path| ((*path).to_owned(), Vec::new())).collect();
        let (name, bytes) = sitemap(&files, "https://a.example.org/l").unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert_eq!(name, "sitemap.xml");
        assert_eq!(text.matches("<loc>").count(), 3);
        assert!(text.contains("<loc>https://a.example.org/l/x/a/</loc>"), "{text}");
        assert_eq!(sitemap(&files, ""), None);
    }
}
