"""What callers hear and are asked, as TwiML made by the carrier's own library."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from twilio.twiml.voice_response import VoiceResponse

from intake.voice_prompts import Prompts
from workers.voice_table import Tongue, Transcription, VoiceTable

VOICE_PATH = "/twilio/voice"
DUTY, EMERGENCY = "duty", "emergency"
# The star is the one key that means danger everywhere: in the greeting, 1 chooses a language.
DANGER_KEY, HASH, YES, NO = "*", "#", "1", "2"
RECEIPT_DIGITS = 16
# Whom nobody answers is asked anew. Which telling it is stands in the address from the second on, to the last question,
# so that what is said then is kept beside what was said or pressed before.
FIRST = 1


class Script:
    """The questions of a call, each as the TwiML that asks it. The same arguments always give the same text."""

    def __init__(self, table: VoiceTable, public_url: str, prompts: Prompts) -> None:
        """public_url is the address the carrier calls, without a path."""
        self._table, self._prompts = table, prompts
        self._root = public_url + VOICE_PATH

    def greeting(self, first: Tongue) -> str:
        """Offers every language by its key, the caller's likely one first."""
        response = VoiceResponse()
        keys = self._keys(response, "language", "dtmf")
        others = [tongue for tongue in self._table.tongues.values() if tongue is not first]
        self._say(keys, first, "urgent")
        if first.code != self._table.fallback:
            self._say(keys, self._table.tongues[self._table.fallback], "urgent")
        for tongue in [first, *others]:
            self._offer(keys, tongue)
        self._say(keys, first, "with_number")
        return str(response)

    def number(self, tongue: Tongue) -> str:
        """Asks whoever has a receipt for its digits."""
        response = VoiceResponse()
        keys = response.gather(
            input="dtmf",
            action=f"{self._root}/{tongue.code}/number",
            method="POST",
            num_digits=RECEIPT_DIGITS,
            finish_on_key=HASH,
            timeout=self._table.limits.answer_seconds,
            action_on_empty_result=True,
        )
        self._say(keys, tongue, "number")
        return str(response)

    def standing(self, tongue: Tongue, told: Mapping[str, str]) -> str:
        """Says how a report stands, in words by language, and asks whether somebody is in danger: there may be news."""
        spoken = self._spoken(tongue)
        response = VoiceResponse()
        response.say(told[spoken.code], voice=spoken.voice, language=spoken.say)
        return self._question(tongue, "danger", response)

    def no_number(self, tongue: Tongue) -> str:
        """The number is not known just now, whatever the reason; whoever it is may go on."""
        response = VoiceResponse()
        self._say(response, tongue, "no_number")
        return self._question(tongue, "danger", response)

    def danger(self, tongue: Tongue) -> str:
        """Asks first whether somebody is in danger now."""
        return self._question(tongue, "danger")

    def what(self, tongue: Tongue, telling: int = FIRST) -> str:
        """Asks what is happening: by speech where the carrier understands the language, otherwise by a recording."""
        return self._question(tongue, "what", telling=telling) if tongue.hears else self.record(tongue, telling)

    def where(self, tongue: Tongue, telling: int = FIRST) -> str:
        """Asks where it is."""
        return self._question(tongue, "where", telling=telling)

    def call_back(self, tongue: Tongue, telling: int = FIRST) -> str:
        """Asks whether the number may be called."""
        response = VoiceResponse()
        self._say(self._keys(response, f"{tongue.code}/call-back{_nth(telling)}", "dtmf"), tongue, "call_back")
        return str(response)

    def record(self, tongue: Tongue, telling: int = FIRST) -> str:
        """Asks to speak after the tone. Where nothing is said the carrier goes on to the next verb."""
        response = VoiceResponse()
        self._say(response, tongue, "record")
        limits, root = self._table.limits, f"{self._root}/{tongue.code}"
        # The carrier writes down recordings in English, and in no other language.
        is_written = self._table.transcription.by is Transcription.PROVIDER and tongue.hears.startswith("en-")
        written = {"transcribe": True, "transcribe_callback": f"{root}/transcript"} if is_written else {}
        response.record(
            action=f"{root}/recorded{_nth(telling)}",
            method="POST",
            max_length=limits.recording_seconds,
            timeout=limits.recording_silence_seconds,
            finish_on_key="#",
            play_beep=True,
            # A whisper is what matters, not a pause to be cut out.
            trim="do-not-trim",
            recording_status_callback=f"{root}/recording",
            recording_status_callback_method="POST",
            recording_status_callback_event="completed absent",
            **written,
        )
        response.redirect(f"{root}/silent{_nth(telling)}", method="POST")
        return str(response)

    def connect(
        self, tongue: Tongue, whom: str, our_number: str, telling: int = FIRST, *, sentence: str = "connecting"
    ) -> str:
        """Puts the caller through: to whoever is on duty, or to the emergency number. The talk is not recorded."""
        response = VoiceResponse()
        self._say(response, tongue, sentence)
        # No caller's number stays in the telephone of whoever is on duty. The emergency number sees whose call it is.
        shown = {"caller_id": our_number} if whom == DUTY else {}
        dial = response.dial(
            action=f"{self._root}/{tongue.code}/dialled/{whom}{_nth(telling)}",
            method="POST",
            timeout=self._table.limits.ring_seconds,
            record="do-not-record",
            **shown,
        )
        if whom == EMERGENCY:
            dial.number(self._table.emergency)
            return str(response)
        for number in self._table.duty:
            # An answering machine must not pass for a person: whoever picks up presses a key first.
            dial.number(number, url=f"{self._root}/pick-up", method="POST")
        return str(response)

    def pick_up(self) -> str:
        """What whoever is on duty hears before they are connected."""
        response = VoiceResponse()
        tongue = self._table.tongues[self._table.language]
        keys = response.gather(
            input="dtmf", num_digits=1, timeout=10, action=f"{self._root}/picked-up", method="POST", finish_on_key=""
        )
        self._say(keys, tongue, "pick_up")
        response.hangup()
        return str(response)

    def picked_up(self, digits: str) -> str:
        """Connects whoever pressed 1, by saying no more; anybody else is cut off."""
        response = VoiceResponse()
        if digits != YES:
            response.hangup()
        return str(response)

    def nobody(self, tongue: Tongue, telling: int = FIRST) -> str:
        """Nobody could be reached: says so, what to do, and goes on to ask, so that something is kept at least."""
        response = VoiceResponse()
        self._say(response, tongue, "nobody")
        response.redirect(f"{self._root}/{tongue.code}/ask{_nth(telling + 1)}", method="POST")
        return str(response)

    def thanks(self, tongue: Tongue) -> str:
        """Ends the call. Only said once what was told is kept."""
        response = VoiceResponse()
        self._say(response, tongue, "thanks")
        response.hangup()
        return str(response)

    def end(self) -> str:
        """Ends the call without a word."""
        response = VoiceResponse()
        response.hangup()
        return str(response)

    def _question(self, tongue: Tongue, name: str, response: VoiceResponse | None = None, telling: int = FIRST) -> str:
        response = response or VoiceResponse()
        path = f"{tongue.code}/{name}{_nth(telling)}"
        keys = self._keys(response, path, "dtmf speech" if tongue.hears else "dtmf", tongue.hears)
        self._say(keys, tongue, name)
        return str(response)

    def _keys(self, response: VoiceResponse, path: str, wanted: str, hears: str = "") -> Any:
        limits = self._table.limits
        # Words that a filter would star out are often the ones that matter.
        spoken = {"language": hears, "speech_timeout": limits.pause_seconds, "profanity_filter": False} if hears else {}
        return response.gather(
            input=wanted,
            action=f"{self._root}/{path}",
            method="POST",
            num_digits=1,
            # Without a key that ends the entry, star and hash are answers.
            finish_on_key="",
            timeout=limits.answer_seconds,
            action_on_empty_result=True,
            **spoken,
        )

    def _spoken(self, tongue: Tongue) -> Tongue:
        """The language itself where the carrier has a voice for it, else the one that takes its place."""
        return tongue if tongue.voice else self._table.tongues[self._table.fallback]

    def _offer(self, parent: Any, tongue: Tongue) -> None:
        if tongue.voice or self._prompts.has(tongue.code, "choose"):
            self._say(parent, tongue, "choose")
            return
        fallback = self._spoken(tongue)
        offer = self._table.offer.replace("{language}", tongue.english).replace("{key}", tongue.key)
        parent.say(offer, voice=fallback.voice, language=fallback.say)

    def _say(self, parent: Any, tongue: Tongue, name: str) -> None:
        """One sentence: recorded, by the carrier's voice, or in the fallback language where there is neither."""
        if self._prompts.has(tongue.code, name):
            parent.play(f"{self._root}/prompts/{tongue.code}/{name}.mp3")
            return
        spoken = self._spoken(tongue)
        words = spoken.says[name].replace("{emergency}", self._table.emergency_said)
        parent.say(words, voice=spoken.voice, language=spoken.say)


def _nth(telling: int) -> str:
    return "" if telling == FIRST else f"/{telling}"
