"""Lambda layers unpacked and compiled once, so that a cold start is a start and not a build.

MiniStack unpacks every layer again for every execution environment, and Python then compiles all of it again: seconds
of processor time for each cold start, of which a burst of events causes many at once. AWS mounts a layer once, with
what Lambda needs in place. Here a layer is unpacked into a folder named by its content, compiled in the background when
it is made, and the environment gets a pointer to that folder instead of a copy.
"""

import hashlib
import io
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from pathlib import Path
from typing import Any

from ministack.services import lambda_svc
from ministack.services.cloudformation import provisioners

from local_cloud.door import hooks
from local_cloud.door.settings import settings

logger = logging.getLogger("steward.door")

_WEEK_SECONDS = 7 * 24 * 3600

_preparing = threading.Lock()


def install() -> None:
    """Hand out pointers, where a folder to unpack into is configured."""
    if settings().layers is not None:
        hooks.wrap(lambda_svc, "_layer_unzipped_size", _layer_unzipped_size)
        hooks.wrap(lambda_svc, "_resolve_layer_zip", _resolve_layer_zip)
        hooks.wrap_entry(provisioners._RESOURCE_HANDLERS["AWS::Lambda::LayerVersion"], "create", _created)


def _layer_unzipped_size(_original: Any, attachment: Any) -> int:
    """The size of what the layer holds, not of the pointer to it."""
    return int(lambda_svc._unzipped_size(lambda_svc._resolve_layer_zip.__wrapped__(attachment)))


def _created(original: Any, *args: Any) -> Any:
    """Begin to unpack a layer as soon as a stack has made it, while the rest of the stack is made."""
    created = original(*args)
    packed = lambda_svc._resolve_layer_zip.__wrapped__(created[0])
    if packed and _holds_python(packed):
        threading.Thread(target=_unpacked, args=(packed,), daemon=True).start()
    return created


def _resolve_layer_zip(original: Any, attachment: Any) -> bytes | None:
    packed: bytes | None = original(attachment)
    return _pointer(_unpacked(packed)) if packed and _holds_python(packed) else packed


def _holds_python(packed: bytes | None) -> bool:
    if not packed:
        return False
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return any(name.startswith("python/") for name in archive.namelist())


def _unpacked(packed: bytes) -> Path:
    """The folder with the layer's content; unpacked and compiled by whoever comes first, the others wait."""
    folders = settings().layers
    assert folders is not None
    folder = folders / hashlib.sha256(packed).hexdigest()[:32]
    with _preparing:
        if not folder.exists():
            _forget_old(folders)
            _unpack(packed, folder)
            logger.info("layer unpacked: %s", folder.name)
        os.utime(folder)
    return folder


def _unpack(packed: bytes, folder: Path) -> None:
    """Unpack beside the folder, compile, then move into place; another cloud may do the same at the same time."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix="unfinished-", dir=folder.parent))
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        archive.extractall(unfinished)
    command = [sys.executable, "-m", "compileall", "-q", "-j", "0", "-x", r"/tests/", str(unfinished)]
    subprocess.run(command, capture_output=True, check=False)  # what does not compile is not imported either
    try:
        unfinished.rename(folder)
    except OSError:
        shutil.rmtree(unfinished, ignore_errors=True)
        if not folder.exists():
            raise


def _forget_old(folders: Path) -> None:
    """Drop what no cloud has used for a week."""
    for folder in folders.iterdir() if folders.exists() else []:
        if time.time() - folder.stat().st_mtime > _WEEK_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)


def _pointer(folder: Path) -> bytes:
    """A layer whose only file tells Python where the real one lies (a line of a `.pth` file is run)."""
    line = f"import sys; sys.path.insert(0, {str(folder / 'python')!r})\n"
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        archive.writestr(f"python/lib/{version}/site-packages/layer.pth", line)
    return held.getvalue()
