"""The tables, a file each. Importing this package registers all of them on `Base.metadata`."""

from core.db.models.analysis_window import AnalysisWindow
from core.db.models.answer import Answer, Citation
from core.db.models.appraisal import Appraisal
from core.db.models.base import Base
from core.db.models.bot_message import BotMessage
from core.db.models.budget_alarm import BudgetAlarm
from core.db.models.calibration import Calibration
from core.db.models.chat import Chat
from core.db.models.chat_hour import ChatHour
from core.db.models.coverage import Coverage
from core.db.models.dead_letter import DeadLetter
from core.db.models.deleted_message import DeletedMessage
from core.db.models.eval_case import EvalCase
from core.db.models.eval_run import EvalReply, EvalResult, EvalRun
from core.db.models.experiment import Experiment
from core.db.models.feedback import Feedback
from core.db.models.handover import Handover
from core.db.models.index_info import IndexInfo
from core.db.models.listened_chat import ListenedChat
from core.db.models.message import Message
from core.db.models.model_call import ModelCall
from core.db.models.prompt_version import PromptVersion
from core.db.models.pseudonym_key import PseudonymKey
from core.db.models.question import Question, QuestionMessage
from core.db.models.report import Report
from core.db.models.suggestion import Suggestion
from core.db.models.thread import Thread
from core.db.models.topic import Topic, WindowTopic
from core.db.models.unit import Unit
from core.db.models.unmasked import Unmasked
from core.db.models.vetted_answer import VettedAnswer

__all__ = [
    "AnalysisWindow",
    "Answer",
    "Appraisal",
    "Base",
    "BotMessage",
    "BudgetAlarm",
    "Calibration",
    "Chat",
    "ChatHour",
    "Citation",
    "Coverage",
    "DeadLetter",
    "DeletedMessage",
    "EvalCase",
    "EvalReply",
    "EvalResult",
    "EvalRun",
    "Experiment",
    "Feedback",
    "Handover",
    "IndexInfo",
    "ListenedChat",
    "Message",
    "ModelCall",
    "PromptVersion",
    "PseudonymKey",
    "Question",
    "QuestionMessage",
    "Report",
    "Suggestion",
    "Thread",
    "Topic",
    "Unit",
    "Unmasked",
    "VettedAnswer",
    "WindowTopic",
]
