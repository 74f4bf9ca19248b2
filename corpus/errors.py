"""The errors a user can meet, as a tree.

    PasserelleError
    ├── Refused            one file is refused; ingest carries on
    │   ├── EmptyFile
    │   ├── FileTooLarge
    │   ├── UnknownFormat
    │   ├── MislabelledFile
    │   ├── EncryptedFile
    │   ├── DamagedFile
    │   ├── TooCostly
    │   │   └── OutOfMemory
    │   ├── NoText
    │   ├── NoRecognition
    │   ├── UnreadableFile
    │   ├── BadFileName
    │   ├── NameTaken
    │   └── NotFetched     corpus.web.errors
    ├── CatalogueError     the data folder cannot be used as it is
    │   ├── InUse          another program keeps it locked
    │   ├── DiskFull       there is no room for what has to be written
    │   ├── OriginalGone   the file that a document was read from is not kept
    │   ├── NotInFiles     it is in a database, and the data folder alone is not it
    │   └── KeysGone       the file of the keys is not the one that was opened
    ├── QuotaReached       a key has as much as it may
    │   └── JobsReached    as many jobs
    ├── NotMoved           a document stays in its collection
    │   ├── PlaceTaken     the other one has a document of its name
    │   └── BeingReplaced  a new version of it waits
    ├── NoSuchPage         a file has fewer pages than that
    ├── ReadingUnavailable there is no process to read files
    ├── ModelError         index.errors
    └── QuestionError      qa.errors

Each message names the thing, the fact and the remedy, and is fit to be shown to a user.
"""

from __future__ import annotations


class PasserelleError(Exception):
    """Base of every error that is the user's to mend; its text is fit to be shown."""


class Refused(PasserelleError):
    """One file is not taken. The message leaves the file's name to whoever reports it."""


class EmptyFile(Refused):
    """The file holds no bytes, or white space only."""


class FileTooLarge(Refused):
    """The file is over the size limit."""


def too_large(max_bytes: int) -> FileTooLarge:
    """Return the refusal of a file over the limit, where its size need not be known."""
    return FileTooLarge(
        f"The file is larger than {max_bytes / 2**20:,.0f} MiB, which is the limit. Split it, or "
        "raise PASSERELLE_MAX_FILE_MB."
    )


class UnknownFormat(Refused):
    """No reader takes this kind of file."""


class MislabelledFile(Refused):
    """The content is not what the file's name says."""


class EncryptedFile(Refused):
    """The content is behind a password."""


class DamagedFile(Refused):
    """The file is of a known format but broken or cut short."""


class TooCostly(Refused):
    """Reading the file would take more time or memory, or make more text, than it may."""


class OutOfMemory(TooCostly):
    """Reading the file went over the memory it may take."""


class NoText(Refused):
    """The file was read but holds no text, like a PDF of pictures only."""


class NoRecognition(Refused):
    """The file holds only pictures, and what recognises words in them is not installed."""


class UnreadableFile(Refused):
    """The operating system would not hand out the file."""


class BadFileName(Refused):
    """The file's name cannot be written as Unicode text."""


class IdTaken(Refused):
    """Another document has the id that a file's name gives."""


class NameTaken(Refused):
    """Another document of that name, from another folder, is in the collection."""


class CatalogueError(PasserelleError):
    """The catalogue cannot be opened, written or trusted."""


class ModelChangeRefused(CatalogueError):
    """A step in a change of model cannot be taken as things are."""


class InUse(CatalogueError):
    """Another program keeps a file of the data folder locked."""


class DiskFull(CatalogueError):
    """There is no room for what has to be written."""


class OriginalGone(CatalogueError):
    """The bytes that a document was read from are not kept, or are no longer."""


class NotInFiles(CatalogueError):
    """The documents are not in the data folder, so what is done with files cannot be done."""


class KeysGone(CatalogueError):
    """The file of the keys was moved away, deleted or replaced while it was in use."""


class QuotaReached(PasserelleError):
    """A key would have more documents, or larger ones, than it may."""


class JobsReached(QuotaReached):
    """A key would have more unfinished jobs than it may."""


class NotMoved(PasserelleError):
    """A document cannot be moved to another collection now."""


class PlaceTaken(NotMoved):
    """The other collection has another document of its name, or is about to."""

    def __init__(self, collection: str, file: str) -> None:
        super().__init__(
            f"The collection {collection} already has another document with the name {file}. "
            "Choose another collection, or delete one of the two documents."
        )


class BeingReplaced(NotMoved):
    """A new version of it is being taken in."""

    def __init__(self) -> None:
        super().__init__(
            "A new version of this document is being taken in. Move it once that can be found."
        )


class NoSuchPage(PasserelleError):
    """The file has fewer pages."""


class ReadingUnavailable(PasserelleError):
    """The process that reads files cannot be started. No file is to blame."""


class ChangedMeanwhile(PasserelleError):
    """Somebody else corrected the same document between a look at it and this."""

    def __init__(self) -> None:
        super().__init__(
            "Somebody else has corrected this document meanwhile. Look at what is there now, and "
            "send what is still to be corrected."
        )
