//! Texts without the names of users and machines.

/// Folders whose next part is the name of a user.
const HOMES: [&str; 4] = ["/home/", "/Users/", "\\Users\\", "\\\\Users\\\\"];

/// A text in which `/home/ada/x` is `/home/user/x`, and the host's name is `host`.
///
/// A host name of fewer than three characters is left, for it would be found within words.
pub fn text(text: &str, host: &str) -> String {
    let mut plain = text.to_owned();
    for home in HOMES {
        plain = without_users(&plain, home);
    }
    let host = host.trim();
    if host.chars().count() >= 3 { plain.replace(host, "host") } else { plain }
}

fn without_users(text: &str, home: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(home) {
        let (before, after) = rest.split_at(at + home.len());
        plain.push_str(before);
        let ends = |c: char| c == '/' || c == '\\' || c == '"' || c == '\'' || c.is_whitespace();
        let end = after.find(ends).unwrap_or(after.len());
        plain.push_str(if end == 0 { "" } else { "user" });
        rest = &after[end..];
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_and_hosts_are_left_out() {
        let before = "name = \"node7\"\nrun = [\"/home/ada/env/bin/python\", '/Users/ada']\nC:\\Users\\ada\\x /home/";
        let after = "name = \"host\"\nrun = [\"/home/user/env/bin/python\", '/Users/user']\nC:\\Users\\user\\x /home/";
        assert_eq!(text(before, "node7"), after);
        assert_eq!(text("pc", "pc"), "pc");
    }
}
