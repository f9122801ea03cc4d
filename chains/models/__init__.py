"""Chat models behind one door: routes, bounds, budgets, answers kept, persons never named on the wire."""

from chains.models.answers import AnswerStore, KeptAnswer, MemoryAnswers
from chains.models.config import ModelsConfig, Route, single_route
from chains.models.gateway import ModelGateway, RouteFinding
from chains.models.run import ModelRun, ModelStep, Question, Reply, Usage
from chains.models.structured import AnswerForm

__all__ = [
    "AnswerForm",
    "AnswerStore",
    "KeptAnswer",
    "MemoryAnswers",
    "ModelGateway",
    "ModelRun",
    "ModelStep",
    "ModelsConfig",
    "Question",
    "Reply",
    "Route",
    "RouteFinding",
    "Usage",
    "single_route",
]
