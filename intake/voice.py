"""The door for calls: the steps of a call, each a post of the carrier's that is answered with what comes next.

Where a step stands is in its address, which the carrier signs, so that nothing is remembered between two of them and a
step that is posted again is answered alike. A 2xx here is no receipt: it is the next sentence of a talk. What cannot be
kept is never thanked for; the caller is put through to a person instead.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial

from flask import Blueprint, Response, abort, current_app

from intake.texts import as_it_came
from intake.voice_calls import Answer, Calls
from intake.voice_prompts import Prompts
from intake.voice_receipts import ReceiptsByKeypad, Returned
from intake.voice_request import CallRequests, Posted
from intake.voice_script import DANGER_KEY, DUTY, EMERGENCY, FIRST, HASH, NO, VOICE_PATH, YES, Script
from routing.finding.danger import DangerWords
from workers.carriers.carrier import RequestRefused
from workers.voice_table import Tongue, VoiceTable

_REACHED = ("completed", "answered")
_OVER = ("completed", "busy", "failed", "no-answer", "canceled")
_TRANSCRIPT = "machine_transcript"
log = logging.getLogger(__name__)


class VoiceDoor:
    """Leads callers through the questions, danger first."""

    def __init__(
        self,
        calls: Calls,
        requests: CallRequests,
        table: VoiceTable,
        script: Script,
        receipts: ReceiptsByKeypad,
        danger: DangerWords,
        now: Callable[[], datetime],
    ) -> None:
        """now gives the moment in China's time: who is on duty depends on it."""
        self._calls, self._requests, self._table, self._script = calls, requests, table, script
        self._receipts, self._danger, self._now = receipts, danger, now

    def ring(self) -> Response:
        """A call comes in: it is kept, and languages are offered."""
        posted = self._requests.read(as_it_came())
        # A talk goes on without the store: whoever is in danger is put through all the same.
        self._kept(lambda: self._calls.begin(posted))
        return _twiml(self._script.greeting(self._table.tongue_of_number(posted.caller)))

    def language(self) -> Response:
        """A key chooses a language; the star means danger in any. Danger is asked about first."""
        posted = self._requests.read(as_it_came())
        pressed = posted.one("Digits")
        likely = self._table.tongue_of_number(posted.caller)
        if pressed.startswith(DANGER_KEY):
            return self._in_danger(posted, likely, Answer(step="star", in_danger=True))
        if pressed.startswith(HASH):
            return _twiml(self._script.number(likely))
        chosen = self._table.tongue_of_key(pressed)
        if chosen is not None:
            self._kept(lambda: self._calls.speaks(posted, chosen.code))
        return _twiml(self._script.danger(chosen or likely))

    def number(self, code: str) -> Response:
        """A receipt's digits: how the report stands. From here on the call adds to it. Wrong ones all sound alike."""
        posted, tongue = self._read(code)
        found: list[Returned] = []
        self._kept(lambda: found.extend(self._returned(posted)))
        if not found:
            return _twiml(self._script.no_number(tongue))
        return _twiml(self._script.standing(tongue, found[0].told))

    def danger(self, code: str) -> Response:
        """1, the star or words of danger put a person on the line. Anything else that is said is kept."""
        posted, tongue = self._read(code)
        said = posted.one("SpeechResult")
        if _means_danger(posted) or self._sounds_dangerous(said):
            return self._in_danger(posted, tongue, Answer(step="danger", text=said, in_danger=True))
        return self._go_on(posted, tongue, Answer(step="danger", text=said), self._script.what)

    def dialled(self, code: str, whom: str, telling: int = FIRST) -> Response:
        """How it went with whoever was rung. Nobody there: the next, and at last the questions, told anew."""
        posted, tongue = self._read(code)
        reached = posted.one("DialCallStatus") in _REACHED and posted.one("DialBridged") != "false"
        self._kept(lambda: self._calls.put_through(posted, whom, reached))
        if reached:
            return _twiml(self._script.end())
        if whom == DUTY:
            return _twiml(self._script.connect(tongue, EMERGENCY, posted.one("To"), telling))
        return _twiml(self._script.nobody(tongue, telling))

    def ask(self, code: str, telling: int = FIRST) -> Response:
        """The first question, after nobody could be reached."""
        _, tongue = self._read(code)
        return _twiml(self._script.what(tongue, telling))

    def what(self, code: str, telling: int = FIRST) -> Response:
        """What is happening. Where nothing was understood, the caller is asked to speak after the tone."""
        posted, tongue = self._read(code)
        said, step = posted.one("SpeechResult"), _step("what", telling)
        if _means_danger(posted):
            return self._in_danger(posted, tongue, Answer(step=step, text=said, in_danger=True), telling)
        asked = self._script.where if said.strip() else self._script.record
        return self._go_on(posted, tongue, Answer(step=step, text=said), partial(asked, telling=telling), telling)

    def where(self, code: str, telling: int = FIRST) -> Response:
        """Where it is."""
        posted, tongue = self._read(code)
        said, step = posted.one("SpeechResult"), _step("where", telling)
        if _means_danger(posted):
            return self._in_danger(posted, tongue, Answer(step=step, place=said, in_danger=True), telling)
        return self._go_on(posted, tongue, Answer(step=step, place=said), self._last_question(posted, telling), telling)

    def recorded(self, code: str, telling: int = FIRST) -> Response:
        """A recording was made."""
        posted, tongue = self._read(code)
        if not self._kept(lambda: self._calls.recording(posted, tongue.code)):
            return self._not_kept(posted, tongue, telling)
        return _twiml(self._last_question(posted, telling)(tongue))

    def silent(self, code: str, telling: int = FIRST) -> Response:
        """Nothing was said after the tone either. The call itself is kept, and somebody looks at it."""
        posted, tongue = self._read(code)
        if not self._kept(lambda: self._calls.begin(posted)):
            return self._not_kept(posted, tongue, telling)
        return _twiml(self._script.thanks(tongue))

    def call_back(self, code: str, telling: int = FIRST) -> Response:
        """Whether the number may be called. Without an answer nothing is said about it."""
        posted, tongue = self._read(code)
        wishes = ("unsafe_to_call",) if posted.one("Digits") == NO else ()
        answer = Answer(step=_step("call-back", telling), wishes=wishes)
        return self._go_on(posted, tongue, answer, self._script.thanks, telling)

    def pick_up(self) -> Response:
        """Whoever is on duty has picked up."""
        self._requests.read(as_it_came(), called=self._table.duty)
        return _twiml(self._script.pick_up())

    def picked_up(self) -> Response:
        """Whoever is on duty pressed a key, or did not."""
        posted = self._requests.read(as_it_came(), called=self._table.duty)
        return _twiml(self._script.picked_up(posted.one("Digits")))

    def recording(self, code: str) -> Response:
        """The carrier says that a recording lies ready; the same one as `recorded`, most often."""
        posted, tongue = self._read(code)
        if posted.one("RecordingStatus") == "completed":
            self._calls.recording(posted, tongue.code)
        return _done()

    def transcript(self, code: str) -> Response:
        """The carrier wrote down a recording. Its words are added, marked as a machine's."""
        posted, tongue = self._read(code)
        said = posted.one("TranscriptionText")
        if posted.one("TranscriptionStatus") == "completed" and said.strip():
            step = f"{posted.one('RecordingSid')[:34]}:words"
            self._calls.answer(posted, Answer(step=step, text=said, flags=(_TRANSCRIPT,), language=tongue.code))
        return _done()

    def status(self) -> Response:
        """The carrier says how the call stands; at its end what was told is read."""
        posted = self._requests.read(as_it_came())
        if posted.one("CallStatus") in _OVER:
            self._calls.over(posted)
        return _done()

    def _returned(self, posted: Posted) -> tuple[Returned, ...]:
        returned = self._receipts.look(posted)
        if returned is None:
            return ()
        self._calls.adds_to(posted, returned.report_id)
        return (returned,)

    def _read(self, code: str) -> tuple[Posted, Tongue]:
        tongue = self._table.tongues.get(code)
        if tongue is None:
            abort(404)
        return self._requests.read(as_it_came()), tongue

    def _sounds_dangerous(self, said: str) -> bool:
        return bool(said.strip()) and self._danger.sounds_immediate(said)

    def _in_danger(self, posted: Posted, tongue: Tongue, answer: Answer, telling: int = FIRST) -> Response:
        """Raises the report, then puts a person on the line, whether it could be kept or not."""
        told = replace(answer, language=tongue.code)
        self._kept(lambda: self._calls.answer(posted, told))
        return self._connect(posted, tongue, "connecting", telling)

    def _not_kept(self, posted: Posted, tongue: Tongue, telling: int) -> Response:
        return self._connect(posted, tongue, "not_kept", telling)

    def _connect(self, posted: Posted, tongue: Tongue, sentence: str, telling: int) -> Response:
        whom = DUTY if self._table.somebody_is_on_duty(self._now()) else EMERGENCY
        return _twiml(self._script.connect(tongue, whom, posted.one("To"), telling, sentence=sentence))

    def _go_on(
        self,
        posted: Posted,
        tongue: Tongue,
        answer: Answer,
        following: Callable[[Tongue], str],
        telling: int = FIRST,
    ) -> Response:
        """Keeps an answer, if there is one, and asks what follows; where it cannot be kept a person takes over."""
        nothing = not (answer.text.strip() or answer.place.strip() or answer.wishes)
        told = replace(answer, language=tongue.code)
        if not nothing and not self._kept(lambda: self._calls.answer(posted, told)):
            return self._not_kept(posted, tongue, telling)
        return _twiml(following(tongue))

    def _last_question(self, posted: Posted, telling: int) -> Callable[[Tongue], str]:
        asked = partial(self._script.call_back, telling=telling)
        return asked if posted.shows_a_number else self._script.thanks

    def _kept(self, keep: Callable[[], object]) -> bool:
        # Whatever goes wrong, somebody is on the line: they hear the next sentence, or a person, and never a fault.
        try:
            keep()
        except Exception as fault:
            log.error("A part of a call could not be kept.", extra={"door": "voice", "code": type(fault).__name__})
            return False
        return True


def voice_blueprint(door: VoiceDoor, prompts: Prompts) -> Blueprint:
    """POST /twilio/voice and below; GET for recorded sentences, which are the same for everybody."""
    blueprint = Blueprint("voice", __name__, url_prefix=VOICE_PATH)
    steps: dict[str, Callable[..., Response]] = {
        "": door.ring,
        "/language": door.language,
        "/pick-up": door.pick_up,
        "/picked-up": door.picked_up,
        "/<code>/recording": door.recording,
        "/<code>/transcript": door.transcript,
        "/status": door.status,
        "/<code>/number": door.number,
        "/<code>/danger": door.danger,
        f"/<code>/dialled/<any({DUTY}, {EMERGENCY}):whom>": door.dialled,
        "/<code>/ask": door.ask,
        "/<code>/what": door.what,
        "/<code>/where": door.where,
        "/<code>/recorded": door.recorded,
        "/<code>/silent": door.silent,
        "/<code>/call-back": door.call_back,
    }
    for path, step in steps.items():
        blueprint.add_url_rule(path, step.__name__, step, methods=["POST"])
        if step in (door.dialled, door.ask, door.what, door.where, door.recorded, door.silent, door.call_back):
            blueprint.add_url_rule(f"{path}/<int:telling>", step.__name__, step, methods=["POST"])

    def prompt(code: str, name: str) -> Response:
        sound = prompts.sound(code, name)
        if sound is None:
            abort(404)
        return Response(sound, mimetype="audio/mpeg")

    blueprint.add_url_rule("/prompts/<code>/<name>.mp3", "prompt", prompt, methods=["GET"])
    blueprint.register_error_handler(RequestRefused, _refused)
    return blueprint


def _means_danger(posted: Posted) -> bool:
    # Whoever is slow answers the first question with 1 while the next is asked already.
    return posted.one("Digits")[:1] in (YES, DANGER_KEY)


def _step(name: str, telling: int) -> str:
    # Whoever is asked again, because nobody picked up, tells more: that must not pass for the first answer changed.
    return name if telling == FIRST else f"{name}:{telling}"


def _twiml(text: str) -> Response:
    return Response(text, mimetype="text/xml")


def _done() -> Response:
    return Response(status=204)


def _refused(fault: RequestRefused) -> Response:
    log.warning("A call was refused: %s", fault.sentence, extra={"door": "voice", "status": fault.status})
    return current_app.response_class(fault.sentence + "\n", status=fault.status, mimetype="text/plain")
