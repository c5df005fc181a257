"""Every built-in model with its counterpart in scikit-learn at default parameters."""

from sklearn import cluster, ensemble, linear_model, naive_bayes, neighbors, svm, tree


class Counterpart:
    """A model by name, what makes scikit-learn's, and how it is compared.

    `seeded` models draw random numbers, so their scores are compared in distribution. `scaled` ones see
    standardised features on both sides. Those with `tight` params stop, by default, short of the optimum that both
    sides look for, each at its own place: they are compared a second time with these params on both sides. `rows`
    is the largest table that scikit-learn's counterpart finishes in reasonable time, `classes` the most that ours takes.
    What has `bins` is compared once more with splits between bins on our side, whose scores must be those of exact ones.
    """

    def __init__(self, make, seeded=False, scaled=False, tight=None, rows=None, classes=None, bins=False):
        self.make, self.seeded, self.scaled, self.tight, self.rows = make, seeded, scaled, tight, rows
        self.classes, self.bins = classes, bins


# Far below the default, with passes enough to get there.
TIGHT = {"tol": 1e-10, "max_iter": 100_000}


REGRESSION = {
    "linear-regression": Counterpart(linear_model.LinearRegression),
    "ridge": Counterpart(linear_model.Ridge),
    "lasso": Counterpart(linear_model.Lasso),
    "elastic-net": Counterpart(linear_model.ElasticNet),
    "k-neighbors-regressor": Counterpart(neighbors.KNeighborsRegressor, scaled=True),
    "support-vector-regressor": Counterpart(svm.SVR, scaled=True, tight={"tol": 1e-8}, rows=20_000),
    "linear-support-vector-regressor": Counterpart(svm.LinearSVR, scaled=True, tight=TIGHT),
    "decision-tree-regressor": Counterpart(tree.DecisionTreeRegressor, seeded=True),
    "random-forest-regressor": Counterpart(lambda **given: ensemble.RandomForestRegressor(n_jobs=-1, **given), seeded=True, bins=True),
    "gradient-boosting-regressor": Counterpart(ensemble.GradientBoostingRegressor, seeded=True, bins=True),
}
CLASSIFICATION = {
    "logistic-regression": Counterpart(linear_model.LogisticRegression, scaled=True, tight=TIGHT),
    "gaussian-naive-bayes": Counterpart(naive_bayes.GaussianNB),
    "k-neighbors-classifier": Counterpart(neighbors.KNeighborsClassifier, scaled=True),
    "support-vector-classifier": Counterpart(svm.SVC, scaled=True, tight={"tol": 1e-8}),
    "linear-support-vector-classifier": Counterpart(svm.LinearSVC, scaled=True, tight=TIGHT),
    "decision-tree-classifier": Counterpart(tree.DecisionTreeClassifier, seeded=True),
    "linfa-decision-tree": Counterpart(tree.DecisionTreeClassifier, seeded=True, classes=2),
    "random-forest-classifier": Counterpart(lambda **given: ensemble.RandomForestClassifier(n_jobs=-1, **given), seeded=True, bins=True),
    "gradient-boosting-classifier": Counterpart(ensemble.GradientBoostingClassifier, seeded=True, bins=True),
}
CLUSTERING = {
    "k-means": Counterpart(cluster.KMeans, seeded=True),
    "dbscan": Counterpart(cluster.DBSCAN),
}
TABLES = {"regression": REGRESSION, "classification": CLASSIFICATION}
