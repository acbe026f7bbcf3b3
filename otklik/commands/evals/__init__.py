"""`otklik evals`: whether an answer is right, whether a change makes answers worse, and cases from what people said."""

import click

from otklik.commands.evals import cases, experiments, judging, measuring


@click.group()
def evals() -> None:
    """Measure answers on labelled questions, and let no change pass that makes them worse.

    \b
    A version is  live             the newest live prompts here
                  v2               prompts/answer/v2.md (condense/v2 for the other prompt)
                  FILE.md          any file with a prompt
                  git:main         the live prompts of a revision; git:main:v2 for one of them

    \b
    Begin with:   otklik evals run --dataset samples      (where `otklik demo` has imported them)
                  otklik evals gate git:main live --dataset samples
    """


for command in (
    measuring.run, measuring.compare, measuring.gate, measuring.list_,
    cases.harvest, cases.candidates, cases.accept, cases.reject, cases.edit, cases.export,
    judging.agree, judging.calibrate, experiments.experiment,
):  # fmt: skip
    evals.add_command(command)
