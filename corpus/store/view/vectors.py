"""The vectors of passages and sentences, as the model made them."""

from __future__ import annotations

from collections.abc import Sequence

from corpus.store.view.read_transaction import ReadTransaction
from corpus.types import Fingerprint, PassageVector, SentenceVector, StoredModel


class VectorQueries(ReadTransaction):
    """What a view tells of vectors."""

    def fingerprints(self) -> dict[int, Fingerprint]:
        """Return what tells each live document version's passages from others', by its key."""
        rows = self.query(
            "SELECT d.key, checksum(d.id, d.sha256, d.text_version, min(p.id), count(p.id)),"
            " count(p.id) FROM {documents} d JOIN passages p ON p.document_key = d.key"
            " WHERE d.live = 1 GROUP BY d.key"
        )
        return {key: Fingerprint(mark, passages) for key, mark, passages in rows}

    def passage_vectors(self, model: StoredModel, keys: Sequence[int]) -> list[PassageVector]:
        """Return the passages of these document versions with their vectors, by passage id.

        That is document by document, in the order of the text. Where a passage begins with a
        title that is another live document's too, the vector is of what follows it.
        """
        rows = self._for_each_key(
            "SELECT p.id, p.document_key, p.language, v.data FROM passages p"
            " JOIN {documents} d ON d.key = p.document_key"
            " JOIN vectors v ON v.model_id = {first} AND v.text_id ="
            " CASE WHEN p.bare_text_id NOTNULL AND EXISTS ("
            "SELECT 1 FROM {documents} o WHERE o.collection = d.collection"
            " AND o.language = d.language AND o.title = d.title AND o.live = 1 AND o.key <> d.key"
            ") THEN p.bare_text_id ELSE p.text_id END"
            " WHERE p.document_key IN ({keys}) ORDER BY p.id",
            model.id,
            sorted(keys),
        )
        return [PassageVector(*row) for row in rows]

    def sentence_vectors(self, model: StoredModel, keys: Sequence[int]) -> list[SentenceVector]:
        """Return the vectors of the same passages' sentences, in the same order."""
        rows = self._for_each_key(
            "SELECT p.id, v.data FROM passages p JOIN sentences s ON s.passage_id = p.id"
            " JOIN vectors v ON v.text_id = s.text_id AND v.model_id = {first}"
            " WHERE p.document_key IN ({keys}) ORDER BY p.id, s.start",
            model.id,
            sorted(keys),
        )
        return [SentenceVector(*row) for row in rows]

    def token_codes(self, model: StoredModel, passages: Sequence[int]) -> dict[int, list[bytes]]:
        """Return the codes of each passage's sentences, in the order of the text, by passage id.

        Those of a sentence without any are empty.
        """
        codes: dict[int, list[bytes]] = {passage: [] for passage in passages}
        rows = self._for_each_key(
            "SELECT s.passage_id, v.tokens FROM sentences s"
            " JOIN vectors v ON v.text_id = s.text_id AND v.model_id = {first}"
            " WHERE s.passage_id IN ({keys}) ORDER BY s.passage_id, s.start",
            model.id,
            passages,
        )
        for passage, tokens in rows:
            codes[passage].append(tokens)
        return codes
