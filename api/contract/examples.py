"""The examples that the API's description shows; tests hold them to the schemas.

They hold no null: FastAPI would leave those out of its description.
"""

from __future__ import annotations

from typing import Any

_SHA256 = "9f2b5c0e4d6a81730c5e2f94ab17d3868e0f1c2d3b4a59687f6e5d4c3b2a1908"

ASK: dict[str, Any] = {
    "question": "Wanneer werd het Benelux-politieverdrag ondertekend?",
    "limit": 5,
    "languages": ["fr", "nl"],
    "published_from": "2017-01-01",
    "published_to": "2022-12-31",
    "collections": ["press"],
    "prefer": 0.5,
    "translations": "grouped",
    "effort": "thorough",
    "conversation": [{"question": "Welke landen hebben het verdrag gesloten?"}],
    "write": False,
}

CHAT: dict[str, Any] = {
    "model": "passerelle",
    "messages": [
        {"role": "user", "content": "Welke landen hebben het verdrag gesloten?"},
        {"role": "assistant", "content": "> België, Nederland en Luxemburg"},
        {"role": "user", "content": "Wanneer werd het ondertekend?"},
    ],
    "stream": False,
}

CORRECTION: dict[str, Any] = {"title": "The accord", "published": "2018-07-23"}

ANSWER: dict[str, Any] = {
    "question": {
        "text": "Wanneer werd het Benelux-politieverdrag ondertekend?",
        "language": "nl",
        "standalone": "Wanneer werd het Benelux-politieverdrag ondertekend?",
    },
    "answered": True,
    "outcome": "answers",
    "confidence": 0.83,
    "passages": [
        {
            "rank": 1,
            "score": 5.3127,
            "language": "fr",
            "text": "Coopération policière. Le traité a été signé le 23 juillet 2018.",
            "answer": {
                "start": 23,
                "end": 64,
                "text": "Le traité a été signé le 23 juillet 2018.",
            },
            "source": {
                "document": "d-3f9c5e0a71b2d8460c1b7e95aa84f2d3",
                "title": "Coopération policière",
                "publisher": "Secrétariat général Benelux",
                "published": "2018-07-23",
                "file": "press/003.pdf",
                "url": "https://example.org/press/003",
                "collection": "press",
                "page": 2,
                "start": 412,
                "end": 476,
                "sha256": _SHA256,
                "link": "/documents/d-3f9c5e0a71b2d8460c1b7e95aa84f2d3#412-476",
                "copies": [],
                "recognised": {"page": 2, "confidence": 0.947, "words": 212, "doubtful": 3},
            },
            "also_in": [
                {
                    "language": "nl",
                    "document": "d-71aa04c2e95b3f68d20c4be1779a65f0",
                    "link": "/documents/d-71aa04c2e95b3f68d20c4be1779a65f0#398-459",
                }
            ],
        }
    ],
    "written": [
        {
            "text": "Het verdrag werd op 23 juli 2018 ondertekend.",
            "rank": 1,
            "quote": {
                "start": 23,
                "end": 64,
                "text": "Le traité a été signé le 23 juillet 2018.",
            },
        }
    ],
    "writing": {
        "host": "127.0.0.1",
        "model": "qwen3:8b",
        "left_out": {"number": 1},
        "problem": "slow",
    },
    "advice": {
        "unknown_collections": [],
        "unknown_languages": [],
        "dates": [],
        "corrected": [],
        "containing": [],
    },
    "took_ms": {"total": 16.2, "encode": 8.6, "search": 1.1, "rank": 0.9, "read": 5.6},
}

DOCUMENT: dict[str, Any] = {
    "id": "d-3f9c5e0a71b2d8460c1b7e95aa84f2d3",
    "title": "Coopération policière",
    "publisher": "Secrétariat général Benelux",
    "published": "2018-07-23",
    "language": "fr",
    "collection": "press",
    "file": "press/003.pdf",
    "url": "https://example.org/press/003",
    "media_type": "application/pdf",
    "sha256": _SHA256,
    "passages": 4,
    "link": "/documents/d-3f9c5e0a71b2d8460c1b7e95aa84f2d3",
}

JOB: dict[str, Any] = {
    "id": "j-5b0c7e1d92a3f468",
    "kind": "upload",
    "state": "running",
    "collection": "press",
    "created": "2026-11-25T14:52:10Z",
    "finished": "2026-11-25T14:52:31Z",
    "problem": "",
    "files": [
        {
            "file": "2018/traite.pdf",
            "outcome": "added",
            "document": "d-3f9c5e0a71b2d8460c1b7e95aa84f2d3",
            "reason": "",
            "refusal": "",
            "left_out": {"picture": 2},
        },
    ],
    "counts": {"added": 1, "unchanged": 0, "updated": 0, "removed": 0, "refused": 0},
    "total": 2,
    "texts": {"done": 128, "total": 301},
    "reading": [{"file": "2018/rapport.pdf", "done": 120, "total": 300}],
    "link": "/v1/jobs/j-5b0c7e1d92a3f468",
}

PROBLEM: dict[str, Any] = {
    "type": "/problems/invalid-request",
    "title": "Invalid request",
    "status": 422,
    "detail": "limit: The most is 50.",
    "errors": [{"field": "limit", "message": "The most is 50."}],
    "refusal": "",
}

PAGE: dict[str, Any] = {
    "page": 2,
    "pages": 3,
    "width": 595.28,
    "height": 841.89,
    "passages": [{"start": 412, "end": 476, "boxes": [[56.7, 72.4, 538.6, 87.4]]}],
    "mark": {"start": 435, "end": 476, "boxes": [[203.1, 72.4, 538.6, 87.4]]},
    "words": [{"text": "Coopération", "box": [56.7, 72.4, 124.9, 87.4]}],
    "complete": True,
}
