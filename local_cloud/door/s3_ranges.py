"""A range of one version of an object.

AWS: GetObject takes `Range` and `versionId` together, and answers 206 with the bytes that were asked for (S3 API:
GetObject). MiniStack honours a range of the current object only, and hands out all of a version that is named.
"""

from typing import Any

from ministack.services import s3

from local_cloud.door import hooks


def install() -> None:
    """Cut the range out of what MiniStack answers."""
    hooks.wrap(s3, "_get_object", _get_object)


def _get_object(
    original: Any, bucket: str, key: str, headers: dict[str, str], query_params: dict[str, Any] | None = None
) -> Any:
    status, answered, body = original(bucket, key, headers, query_params)
    wanted = headers.get("range", "")
    if status != 200 or not wanted or not s3._qp(query_params or {}, "versionId", ""):
        return status, answered, body
    bounds = s3._parse_range(wanted, len(body))
    if bounds is None:
        return 416, {"Content-Range": f"bytes */{len(body)}"}, b""
    first, last = bounds
    told = {"Content-Length": str(last - first + 1), "Content-Range": f"bytes {first}-{last}/{len(body)}"}
    unsaid = {name: value for name, value in answered.items() if not name.lower().startswith("x-amz-checksum")}
    return 206, {**unsaid, **told}, body[first : last + 1]
