"""The shapes of a chat, as OpenAI's API has them (https://platform.openai.com/docs/api-reference).

What clients send beside these fields is for models that write; it is taken and does nothing.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.contract import examples
from api.contract.requests import MAX_EARLIER_QUESTIONS
from index.snapshot import EVERYTHING, Scope
from qa.answering import checked
from qa.errors import QuestionError
from qa.types import Question

MODEL = "passerelle"
"""The model that answers from everything; of one collection it is ``passerelle/NAME``."""

QUOTED = 3
"""Passages in a message: what is read of an answer in a chat."""

CHARACTERS = Annotated[str, Field(max_length=100_000)]


class TextPart(BaseModel):
    """A part of a message; pictures and sounds cannot be asked."""

    type: Literal["text"]
    text: CHARACTERS


class ChatMessage(BaseModel):
    """A message so far."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: CHARACTERS | list[TextPart] | None = None

    @property
    def text(self) -> str:
        """What it says."""
        if isinstance(self.content, str):
            return self.content
        return "\n".join(part.text for part in self.content or ())


class ChatRequest(BaseModel):
    """A conversation whose last question is to be answered."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.CHAT]})

    model: str = Field(
        max_length=200, description="`passerelle`, or `passerelle/NAME` for one collection."
    )
    messages: list[ChatMessage] = Field(
        min_length=1,
        max_length=1000,
        description="The last one of the user is the question, those before it the conversation.",
    )
    stream: bool = Field(False, description="Whether to send server-sent events.")

    def to_question(self) -> Question:
        """Return the question as the question path takes it.

        Raises:
            QuestionError: there is none, or it cannot be asked.
        """
        asked = [each.text for each in self.messages if each.role == "user"]
        if not asked:
            raise QuestionError("No message is the user's. Send one with the role `user`.")
        collection = self.model.removeprefix(MODEL).removeprefix("/")
        return Question(
            text=checked(asked[-1]),
            limit=QUOTED,
            scope=Scope(collections=frozenset({collection})) if collection else EVERYTHING,
            conversation=tuple(filter(_can_be_asked, asked[:-1]))[-MAX_EARLIER_QUESTIONS:],
        )


def _can_be_asked(text: str) -> bool:
    """Tell whether a message is of use as an earlier question; it stays in the conversation."""
    try:
        checked(text)
    except QuestionError:
        return False
    return True


class UrlCitation(BaseModel):
    """Which characters of the message a document says."""

    start_index: int
    end_index: int
    url: str
    title: str


class Annotation(BaseModel):
    """A citation."""

    type: Literal["url_citation"] = "url_citation"
    url_citation: UrlCitation


class Written(BaseModel):
    """The message: quotations in Markdown, or that nothing answers."""

    role: Literal["assistant"] = "assistant"
    content: str
    annotations: list[Annotation]


class Choice(BaseModel):
    """The only answer."""

    index: Literal[0] = 0
    message: Written
    finish_reason: Literal["stop"] = "stop"


class Usage(BaseModel):
    """Nothing is written, so no tokens are."""

    prompt_tokens: Literal[0] = 0
    completion_tokens: Literal[0] = 0
    total_tokens: Literal[0] = 0


class ChatCompletion(BaseModel):
    """An answer."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int = Field(description="Seconds since 1970.")
    model: str
    choices: list[Choice]
    usage: Usage = Usage()


class Delta(BaseModel):
    """What is new."""

    role: Literal["assistant"] | None = None
    content: str | None = None
    annotations: list[Annotation] | None = None


class ChunkChoice(BaseModel):
    """What is new of the only answer."""

    index: Literal[0] = 0
    delta: Delta
    finish_reason: Literal["stop"] | None = None


class ChatChunk(BaseModel):
    """A piece of a streamed answer."""

    id: str
    object: Literal["chat.completion.chunk"] = "chat.completion.chunk"
    created: int
    model: str
    choices: list[ChunkChoice]


class ModelOut(BaseModel):
    """What can be chosen to answer."""

    id: str
    object: Literal["model"] = "model"
    created: int = Field(description="0: not known.")
    owned_by: str = "passerelle"


class ModelsOut(BaseModel):
    """All of them: one for everything, and one for each collection."""

    object: Literal["list"] = "list"
    data: list[ModelOut]
