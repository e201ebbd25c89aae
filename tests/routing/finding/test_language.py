"""Which language a text is in."""

from pathlib import Path

import pytest

from routing.finding.folding import fold
from routing.finding.language import Languages

CONFIG = Path(__file__).parents[3] / "config"


@pytest.fixture(scope="module")
def languages() -> Languages:
    return Languages.load(CONFIG)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("救命 我被关在砖厂", "zh"),
        ("救命 help me 我在 Ruili", "zh"),
        ("jiu ming wo bei guan zai zhuan chang", "zh"),
        ("please help, they took my passport", "en"),
        ("cứu tôi với, tôi bị nhốt", "vi"),
        ("toi bi nhot o Quang Tay khong ra duoc", "vi"),
        ("ကူညီပါ ကျွန်မကို ရောင်းစားတယ်", "my"),
        ("ຊ່ວຍແດ່", "lo"),
        ("ជួយផង", "km"),
        ("ช่วยด้วย", "th"),
        ("살려주세요", "ko"),
        ("помогите, забрали паспорт", "ru"),
        ("туслаарай, паспорт хураасан", "mn"),
        ("охин минь гэртээ ирсэн баярлалаа", "mn"),
        ("namaig duudsan hun pasport avaad yavsan", "mn"),
        ("tolong saya, paspor diambil bos", "id"),
        ("tulong po, kinuha nila ang passport ko", "tl"),
        ("میری مدد کریں، مالک نے پاسپورٹ لے لیا ہے", "ur"),
        ("मेरी मदद करो", "hi"),
        ("110", "zh"),
        ("", "zh"),
    ],
)
def test_a_text_is_in_its_language(languages: Languages, text: str, language: str) -> None:
    assert languages.language_of(fold(text).text) == language
