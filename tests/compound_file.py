"""Writes compound files (MS-CFB), which Outlook keeps messages in: enough of them for tests."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Final

Storage = Mapping[str, "Storage | bytes"]

_SECTOR: Final = 512
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_STORAGE, _STREAM, _ROOT = 1, 2, 5


def compound_file(root: Storage) -> bytes:
    """Return a compound file with these streams and storages.

    A stream below 4,096 bytes belongs into the small sectors, so all of them are there.
    """
    small = bytearray()
    small_fat: list[int] = []
    big: list[bytes] = []
    entries: list[list[object]] = []

    def add(name: str, kind: int, content: Storage | bytes) -> int:
        number = len(entries)
        entry: list[object] = [name, kind, _FREE, _FREE, _FREE, _END, 0, b""]
        entries.append(entry)
        if isinstance(content, bytes):
            entry[6] = len(content)
            if len(content) >= 4096:
                entry[7] = content
                big.append(content)
            elif content:
                entry[5] = len(small_fat)
                sectors = -(-len(content) // 64)
                small_fat.extend(range(len(small_fat) + 1, len(small_fat) + sectors))
                small_fat.append(_END)
                small.extend(content.ljust(sectors * 64, b"\0"))
            return number
        children = [
            add(child, _STREAM if isinstance(inside, bytes) else _STORAGE, inside)
            for child, inside in sorted(content.items(), key=lambda each: (len(each[0]), each[0]))
        ]
        for child, following in zip(children, [*children[1:], _FREE], strict=True):
            entries[child][3] = following  # a tree that leans to the right
        entry[4] = children[0] if children else _FREE
        return number

    add("Root Entry", _ROOT, root)
    sectors: list[bytes] = []
    fat: list[int] = []

    def put(content: bytes) -> int:
        if not content:
            return _END
        first = len(sectors)
        parts = [content[at : at + _SECTOR] for at in range(0, len(content), _SECTOR)]
        sectors.extend(part.ljust(_SECTOR, b"\0") for part in parts)
        fat.extend(range(first + 1, first + len(parts)))
        fat.append(_END)
        return first

    entries[0][5], entries[0][6] = put(bytes(small)), len(small)
    for entry in entries:
        if isinstance(entry[7], bytes) and entry[7]:
            entry[5] = put(entry[7])
    padding = [_FREE] * (-len(small_fat) % 128)
    small_table = put(struct.pack(f"<{len(small_fat) + len(padding)}I", *small_fat, *padding))
    directory = put(b"".join(map(_entry, entries)))
    tables = -(-(len(fat) + 1) // 127)
    first_table = len(sectors)
    fat.extend([_FAT] * tables)
    fat.extend([_FREE] * (tables * 128 - len(fat)))
    header = struct.pack(
        "<8s16xHHHHH6xIIIIIIIIII",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6, 0, tables, directory, 0, 4096,
        small_table, 1 if small_fat else 0, _END, 0, first_table,
    )  # fmt: skip
    header += struct.pack(
        "<108I", *range(first_table + 1, first_table + tables), *[_FREE] * (109 - tables)
    )
    body = b"".join(sectors) + struct.pack(f"<{len(fat)}I", *fat)
    return header.ljust(_SECTOR, b"\0") + body


def _entry(entry: list[object]) -> bytes:
    name, kind, left, right, child, start, size, _ = entry
    encoded = f"{name}\0".encode("utf-16-le")
    return struct.pack(
        "<64sHBBIII16xI8x8xIQ",
        encoded, len(encoded), kind, 1, left, right, child, 0, start, size,
    )  # fmt: skip


def message(
    subject: str,
    body: str = "",
    *,
    sender: tuple[str, str] = ("", ""),
    to: str = "",
    sent: int = 0,
    html: bytes = b"",
    attachments: Mapping[str, bytes | dict[str, Storage | bytes]] | None = None,
    inside: bool = False,
) -> dict[str, Storage | bytes]:
    """Return Outlook's storage of a message; ``sent`` in tenths of a microsecond since 1601."""
    moment = struct.pack("<IIQ", 0x00390040, 6, sent) if sent else b""
    storage: dict[str, Storage | bytes] = {
        "__properties_version1.0": bytes(24 if inside else 32) + moment,
        "__substg1.0_0037001F": subject.encode("utf-16-le"),
        "__substg1.0_1000001F": body.encode("utf-16-le"),
        "__substg1.0_0C1A001F": sender[0].encode("utf-16-le"),
        "__substg1.0_5D01001F": sender[1].encode("utf-16-le"),
        "__substg1.0_0E04001F": to.encode("utf-16-le"),
    }
    if html:
        storage["__substg1.0_10130102"] = html
    for number, (name, content) in enumerate((attachments or {}).items()):
        kind = "0102" if isinstance(content, bytes) else "000D"
        storage[f"__attach_version1.0_#{number:08X}"] = {
            "__properties_version1.0": bytes(8),
            "__substg1.0_3707001F": name.encode("utf-16-le"),
            f"__substg1.0_3701{kind}": content,
        }
    return {name: content for name, content in storage.items() if content}
