"""A client of a Passerelle server, for programs in Python.

    from api.client import Passerelle

    with Passerelle("http://127.0.0.1:8000") as passerelle:
        answer = passerelle.ask("Combien de camions en surcharge sur la E34 ?")

What comes back has the shapes of ``api.contract``. A server that is busy is asked again.
``AsyncPasserelle`` is the same for asyncio. Both need the extra ``client``.
"""

from api.client.clients import AsyncPasserelle, Passerelle
from api.client.errors import ServerProblem

__all__ = ["AsyncPasserelle", "Passerelle", "ServerProblem"]
