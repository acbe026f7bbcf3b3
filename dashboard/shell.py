"""The frame of every page: who is let in, navigation, language, filters, freshness, and what is said when something is away."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date, timedelta
from html import escape
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

import streamlit as st
import structlog

from analytics.queries import chats as chat_queries
from analytics.queries.inputs import Period, narrowed
from core.domain.language import Language
from core.errors import Unavailable
from dashboard import access, data, filters
from dashboard.access import Visitor
from dashboard.desk import PostgresAway, RedisAway, TooSlow, desk
from dashboard.filters import DATES, Filters
from dashboard.texts import shell as texts
from dashboard.texts.phrase import LANGUAGES, known_language, preferred
from dashboard.view import View

log = structlog.get_logger(__name__)

HERE: Final = Path(__file__).parent
ICONS: Final[Mapping[str, str]] = {
    "now": ":material/bolt:",
    "chats": ":material/forum:",
    "topics": ":material/sell:",
    "assistant": ":material/smart_toy:",
    "cost": ":material/payments:",
    "evals": ":material/rule:",
    "pipeline": ":material/conversion_path:",
    "settings": ":material/tune:",
}
FOR_ADMINS: Final = frozenset({"cost", "evals", "settings"})
ZONES: Final = (
    "UTC",
    *sorted(
        name
        for name in available_timezones()
        if name.split("/")[0] in ("Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
    ),
)

EVERY_CHAT: Final = 0
"""No chat has this id."""

_LANGUAGE: Final = "language"
_FILTERS: Final = "filters"
"""In the session: what was chosen, so that the next page shows it too; an address begins without any."""


def run() -> None:
    """The main script: it runs before each page."""
    st.set_page_config(
        page_title="Otklik",
        page_icon=HERE / "icon.svg",
        layout="wide",
        menu_items={"Get help": None, "Report a bug": None},
    )
    st.logo(HERE / "logo.svg", size="large", icon_image=HERE / "icon.svg")
    st.html(HERE / "style.css")
    language = _language()
    visitor = _visitor()
    if visitor is None:
        _ended(language)
        return
    pages = [
        st.Page(f"screens/{name}.py", title=title[language], icon=ICONS[name], url_path=name, default=name == "now")
        for name, title in texts.PAGES.items()
        if visitor.is_admin or name not in FOR_ADMINS
    ]
    page = st.navigation(pages)
    with st.sidebar:
        _language_switch(language)
        _who(visitor, language)
    page.run()


def opened(show: Callable[[View], None], name: str, *, live: bool = False, filtered: bool = True) -> None:
    """A page: its title, its filters, and what `show` makes of the view. `live`: it renews itself. `filtered`: it is about
    chats."""
    language = _language()
    stale = data.LIVE_SECONDS if live else data.CALM_SECONDS

    def body() -> None:
        visitor = _visitor()
        if visitor is None or (name in FOR_ADMINS and not visitor.is_admin):
            _ended(language)
            return
        with _telling(language):
            view = _view(visitor, language, stale)
            _freshness(view)
            if not filtered or _holds_anything(view):
                show(view)

    st.title(texts.PAGES[name][language], anchor=False)
    visitor = _visitor()
    if filtered and visitor is not None:
        with _telling(language), suppress(Unavailable):  # the body says what is away, at each run of its own
            filter_bar(_view(visitor, language, stale))
    st.fragment(body, run_every=stale)() if live else body()


def filter_bar(view: View) -> None:
    """The widgets. They begin with what the address says, and write what is chosen into it."""
    for wrong in _wrong(view):
        st.warning(view.say(texts.WRONG[wrong.name], value=escape(wrong.value), zone=view.usual_zone.key))
    for key, value in (
        ("chat", view.filters.chat_id or EVERY_CHAT),
        ("span", view.filters.span),
        ("zone", view.zone.key),
    ):
        st.session_state[f"choice_{key}"] = value
    with st.container(horizontal=True, vertical_alignment="bottom", key="filters"):
        st.selectbox(
            view.say(texts.CHAT), [EVERY_CHAT, *view.held], key="choice_chat", on_change=_chosen, args=(view,), width=280,
            format_func=lambda chat_id: view.title(chat_id) if chat_id else view.say(texts.EVERY_CHAT),
        )  # fmt: skip
        st.selectbox(
            view.say(texts.PERIOD), [*filters.DAYS, DATES], key="choice_span", on_change=_chosen, args=(view,), width=150,
            format_func=lambda span: view.say(texts.SPANS[span]),
        )  # fmt: skip
        if view.filters.dates is not None:
            st.session_state["choice_dates"] = view.filters.dates
            st.date_input(
                view.say(texts.DATES), key="choice_dates", on_change=_chosen, args=(view,), width=230,
                min_value=filters.EARLIEST, max_value=max(view.today + timedelta(days=1), view.filters.dates[1]),
                format="DD.MM.YYYY" if view.language == "ru" else "DD/MM/YYYY",
            )  # fmt: skip
        st.selectbox(view.say(texts.ZONE), ZONES, key="choice_zone", on_change=_chosen, args=(view,), width=200)


def _chosen(view: View) -> None:
    """Something was chosen: it goes into the address, from where the run that follows reads it."""
    chosen, dates = st.session_state, None
    if chosen["choice_span"] == DATES:
        dates = view.filters.dates or _dates_of(view.period)
        picked = chosen.get("choice_dates", dates)
        if len(picked) == 1:  # the second date is still to be picked
            return
        dates = picked
    _go(view, Filters(ZoneInfo(chosen["choice_zone"]), chosen["choice_chat"] or None, chosen["choice_span"], dates))


def _go(view: View, chosen: Filters) -> None:
    """Show this from now on, here and on the pages that are opened next."""
    address = filters.address_of(chosen, view.usual_zone)
    st.session_state[_FILTERS] = address
    for name in filters.NAMES:
        if name in st.query_params:
            del st.query_params[name]
    st.query_params.update(address)


def _view(visitor: Visitor, language: Language, stale: int) -> View:
    rules, at = desk().rules(), data.moment(desk().clock(), stale)
    usual = ZoneInfo(rules.time_zone)
    whole = access.scope_of(visitor, rules)
    held = data.seen(at, whole, Period.last_days(1, usual, at), chat_queries.titles)
    chosen, _ = filters.read(_address(), [one.chat_id for one in held], usual, ZONES)
    st.session_state[_FILTERS] = address = filters.address_of(chosen, usual)
    if any(st.query_params.get(name) != value for name, value in address.items()):
        st.query_params.update(address)  # so that what is in the address bar can be shared
    return View(
        visitor=visitor,
        language=language,
        filters=chosen,
        usual_zone=usual,
        whole=whole,
        scope=narrowed(whole, [] if chosen.chat_id is None else [chosen.chat_id]),
        held={one.chat_id: one for one in held},
        at=at,
        stale_seconds=stale,
        with_claude=desk().settings.anthropic_api_key is not None,
    )


def _address() -> Mapping[str, str]:
    """What the address says of the filters; on a page that was opened from another one, what was chosen there."""
    said: Mapping[str, str] = {name: st.query_params[name] for name in filters.NAMES if name in st.query_params}
    return said or st.session_state.get(_FILTERS, {})


def _wrong(view: View) -> list[filters.Wrong]:
    return list(filters.read(_address(), list(view.held), view.usual_zone, ZONES)[1])


def _dates_of(period: Period) -> tuple[date, date]:
    return period.since.date(), period.until.astimezone(period.zone).date()


def _freshness(view: View) -> None:
    age = view.say(texts.MINUTE) if view.stale_seconds == 60 else view.say(texts.SECONDS, count=view.stale_seconds)
    with st.container(horizontal=True, vertical_alignment="center", key="freshness"):
        at = f"{view.at.astimezone(view.zone):%H:%M:%S}"
        st.caption(view.say(texts.AS_OF, time=at, zone=view.zone.key, age=age))
        st.button(view.say(texts.RENEW), key="renew", icon=":material/refresh:", type="tertiary", on_click=data.forget)


def _holds_anything(view: View) -> bool:
    """Whether there is anything to show; says what to do where there is not."""
    if view.held:
        return True
    if view.whole.every_chat:
        st.subheader(view.say(texts.EMPTY_TITLE), anchor=False)
        st.write(view.say(texts.EMPTY))
        st.code(texts.EMPTY_DO, language="bash")
    else:
        st.info(view.say(texts.EMPTY_AGENT))
    return False


def elsewhen(view: View) -> None:
    """What to say where nothing was said in the period: when there was, and the way there."""
    chosen = [view.held[view.filters.chat_id]] if view.filters.chat_id is not None else view.held.values()
    latest = max((one.last_hour for one in chosen if one.last_hour is not None), default=None)
    if latest is None or latest >= view.period.since:
        st.info(view.say(texts.NOTHING))
        return
    day = latest.astimezone(view.zone).date()
    st.info(view.say(texts.ELSEWHEN, date=view.day(day)))
    then = replace(view.filters, span=DATES, dates=(day - timedelta(days=29), day))
    st.button(view.say(texts.SHOW_IT), key="elsewhen", type="primary", on_click=_go, args=(view, then))


@contextmanager
def _telling(language: Language) -> Iterator[None]:
    """Say in one sentence what is away. What is wrong with the page itself goes into the log, not to the visitor."""
    try:
        yield
    except PostgresAway:
        st.error(texts.POSTGRES_AWAY[language], icon=":material/cloud_off:")
    except RedisAway:
        st.error(texts.REDIS_AWAY[language], icon=":material/cloud_off:")
    except TooSlow:
        st.error(texts.TOO_SLOW[language], icon=":material/hourglass:")
    except Exception:
        log.exception("a page could not be shown")
        st.error(texts.BROKEN[language], icon=":material/error:")


def _visitor() -> Visitor | None:
    token = st.user.get("session")
    return desk().door.visitor(token if isinstance(token, str) else None)


def _ended(language: Language) -> None:
    st.warning(texts.SESSION_ENDED[language])
    st.html(f'<a href="/login" target="_self">{texts.ENTER[language]}</a>')


def _language() -> Language:
    """What was chosen, in the address or in this session; else what the rules or the browser say."""
    chosen = known_language(st.query_params.get("lang")) or known_language(st.session_state.get(_LANGUAGE))
    if chosen is None:
        return preferred(desk().door.rules.language, st.context.locale or "")
    st.session_state[_LANGUAGE] = chosen
    if "lang" not in st.query_params:
        st.query_params["lang"] = chosen
    return chosen


def _language_switch(language: Language) -> None:
    def choose() -> None:
        st.session_state[_LANGUAGE] = st.query_params["lang"] = st.session_state["choice_language"]

    st.session_state["choice_language"] = language
    st.segmented_control(
        texts.LANGUAGE[language], list(LANGUAGES), key="choice_language", on_change=choose, required=True,
        format_func=lambda one: LANGUAGES[one], label_visibility="collapsed",
    )  # fmt: skip


def _who(visitor: Visitor, language: Language) -> None:
    """Who is logged in, and the way out: a form of our own, which the gate takes."""
    if not desk().door.is_locked:
        st.caption(texts.AT_THIS_MACHINE[language])
        return
    st.html(
        f'<form method="post" action="/logout" class="leave"><span>{escape(visitor.name)}<br>'
        f"<small>{escape(texts.ROLES[visitor.role][language])}</small></span>"
        f"<button>{escape(texts.LEAVE[language])}</button></form>"
    )
