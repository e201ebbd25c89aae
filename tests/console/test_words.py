"""Everything the desk can say, it says in both languages."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from string import Formatter

import pytest

from config.settings import PACKAGED_CONFIG
from console.display import load_outcomes, load_words
from console.highlight import AXES
from console.packet_verbs import BOUNCE_REASONS
from console.report_page import VERBS
from reports.states import ReferralState, ReportState
from reports.values import Channel, UnitKind
from routing.finding.taxonomy import Taxonomy
from routing.rulebook.book import Rulebook
from routing.rulebook.escalation import STEPS

ROOT = Path(__file__).resolve().parents[2]
WORDS = load_words()
TEMPLATES = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "console/templates").glob("*.html")))


def test_every_word_a_page_asks_for_is_there() -> None:
    asked = set(re.findall(r"words\.([a-z_]+)", TEMPLATES)) - {"get"}
    assert asked <= set(WORDS["zh"])


def test_every_word_that_is_there_is_asked_for_by_somebody() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "console").glob("*.py"))
    asked = set(re.findall(r"words\.([a-z_]+)", TEMPLATES)) | set(re.findall(r'"([a-z0-9_]+)"', code))
    asked |= set(re.findall(r"word\('([a-z_]+)'\)", code))
    built = re.findall(r"words\['([a-z]+)_' ", TEMPLATES) + re.findall(r"['\"]([a-z]+)_['{]", TEMPLATES + code)
    families = tuple(f"{family}_" for family in built)
    verbs = {verb for offered in VERBS.values() for verb in offered}
    unused = {name for name in WORDS["zh"] if name not in asked | verbs and not name.startswith((*families, "field_"))}
    assert unused == set()


def test_every_code_of_the_house_has_its_word(rulebook: Rulebook, taxonomy: Taxonomy) -> None:
    fields = {field for packet in rulebook.packets.values() for field in packet.fields}
    marks = {notice.marks for notice in rulebook.rules.notices.rows if notice.marks}
    hops = {hop for clocks in rulebook.clocks.values() for hop in clocks}
    families = {taxonomy.family(matter) for matter in taxonomy.codes("matters")}
    wanted = {
        *(f"state_{state.value}" for state in ReportState),
        *(f"referral_{state.value}" for state in ReferralState),
        *(f"channel_{channel.value}" for channel in Channel),
        *(f"kind_{kind.value}" for kind in UnitKind),
        *(f"outcome_{outcome}" for outcome in load_outcomes(PACKAGED_CONFIG).outcomes),
        *(f"bounce_{reason}" for reason in BOUNCE_REASONS),
        *(f"part_{part}" for part in ("lead", "copy", "link")),
        *(f"axis_{axis}" for axis in AXES),
        *(f"field_{field}" for field in fields | marks),
        *(f"hop_{hop}" for hop in hops | {"triage", "delivery", "acceptance"}),
        *(f"family_{family}" for family in families),
        *(f"language_{code}" for code in _languages()),
    }
    assert wanted <= set(WORDS["zh"])


def test_the_history_has_a_sentence_for_everything_that_is_written_down() -> None:
    """Every action that any code writes into the audit chain."""
    actions = set()
    for package in ("reports", "workers", "console", "hotline"):
        for path in (ROOT / package).glob("*.py"):
            actions |= _actions(ast.parse(path.read_text(encoding="utf-8")))
    actions |= {state.value.lower() for state in ReferralState if state is not ReferralState.PENDING}
    actions |= {f"step_{step}" for step in STEPS}
    assert {"triaged", "gave_up", "confirmed", "opened_packet", "came_back", "kept"} <= actions
    assert {f"did_{action}" for action in actions} <= set(WORDS["zh"])


@pytest.mark.parametrize("name", sorted(WORDS["zh"]))
def test_both_languages_fill_in_the_same(name: str) -> None:
    filled = [{field for _, field, _, _ in Formatter().parse(WORDS[language][name]) if field} for language in WORDS]
    assert filled[0] == filled[1]
    assert all(WORDS[language][name].strip() for language in WORDS)


def _actions(tree: ast.Module) -> set[str]:
    """What stands as `action=` or as the second argument of an AuditEntry or a keeper's audit line."""
    found = set()
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = getattr(call.func, "id", getattr(call.func, "attr", ""))
        given = [keyword.value for keyword in call.keywords if keyword.arg == "action"]
        if name == "AuditEntry" and len(call.args) > 1:
            given.append(call.args[1])
        if name in ("_audit_entry", "_page", "_move", "_finish"):
            given += call.args
        found |= {one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    return {one for one in found if re.fullmatch("[a-z_]+", one)}


def _languages() -> set[str]:
    """What the reader may say of a text: the scripts it knows, and the languages it tells apart by their words."""
    source = (ROOT / "routing/finding/language.py").read_text(encoding="utf-8")
    by_words = (PACKAGED_CONFIG / "languages.toml").read_text(encoding="utf-8")
    return set(re.findall(r'"([a-z]{2})"', source)) | set(re.findall(r"^([a-z]{2}) = ", by_words, re.MULTILINE))
