"""A hotel clerk sends a photo with the form, and a duty officer sees what is in it and nothing that was hidden."""

from __future__ import annotations

import base64
import io
import re
import secrets
import socket
import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from PIL import Image
from twilio.request_validator import RequestValidator

from tests.intake.files import UPLOAD_TYPE, form_body
from tests.journeys.conftest import Town
from tests.journeys.visitor import Page, Visitor
from tests.workers import hostile_files

Soon = Callable[..., Any]
YEXIAN = "public_security-410422"
TEXT = "叶县昆阳镇宾馆前台：一名男子带两个女孩开房，证件在他手里，女孩一直哭，怀疑被拐卖"


def test_a_hotel_clerks_photo_is_seen_at_the_desk_without_what_was_hidden_in_it(town: Town, soon: Soon) -> None:
    clerk, photo = town.passer_by(), hostile_files.photo(size=(1200, 900))
    film = b"\0\0\0\x18ftypmp42" + b"v" * (10 * 1024 * 1024)
    form = clerk.get("/?lang=zh")
    assert "最多 5 个文件，每个不超过 10 MB" in form.words
    fields = {"token": form.token("token"), "text": TEXT, "place": "河南省叶县"}
    body = form_body(fields, [("大堂.jpg", "image/jpeg", photo), ("监控.mp4", "video/mp4", film)])
    thanks = clerk.send("/?lang=zh", body, UPLOAD_TYPE)
    assert thanks.status == 200
    # The film was too large. The words and the photo are kept, and the clerk is told what was not and what to do.
    assert "收到的文件: 1" in thanks.words
    assert "超过 10 MB: 1" in thanks.words
    assert "您写的内容已经保存" in thanks.words
    found = re.search(r"<strong>([0-9A-Z]{4}-[0-9A-Z]{6})</strong>", thanks.text)
    assert found

    officer = town.officer("duty_officer")
    path = f"/reports/{found[1]}"
    page: Page = soon(lambda: with_copy(officer, path))
    assert "大堂.jpg" in page.words
    assert "有文件太大，未保存" in page.words
    assert "data:image/jpeg" not in page.text

    (opening,) = re.findall(rf'action="({path}/files/[0-9a-f]{{32}}/copy)"', page.text)
    without_reason = officer.post(opening, csrf_token=page.token(), reason="")
    assert without_reason.status == 422
    shown = officer.post(opening, csrf_token=page.token(), reason="看清大堂里的人")
    (data,) = re.findall(r'src="data:image/jpeg;base64,([^"]+)"', shown.text)
    copy = base64.b64decode(data)
    picture = Image.open(io.BytesIO(copy))
    assert (picture.size, dict(picture.getexif())) == ((1200, 900), {})
    assert hostile_files.CANARY not in copy

    (original,) = page.links(f"{path}/files/")
    warning = officer.get(original)
    assert "可能带有害的程序" in warning.words
    headers, taken = officer.download(original, csrf_token=warning.token(), reason="交技术科提取拍摄地点")
    assert taken == photo
    assert Image.open(io.BytesIO(taken)).getexif().get_ifd(hostile_files.GPS_TAG)
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["Content-Disposition"].startswith("attachment;")
    told = officer.get(path).words
    assert "打开附件的副本" in told
    assert "看清大堂里的人" in told
    assert "下载附件原件" in told

    # The county police have it in their packet, without what was hidden, without its name, and without the original.
    unit = town.officer("unit_officer", YEXIAN)
    packet = next(one for link in unit.get("/inbox").links("/inbox/") if TEXT in (one := unit.get(link)).words)
    assert "1 个，在收件箱里打开" in packet.words
    assert "大堂" not in packet.words.replace(TEXT, "")
    (at_unit,) = re.findall(rf'action="({packet.path}/files/[0-9a-f]{{32}})"', packet.text)
    seen = unit.post(at_unit, csrf_token=packet.token())
    assert base64.b64decode(re.findall(r'src="data:image/jpeg;base64,([^"]+)"', seen.text)[0]) == copy
    assert unit.post(original, csrf_token=packet.token(), reason="要原件").status in (403, 404)

    # Nothing of it lies in the clear anywhere in the state folder.
    kept = [one for one in town.system.state.rglob("*") if one.is_file()]
    assert not [one.name for one in kept if "大堂" in one.read_bytes().decode("utf-8", "ignore")]
    assert not [one.name for one in kept if hostile_files.CANARY in one.read_bytes()]


def test_a_voice_note_that_a_text_message_brings_is_fetched_heard_and_gone_from_the_carrier(
    town: Town, soon: Soon
) -> None:
    lies_at = f"/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME{secrets.token_hex(4)}"
    assert picture_message(town, f"{town.system.environment['HOTLINE_TWILIO_URL']}{lies_at}") == 200
    officer = town.officer("duty_officer")
    page: Page = soon(lambda: next((found for one in town.reports() if (found := media_page(officer, one))), None))
    # The second address led into the house of whoever runs this, and was not called.
    assert "有文件没能按时取到" in page.words
    (opening,) = re.findall(r'action="(/reports/[^"]+/files/[0-9a-f]{32}/copy)"', page.text)
    heard = officer.post(opening, csrf_token=page.token(), reason="听留言")
    (sound,) = re.findall(r'src="data:audio/mpeg;base64,([^"]+)"', heard.text)
    assert len(base64.b64decode(sound)) > 1000
    asked = soon(lambda: [one.method for one in town.carrier.got if one.path == lies_at][:2] == ["GET", "DELETE"])
    assert asked


def test_whoever_loses_the_line_and_sends_again_has_one_report_with_the_photo(town: Town, soon: Soon) -> None:
    passer_by, photo = town.passer_by(), hostile_files.photo()
    token = passer_by.get("/?lang=zh").token("token")
    fields = {"token": token, "text": f"叶县一间出租屋里关着两个女孩，门牌见照片 {secrets.token_hex(4)}"}
    whole = form_body(fields, [("门牌.jpg", "image/jpeg", photo)])
    head = f"POST /?lang=zh HTTP/1.1\r\nHost: x\r\nContent-Length: {len(whole)}\r\nContent-Type: {UPLOAD_TYPE}\r\n\r\n"
    port = int(town.system.environment["HOTLINE_INTAKE_PORT"])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(head.encode() + whole[: len(whole) // 2])
        line.shutdown(socket.SHUT_WR)
        while line.recv(4096):
            continue
    thanks = passer_by.send("/?lang=zh", whole, UPLOAD_TYPE)
    assert "收到的文件: 1" in thanks.words
    found = re.search(r"<strong>([0-9A-Z]{4}-[0-9A-Z]{6})</strong>", thanks.text)
    assert found
    officer = town.officer("duty_officer")
    page: Page = soon(lambda: with_copy(officer, f"/reports/{found[1]}"))
    # The words stand there once, and what broke off the first time is told too.
    assert page.words.count(fields["text"]) == 1
    assert page.text.count("/original") == 1
    assert "有文件没有传完" in page.words


def picture_message(town: Town, *urls: str) -> int:
    """Twilio posts a text with these media, and one whose address leads inside. Returns the status of the answer."""
    secret = {one.name: one.read_text().strip() for one in town.system.state.glob("twilio-*")}
    media = [*urls, "http://169.254.169.254/latest/meta-data/"]
    fields = {
        "MessageSid": f"MM{secrets.token_hex(16)}", "AccountSid": secret["twilio-account-sid"],
        "From": f"+86138000{secrets.randbelow(100_000):05d}", "To": secret["twilio-numbers"].split(",")[0],
        "Body": "河南叶县砖厂里有人被关，听录音", "NumMedia": str(len(media)),
        **{f"MediaUrl{n}": url for n, url in enumerate(media)},
    }  # fmt: skip
    port = town.system.environment["HOTLINE_INTAKE_PORT"]
    public = town.system.environment.get("HOTLINE_PUBLIC_URL", f"http://127.0.0.1:{port}")
    signature = RequestValidator(secret["twilio-auth-token"]).compute_signature(f"{public}/twilio/sms", fields)
    asked = urllib.request.Request(
        f"http://127.0.0.1:{port}/twilio/sms", urlencode(fields).encode(), {"X-Twilio-Signature": signature}
    )
    with urllib.request.urlopen(asked, timeout=10) as answer:
        return int(answer.status)


def media_page(officer: Visitor, listed: dict[str, object]) -> Page | None:
    """The page of a report that came by text with a file of which there is a copy by now."""
    if listed["channel"] != "sms" or "file_lost" not in str(listed.get("flags", "file_lost")):
        return None
    page = with_copy(officer, f"/reports/{listed['reference']}")
    return page if page and "有文件没能按时取到" in page.words else None


def with_copy(officer: Visitor, path: str) -> Page | None:
    page = officer.get(path)
    return page if "/copy" in page.text else None
