//! The 41 indicators of the FAIR Data Maturity Model of the Research Data Alliance (doi 10.15497/rda00050).

use super::Priority::{self, Essential, Important, Useful};

/// Identifier, priority, and what is asked.
pub(super) const INDICATORS: [(&str, Priority, &str); 41] = [
    ("F1-01M", Essential, "Metadata is identified by a persistent identifier"),
    ("F1-01D", Essential, "Data is identified by a persistent identifier"),
    ("F1-02M", Essential, "Metadata is identified by a globally unique identifier"),
    ("F1-02D", Essential, "Data is identified by a globally unique identifier"),
    ("F2-01M", Essential, "Rich metadata is provided to allow discovery"),
    ("F3-01M", Essential, "Metadata includes the identifier for the data"),
    ("F4-01M", Essential, "Metadata is offered in such a way that it can be harvested and indexed"),
    (
        "A1-01M",
        Important,
        "Metadata contains information to enable the user to get access to the data",
    ),
    ("A1-02M", Essential, "Metadata can be accessed manually"),
    ("A1-02D", Essential, "Data can be accessed manually"),
    ("A1-03M", Essential, "Metadata identifier resolves to a metadata record"),
    ("A1-03D", Essential, "Data identifier resolves to a digital object"),
    ("A1-04M", Essential, "Metadata is accessed through standardised protocol"),
    ("A1-04D", Essential, "Data is accessible through standardised protocol"),
    ("A1-05D", Important, "Data can be accessed automatically"),
    ("A1.1-01M", Essential, "Metadata is accessible through a free access protocol"),
    ("A1.1-01D", Important, "Data is accessible through a free access protocol"),
    (
        "A1.2-01D",
        Useful,
        "Data is accessible through an access protocol that supports authentication and authorisation",
    ),
    (
        "A2-01M",
        Essential,
        "Metadata is guaranteed to remain available after data is no longer available",
    ),
    (
        "I1-01M",
        Important,
        "Metadata uses knowledge representation expressed in standardised format",
    ),
    ("I1-01D", Important, "Data uses knowledge representation expressed in standardised format"),
    ("I1-02M", Important, "Metadata uses machine-understandable knowledge representation"),
    ("I1-02D", Important, "Data uses machine-understandable knowledge representation"),
    ("I2-01M", Important, "Metadata uses FAIR-compliant vocabularies"),
    ("I2-01D", Useful, "Data uses FAIR-compliant vocabularies"),
    ("I3-01M", Important, "Metadata includes references to other metadata"),
    ("I3-01D", Useful, "Data includes references to other data"),
    ("I3-02M", Useful, "Metadata includes references to other data"),
    ("I3-02D", Useful, "Data includes qualified references to other data"),
    ("I3-03M", Important, "Metadata includes qualified references to other metadata"),
    ("I3-04M", Useful, "Metadata includes qualified references to other data"),
    (
        "R1-01M",
        Essential,
        "Plurality of accurate and relevant attributes are provided to allow reuse",
    ),
    (
        "R1.1-01M",
        Essential,
        "Metadata includes information about the licence under which the data can be reused",
    ),
    ("R1.1-02M", Important, "Metadata refers to a standard reuse licence"),
    ("R1.1-03M", Important, "Metadata refers to a machine-understandable reuse licence"),
    (
        "R1.2-01M",
        Important,
        "Metadata includes provenance information according to community-specific standards",
    ),
    (
        "R1.2-02M",
        Useful,
        "Metadata includes provenance information according to a cross-community language",
    ),
    ("R1.3-01M", Essential, "Metadata complies with a community standard"),
    ("R1.3-01D", Essential, "Data complies with a community standard"),
    (
        "R1.3-02M",
        Essential,
        "Metadata is expressed in compliance with a machine-understandable community standard",
    ),
    (
        "R1.3-02D",
        Important,
        "Data is expressed in compliance with a machine-understandable community standard",
    ),
];
