//! Support vector machines in ONNX.

use super::super::onnx::{Element, Graph, Outputs, Tensor};
use super::kernel::Kernel;
use super::machine::{SupportVectors, Voice};

/// Kernels with the support vectors, their weighted sums, and the votes.
pub(super) fn write(model: &SupportVectors, graph: &mut Graph, features: Tensor) -> Outputs {
    match &model.voice {
        Voice::Number => {
            let values = decide(model, graph, features);
            Outputs::Numbers(graph.flat(values))
        }
        Voice::Classes { present, count } => {
            let present: Vec<usize> = present.iter().map(|class| *class as usize).collect();
            vote(model, &present, *count, graph, features)
        }
    }
}

/// The value of each machine, `[N, machines]`.
fn decide(model: &SupportVectors, graph: &mut Graph, features: Tensor) -> Tensor {
    let (vectors, machines) = (model.support.len(), model.machines.len());
    let mut terms = vec![0.0; vectors * machines];
    for (machine, found) in model.machines.iter().enumerate() {
        for (vector, weight) in &found.terms {
            terms[*vector as usize * machines + machine] = *weight;
        }
    }
    let intercepts: Vec<f64> = model.machines.iter().map(|machine| machine.intercept).collect();
    let intercepts = graph.doubles(&[machines], &intercepts);
    if vectors == 0 {
        let nothing = graph.filled(features, machines, 0.0);
        return graph.add(nothing, intercepts);
    }
    let kernels = kernels(model, graph, features);
    let terms = graph.doubles(&[vectors, machines], &terms);
    let sums = graph.product(kernels, terms);
    graph.add(sums, intercepts)
}

/// The kernels of each row with each support vector, `[N, vectors]`.
fn kernels(model: &SupportVectors, graph: &mut Graph, features: Tensor) -> Tensor {
    let columns = model.support.columns();
    let vectors = graph.doubles(&[columns.len(), model.support.len()], &columns.concat());
    let products = graph.product(features, vectors);
    match model.kernel {
        Kernel::Linear => products,
        Kernel::Polynomial { gamma, coef0, degree } => {
            let base = linear(graph, products, gamma, coef0);
            let degree = graph.scalar(f64::from(degree));
            graph.power(base, degree)
        }
        Kernel::Rbf { gamma } => {
            let squares = graph.multiply(features, features);
            let squares = graph.sum(squares, 1);
            let squares = graph.column(squares);
            let others = model.support.squares();
            let others = graph.doubles(&[others.len()], others);
            let both = graph.add(squares, others);
            let twice = graph.scalar(2.0);
            let twice = graph.multiply(twice, products);
            let distance = graph.subtract(both, twice);
            let exponent = linear(graph, distance, -gamma, 0.0);
            graph.exponential(exponent)
        }
        Kernel::Sigmoid { gamma, coef0 } => {
            let inner = linear(graph, products, gamma, coef0);
            graph.hyperbolic_tangent(inner)
        }
    }
}

/// factor × a + term.
fn linear(graph: &mut Graph, a: Tensor, factor: f64, term: f64) -> Tensor {
    let (factor, term) = (graph.scalar(factor), graph.scalar(term));
    let product = graph.multiply(a, factor);
    graph.add(product, term)
}

/// One vote a machine, each between two of the present classes.
fn vote(
    model: &SupportVectors,
    present: &[usize],
    classes: usize,
    graph: &mut Graph,
    features: Tensor,
) -> Outputs {
    let (winner, scores) = if present.len() < 2 {
        // Nobody votes where there is nothing to choose.
        let scores = graph.filled(features, 1, 0.0);
        (graph.largest(scores), scores)
    } else {
        let values = decide(model, graph, features);
        ballot(present.len(), classes, graph, values)
    };
    let names: Vec<i64> = present.iter().map(|class| *class as i64).collect();
    let names = graph.integers(&names);
    let class = graph.gather(names, winner, 0);
    let scores = graph.spread(scores, present, classes, |graph| graph.filled(features, 1, -1.0));
    Outputs::Classes { scores, probabilities: false, class: Some(class) }
}

/// The place of the winner among some present classes, and their scores `[N, present]`, from the
/// value of the machine of each pair.
fn ballot(present: usize, classes: usize, graph: &mut Graph, values: Tensor) -> (Tensor, Tensor) {
    let pairs: Vec<(usize, usize)> =
        (0..present).flat_map(|one| (one + 1..present).map(move |two| (one, two))).collect();
    let by_pair = |of: fn(&(usize, usize), usize) -> f64| -> Vec<f64> {
        pairs.iter().flat_map(|pair| (0..present).map(move |class| of(pair, class))).collect()
    };
    let shape = [pairs.len(), present];
    let former = by_pair(|pair, class| f64::from(u8::from(pair.0 == class)));
    let latter = by_pair(|pair, class| f64::from(u8::from(pair.1 == class)));
    let sides =
        by_pair(|pair, class| f64::from(i8::from(pair.0 == class) - i8::from(pair.1 == class)));
    let [former, latter, sides] =
        [former, latter, sides].map(|values| graph.doubles(&shape, &values));
    let zero = graph.scalar(0.0);
    let is_latter = graph.at_most(values, zero);
    let for_latter = graph.cast(is_latter, Element::Double);
    let one = graph.scalar(1.0);
    let for_former = graph.subtract(one, for_latter);
    let votes = graph.product(for_former, former);
    let more = graph.product(for_latter, latter);
    let votes = graph.add(votes, more);
    let winner = graph.largest(votes);
    let favour = graph.product(values, sides);
    if classes == 2 {
        return (winner, favour);
    }
    // Below 1/3 in size, so that it only decides between as many votes.
    let size = graph.absolute(favour);
    let size = graph.add(size, one);
    let third = graph.scalar(3.0);
    let size = graph.multiply(third, size);
    let part = graph.divide(favour, size);
    (winner, graph.add(votes, part))
}
