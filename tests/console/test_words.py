"""Everything the desk can say, it says in both languages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from string import Formatter

import pytest

from config.settings import PACKAGED_CONFIG
from console.display import load_outcomes, load_words
from console.highlight import AXES
from console.offered import VERBS
from console.packet_verbs import BOUNCE_REASONS
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
    packages = ("reports", "workers", "console", "hotline")
    trees = [ast.parse(path.read_text(encoding="utf-8")) for name in packages for path in (ROOT / name).glob("*.py")]
    constants, places = _assigned(one for tree in trees for one in tree.body), _places(trees)
    actions = {action for tree in trees for action in _actions(tree, constants, places)}
    actions |= {state.value.lower() for state in ReferralState if state is not ReferralState.PENDING}
    actions |= {f"step_{step}" for step in STEPS}
    assert {"triaged", "gave_up", "confirmed", "opened_packet", "came_back", "kept", "recusal_lifted"} <= actions
    assert {f"did_{action}" for action in actions} <= set(WORDS["zh"])


@pytest.mark.parametrize("name", sorted(WORDS["zh"]))
def test_both_languages_fill_in_the_same(name: str) -> None:
    filled = [{field for _, field, _, _ in Formatter().parse(WORDS[language][name]) if field} for language in WORDS]
    assert filled[0] == filled[1]
    assert all(WORDS[language][name].strip() for language in WORDS)


def _actions(tree: ast.Module, constants: Mapping[str, set[str]], places: Mapping[str, set[int]]) -> set[str]:
    """What is given as an action, itself or by the name of a constant or of a variable of the same module."""
    names = {**_assigned(ast.walk(tree)), **constants}
    # A private function of the same name in another module is another function.
    places = {**{name: where for name, where in places.items() if not name.startswith("_")}, **_places([tree])}
    found = set()
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        wanted = places.get(_name(call.func), set())
        given = [one for place, one in enumerate(call.args) if place in wanted]
        given += [keyword.value for keyword in call.keywords if keyword.arg == "action"]
        found |= {text for one in given for text in _texts(one, names)}
    return {one for one in found if re.fullmatch("[a-z_]+", one)}


def _places(trees: list[ast.Module]) -> dict[str, set[int]]:
    """Which argument is the action, of each function that takes one and of the entry itself."""
    found: dict[str, set[int]] = {"AuditEntry": {1}}
    for function in (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        names = [one.arg for one in function.args.args if one.arg != "self"]
        if "action" in names:
            found.setdefault(function.name, set()).add(names.index("action"))
    return found


def _assigned(nodes: Iterable[ast.AST]) -> dict[str, set[str]]:
    """The texts that each name may stand for."""
    found: dict[str, set[str]] = {}
    for node in nodes:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found.setdefault(node.targets[0].id, set()).update(_texts(node.value, {}))
    return found


def _texts(node: ast.expr, names: Mapping[str, set[str]]) -> set[str]:
    if isinstance(node, ast.IfExp):
        return _texts(node.body, names) | _texts(node.orelse, names)
    if isinstance(node, ast.Name | ast.Attribute):
        return names.get(_name(node), set())
    return {node.value} if isinstance(node, ast.Constant) and isinstance(node.value, str) else set()


def _name(node: ast.expr) -> str:
    return str(getattr(node, "id", getattr(node, "attr", "")))


def _languages() -> set[str]:
    """What the reader may say of a text: the scripts it knows, and the languages it tells apart by their words."""
    source = (ROOT / "routing/finding/language.py").read_text(encoding="utf-8")
    by_words = (PACKAGED_CONFIG / "languages.toml").read_text(encoding="utf-8")
    return set(re.findall(r'"([a-z]{2})"', source)) | set(re.findall(r"^([a-z]{2}) = ", by_words, re.MULTILINE))
