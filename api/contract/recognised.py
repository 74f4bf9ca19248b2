"""The shape of how well words were recognised in a picture."""

from __future__ import annotations

from pydantic import BaseModel, Field


class RecognisedOut(BaseModel):
    """A page whose words were recognised in a picture (OCR)."""

    page: int
    confidence: float = Field(
        description="Mean confidence of the page's words, as the recognition judges itself."
    )
    words: int = Field(description="Number of words on the page.")
    doubtful: int = Field(description="Words among them that are as often wrong as right.")
