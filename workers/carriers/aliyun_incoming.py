"""Requests of Alibaba Cloud's SMS: texts by SmsUp and what became of texts by SmsReport, in batches, by HTTP.

Nothing is signed, so the address that is typed in at the console carries the token. Shapes: help.aliyun.com, "SmsUp"
and "SmsReport", HTTP batch push.
"""

from __future__ import annotations

from reports.text_statuses import DeliveryState, StatusUpdate
from workers.carriers.carrier import Answer, CarrierRequest, InboundText
from workers.carriers.json_batch import Piece, json_pieces
from workers.carriers.message_ids import MessageIds
from workers.carriers.proof import Proof


class AliyunIncoming:
    """Recognises and reads what Alibaba Cloud pushes."""

    methods: tuple[str, ...] = ("POST",)
    accepted = Answer(body='{"code": 0, "msg": "成功"}', content_type="application/json")

    def __init__(self, name: str, proof: Proof, ids: MessageIds) -> None:
        self.source = f"carrier:{name}"
        self._proof, self._ids = proof, ids

    def verify(self, asked: CarrierRequest) -> bool:
        """Whether the token is in the address. Raises RequestRefused (400)."""
        return self._proof.holds(asked)

    def parse_inbound(self, asked: CarrierRequest) -> tuple[InboundText, ...]:
        """The texts of a batch. Raises RequestRefused (400, 415)."""
        return tuple(self._text(piece) for piece in json_pieces(asked))

    def parse_status(self, asked: CarrierRequest) -> tuple[StatusUpdate, ...]:
        """What became of the texts of a batch. Raises RequestRefused (400, 415)."""
        return tuple(_status(piece) for piece in json_pieces(asked) if _id_of_ours(piece))

    def _text(self, piece: Piece) -> InboundText:
        said = [piece.text(name) for name in ("phone_number", "send_time", "dest_code", "content")]
        return InboundText(
            message_id=self._ids.given(piece.text("sequence_id")) or self._ids.made(*said),
            sender=piece.text("phone_number"),
            to=piece.text("dest_code"),
            text=piece.text("content"),
            raw=piece.raw,
        )


def _id_of_ours(piece: Piece) -> str:
    # The id that we gave a text is known even where their answer to us was lost.
    return (piece.text("out_id") or piece.text("biz_id"))[:80]


def _status(piece: Piece) -> StatusUpdate:
    arrived = piece.fields.get("success") is True or piece.text("success") == "true"
    state = DeliveryState.DELIVERED if arrived else DeliveryState.UNDELIVERED
    return StatusUpdate(message_id=_id_of_ours(piece), state=state, code=piece.text("err_code"))
