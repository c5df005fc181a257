//! Markup that may enter a page unescaped: only what this program drew or rendered itself.

use serde::Serialize;

/// Markup made here from escaped parts. The template `trusted.html` alone prints it as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(super) struct Trusted(String);

impl Trusted {
    /// Takes an `svg` element from the chart module, which escapes every label.
    pub(super) fn drawn(svg: String) -> Self {
        Self(svg)
    }

    /// Takes HTML from the Markdown module, which lets no raw HTML through.
    pub(super) fn rendered(html: String) -> Self {
        Self(html)
    }

    /// Takes a style sheet, ours or that of a theme, which its author could link as well.
    pub(super) fn written(style: String) -> Self {
        Self(style)
    }

    /// Takes JSON for an element that is not executed, in which nothing ends that element.
    pub(super) fn described(json: String) -> Self {
        Self(json)
    }

    /// The markup.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}
