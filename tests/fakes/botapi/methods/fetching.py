"""How updates reach the bot: long polling, or a webhook."""

import re
from urllib.parse import urlsplit

from aiogram.methods import DeleteWebhook, GetUpdates, GetWebhookInfo, SetWebhook

from tests.fakes.botapi import render
from tests.fakes.botapi.calls import Misuse
from tests.fakes.botapi.faults import Refused
from tests.fakes.botapi.methods.base import Desk, Webhook, handles
from tests.fakes.botapi.updates import KINDS

TWO_POLLERS = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
WEBHOOK_IS_SET = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)
LONGEST_POLL = 50


@handles(GetUpdates)
async def get_updates(desk: Desk, ask: GetUpdates) -> list[render.Json]:
    """Long polling. Of two bots that poll, the one that came first is told of the conflict."""
    updates = desk.world.updates
    desk.newest_poll += 1
    mine = desk.newest_poll
    updates.ring()
    with desk.world.lock:
        if desk.webhook.url:
            raise Refused(409, WEBHOOK_IS_SET)
        updates.allow(_kinds(ask.allowed_updates))
        updates.confirm(ask.offset or 0)
    await updates.wait(lambda: updates.pending or desk.newest_poll != mine, min(ask.timeout or 0, LONGEST_POLL))
    if desk.newest_poll != mine:
        raise Refused(409, TWO_POLLERS)
    with desk.world.lock:
        return updates.pending[: ask.limit or 100]


@handles(SetWebhook)
def set_webhook(desk: Desk, ask: SetWebhook) -> bool:
    """Updates go to an address. As with a Bot API server of one's own, plain HTTP is allowed on the loopback."""
    parts = urlsplit(ask.url)
    if ask.url and parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost"):
        raise Refused(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
    if ask.secret_token is not None and len(ask.secret_token) > 256:
        raise Refused(400, "Bad Request: secret token is too long")
    if ask.secret_token is not None and not re.fullmatch(r"[A-Za-z0-9_-]*", ask.secret_token):
        raise Refused(400, "Bad Request: secret token contains unallowed characters")
    desk.world.updates.allow(_kinds(ask.allowed_updates))
    if ask.drop_pending_updates:
        desk.world.updates.pending.clear()
    desk.webhook = Webhook(ask.url, ask.secret_token, ask.max_connections or 40)
    desk.newest_poll += 1
    desk.world.updates.ring()
    return True


@handles(DeleteWebhook)
def delete_webhook(desk: Desk, ask: DeleteWebhook) -> bool:
    """Back to polling."""
    if ask.drop_pending_updates:
        desk.world.updates.pending.clear()
    desk.webhook = Webhook()
    return True


@handles(GetWebhookInfo)
def get_webhook_info(desk: Desk, ask: GetWebhookInfo) -> render.Json:
    """How the webhook fares."""
    hook = desk.webhook
    waiting = len(desk.world.updates.pending)
    info: render.Json = {"url": hook.url, "has_custom_certificate": False, "pending_update_count": waiting}
    if hook.url:
        info |= {"max_connections": hook.max_connections, "allowed_updates": sorted(desk.world.updates.allowed)}
    if hook.last_error is not None:
        info |= dict(zip(("last_error_date", "last_error_message"), hook.last_error, strict=True))
    return info


def _kinds(asked: list[str] | None) -> list[str] | None:
    """Telegram ignores a kind that it does not know; a bot that names one waits for it in vain."""
    if unknown := set(asked or ()) - KINDS:
        raise Misuse(400, f"Bad Request: there are no updates of the kind {', '.join(sorted(unknown))}")
    return asked
