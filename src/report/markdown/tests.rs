//! What notes may say.

use super::*;

fn html(text: &str) -> String {
    render(text, "Title").as_str().to_owned()
}

#[test]
fn headings_fit_below_the_section() {
    assert_eq!(html("# Title\n\n## Why\n\ntext"), "<h3>Why</h3>\n<p>text</p>\n");
    assert_eq!(html("## A\n\n## B\n\n### C"), "<h3>A</h3>\n<h3>B</h3>\n<h4>C</h4>\n");
    assert_eq!(html("# Other\n\n#### Deep"), "<h3>Other</h3>\n<h4>Deep</h4>\n");
}

#[test]
fn markup_of_others_is_only_text() {
    let hostile = [
        "<script>alert(1)</script>",
        "a <b onmouseover=alert(1)>b</b>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html,hi)",
        "<javascript:alert(1)>",
        "![x](https://example.org/x.png)",
        "[x](//example.org)",
        "```\" onmouseover=\"x\ncode\n```",
        "# h {onclick=x}",
        "<div\nonclick=x>\n\ntext",
        "[a](https://e.org \"\\\" onmouseover=x\")",
    ];
    for text in hostile {
        let page = html(text);
        let tags: Vec<_> = page.split('<').skip(1).filter_map(|t| t.split('>').next()).collect();
        for tag in tags {
            let name = tag.trim_start_matches('/').split(' ').next().unwrap();
            assert!(["p", "h3", "pre", "code", "a"].contains(&name), "{text}: {page}");
            assert!(name == "a" || !tag.contains(' '), "{text}: {page}");
        }
        assert!(!page.contains("href=\"java") && !page.contains("\" onmouse"), "{page}");
    }
}

#[test]
fn links_to_the_web_stay_and_others_become_text() {
    assert_eq!(
        html("[a](https://example.org/?a=1&b) [spec](forest.toml)"),
        "<p><a href=\"https://example.org/?a=1&amp;b\">a</a> spec</p>\n"
    );
}

#[test]
fn tables_have_no_inline_style() {
    let page = html("| a | b |\n|--:|:-:|\n| 1 | 2 |");
    assert!(page.contains("<td>1</td>") && !page.contains("style"), "{page}");
}
