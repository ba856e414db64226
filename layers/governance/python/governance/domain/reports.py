"""What SageMaker's reports say, as metrics by name: Clarify's analyses, Model Monitor's baselines, model quality.

Pure: bytes in, values out. A report is read whole or refused whole, and refused before it is parsed where it is larger
than any report should be. A single metric in it that is no number does not spoil the others: what stood in its place is
kept as a text, and a gate that asks for it says so.
"""

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from governance.domain.errors import ReportRefused
from governance.domain.evidence import EvidenceKind
from governance.domain.meanings import KNOWN, NAME
from governance.domain.values import Value

LARGEST = 10 * 1024 * 1024
"""In bytes. A baseline of a thousand columns has about two million."""

MOST = 1000
"""How many metrics one report may give."""

Found = float | str
"""A finite number, or what stood in place of one."""


class Report(Value):
    """What was read of one report."""

    kind: EvidenceKind
    values: dict[str, Found]
    left_out: tuple[str, ...] = ()
    """What is in the report and has no name that a metric can have, or no meaning together."""


def read_report(content: bytes, kind: EvidenceKind) -> Report:
    """The metrics of a report of a kind. Raises `ReportRefused` where it is none."""
    reader = READERS.get(kind)
    if reader is None:
        raise ReportRefused(f"no format of {kind} evidence is known")
    values: dict[str, Found] = {}
    left_out: list[str] = []
    for name, found in reader(parsed(content)):
        value = readable(found) if isinstance(found, str) else found
        if NAME.fullmatch(name) is None:
            left_out.append(readable(name))
        elif name in values and values[name] != value:
            values[name] = f"given twice: {values[name]} and {value}"[:200]
        else:
            values[name] = value
        if len(values) + len(left_out) > MOST:
            raise ReportRefused(f"more than {MOST} metrics")
    return Report(kind=kind, values=values, left_out=tuple(left_out))


def parsed(content: bytes) -> Mapping[str, Any]:
    """The JSON object of a report. A key given twice, of which JSON would keep the last, is refused."""
    if len(content) > LARGEST:
        raise ReportRefused(f"the report has {len(content):,} bytes; one has {LARGEST:,} at most")
    try:
        told = json.loads(content, parse_constant=str, object_pairs_hook=each_once)
    except RecursionError as deep:
        raise ReportRefused("the report is nested without end") from deep
    except ValueError as unreadable:
        raise ReportRefused(f"the report is no JSON: {unreadable}"[:300]) from unreadable
    return an_object(told, "the report")


def each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object whose keys are all different."""
    told = dict(pairs)
    if len(told) < len(pairs):
        names = [name for name, _ in pairs]
        raise ReportRefused(f"a key is given twice: {next(name for name in names if names.count(name) > 1)[:100]}")
    return told


def number(told: Any) -> Found:
    """A finite number, or a text that says what was there instead. A number written as a text is a text."""
    if isinstance(told, bool) or told is None:
        return {True: "true", False: "false", None: "nothing"}[told]
    if isinstance(told, int | float):
        try:
            return float(told) if math.isfinite(told) else "infinite"
        except OverflowError:
            return "a number too large"
    return told[:100] if isinstance(told, str) else f"a JSON {'object' if isinstance(told, dict) else 'list'}"


def readable(text: str) -> str:
    """A text of at most 200 characters that can be written as UTF-8."""
    return text[:200].encode(errors="replace").decode()


def an_object(told: Any, place: str) -> Mapping[str, Any]:
    """A JSON object with something in it, or a refusal that names the place."""
    if not isinstance(told, dict) or not told:
        raise ReportRefused(f"{place}: {'is empty' if told in ({}, []) else 'is no object'}")
    return told


def a_list(told: Any, place: str) -> Sequence[Any]:
    """A JSON list with something in it, or a refusal that names the place."""
    if not isinstance(told, list) or not told:
        raise ReportRefused(f"{place}: {'is empty' if told in ({}, []) else 'is no list'}")
    return told


def section(told: Mapping[str, Any], name: str, what: str) -> Mapping[str, Any]:
    """A section of a report that must be there."""
    if name not in told:
        raise ReportRefused(f"the report has no {name}, so it is no {what}")
    return an_object(told[name], name)


Values = Iterator[tuple[str, Found]]
"""Metrics by name, one after the other."""


def of_bias(phases: tuple[str, ...]) -> Callable[[Mapping[str, Any]], Values]:
    """A reader of Clarify's `analysis.json` for those phases that must be in it.

    AWS: "Analysis Results" of SageMaker Clarify. Of a metric that is told for many facets and values, the worst counts.
    """

    def reader(told: Mapping[str, Any]) -> Values:
        there = [phase for phase in PHASES if f"{phase.replace('-', '_')}_bias_metrics" in told]
        if not there:
            raise ReportRefused("the report has neither pre_training_bias_metrics nor post_training_bias_metrics")
        for phase in phases or there:
            name = f"{phase.replace('-', '_')}_bias_metrics"
            found: dict[str, list[tuple[str, Found]]] = {}
            for metric, facet, value in of_facets(section(told, name, f"{phase} bias report"), name):
                found.setdefault(metric, []).append((facet, value))
            yield from ((f"{phase}.{metric}", worst(f"{phase}.{metric}", all)) for metric, all in found.items())

    return reader


PHASES = ("pre-training", "post-training")
"""When bias is measured: of the data before training, of the answers after it."""


def of_facets(told: Mapping[str, Any], place: str) -> Iterator[tuple[str, str, Found]]:
    """Every metric of every facet and value: its name, of whom, and what it is."""
    facets = an_object(told.get("facets"), f"{place}.facets")
    for facet, groups in facets.items():
        for index, group in enumerate(a_list(groups, f"{place}.facets.{facet}")):
            here = f"{place}.facets.{facet}[{index}]"
            whom = f"{facet}={an_object(group, here).get('value_or_threshold', '')}"
            for position, metric in enumerate(a_list(group.get("metrics"), f"{here}.metrics")):
                name = an_object(metric, f"{here}.metrics[{position}]").get("name")
                if not isinstance(name, str) or "value" not in metric:
                    raise ReportRefused(f"{here}.metrics[{position}]: needs a name and a value")
                value = number(metric["value"])
                reason = str(metric.get("error", ""))[:150]
                yield name, whom, f"{value}: {reason}" if isinstance(value, str) and reason else value


def worst(name: str, found: Sequence[tuple[str, Found]]) -> Found:
    """The one value that stands for a metric of many facets: what is no number, else what is furthest from fair."""
    for whom, value in found:
        if isinstance(value, str):
            return f"{value} (for {whom})"
    numbers = [value for _, value in found if isinstance(value, float)]
    if len(set(numbers)) == 1:
        return numbers[0]
    if name not in KNOWN:
        return f"{len(numbers)} values, and nobody said what is better for {name}"
    return max(numbers, key=KNOWN[name].badness)


def of_explanations(told: Mapping[str, Any]) -> Values:
    """Clarify's global SHAP values by label and feature, and the largest share that one feature has in them."""
    methods = section(told, "explanations", "explainability report")
    largest: Found = 0.0
    if "kernel_shap" not in methods:
        return
    for label, explained in an_object(methods["kernel_shap"], "explanations.kernel_shap").items():
        place = f"explanations.kernel_shap.{label}"
        shap = an_object(an_object(explained, place).get("global_shap_values"), f"{place}.global_shap_values")
        values = {feature: number(value) for feature, value in shap.items()}
        yield from ((f"shap.{label}.{feature}", value) for feature, value in values.items())
        largest = larger(largest, share_of_the_first(values))
    yield "shap.largest_share", largest


def share_of_the_first(values: Mapping[str, Found]) -> Found:
    """The share of the weightiest feature in all weights."""
    weights = [abs(value) for value in values.values() if isinstance(value, float)]
    if len(weights) < len(values):
        return "a feature's value is no number"
    total = sum(weights)
    return max(weights) / total if total and math.isfinite(total) else "nothing weighs anything"


def larger(one: Found, other: Found) -> Found:
    """The larger of two, or the one that is no number."""
    if isinstance(one, str):
        return one
    return other if isinstance(other, str) or other > one else one


def of_data_quality(told: Mapping[str, Any]) -> Values:
    """Model Monitor's `statistics.json` or `constraints.json` of data quality.

    AWS: "Schema for Statistics", "Schema for Constraints". Completeness is that of the least complete column; in
    constraints it is what the baseline asks for, not what was found.
    """
    if "features" not in told:
        raise ReportRefused("the report has no features, so it is no data quality report")
    features = [an_object(one, f"features[{index}]") for index, one in enumerate(a_list(told["features"], "features"))]
    if "dataset" not in told:
        if not any("completeness" in feature for feature in features):
            raise ReportRefused("the report has neither a dataset nor a completeness, so it is no data quality report")
        asked = [number(feature["completeness"]) for feature in features if "completeness" in feature]
        yield "constraint.completeness", least(asked)
        return
    yield "item_count", number(an_object(told["dataset"], "dataset").get("item_count"))
    yield "completeness", least([completeness(feature, index) for index, feature in enumerate(features)])


def completeness(feature: Mapping[str, Any], index: int) -> Found:
    """Which share of a column's values is there."""
    kind = next((name for name in ("numerical_statistics", "string_statistics") if name in feature), "")
    if not kind and feature.get("inferred_type") == "Unknown":
        return f"{feature.get('name', index)}: of no known type"[:200]
    if not kind:
        raise ReportRefused(f"features[{index}]: has neither numerical_statistics nor string_statistics")
    common = an_object(an_object(feature[kind], f"features[{index}].{kind}").get("common"), f"features[{index}].common")
    present, missing = number(common.get("num_present")), number(common.get("num_missing"))
    if isinstance(present, str) or isinstance(missing, str):
        return f"{feature.get('name', index)}: {present} present, {missing} missing"[:200]
    total = present + missing
    return present / total if total > 0 and min(present, missing) >= 0 else f"{feature.get('name', index)}: no values"


def least(found: Sequence[Found]) -> Found:
    """The least of some values, or the first that is no number."""
    words = [value for value in found if isinstance(value, str)]
    return words[0] if words else min(value for value in found if isinstance(value, float))


QUALITY = ("binary_classification", "multiclass_classification", "regression", "classification")
"""The sections of a model quality report, which end in `_metrics`, or in `_constraints` for what a baseline asks."""


def of_model_quality(told: Mapping[str, Any]) -> Values:
    """A model quality evaluation: Model Monitor's, or the JSON that pipelines register as `ModelQuality`.

    AWS: "Model Quality Metrics and Amazon CloudWatch Monitoring". Curves and matrices have no value and are passed by.
    """
    none = True
    for name in QUALITY:
        for suffix, field, prefix in (("metrics", "value", ""), ("constraints", "threshold", "constraint.")):
            if f"{name}_{suffix}" not in told:
                continue
            for metric, given in an_object(told[f"{name}_{suffix}"], f"{name}_{suffix}").items():
                if isinstance(given, dict) and field not in given:
                    continue
                none = False
                yield f"{prefix}{metric}", number(given[field] if isinstance(given, dict) else given)
    if none:
        sections = ", ".join(f"{name}_metrics" for name in QUALITY)
        raise ReportRefused(f"the report holds no metric of model quality: none of {sections} has one")


READERS: Mapping[EvidenceKind, Callable[[Mapping[str, Any]], Values]] = {
    EvidenceKind.BIAS: of_bias(()),
    EvidenceKind.PRE_TRAINING_BIAS: of_bias(("pre-training",)),
    EvidenceKind.POST_TRAINING_BIAS: of_bias(("post-training",)),
    EvidenceKind.EXPLAINABILITY: of_explanations,
    EvidenceKind.DATA_QUALITY: of_data_quality,
    EvidenceKind.MODEL_QUALITY: of_model_quality,
}
"""The kinds whose formats are known."""
