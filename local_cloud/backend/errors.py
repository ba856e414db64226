"""The errors that these services answer with, under AWS's names and words."""

from moto.core.exceptions import ServiceException


class ValidationException(ServiceException):
    """A request that breaks a constraint, or names something that is not there."""

    code = "ValidationException"


class AccessDeniedException(ServiceException):
    """A request that no identity or resource policy allows."""

    code = "AccessDeniedException"


class ConflictException(ServiceException):
    """A request at odds with the present state of the resource."""

    code = "ConflictException"


class ResourceInUse(ServiceException):
    """A name that is taken already."""

    code = "ResourceInUse"


class ResourceNotFound(ServiceException):
    """A job that is not there."""

    code = "ResourceNotFound"


class UnsupportedOperation(ServiceException):
    """An operation that the local cloud does not play."""

    code = "UnsupportedOperation"


class Refusal(ServiceException):
    """Any other error of a service, by its code."""


def does_not_exist(kind: str, arn: str) -> ValidationException:
    """Return SageMaker's way of saying that `arn` names nothing."""
    return ValidationException(f"{kind} {arn} does not exist.")
