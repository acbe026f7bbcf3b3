"""A Telegram Bot API on the loopback that an unmodified aiogram talks to.

The server runs in a thread of the test's process. The bot reaches it over HTTP, so it may live in the test's own event
loop or be the product as a process of its own, killed as often as one likes: the world outlives it. Everything a
person does is a plain call that takes effect before it returns, from any thread:

    with BotApiServer() as server:
        world = server.world
        anna, boris = world.add_person("Anna", language="ru"), world.add_person("Boris")
        support = world.add_supergroup("Support", [boris, anna], forum=True)     # the bot administers it
        billing = world.add_topic(support, "Billing")
        bot = Bot(server.token, session=AiohttpSession(api=server.api))          # or server.url for another process
        ...
        anna.starts()                                                            # /start, in anna.private
        anna.says(anna.private, "Where is my invoice?")
        anna.says(support, "/ask Where is it?", topic=billing, reply_to=..., forwarded_from=boris)
        answer = await server.until(lambda: anna.sees(support, billing)[1])      # waits; says what happened if in vain
        assert answer.sender is world.bot and answer.reply_to and answer.keyboard == [["👍", "👎"]]
        press = anna.presses(answer, "👍")                                       # by label or by data
        await server.until(lambda: press.answered)                               # press.text, press.alert
        anna.reacts(answer, "👎")
        anna.edits(question, "Where is my invoice for May?")
        with server.faults.during(server.faults.bad_gateway("getUpdates", times=None)):
            ...

People: says, edits, deletes, starts, presses, reacts, asks_inline, picks, stops (a draft), blocks, unblocks, joins,
leaves, adds, removes, adds_bot, removes_bot, promotes, migrates; sees, sees_draft.
Messages, as they are now: text, entities, links, keyboard (labels), markup, reply_to, quote, topic, document, reactions,
edited, earlier (texts), deleted, silent. `server.sent` has all of the bot's, `chat.messages` all of a chat's.
The bot: `server.asked` (every request and its outcome), `server.refused`, `server.calls()`, `server.drafts`,
`chat.actions`, `server.profile.commands[scope, language]` (a scope is "default", "all_private_chats", "chat:-100…").
Faults, per method or "*": `server.faults.flood | error | bad_gateway | drop | slow`, `times=None` until `clear()`.
Rates: off until `server.rates.enabled = True`.
For tests in the same process: `testing.connected`, `polling`, `heard`, `refused`, `keyboard`.

Privacy mode is off, and the bot administers its groups unless `add_group(..., bot="member")`. With
`world.privacy = True` a bot that is a mere member hears commands, replies to it and service messages; a mention alone
does not reach it, as Telegram's documentation has it.

Leaving the block raises `BotBrokeRules` if the bot asked for a method or a parameter that the Bot API 10.3 of aiogram
does not know or the fake does not model, if it sent what Telegram silently spoils (an unescaped "&", a link that is
none, more than 100 entities), or if no message followed a draft. Refusals by Telegram's ordinary rules do not fail a test
by themselves: look at `server.refused`. `server.forgive()` is for a bot that was wrong, or killed, on purpose.

Not modelled: channels, media but documents, polls, payments, business accounts, rich and ephemeral messages, topics in
private chats, MarkdownV2, edits of inline messages, albums, the my_chat_member updates of a group that migrates, the
expiry of queries by time (`world.expire_queries()` does it), the 48 hours in which a message can be deleted, and the 24
hours after which Telegram forgets updates.
Flood limits of drafts are unknown to us and not modelled.
"""

from tests.fakes.botapi.calls import Asked
from tests.fakes.botapi.faults import Break, Fault, Faults, Refused
from tests.fakes.botapi.model import Chat, Draft, File, Kind, Message, Status, Topic, User
from tests.fakes.botapi.people import Person
from tests.fakes.botapi.queries import InlineAsk, Press
from tests.fakes.botapi.server import BotApiServer, BotBrokeRules
from tests.fakes.botapi.world import World

__all__ = [
    "Asked",
    "BotApiServer",
    "BotBrokeRules",
    "Break",
    "Chat",
    "Draft",
    "Fault",
    "Faults",
    "File",
    "InlineAsk",
    "Kind",
    "Message",
    "Person",
    "Press",
    "Refused",
    "Status",
    "Topic",
    "User",
    "World",
]
