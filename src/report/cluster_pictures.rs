//! The pictures of clusters.

use std::collections::BTreeMap;

use super::chart::{self, Bar};
use super::picture::{Drawn, Picture};
use super::{ReportError, csv, text};

/// How many clusters are shown.
const CLUSTERS: usize = 20;

/// How many rows each cluster of `clusters.csv` has, the largest first and noise last.
pub(super) fn sizes(table: &str) -> Result<Drawn, ReportError> {
    let mut counts: BTreeMap<i64, usize> = BTreeMap::new();
    for [cluster] in csv::columns(table, ["cluster"]).unwrap_or_default() {
        let Ok(cluster) = cluster.trim().parse() else {
            counts.clear();
            break;
        };
        *counts.entry(cluster).or_default() += 1;
    }
    if counts.is_empty() {
        let text = "No picture of clusters: clusters.csv does not hold what it needs.";
        return Ok(Drawn::Left(text.into()));
    }
    let rows = counts.values().sum();
    let mut sizes: Vec<(i64, usize)> = counts.into_iter().collect();
    sizes.sort_by_key(|(cluster, size)| (*cluster < 0, usize::MAX - size, *cluster));
    let noise = sizes.pop_if(|(cluster, _)| *cluster < 0);
    let rows = text::count(rows, "row");
    let mut caption = if sizes.len() > CLUSTERS {
        format!("{rows}; the largest {CLUSTERS} of {} clusters", sizes.len())
    } else {
        format!("{rows} in {}", text::count(sizes.len(), "cluster"))
    };
    sizes.truncate(CLUSTERS);
    caption.push_str(if noise.is_some() { "; noise is in none." } else { "." });
    let bar = |(cluster, size): (i64, usize)| Bar {
        label: if cluster < 0 { "noise".into() } else { format!("cluster {cluster}") },
        value: size as f64,
        text: size.to_string(),
        spread: 0.0,
        strong: cluster >= 0,
    };
    let bars: Vec<Bar> = sizes.into_iter().chain(noise).map(bar).collect();
    Ok(Drawn::Picture(Picture::new(
        "cluster-sizes",
        "Rows by cluster",
        caption,
        chart::bars("Rows by cluster", &bars)?,
    )))
}

#[cfg(test)]
mod tests {
    use super::super::picture::divide;
    use super::*;

    #[test]
    fn the_largest_cluster_comes_first_and_noise_last() {
        let table = "row,cluster\n1,0\n2,1\n3,1\n4,-1\n5,-1\n6,-1\n";
        let (pictures, left) = divide(vec![sizes(table).unwrap()]);
        assert!(left.is_empty());
        assert_eq!(pictures[0].caption, "6 rows in 2 clusters; noise is in none.");
        let svg = pictures[0].svg.as_str();
        let place = |text: &str| svg.find(text).unwrap();
        assert!(place("cluster 1") < place("cluster 0") && place("cluster 0") < place("noise"));
    }

    #[test]
    fn many_clusters_are_cut_and_what_is_no_table_is_left_out() {
        let lines: Vec<String> = (0..30).map(|row| format!("{row},{row}\n")).collect();
        let (pictures, _) =
            divide(vec![sizes(&("row,cluster\n".to_owned() + &lines.concat())).unwrap()]);
        assert_eq!(pictures[0].caption, "30 rows; the largest 20 of 30 clusters.");
        for table in ["", "row,cluster\n", "row,cluster\n1,x\n", "a\n1\n"] {
            assert_eq!(divide(vec![sizes(table).unwrap()]).1.len(), 1, "{table:?}");
        }
    }
}
