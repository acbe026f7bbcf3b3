"""With what an answer is written: the live prompt and the configured model, or an arm of an experiment."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import aliased

from assistant.answering.inquiry import Inquiry
from core.db.models import Experiment, PromptVersion
from core.db.session import Database
from core.domain.experiments import Arm, arm_of
from core.llm.calls import Purpose
from core.llm.prompts import Prompt, PromptFile, PromptRegistry, read_prompt
from core.llm.refusal import REFUSAL_MARKER


@dataclass(frozen=True, slots=True)
class Means:
    """A prompt and a model."""

    prompt: Prompt
    model: str
    experiment_id: UUID | None = None
    arm: Arm | None = None
    """Of the experiment that decided; None where none did."""


class MeansOf:
    """Finds the means for each question anew: a prompt that went live, or an experiment that ended, holds at once."""

    def __init__(self, database: Database, prompts: PromptRegistry, model: str) -> None:
        self._database = database
        self._prompts = prompts
        self._model = model

    async def __call__(self, inquiry: Inquiry) -> Means:
        """The means for a question. Only who asked the live bot takes part in an experiment."""
        if inquiry.asker is not None and inquiry.purpose is Purpose.ANSWER:
            tried = await self._in_experiment(inquiry.asker)
            if tried is not None:
                return tried
        return self._means(filled(self._prompts.load("answer")), self._model)

    async def _in_experiment(self, asker: str) -> Means | None:
        control, candidate = aliased(PromptVersion), aliased(PromptVersion)
        live = (
            select(Experiment, control.text, candidate.text)
            .join(control, control.version == Experiment.control_prompt)
            .join(candidate, candidate.version == Experiment.candidate_prompt)
            .where(Experiment.state.in_(("running", "adopted")))
        )
        async with self._database.reading() as session:
            found = (await session.execute(live)).one_or_none()
        if found is None:
            return None
        experiment, control_text, candidate_text = found
        if experiment.state == "adopted":
            return self._means(filled(read_prompt("answer", candidate_text)), experiment.candidate_model)
        arm = arm_of(experiment.experiment_id, asker, experiment.share)
        text, model = (
            (candidate_text, experiment.candidate_model)
            if arm is Arm.CANDIDATE
            else (control_text, experiment.control_model)
        )
        means = self._means(filled(read_prompt("answer", text)), model)
        return Means(means.prompt, means.model, experiment.experiment_id, arm)

    @staticmethod
    def _means(prompt: Prompt, model: str) -> Means:
        return Means(prompt, prompt.model or model)


def filled(prompt: PromptFile) -> Prompt:
    """An answer prompt as it is sent.

    Raises:
        PromptError: it does not have exactly the variables that an answer prompt has.
    """
    return prompt.fill(refusal_marker=REFUSAL_MARKER)
