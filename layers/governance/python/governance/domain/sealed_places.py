"""Whether what a bundle's template would run loads anything but what was sealed of its version.

The template of an endpoint takes containers whole, and CloudFormation asks nothing of where their model data lies.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from json import JSONDecoder
from typing import Any

from governance.domain.artifacts import SealedArtifact

SEALED = "sealed/"
"""Under which prefix of the hub's bucket only the copying role may write."""
NAMED = re.compile(r"""(?<![\w-])["']?(?:PrimaryContainer|Containers)["']?\s*:\s*""")
"""How a template names what a model consists of (CloudFormation: AWS::SageMaker::Model), on whatever line."""
COMMENT = re.compile(r"^\s*#.*$", re.MULTILINE)
JSON = JSONDecoder()


def strays(template: str, bucket: str, artifacts: Iterable[SealedArtifact]) -> list[str]:
    """What a template would load that is not sealed there; and that it runs nothing, if no container can be told."""
    places = {one.uri for one in artifacts if one.bucket == bucket and one.key.startswith(SEALED)}
    told = list(containers(template))
    if not told:
        return ["the bundle's template tells no container that it runs"]
    return [
        f"a container of the bundle would load {uri}, which is not what was sealed of the version"
        for container in told
        for uri in data_of(container)
        if uri not in places
    ]


def containers(template: str) -> Iterator[Mapping[str, Any]]:
    """Every container that a template runs, wherever it stands and however its JSON is laid out.

    The functions' layers have no parser of YAML, and need none: what a bundle puts into its template is JSON, which is
    YAML too. Raises `json.JSONDecodeError` for containers that are told in any other way: none is passed over because
    nobody could read it.
    """
    text, read_to = COMMENT.sub("", template), 0
    while place := NAMED.search(text, read_to):
        content, read_to = JSON.raw_decode(text, place.end())
        yield from filter(None, content if isinstance(content, list) else [content])


def data_of(container: Mapping[str, Any]) -> Iterator[str]:
    """Every URI of model data that a container names (AWS API: ContainerDefinition)."""
    if "ModelDataUrl" in container:
        yield str(container["ModelDataUrl"])
    further = container.get("AdditionalModelDataSources", ())
    for source in (container.get("ModelDataSource"), *further):
        if source:
            yield str(source.get("S3DataSource", {}).get("S3Uri", ""))
