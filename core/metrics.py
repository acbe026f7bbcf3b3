"""Prometheus metrics, all in one place, so that a name means one thing in code, dashboards and alerts."""

from prometheus_client import Counter, Gauge, Histogram

HANDLED = Counter("otklik_entries_handled_total", "Stream entries handled and committed.", ["stream"])
HANDLING_SECONDS = Histogram(
    "otklik_handling_seconds",
    "Time one batch takes in its handler.",
    ["stream"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
DEAD_LETTERS = Counter("otklik_dead_letters_total", "Entries that were given up.", ["stream"])
OUTAGE_RETRIES = Counter("otklik_outage_retries_total", "Tries again because a store was away.", ["stream"])

STREAM_LENGTH = Gauge("otklik_stream_length", "Entries in a stream that are still to be done.", ["stream"])
STREAM_PENDING = Gauge("otklik_stream_pending", "Entries read and not acknowledged.", ["stream"])
STREAM_LAG = Gauge("otklik_stream_lag", "Entries nobody has read yet.", ["stream"])
OBSERVED = Counter("otklik_listener_observed_total", "Messages that were heard for the first time, and published.")
EDITED = Counter("otklik_listener_edited_total", "Edits that were heard and published.")
DELETED_IDS = Counter("otklik_listener_deleted_total", "Ids of deleted messages that were heard and published.")
SKIPPED = Counter("otklik_listener_skipped_total", "Messages that are none for us, by reason.", ["reason"])
FETCHES = Counter("otklik_listener_fetches_total", "Times that missed events were asked for.")
FLOOD_WAITS = Counter("otklik_listener_flood_waits_total", "Times that Telegram told us to wait.")
FLOOD_SECONDS = Counter("otklik_listener_flood_wait_seconds_total", "Seconds that Telegram told us to wait.")
CONNECTED = Gauge("otklik_listener_connected", "1 while there is a connection to Telegram.")
LAST_MESSAGE_AGE = Gauge("otklik_listener_last_message_age_seconds", "Since the newest message was heard.")
UNPUBLISHED = Gauge("otklik_listener_unpublished", "Parcels heard and not yet in Redis.")

UNEMBEDDED = Gauge("otklik_units_unembedded", "Units that wait for their vector.")
UNTHREADED = Gauge("otklik_messages_unthreaded", "Messages that wait for their place in a thread.")

REFUSED_CALLS = Counter("otklik_model_calls_refused_total", "Calls not made: no money left for them.", ["purpose"])

ANALYSED = Counter("otklik_analysed_total", "Windows and urgent messages that were analysed.", ["what", "by"])
SET_ASIDE = Counter("otklik_analyses_set_aside_total", "Windows that were given up.")
WINDOWS = Gauge("otklik_windows", "Windows that are not analysed, by state.", ["state"])
URGENT_WAITING = Gauge("otklik_urgent_waiting", "Urgent messages that are not analysed yet.")
UNWINDOWED_SECONDS = Gauge("otklik_unwindowed_seconds", "How long the oldest message has waited for its window.")

BOT_UPDATES = Counter("otklik_bot_updates_total", "Updates from Telegram that were taken, by kind.", ["kind"])
BOT_UPDATES_FAILED = Counter("otklik_bot_updates_failed_total", "Updates that failed by a bug, and were left out.")
BOT_OUTAGE_RETRIES = Counter("otklik_bot_outage_retries_total", "Tries again because PostgreSQL or Telegram was away.")
BOT_REQUESTS = Counter(
    "otklik_bot_requests_total", "Requests to Telegram: ok, refused, flood (told to wait), away.", ["method", "outcome"]
)
BOT_QUESTIONS = Counter("otklik_bot_questions_total", "Messages to the bot, by what became of them.", ["outcome"])
BOT_ANSWERS = Counter(
    "otklik_bot_answers_total", "Questions that were closed: answered, refused, dropped, failed.", ["outcome"]
)
BOT_ANSWER_SECONDS = Histogram(
    "otklik_bot_answer_seconds",
    "From a question's last message to its answer.",
    buckets=(0.5, 1, 2, 3, 5, 8, 13, 21, 34, 60, 120, 600),
)
BOT_VOTES = Counter("otklik_bot_votes_total", "Votes on answers: up, down, withdrawn.", ["vote"])
BOT_OPEN = Gauge("otklik_bot_questions_open", "Questions that are not answered yet.")
BOT_UNSHOWN = Gauge("otklik_bot_messages_unshown", "Messages that Telegram does not show yet as they shall be.")

DASHBOARD_LOGINS = Counter(
    "otklik_dashboard_logins_total", "Logins to the dashboard: entered, refused, limited.", ["outcome"]
)
DASHBOARD_VISITORS = Gauge("otklik_dashboard_visitors", "Browser windows that have the dashboard open.")
DASHBOARD_READ_SECONDS = Histogram(
    "otklik_dashboard_read_seconds",
    "From asking for a page's figures to having them, where they were not remembered.",
    ["query"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2.5, 5, 10, 20),
)
DASHBOARD_DEEDS = Counter(
    "otklik_dashboard_deeds_total", "What visitors changed: done, refused, failed.", ["deed", "outcome"]
)
