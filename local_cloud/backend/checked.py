"""What every JSON API of the backend does with a request: check it, let moto answer it, refuse it as AWS does."""

from __future__ import annotations

from typing import Any, ClassVar

from botocore.model import ServiceModel
from moto.core.common_types import TYPE_RESPONSE
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, BaseResponse

from local_cloud.backend.errors import UnsupportedOperation
from local_cloud.backend.validation import check


class CheckedResponse(BaseResponse):
    """A response class whose requests are checked against the service model before moto sees them."""

    shapes: ClassVar[ServiceModel]

    @property
    def checked(self) -> dict[str, Any]:
        """The members that are checked."""
        raise NotImplementedError

    def call_action(self) -> TYPE_RESPONSE:
        """Check the request against the service model, then let moto call the operation."""
        try:
            check(self.shapes.operation_model(self._get_action()).input_shape, self.checked)
            return super().call_action()
        except ServiceException as error:
            return self._refused(error)
        except NotImplementedError as error:
            return self._refused(UnsupportedOperation(str(error)))

    def _refused(self, error: ServiceException) -> TYPE_RESPONSE:
        status, headers, body = self.serialized(ActionResult(error))
        return status, {**headers, "status": str(status)}, body
