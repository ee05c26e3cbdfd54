"""Everything that is in force and where it comes from; themes as they look; keys as they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

from textual.binding import Binding, BindingType

from tui.glyphs import SETS
from tui.graph.marks import Mark
from tui.graph.zoom import AUTO
from tui.keys import KEYS, readable
from tui.looks import FILE as KEPT
from tui.looks import TIMES
from tui.preferences import FILE, NAMES
from tui.resources import user_directory
from tui.screens.full import holds
from tui.screens.listed import AskedScreen
from tui.store import Store
from tui.widgets.prose import Prose
from tui.widgets.rows import Row, heading, remark

if TYPE_CHECKING:
    from concurrent.futures import Future

    from engine.link import Link
    from engine.overview.settings import Setting

ABOUT = {
    "theme": "colours; the list below shows each as the cursor comes to it",
    "glyphs": "which characters the marks are drawn with",
    "mouse": "false leaves the mouse to the terminal, which can then select text by itself",
    "motion": "false: nothing turns or slides; durations still count",
    "plain": "true: lines instead of a screen, always",
    "wrap": "true: long lines of logs go on in the next row (W in a log)",
    "times": "which times logs show: own (of CodeBuild's lines), all, none (t in a log)",
    "together": "true: logs side by side scroll as one (Z there)",
}
_WIDE = 30
_OWN = 12  # short names: their values are seen on narrow screens, too
_DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Wish:
    """One of the person's own preferences."""

    name: str


@dataclass(frozen=True, slots=True)
class GraphOf:
    """How the person wants the graph of this pipeline."""

    pipeline: str


@dataclass(frozen=True, slots=True)
class ThemeOf:
    """A theme to look at, and to keep."""

    name: str


@dataclass(frozen=True, slots=True)
class GlyphsOf:
    """A set of characters to keep."""

    name: str


@dataclass(frozen=True, slots=True)
class KeyOf:
    """A key."""

    identity: str


class SettingsScreen(AskedScreen["Setting"]):
    """`,`. Themes show themselves as the cursor comes to them; Enter keeps one, Esc goes back to the one before."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "given", "Only what is set", id="settings.given"),
        Binding("comma", "leave", "Back", show=False, id="app.settings"),
    ]
    filter_hint = "words in names, values and origins"

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self._given_only = False
        self._before = ""

    def on_mount(self) -> None:
        """Remember the theme that is in force."""
        self._before = self.app.theme
        super().on_mount()

    def question(self, link: Link) -> Future[tuple[Setting, ...]]:
        """Every setting of the project."""
        return link.settings()

    # -- what is listed -----------------------------------------------------------------------------------------

    def rows(self, words: Sequence[str]) -> list[Row]:
        """The person's own wishes, themes, glyphs, the project's settings, keys."""
        self.title_line.say("Settings", "" if not self._given_only else "only what somebody set", "enter keeps a theme")
        groups = [*self._own(words), *self._project(words), *self._keys(words)]
        rows: list[Row] = []
        for group in groups:
            rows += [*([remark("", 0)] if rows and group else []), *group]
        return rows or [remark("nothing", 0)]

    def _group(self, title: str, aside: str, rows: Sequence[Row], words: Sequence[str]) -> list[Row]:
        shown = [row for row in rows if holds(f"{title} {row.plain} {row.aside}", words)]
        return [heading(title, aside), *shown] if shown else []

    def _own(self, words: Sequence[str]) -> list[list[Row]]:
        everything = not self._given_only
        wishes = [self._wish(name) for name in NAMES if everything or self._in_force(name)[1] != _DEFAULT]
        graph = [self._graph()] if everything or self.store.zoom != AUTO else []
        groups = [
            self._group("Yours", str(user_directory() / FILE), wishes, words),
            self._group("Yours, of this pipeline", str(KEPT), graph, words),
        ]
        if everything:
            groups.append(self._group("Themes", "shown as the cursor comes to them", self._themes(), words))
            groups.append(self._group("Glyphs", "", [self._glyphs(name) for name in SETS], words))
        return groups

    def _wish(self, name: str) -> Row:
        value, origin = self._in_force(name)
        return Row(Wish(name), ((f"  {name:<{_OWN}}", ""), (_shown(value), "bold")), Path(origin).name)

    def _in_force(self, name: str) -> tuple[object, str]:
        """What counts, and where it comes from: a theme that was asked for at the start beats what is kept."""
        app, wishes = self.host, self.host.preferences
        if name == "theme" and app.asked_theme not in ("", wishes.theme):
            return app.asked_theme, "--theme"
        value = self._before if name == "theme" and not wishes.theme else getattr(wishes, name)
        return value, wishes.origins.get(name, _DEFAULT)

    def _graph(self) -> Row:
        zoom = self.store.zoom
        told = ", ".join((*zoom[:2], *([] if zoom.strip else ["no strip"]))) if zoom != AUTO else "by itself"
        origin = _DEFAULT if zoom == AUTO else KEPT.name
        return Row(GraphOf(self.store.title), ((f"  {'graph':<{_OWN}}", ""), (told, "bold")), origin)

    def _themes(self) -> list[Row]:
        kept = self.host.preferences.theme
        rows = []
        for name in sorted(self.app.available_themes, key=lambda each: (not each.startswith("greenroom"), each)):
            mark = "●" if name == self._before else "○"
            kind = "dark" if self.app.available_themes[name].dark else "light"
            rows.append(Row(ThemeOf(name), ((f"  {mark} ", "$primary"), (name, "")), "kept" if name == kept else kind))
        return rows

    def _glyphs(self, name: str) -> Row:
        sample = " ".join(mark.glyph().translate(SETS[name]) for mark in list(Mark)[:8])
        kept = self.host.preferences.glyphs or "unicode"
        return Row(GlyphsOf(name), ((f"  {'●' if name == kept else '○'} ", "$primary"), (f"{name:<10}", "")), sample)

    def _project(self, words: Sequence[str]) -> list[list[Row]]:
        found = self.answer
        if found is None or isinstance(found, str):
            return [[heading("The project"), self.unanswered(found)]]
        given = [each for each in found if not each.is_default]
        rows = [self._group("Set for this project", f"{len(given)}", [_setting(each) for each in given], words)]
        if not self._given_only:
            rest = [_setting(each) for each in found if each.is_default]
            rows.append(self._group("As it is by itself", "greenroom.yaml can say otherwise", rest, words))
        return rows

    def _keys(self, words: Sequence[str]) -> list[list[Row]]:
        groups = []
        for group in dict.fromkeys(key.group for key in KEYS):
            rows = []
            for key in KEYS:
                own = self.host.keymap.get(key.id, "")
                if key.group == group and (own or not self._given_only):
                    shown = (f"  {readable(own or key.keys):<12}", "bold $primary")
                    rows.append(Row(KeyOf(key.id), (shown, (key.help, "")), "yours" if own else ""))
            groups.append(self._group(f"Keys: {group.lower()}", "", rows, words))
        return groups

    # -- what is to be known ------------------------------------------------------------------------------------

    def follow(self) -> None:
        """A theme shows itself while the cursor is on it."""
        key = self.listing.rows.chosen
        wanted = key.name if isinstance(key, ThemeOf) else self._before
        if wanted and wanted != self.app.theme:
            self.app.theme = wanted
        super().follow()

    def detail(self, key: object) -> Prose:
        """One setting."""
        prose = Prose()
        match key:
            case Wish(name):
                value, origin = self._in_force(name)
                prose.head(name).line(ABOUT.get(name, ""))
                prose.row("value", _shown(value), "bold").row("from", origin)
                prose.quiet("enter changes it" if name not in ("theme", "glyphs") else "choose one below")
            case GraphOf(pipeline):
                zoom = self.store.zoom
                prose.head("graph").line(f"how the graph of {pipeline} is drawn: + - 0 | . change it")
                prose.row("level", zoom.level, "bold").row("direction", zoom.turn, "bold")
                prose.row("strip", _shown(zoom.strip), "bold")
                kept = self.store.link.directory / KEPT if self.store.link else KEPT
                prose.row("from", _DEFAULT if zoom == AUTO else str(kept))
                prose.quiet("enter lets the size decide again")
            case ThemeOf(name):
                _theme(prose, name, kept=name == self.host.preferences.theme)
            case GlyphsOf(name):
                prose.head(f"Glyphs: {name}")
                for mark in Mark:
                    prose.row(mark.glyph().translate(SETS[name]), mark.word)
                prose.quiet("enter keeps them")
            case KeyOf(identity):
                found = next(each for each in KEYS if each.id == identity)
                own = self.host.keymap.get(identity, "")
                prose.head(found.help).row("id", identity).row("keys", readable(own or found.keys), "bold")
                prose.row("by itself", readable(found.keys))
                prose.line("").line(f"{user_directory() / 'keys.toml'}").line(f'"{identity}" = "{found.keys}"')
                prose.quiet("enter opens that file")
            case _:
                if key is not None:
                    _told(prose, cast("Setting", key))
        return prose

    # -- keys ---------------------------------------------------------------------------------------------------

    def take(self, key: object) -> None:
        """Keep a theme or glyphs, turn a wish round, open the file of anything else."""
        match key:
            case ThemeOf(name):
                self._before, self.host.asked_theme = name, ""
                self._keep("theme", name)
            case GlyphsOf(name):
                self._keep("glyphs", name)
                self.host.use_glyphs(name)
            case GraphOf():
                self.host.action_graph_auto(strip=True)
                self.update()
            case Wish("times"):
                now = TIMES.index(self.store.logs.times)
                self._keep("times", TIMES[(now + 1) % len(TIMES)])
            case Wish("theme" | "glyphs" as name):
                chosen = ThemeOf(self.app.theme) if name == "theme" else GlyphsOf("unicode")
                self.listing.rows.choose(chosen)
            case Wish(name):
                self._keep(name, not getattr(self.host.preferences, name))
            case _:
                self.action_open()

    def _keep(self, name: str, value: str | bool) -> None:
        if (file := self.host.keep(name, value)) is None:
            return
        self.store.logs = self.host.preferences.logs
        later = " from the next start on" if name in ("mouse", "motion", "plain") else ""
        self.host.say(f"{name} = {_shown(value)} is kept in {file}{later}")
        self.host.refresh_views()

    def action_open(self) -> None:
        """The file where it stands, in the editor; where it stands nowhere, the file where it would."""
        key, link = self.listing.rows.chosen, self.store.link
        file, line = user_directory() / FILE, 0
        match key:
            case KeyOf():
                file = user_directory() / "keys.toml"
            case ThemeOf() | GlyphsOf() | Wish() | GraphOf() | None:
                pass
            case _:
                setting = cast("Setting", key)
                project = (link.directory if link else Path()) / "greenroom.yaml"
                file, line = setting.file or project, setting.line
        file.parent.mkdir(parents=True, exist_ok=True)
        self.host.edit(file, line)
        self.action_again()

    def action_again(self) -> None:
        """Read everything again: settings, themes, keys."""
        self.host.reload_settings()
        super().action_again()

    def action_given(self) -> None:
        """Only what somebody set, or everything."""
        self._given_only = not self._given_only
        self.update()

    def on_unmount(self) -> None:
        """A theme that was only looked at is left behind, whichever way one leaves."""
        self.app.theme = self._before or self.app.theme


def _setting(each: Setting) -> Row:
    where = f"{each.origin}:{each.line}" if each.line else each.origin
    quiet = "$muted" if each.is_default else "bold"
    value = each.value.split("\n")[0] or "none"
    return Row(each, ((f"  {each.key:<{_WIDE}}", ""), (f" {value}", quiet)), where)


def _told(prose: Prose, setting: Setting) -> None:
    prose.head(setting.key)
    if setting.help:
        prose.line(setting.help)
    prose.row("value", setting.value or "none", "bold")
    prose.row("from", f"{setting.origin}:{setting.line}" if setting.line else setting.origin)
    prose.quiet("o opens greenroom.yaml there" if setting.line else "o opens greenroom.yaml")


def _theme(prose: Prose, name: str, *, kept: bool) -> None:
    prose.head(f"Theme: {name}")
    for mark in Mark:
        prose.spans(
            ("  ", ""), (f"{mark.glyph()} {mark.word:<12}", f"$status-{mark}"), ("plain ", ""), ("quiet", "$muted")
        )
    prose.spans(("  ", ""), ("chosen", "$selection-foreground on $selection-background"))
    prose.quiet("this one is kept" if kept else "enter keeps it, esc goes back to the one before")


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) or "by itself"
