"""What is wrong with a field is said in plain words."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from api.field_errors import field_errors, in_one_line


class Inner(BaseModel):
    name: str = ""


class Form(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(default="a", min_length=1, max_length=3)
    number: int = Field(default=1, ge=1, le=50)
    share: float = 0.0
    day: date | None = None
    is_all: bool = False
    step: Literal["take", "drop"] = "take"
    many: list[str] = Field(default=[], max_length=2)
    inner: Inner | None = None

    @field_validator("step")
    @classmethod
    def _check(cls, step: str) -> str:
        if step == "drop":
            raise ValueError("That is not possible.")
        return step


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"number": "many"}, "number: Write a whole number."),
        ({"number": 1.5}, "number: Write a whole number."),
        ({"number": 0}, "number: The least is 1."),
        ({"number": 51}, "number: The most is 50."),
        ({"share": "half"}, "share: Write a number."),
        ({"name": ""}, "name: Its length must be 1 at least."),
        ({"name": "abcd"}, "name: Its length may be 3 at most."),
        ({"name": 7}, "name: Write a text."),
        ({"day": "never"}, "day: Write the date as YYYY-MM-DD."),
        ({"day": "2024-13-01"}, "day: Write the date as YYYY-MM-DD."),
        ({"is_all": "perhaps"}, "is_all: Write true or false."),
        ({"step": "jump"}, "step: Choose one of these: 'take' or 'drop'."),
        ({"step": "drop"}, "step: That is not possible."),
        ({"inner": "abc"}, "inner: Write an object."),
        ({"many": "abc"}, "many: Write a list."),
        ({"many": ["a", "b", "c"]}, "many: The most is 2 of them."),
        ({"other": 1}, "other: There is no field with this name."),
    ],
)
def test_a_bad_field_is_explained_in_plain_words(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Form.model_validate(given)
    assert in_one_line(field_errors(caught.value.errors())) == said
