"""What can go wrong in a call to a model. Each text tells the person what to do.

ModelCallError                  (core.errors)
├── CallFailed                  the call has a row in the ledger, with `outcome` as drawn here
│   ├── RateLimited             429
│   ├── Overloaded              529, and 5xx: the server has trouble of its own
│   ├── ModelUnavailable        no connection, or it was lost before the reply began
│   ├── TimedOut                no reply within the time that the call has
│   ├── Rejected                400, 413, 422: the request is wrong; the same one will be rejected again
│   │   └── Unknown             404: what it is sent to is not there: the model, the batch, the address
│   ├── NotAuthorised           401, 402, 403: key, payment or permission
│   ├── BrokenReply             the reply does not make sense, or broke off
│   ├── Truncated               the reply was cut at its token limit
│   └── Refused                 the model declined
├── SchemaBroken                the replies came, were paid for, and do not keep to the schema that was asked for
├── UnpricedModel               nothing was sent: a model without a known price is never called
├── BudgetExhausted             nothing was sent: the money that this purpose may use is spent
└── HeldBack                    nothing was sent: the server was in trouble just now, or too many calls are running
PromptError                     (a BadInput) a prompt file is missing or wrong, or a variable is
"""

from typing import ClassVar

from core.errors import BadInput, ModelCallError


class CallFailed(ModelCallError):
    """The call was made and brought no reply that can be used."""

    outcome: ClassVar[str]
    """The word for it in the ledger."""
    free: ClassVar[bool] = False
    """True where the vendor charges nothing when no usage was announced: it answered with an error."""

    def __init__(
        self,
        text: str,
        *,
        detail: str = "",
        retryable: bool = False,
        retry_after: float | None = None,
        sent: bool = True,
    ) -> None:
        super().__init__(text)
        self.detail = detail or text
        """What the server or the network said, for the ledger; bounded there."""
        self.retryable = retryable
        """The same request may succeed soon, and sending it again is safe."""
        self.retry_after = retry_after
        """Seconds that the server asked to wait."""
        self.sent = sent
        """False where the request never left, so that it cannot have cost anything."""


class RateLimited(CallFailed):
    """The account has used up its requests or tokens for the moment."""

    outcome = "rate_limited"
    free = True


class Overloaded(CallFailed):
    """The server has trouble of its own."""

    outcome = "overloaded"
    free = True


class ModelUnavailable(CallFailed):
    """No connection."""

    outcome = "unavailable"


class TimedOut(CallFailed):
    """No reply in time."""

    outcome = "timed_out"


class Rejected(CallFailed):
    """The request is wrong."""

    outcome = "rejected"
    free = True


class Unknown(Rejected):
    """The server has no such model, batch or address: the settings are wrong, not the request."""


class NotAuthorised(CallFailed):
    """The key may not do this."""

    outcome = "not_authorised"
    free = True


class BrokenReply(CallFailed):
    """The reply does not make sense."""

    outcome = "broken"


class Truncated(CallFailed):
    """The reply was cut at its token limit."""

    outcome = "truncated"


class Refused(CallFailed):
    """The model declined."""

    outcome = "refused"


class SchemaBroken(ModelCallError):
    """What the model wrote cannot be read as what it was asked for."""

    def __init__(self, call_id: str, breaches: str) -> None:
        super().__init__(f"The model's reply (call {call_id}) twice did not keep to its schema: {breaches}.")


class UnpricedModel(ModelCallError):
    """An unknown price is not a price of nothing."""

    def __init__(self, model: str) -> None:
        super().__init__(
            f"No price is known for the model {model!r}, so it is not called; set OTKLIK_ANSWER_MODEL to a model with "
            "a known price, or give the price in a [[price]] table of otklik.toml (see core/llm/prices.toml)."
        )


class BudgetExhausted(ModelCallError):
    """There is no money for the call."""

    def __init__(self, why: str) -> None:
        super().__init__(f"Claude is not asked: {why}. Raise [budget] in otklik.toml, or wait for the next period.")


class HeldBack(ModelCallError):
    """Sending the call now would only make things worse."""

    def __init__(self, text: str, *, retry_after: float | None = None) -> None:
        super().__init__(text)
        self.retry_after = retry_after
        """Seconds for which the server has asked to be left alone."""


class PromptError(BadInput):
    """A prompt cannot be used."""
