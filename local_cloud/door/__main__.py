"""Start the door: check the pinned version, hook MiniStack, serve.

Everything else (port, accounts, enforcement) is MiniStack's own configuration, set here so that nobody can start the
door without IAM. `GATEWAY_PORT` and `STEWARD_BACKEND_URL` come from whoever starts it.
"""

import os

from local_cloud.door.pin import check_pin

_ALWAYS = {
    "AUTH": "true",
    "BIND_HOST": "127.0.0.1",
    "IOT_MTLS_ENABLED": "0",
    "SFTP_ENABLED": "0",
    "LAMBDA_EXECUTOR": "local",
    "PYTHONUNBUFFERED": "1",
}
_UNLESS_SET = {
    "MINISTACK_REGION": "eu-west-1",
    "MINISTACK_ACCOUNT_ID": "444455556666",
    "LAMBDA_ASYNC_RETRY_BASE_SECONDS": "0.5",
    "LOG_LEVEL": "INFO",
}
_NOT_FOR_FUNCTIONS = (
    "PYTHONPATH",
    "PYTHONDONTWRITEBYTECODE",
    "VIRTUAL_ENV",
    "AWS_PROFILE",
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
)


def main() -> None:
    """Serve until told to stop (SIGTERM)."""
    check_pin()
    os.environ.update(_ALWAYS)
    for name, value in _UNLESS_SET.items():
        os.environ.setdefault(name, value)
    for name in _NOT_FOR_FUNCTIONS:  # the functions' processes inherit the environment
        os.environ.pop(name, None)

    from local_cloud.door import installation  # MiniStack reads its environment when it is imported

    installation.install()
    installation.serve()


if __name__ == "__main__":
    main()
