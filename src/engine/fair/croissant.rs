//! `export croissant`: a data file of the ledger as Croissant describes it.

use std::path::{Component, Path, PathBuf};

use crate::engine::data::data;
use crate::engine::error::Error;
use crate::engine::export::Exported;
use crate::engine::ledger::Ledger;
use crate::engine::reading::take_facts;
use crate::ledger::fair::croissant::Croissant;
use crate::ledger::source::Source;

/// The description's name where nobody asks for another.
const NAME: &str = "croissant.json";

/// What specs say of the columns of a file.
#[derive(Default)]
struct Uses {
    roles: Vec<(String, String)>,
    split: Option<String>,
}

impl Ledger {
    /// A data file as Croissant 1.0, to be written into a folder, from which the file is then found.
    ///
    /// # Errors
    /// When the ledger declares no licence or something mistaken, and when there is no such file in it.
    pub fn export_croissant(&self, path: &Path, folder: &Path) -> Result<Exported, Error> {
        self.must_be_declared()?;
        let here = path.canonicalize().or_else(|_| self.root().join(path).canonicalize());
        let here = here.map_err(|_| Error::NoDataFile(path.display().to_string()))?;
        let Ok(inside) = here.strip_prefix(self.root()) else {
            return Err(Error::NoDataFile(path.display().to_string()));
        };
        let view = data(&here)?;
        let uses = self.uses(&view.specs);
        let facts =
            self.store.data_facts(&inside.to_string_lossy().replace('\\', "/"), &mut |file| {
                take_facts(&view.path, file)
            })?;
        let words = uses.split.as_ref().and_then(|split| {
            let column = facts.columns.iter().find(|column| column.name == *split)?;
            (!column.words.is_empty()).then_some((split.as_str(), column.words.as_slice()))
        });
        let outline = self.outline()?;
        let runs = || outline.experiments.iter().flat_map(|experiment| &experiment.runs);
        let used =
            runs().filter(|run| run.data.as_ref().is_some_and(|it| it.blake3 == view.blake3));
        let used = used.map(|run| run.ended).max();
        let document = Croissant {
            ledger: &self.empty_view(),
            data: &view,
            address: &way(folder, &here),
            split: words,
            roles: &uses.roles,
            used: used.or_else(|| runs().map(|run| run.ended).max()),
        };
        Ok(Exported { bytes: document.document(), name: NAME.into() })
    }

    fn uses(&self, specs: &[String]) -> Uses {
        let mut uses = Uses::default();
        for spec in specs {
            let text = self.store.read_text(spec).unwrap_or_default();
            let Ok(source) = Source::parse(spec, &text) else { continue };
            let Some(data) = source.table.get("data") else { continue };
            if let Some(target) = data.get("target").and_then(toml::Value::as_str) {
                uses.roles.push((target.to_owned(), format!("target of {spec}")));
            }
            let split = data.get("split").and_then(|split| split.get("column"));
            if let Some(split) = split.and_then(toml::Value::as_str) {
                uses.roles.push((split.to_owned(), format!("split of {spec}")));
                uses.split.get_or_insert(split.to_owned());
            }
        }
        uses
    }
}

/// The way from a folder to a file, with forward slashes; the file's whole path where there is none.
fn way(folder: &Path, file: &Path) -> String {
    let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let folder = folder.canonicalize().unwrap_or(folder);
    let (from, to): (Vec<Component<'_>>, Vec<_>) =
        (folder.components().collect(), file.components().collect());
    let same = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    if same == 0 {
        return file.display().to_string();
    }
    let up = std::iter::repeat_n(Component::ParentDir, from.len() - same);
    let way: PathBuf = up.chain(to[same..].iter().copied()).collect();
    way.to_string_lossy().replace('\\', "/")
}
