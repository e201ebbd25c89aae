"""Requests of Tencent Cloud's SMS: replies one at a time, and what became of texts in batches, by HTTP.

Nothing is signed, so the address that is typed in at the console carries the token; and a reply has no id, so one is
made of what it says. Shapes: cloud.tencent.com, documents 59178 and 5807 (status), 43548 (reply).
"""

from __future__ import annotations

from reports.text_statuses import DeliveryState, StatusUpdate
from workers.carriers.carrier import Answer, CarrierRequest, InboundText
from workers.carriers.json_batch import Piece, json_pieces
from workers.carriers.message_ids import MessageIds
from workers.carriers.proof import Proof

_STATES = {"SUCCESS": DeliveryState.DELIVERED, "FAIL": DeliveryState.UNDELIVERED}
_SAID = ("nationcode", "mobile", "time", "extend", "sign", "text")


class TencentIncoming:
    """Recognises and reads what Tencent Cloud pushes."""

    methods: tuple[str, ...] = ("POST",)
    accepted = Answer(body='{"result": 0, "errmsg": "OK"}', content_type="application/json")

    def __init__(self, name: str, proof: Proof, ids: MessageIds) -> None:
        self.source = f"carrier:{name}"
        self._proof, self._ids = proof, ids

    def verify(self, asked: CarrierRequest) -> bool:
        """Whether the token is in the address. Raises RequestRefused (400)."""
        return self._proof.holds(asked)

    def parse_inbound(self, asked: CarrierRequest) -> tuple[InboundText, ...]:
        """The replies in a request. Raises RequestRefused (400, 415)."""
        return tuple(self._text(piece) for piece in json_pieces(asked))

    def parse_status(self, asked: CarrierRequest) -> tuple[StatusUpdate, ...]:
        """What became of the texts of a batch. Raises RequestRefused (400, 415)."""
        found = [(piece, _STATES.get(piece.text("report_status"))) for piece in json_pieces(asked)]
        return tuple(
            StatusUpdate(message_id=piece.text("sid")[:80], state=state, code=piece.text("errmsg"))
            for piece, state in found
            if state is not None and piece.text("sid")
        )

    def _text(self, piece: Piece) -> InboundText:
        country = piece.text("nationcode").removeprefix("+")
        return InboundText(
            # The time is in whole seconds: the same words from the same number within one second are one text.
            message_id=self._ids.made(*(piece.text(name) for name in _SAID)),
            sender=f"+{country}{piece.text('mobile')}" if country else piece.text("mobile"),
            to=piece.text("extend"),
            text=piece.text("text"),
            raw=piece.raw,
        )
