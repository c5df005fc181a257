//! Licences by their SPDX identifiers.

use crate::ledger::problem::nearest;

/// The terms that are suggested to those who have chosen none.
pub const SUGGESTED: &str = "CC-BY-4.0";

/// A licence of the SPDX list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Licence {
    /// Its identifier, such as `CC-BY-4.0`.
    pub id: &'static str,
    /// Its full name.
    pub name: &'static str,
}

impl Licence {
    /// The address of its text in the SPDX list.
    pub fn address(&self) -> String {
        format!("https://spdx.org/licenses/{}", self.id)
    }
}

/// An expression that is none, with what was probably meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LicenceError {
    /// What is wrong.
    pub message: String,
    /// The nearest identifier.
    pub near: Option<&'static str>,
}

/// The licences that an SPDX expression such as `MIT OR Apache-2.0` names, in its order, each once.
///
/// # Errors
/// When it is no such expression, or names none of the SPDX list.
pub fn licences(expression: &str) -> Result<Vec<Licence>, LicenceError> {
    let parsed = spdx::Expression::parse(expression).map_err(|error| {
        let word = expression.get(error.span.clone()).unwrap_or(expression).trim();
        let known = spdx::identifiers::LICENSES.iter().map(|licence| licence.name);
        LicenceError {
            message: format!("\"{word}\" is no licence of the SPDX list: {}", error.reason),
            near: nearest(word, known),
        }
    })?;
    let mut found: Vec<Licence> = Vec::new();
    for requirement in parsed.requirements() {
        let Some(id) = requirement.req.license.id() else { continue };
        let licence = Licence { id: id.name, name: id.full_name };
        if !found.contains(&licence) {
            found.push(licence);
        }
    }
    if found.is_empty() {
        let message = format!("\"{expression}\" names no licence of the SPDX list");
        return Err(LicenceError { message, near: None });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_read() {
        let ids = |text| licences(text).unwrap().iter().map(|it| it.id).collect::<Vec<_>>();
        assert_eq!(ids("CC-BY-4.0"), ["CC-BY-4.0"]);
        assert_eq!(ids("MIT OR (Apache-2.0 AND MIT)"), ["MIT", "Apache-2.0"]);
        assert_eq!(licences("CC0-1.0").unwrap()[0].address(), "https://spdx.org/licenses/CC0-1.0");
    }

    #[test]
    fn a_mistyped_one_has_a_neighbour() {
        let error = licences("CC-BY-4").unwrap_err();
        assert_eq!(error.near, Some("CC-BY-4.0"));
        assert!(error.message.starts_with("\"CC-BY-4\" is no licence of the SPDX list"));
        assert!(licences("").is_err());
        assert!(licences("LicenseRef-ours").is_err());
    }
}
