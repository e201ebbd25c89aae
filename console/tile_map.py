"""The small map of tiles: one for each province, and on it where the places of one report lie."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from reports.values import Place
from routing.areas import AreaTree

_FILE = Path(__file__).resolve().parent / "tiles.toml"


@dataclass(frozen=True)
class Tile:
    """One province: the six digits of its code, where its tile stands, counted from the upper left corner, and the two
    letters of GB/T 2260 for it."""

    code: str
    column: int
    row: int
    letters: str


@dataclass(frozen=True)
class TileMap:
    """The tiles in the order of their rows."""

    tiles: tuple[Tile, ...]

    @classmethod
    def load(cls, path: Path = _FILE) -> TileMap:
        """Reads tiles.toml. Raises ValueError where two provinces have one tile."""
        table = tomllib.loads(path.read_text(encoding="utf-8"))["tiles"]
        tiles = sorted((Tile(code, *at) for code, at in table.items()), key=lambda tile: (tile.row, tile.column))
        if len({(tile.column, tile.row) for tile in tiles}) != len(tiles):
            raise ValueError(f"{path.name} should give each province a tile of its own.")
        return cls(tuple(tiles))

    @cached_property
    def columns(self) -> int:
        """How many columns the map has."""
        return max(tile.column for tile in self.tiles) + 1

    @cached_property
    def rows(self) -> int:
        """How many rows the map has."""
        return max(tile.row for tile in self.tiles) + 1


@dataclass(frozen=True)
class Marked:
    """A province that places of a report lie in, with the roles they have there, each once, in the order told."""

    tile: Tile
    roles: tuple[str, ...]


def marked(tile_map: TileMap, places: Sequence[Place], areas: AreaTree) -> tuple[Marked, ...]:
    """The provinces that a report tells of. What lies abroad, or in a place that nobody knows, has no tile."""
    roles: dict[str, list[str]] = {}
    for place in places:
        path = areas.ancestors(areas.successor(place.code[:6]) or place.code[:6]) if place.code.isdigit() else ()
        if path and place.role.value not in roles.setdefault(path[-1], []):
            roles[path[-1]].append(place.role.value)
    return tuple(Marked(tile, tuple(roles[tile.code])) for tile in tile_map.tiles if tile.code in roles)
