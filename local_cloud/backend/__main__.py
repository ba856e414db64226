"""`python -m local_cloud.backend --port P --door http://127.0.0.1:Q --state DIR`."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
from pathlib import Path

from local_cloud.backend.server import serve


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(prog="local_cloud.backend", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="where to listen, on loopback")
    parser.add_argument("--door", required=True, help="URL of the door, for events, roles and AWS calls")
    parser.add_argument("--state", type=Path, required=True, help="folder for what endpoints serve")
    parser.add_argument("--job-timeout", type=float, default=120.0, help="seconds that a pipeline waits for a Lambda")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    serve(options.port, options.door, options.state, options.job_timeout).serve_forever()


if __name__ == "__main__":
    main()
