"""The store role: the five consumers that take a message from its stream to its vector."""

from faststream.redis import RedisBroker

from core.contracts.messages import ChatChanged, MessageObserved, MessagesDeleted, UnitsChanged
from core.contracts.streams import BATCH, CHATS, DELETED, FAST, STREAMS, UNITS
from core.db.session import Database
from core.embeddings.base import UnitEmbedding
from core.streams.broker import connect, consumer_name, prepare_groups
from core.streams.consumer import Consumer
from core.streams.publisher import Publisher
from ingestion.deleting import Deleting
from ingestion.embedding import Embedding, unembedded_chats
from ingestion.placing import Placing
from ingestion.storing import Storing, unthreaded_chats

FAST_BATCH = 20
"""Small, so that an urgent message waits for few others."""
STORE_BATCH = 200
SIGNAL_BATCH = 500
"""Signals carry only a chat's id, and many of one chat are one piece of work."""


def add_store_consumers(broker: RedisBroker, database: Database, publisher: Publisher, embedder: UnitEmbedding) -> None:
    """Register the consumers; they run when the broker starts."""
    name = consumer_name()
    storing, placing = Storing(database, publisher), Placing(database, publisher)
    embedding = Embedding(database, embedder)
    Consumer(broker, database, FAST, MessageObserved, storing, name=name, batch_size=FAST_BATCH)
    Consumer(broker, database, BATCH, MessageObserved, storing, name=name, batch_size=STORE_BATCH)
    deleting = Deleting(database, publisher)
    Consumer(broker, database, DELETED, MessagesDeleted, deleting, name=name, batch_size=FAST_BATCH)
    Consumer(broker, database, CHATS, ChatChanged, placing, name=name, batch_size=SIGNAL_BATCH)
    Consumer(broker, database, UNITS, UnitsChanged, embedding, name=name, batch_size=SIGNAL_BATCH)


async def prepare_streams(broker: RedisBroker, database: Database, publisher: Publisher) -> None:
    """Make the groups, and put back the signals for work that the tables still show undone.

    The tables are the truth about what is threaded and embedded: a Redis that lost its data costs nothing but this.
    """
    await prepare_groups(await connect(broker), STREAMS)
    async with database.transaction() as session:
        unthreaded, unembedded = await unthreaded_chats(session), await unembedded_chats(session)
    await publisher.publish(CHATS, [ChatChanged(chat_id=chat_id) for chat_id in unthreaded])
    await publisher.publish(UNITS, [UnitsChanged(chat_id=chat_id) for chat_id in unembedded])
