//! Entities of people, institutions and licences.

use super::about::{About, Organization};
use super::graph::{Entity, Graph};
use super::licence::licences;

/// Adds the creators; gives their `@id`s. One without ORCID gets an id of this document.
pub(super) fn creators(graph: &mut Graph, about: &About) -> Vec<String> {
    let mut ids = Vec::new();
    for (at, creator) in about.creators.iter().enumerate() {
        let affiliation = creator.affiliation.as_ref().map(|it| organization(graph, it));
        let id = match creator.orcid.as_str() {
            "" => format!("#person-{}", at + 1),
            orcid => format!("https://orcid.org/{orcid}"),
        };
        let person = Entity::new(id, "Person")
            .set("name", creator.name.as_str())
            .refer("affiliation", &Vec::from_iter(affiliation));
        ids.push(graph.add(person));
    }
    ids
}

/// Adds the publisher; gives its `@id`.
pub(super) fn publisher(graph: &mut Graph, about: &About) -> Option<String> {
    about.publisher.as_ref().map(|publisher| organization(graph, publisher))
}

/// The `@id`s of who answers for a run: the creators, else the publisher.
pub(super) fn agents(graph: &mut Graph, about: &About, creators: &[String]) -> Vec<String> {
    if creators.is_empty() { Vec::from_iter(publisher(graph, about)) } else { creators.to_vec() }
}

fn organization(graph: &mut Graph, organization: &Organization) -> String {
    let Organization { name, ror, url } = organization;
    let id = match (ror.as_str(), url.as_str()) {
        ("", "") => format!("#organization-{}", super::graph::address(name)),
        ("", url) => url.to_owned(),
        (ror, _) => ror.to_owned(),
    };
    let page = if url.is_empty() { ror } else { url };
    graph.add(Entity::new(id, "Organization").set("name", name.as_str()).set("url", page.as_str()))
}

/// Adds the licences of an SPDX expression; gives their `@id`s, none when it is no such expression.
pub(super) fn licence(graph: &mut Graph, expression: &str) -> Vec<String> {
    let found = licences(expression).unwrap_or_default();
    let entity = |licence: &super::licence::Licence| {
        Entity::new(licence.address(), "CreativeWork")
            .set("name", licence.name)
            .set("identifier", licence.id)
            .set("description", format!("{}, as the SPDX list has it", licence.name))
    };
    found.iter().map(|licence| graph.add(entity(licence))).collect()
}
