"""The two candidates: gradient boosting on everything known of a loan, and one that looks at two columns."""

from enum import StrEnum

from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from .data import FEATURES, SEED

WEAK_COLUMNS = ("Age", "Amount")


class Variant(StrEnum):
    """Which candidate to train."""

    CHAMPION = "champion"
    """Gradient boosting, tuned: the one to approve."""
    CHALLENGER = "challenger"
    """Logistic regression on age and amount only: runs, reports, and deserves to be rejected."""


def pipeline(variant: Variant) -> Pipeline:
    """The untrained pipeline of a candidate. It takes a frame of the features, missing values and all."""
    if variant is Variant.CHALLENGER:
        few = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
        return Pipeline(
            [
                ("prepare", ColumnTransformer([("numbers", few, list(WEAK_COLUMNS))])),
                ("classify", LogisticRegression()),
            ]
        )
    booster = HistGradientBoostingClassifier(
        learning_rate=0.05, max_iter=150, max_leaf_nodes=15, l2_regularization=1.0, random_state=SEED
    )
    return Pipeline([("prepare", _preparation()), ("classify", booster)])


def _preparation() -> ColumnTransformer:
    """Fill what is missing (and say that it was), spread categories over columns."""
    numbers = [name for name, kind in FEATURES.items() if kind == "number"]
    categories = [name for name, kind in FEATURES.items() if kind == "category"]
    return ColumnTransformer(
        [
            ("numbers", SimpleImputer(strategy="median", add_indicator=True), numbers),
            (
                "categories",
                make_pipeline(
                    SimpleImputer(strategy="most_frequent"),
                    OneHotEncoder(handle_unknown="ignore", sparse_output=False),
                ),
                categories,
            ),
        ]
    )
