"""`otklik topics`: what a chat talks about, and putting the names right."""

import click

from otklik.terminal import json_option, print_json, process_settings, run_async

chat_option = click.option(
    "--chat", "chat_id", type=int, required=True, help="The chat's id, as `otklik status` tells it."
)


@click.group()
def topics() -> None:
    """The topics of a chat."""


@topics.command("list")
@chat_option
@json_option
def topics_list(chat_id: int, as_json: bool) -> None:
    """List a chat's topics, what is talked about most first."""
    from otklik.topics import list_topics, topics_text

    found = run_async(list_topics(process_settings(), chat_id))
    if as_json:
        print_json(found)
    else:
        click.echo(topics_text(found))


@topics.command("merge")
@chat_option
@click.argument("source")
@click.argument("target")
def topics_merge(chat_id: int, source: str, target: str) -> None:
    """Put the topic SOURCE, with all that was said about it, into TARGET."""
    from otklik.topics import merge_topics

    run_async(merge_topics(process_settings(), chat_id, source, target))
    click.echo(f"{source!r} is now {target!r}, also where it comes up again.")


@topics.command("rename")
@chat_option
@click.argument("former")
@click.argument("name")
def topics_rename(chat_id: int, former: str, name: str) -> None:
    """Call the topic FORMER by another NAME."""
    from otklik.topics import rename_topic

    kept = run_async(rename_topic(process_settings(), chat_id, former, name))
    click.echo(f"{former!r} is now {kept!r}, also where it comes up again.")
