//! Markdown of a README as HTML that nobody else's markup or address can enter.

use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

use super::trusted::Trusted;

/// Renders Markdown below a heading of level 2. `title` is left out where it only opens the text.
///
/// Raw HTML becomes text, images become their descriptions, and only links to the web and to mail
/// addresses stay links: what lies beside the README is not part of the site.
pub(super) fn render(text: &str, title: &str) -> Trusted {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let events: Vec<_> = Parser::new_ext(text, options).collect();
    let opening = opening_title(&events, title);
    let levels = events[opening..].iter().filter_map(|event| match event {
        Event::Start(Tag::Heading { level, .. }) => Some(*level as usize),
        _ => None,
    });
    let top = levels.min().unwrap_or(1);
    let mut cleaner = Cleaner { top, level: 2, closing: Vec::new() };
    let clean = events.into_iter().skip(opening).filter_map(|event| cleaner.clean(event));
    let mut page = String::new();
    html::push_html(&mut page, clean);
    Trusted::rendered(page)
}

/// How many events the first heading takes when it only repeats the title.
fn opening_title(events: &[Event<'_>], title: &str) -> usize {
    match events {
        [
            Event::Start(Tag::Heading { level: HeadingLevel::H1, .. }),
            Event::Text(text),
            Event::End(_),
            ..,
        ] if text.trim() == title.trim() => 3,
        _ => 0,
    }
}

struct Cleaner {
    /// The highest level of the text's own headings.
    top: usize,
    /// Level of the last heading, so that none is skipped.
    level: usize,
    /// For each open link whether it stays one.
    closing: Vec<bool>,
}

impl Cleaner {
    fn clean<'a>(&mut self, event: Event<'a>) -> Option<Event<'a>> {
        match event {
            Event::Html(text) | Event::InlineHtml(text) => Some(Event::Text(text)),
            Event::Start(tag) => self.start(tag),
            Event::End(TagEnd::HtmlBlock) => Some(Event::End(TagEnd::Paragraph)),
            Event::End(TagEnd::Link) => {
                self.closing.pop().unwrap_or(false).then_some(Event::End(TagEnd::Link))
            }
            Event::End(TagEnd::Image) => None,
            Event::End(TagEnd::Heading(_)) => Some(Event::End(TagEnd::Heading(level(self.level)))),
            other => Some(other),
        }
    }

    fn start<'a>(&mut self, tag: Tag<'a>) -> Option<Event<'a>> {
        match tag {
            Tag::HtmlBlock => Some(Event::Start(Tag::Paragraph)),
            Tag::Image { .. } => None,
            Tag::Link { link_type, dest_url, title, id } => {
                let stays = leads_outside(&dest_url);
                self.closing.push(stays);
                stays.then_some(Event::Start(Tag::Link { link_type, dest_url, title, id }))
            }
            Tag::Heading { level: asked, .. } => {
                // The highest is one below the section's own, and none is more than one deeper than the last.
                self.level = (asked as usize - self.top + 3).min(self.level + 1).min(6);
                Some(Event::Start(Tag::Heading {
                    level: level(self.level),
                    id: None,
                    classes: Vec::new(),
                    attrs: Vec::new(),
                }))
            }
            // Alignment would become a style attribute, which the pages' policy refuses.
            Tag::Table(columns) => {
                Some(Event::Start(Tag::Table(vec![pulldown_cmark::Alignment::None; columns.len()])))
            }
            Tag::CodeBlock(_) => Some(Event::Start(Tag::CodeBlock(
                pulldown_cmark::CodeBlockKind::Fenced(CowStr::Borrowed("")),
            ))),
            other => Some(Event::Start(other)),
        }
    }
}

fn level(number: usize) -> HeadingLevel {
    HeadingLevel::try_from(number).unwrap_or(HeadingLevel::H6)
}

/// Whether an address is one of the web or of mail. Nothing else is a link on a page.
fn leads_outside(address: &str) -> bool {
    let address = address.to_ascii_lowercase();
    ["https://", "http://", "mailto:"].iter().any(|scheme| address.starts_with(scheme))
}

#[cfg(test)]
mod tests;
