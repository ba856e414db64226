"""Whether what a bundle's template would run loads anything but what was sealed of its version.

The template of an endpoint takes containers whole, and CloudFormation asks nothing of where their model data lies.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from governance.domain.artifacts import SealedArtifact

SEALED = "sealed/"
"""Under which prefix of the hub's bucket only the copying role may write."""
PLACES = ("PrimaryContainer: {", "Containers: [")
"""How the lines begin in which a bundle puts containers into its template."""


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
    """Every container that a template runs. Raises `json.JSONDecodeError` for one that no bundle has put there."""
    for line in map(str.strip, template.splitlines()):
        if line.startswith(PLACES):
            content = json.loads(line.partition(": ")[2])
            yield from filter(None, content if isinstance(content, list) else [content])


def data_of(container: Mapping[str, Any]) -> Iterator[str]:
    """Every URI of model data that a container names (AWS API: ContainerDefinition)."""
    if "ModelDataUrl" in container:
        yield str(container["ModelDataUrl"])
    further = container.get("AdditionalModelDataSources", ())
    for source in (container.get("ModelDataSource"), *further):
        if source:
            yield str(source.get("S3DataSource", {}).get("S3Uri", ""))
