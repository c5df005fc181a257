//! Metrics of clusters. Noise, where a model finds any, counts as one more cluster, as
//! scikit-learn's functions take it.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::super::k_means::squared_distance;
use super::super::random::Random;
use super::Undefined;

/// Every name, in the order of reports.
pub(super) const NAMES: &[&str] = &[
    "silhouette",
    "davies_bouldin",
    "calinski_harabasz",
    "inertia",
    "adjusted_rand",
    "clusters",
    "noise",
];

/// The silhouette compares all pairs of rows; of more rows than this, so many are drawn for it.
pub(in crate::train) const SILHOUETTE_ROWS: usize = 10_000;

/// Some rows and their clusters.
#[derive(Clone, Copy, Debug)]
pub(in crate::train) struct Clustered<'a> {
    /// The prepared features, column by column; at least one.
    pub(in crate::train) features: &'a [Vec<f64>],
    /// The cluster a row, -1 for noise.
    pub(in crate::train) clusters: &'a [f64],
    /// The centroids by cluster, where the model has any.
    pub(in crate::train) centroids: Option<&'a [Vec<f64>]>,
    /// The groups the rows are known to belong to, by number.
    pub(in crate::train) known: Option<&'a [u32]>,
}

/// A metric of [`NAMES`].
pub(in crate::train) fn score(name: &str, judged: &Clustered<'_>) -> Result<f64, Undefined> {
    if judged.clusters.is_empty() {
        return Err(Undefined("there is no row to judge by"));
    }
    match name {
        "silhouette" => silhouette(&Groups::drawn(judged, SILHOUETTE_ROWS)?),
        "davies_bouldin" => Ok(davies_bouldin(&Groups::new(judged)?)),
        "calinski_harabasz" => Ok(calinski_harabasz(&Groups::new(judged)?)),
        "inertia" => inertia(judged),
        "adjusted_rand" => {
            let known = judged.known.ok_or(Undefined("there is no target to compare with"))?;
            Ok(adjusted_rand(judged.clusters, known))
        }
        "clusters" => {
            let mut found: Vec<i64> = judged.clusters.iter().map(|it| *it as i64).collect();
            found.retain(|cluster| *cluster >= 0);
            found.sort_unstable();
            found.dedup();
            Ok(found.len() as f64)
        }
        "noise" => {
            let noise = judged.clusters.iter().filter(|cluster| **cluster < 0.0).count();
            Ok(noise as f64 / judged.clusters.len() as f64)
        }
        _ => Err(Undefined("the task has no such metric")),
    }
}

/// Rows as points, with clusters numbered without gaps.
struct Groups {
    points: Vec<Vec<f64>>,
    group: Vec<usize>,
    sizes: Vec<usize>,
}

impl Groups {
    fn new(judged: &Clustered<'_>) -> Result<Self, Undefined> {
        let rows: Vec<usize> = (0..judged.clusters.len()).collect();
        Self::of(judged, &rows)
    }

    /// So many of the rows, always the same ones of as many, in their order.
    fn drawn(judged: &Clustered<'_>, most: usize) -> Result<Self, Undefined> {
        let count = judged.clusters.len();
        let mut rows: Vec<usize> = (0..count).collect();
        if count > most {
            Random::stream("fairledger silhouette v1", 0, count as u64).shuffle(&mut rows);
            rows.truncate(most);
            rows.sort_unstable();
        }
        Self::of(judged, &rows)
    }

    fn of(judged: &Clustered<'_>, rows: &[usize]) -> Result<Self, Undefined> {
        let mut numbers: BTreeMap<i64, usize> = BTreeMap::new();
        for row in rows {
            let next = numbers.len();
            numbers.entry(judged.clusters[*row] as i64).or_insert(next);
        }
        if numbers.len() < 2 {
            return Err(Undefined("all rows are in one cluster"));
        }
        if numbers.len() >= rows.len() {
            return Err(Undefined("each row is a cluster of its own"));
        }
        let point = |row: &usize| judged.features.iter().map(|column| column[*row]).collect();
        let group: Vec<usize> =
            rows.iter().map(|row| numbers[&(judged.clusters[*row] as i64)]).collect();
        let mut sizes = vec![0; numbers.len()];
        for group in &group {
            sizes[*group] += 1;
        }
        Ok(Self { points: rows.iter().map(point).collect(), group, sizes })
    }

    /// The mean of each group.
    fn means(&self) -> Vec<Vec<f64>> {
        let width = self.points.first().map_or(0, Vec::len);
        let mut means = vec![vec![0.0; width]; self.sizes.len()];
        for (point, group) in self.points.iter().zip(&self.group) {
            means[*group].iter_mut().zip(point).for_each(|(sum, value)| *sum += value);
        }
        for (mean, size) in means.iter_mut().zip(&self.sizes) {
            for value in mean {
                *value /= *size as f64;
            }
        }
        means
    }
}

/// The mean over rows of (b − a) / max(a, b): a is the mean distance to the row's own cluster, b
/// that to the nearest other one; 0 for a row alone in its cluster (Rousseeuw, 1987).
fn silhouette(groups: &Groups) -> Result<f64, Undefined> {
    let of_row = |(row, point): (usize, &Vec<f64>)| {
        let own = groups.group[row];
        if groups.sizes[own] < 2 {
            return 0.0;
        }
        let mut sums = vec![0.0; groups.sizes.len()];
        for (other, group) in groups.points.iter().zip(&groups.group) {
            sums[*group] += squared_distance(point, other).sqrt();
        }
        let within = sums[own] / (groups.sizes[own] - 1) as f64;
        let between = sums.iter().zip(&groups.sizes).enumerate().filter(|(group, _)| *group != own);
        let between =
            between.map(|(_, (sum, size))| sum / *size as f64).fold(f64::INFINITY, f64::min);
        let larger = within.max(between);
        if larger > 0.0 { (between - within) / larger } else { 0.0 }
    };
    let all: Vec<f64> = groups.points.par_iter().enumerate().map(of_row).collect();
    let mean = all.iter().sum::<f64>() / all.len() as f64;
    if mean.is_finite() { Ok(mean) } else { Err(Undefined("the distances are not finite")) }
}

/// The mean over clusters of the worst (spread + spread of the other) / distance of both (Davies
/// and Bouldin, 1979); 0 when no cluster has a spread or all centroids are one.
fn davies_bouldin(groups: &Groups) -> f64 {
    let means = groups.means();
    let mut spreads = vec![0.0; means.len()];
    for (point, group) in groups.points.iter().zip(&groups.group) {
        spreads[*group] += squared_distance(point, &means[*group]).sqrt();
    }
    for (spread, size) in spreads.iter_mut().zip(&groups.sizes) {
        *spread /= *size as f64;
    }
    let worst = |group: usize| {
        let against = |other: usize| {
            let distance = squared_distance(&means[group], &means[other]).sqrt();
            if distance > 0.0 { (spreads[group] + spreads[other]) / distance } else { 0.0 }
        };
        (0..means.len()).filter(|other| *other != group).map(against).fold(0.0, f64::max)
    };
    (0..means.len()).map(worst).sum::<f64>() / means.len() as f64
}

/// Squares between clusters against those within, each by its degrees of freedom (Calinski and
/// Harabasz, 1974); 1 when there are none within.
fn calinski_harabasz(groups: &Groups) -> f64 {
    let (count, means) = (groups.points.len() as f64, groups.means());
    let width = groups.points.first().map_or(0, Vec::len);
    let mut centre = vec![0.0; width];
    for point in &groups.points {
        centre.iter_mut().zip(point).for_each(|(sum, value)| *sum += value / count);
    }
    let between: f64 = (means.iter().zip(&groups.sizes))
        .map(|(mean, size)| squared_distance(mean, &centre) * *size as f64)
        .sum();
    let within: f64 = (groups.points.iter().zip(&groups.group))
        .map(|(point, group)| squared_distance(point, &means[*group]))
        .sum();
    let clusters = means.len() as f64;
    if within > 0.0 { between * (count - clusters) / (within * (clusters - 1.0)) } else { 1.0 }
}

/// The sum of squared distances to the centroid of each row's cluster.
fn inertia(judged: &Clustered<'_>) -> Result<f64, Undefined> {
    let centroids = judged.centroids.ok_or(Undefined("the model has no centroids"))?;
    let of_row = |(row, cluster): (usize, &f64)| {
        let point: Vec<f64> = judged.features.iter().map(|column| column[row]).collect();
        centroids.get(*cluster as usize).map_or(0.0, |centroid| squared_distance(&point, centroid))
    };
    Ok(judged.clusters.iter().enumerate().map(of_row).sum())
}

/// How far two divisions of the rows agree on pairs of rows: 1 for the same, about 0 by chance
/// (Hubert and Arabie, 1985).
fn adjusted_rand(clusters: &[f64], known: &[u32]) -> f64 {
    let mut both: BTreeMap<(i64, u32), i128> = BTreeMap::new();
    let (mut ours, mut theirs) = (BTreeMap::new(), BTreeMap::new());
    for (cluster, known) in clusters.iter().zip(known) {
        *both.entry((*cluster as i64, *known)).or_default() += 1;
        *ours.entry(*cluster as i64).or_insert(0_i128) += 1;
        *theirs.entry(*known).or_insert(0_i128) += 1;
    }
    let count = clusters.len() as i128;
    let together: i128 = both.values().map(|count| count * count).sum();
    let ours: i128 = ours.values().map(|count| count * count).sum();
    let theirs: i128 = theirs.values().map(|count| count * count).sum();
    // Ordered pairs together in both, in ours only, in theirs only, in neither.
    let (agree, ours, theirs) = (together - count, ours - together, theirs - together);
    let neither = count * count - together - ours - theirs;
    if ours == 0 && theirs == 0 {
        return 1.0;
    }
    let [agree, ours, theirs, neither] = [agree, ours, theirs, neither].map(|pairs| pairs as f64);
    2.0 * (agree * neither - ours * theirs)
        / ((agree + ours) * (ours + neither) + (agree + theirs) * (theirs + neither))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(actual: f64, expected: f64) {
        assert!((actual - expected).abs() < 1e-12, "{actual} is not {expected}");
    }

    /// Values of scikit-learn 1.9.1, the noise being a cluster to it.
    #[test]
    fn values_are_scikit_learns() {
        let features =
            [vec![0.0, 0.0, 1.0, 5.0, 6.0, 5.0, 10.0], vec![0.0, 1.0, 0.0, 5.0, 5.0, 7.0, 0.0]];
        let judged = Clustered {
            features: &features,
            clusters: &[0.0, 0.0, 0.0, 1.0, 1.0, 1.0, -1.0],
            centroids: None,
            known: Some(&[0, 0, 1, 1, 1, 1, 2]),
        };
        let score = |name| score(name, &judged).unwrap();
        near(score("silhouette"), 0.6851964092834919);
        near(score("davies_bouldin"), 0.1990903775737586);
        near(score("calinski_harabasz"), 56.53061224489795);
        near(score("adjusted_rand"), 0.4444444444444444);
        near(score("clusters"), 2.0);
        near(score("noise"), 1.0 / 7.0);
        let few = Groups::drawn(&judged, 4).unwrap();
        assert_eq!((few.points.len(), few.group.len()), (4, 4));
        let centroids = [vec![0.0, 0.0], vec![5.0, 5.0]];
        let of_centroids = Clustered { clusters: &[0.0; 7], centroids: Some(&centroids), ..judged };
        near(
            super::score("inertia", &of_centroids).unwrap(),
            0.0 + 1.0 + 1.0 + 50.0 + 61.0 + 74.0 + 100.0,
        );
    }

    #[test]
    fn what_is_undefined_says_why() {
        let features = [vec![1.0, 1.0, 3.0]];
        let reason = |name, clusters: &[f64]| {
            let judged = Clustered { features: &features, clusters, centroids: None, known: None };
            score(name, &judged).unwrap_err().0
        };
        for name in ["silhouette", "davies_bouldin", "calinski_harabasz"] {
            assert_eq!(reason(name, &[0.0; 3]), "all rows are in one cluster");
            assert_eq!(reason(name, &[0.0, 1.0, 2.0]), "each row is a cluster of its own");
        }
        assert_eq!(reason("inertia", &[0.0; 3]), "the model has no centroids");
        assert_eq!(reason("adjusted_rand", &[0.0; 3]), "there is no target to compare with");
        assert_eq!(reason("silhouette", &[]), "there is no row to judge by");
        assert_eq!(reason("r2", &[0.0]), "the task has no such metric");
    }

    /// All rows of a cluster on one point, and both clusters on the same point.
    #[test]
    fn clusters_without_spread_have_a_value() {
        let judge = |name, x: &[f64]| {
            let features = [x.to_vec()];
            let clusters = &[0.0, 0.0, 1.0, 1.0][..];
            score(name, &Clustered { features: &features, clusters, centroids: None, known: None })
                .unwrap()
        };
        let apart = [1.0, 1.0, 3.0, 3.0];
        near(judge("silhouette", &apart), 1.0);
        near(judge("davies_bouldin", &apart), 0.0);
        near(judge("calinski_harabasz", &apart), 1.0);
        near(judge("silhouette", &[2.0; 4]), 0.0);
        near(judge("davies_bouldin", &[2.0; 4]), 0.0);
    }

    #[test]
    fn the_same_division_under_other_numbers_agrees_fully() {
        near(adjusted_rand(&[1.0, 1.0, 0.0, 0.0], &[0, 0, 1, 1]), 1.0);
        near(adjusted_rand(&[0.0; 4], &[0; 4]), 1.0);
        near(adjusted_rand(&[0.0, 0.0, 1.0, 1.0], &[0, 1, 0, 1]), -0.5);
    }
}
