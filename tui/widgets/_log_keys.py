"""The keys of a log. Every one has an id, so that a keymap can move it."""

from __future__ import annotations

from textual.binding import Binding, BindingType


def _key(keys: str, action: str, description: str, *, name: str = "", show: bool = False) -> Binding:
    return Binding(keys, action, description, show=show, id=f"log.{name or action}")


PANE_KEYS: list[BindingType] = [
    _key("f", "follow", "Follow", show=True),
    _key("slash", "search", "Search", show=True),
    _key("n", "next_match", "Next match"),
    _key("N", "previous_match", "Previous match"),
    _key("ampersand", "filter", "Show only matching lines"),
    _key("e", "next_error", "Next error", show=True),
    _key("ctrl+e", "previous_error", "Previous error"),
    _key("E", "next_failure", "Next failed test"),
    _key("at", "next_link", "Next file or address named in the log"),
    _key("enter", "open", "Open what the line names, or fold it"),
    _key("ctrl+right", "minute(1)", "A minute on", name="minute_on"),
    _key("ctrl+left", "minute(-1)", "A minute back", name="minute_back"),
    _key("m", "outline", "Phases and commands"),
    _key("left_parenthesis", "fold(True)", "Fold this command, then its phase", name="fold"),
    _key("right_parenthesis", "fold(False)", "Unfold here", name="unfold"),
    _key("left_curly_bracket", "fold_all(True)", "Fold all, but what failed", name="fold_all"),
    _key("right_curly_bracket", "fold_all(False)", "Unfold all", name="unfold_all"),
    _key("y", "copy", "Copy", show=True),
    _key("ctrl+s", "save", "Save log"),
    # Not w: that is Why on every screen.
    _key("W", "wrap", "Wrap lines"),
    _key("t", "timestamps", "Timestamps"),
    _key("escape", "clear", "Clear search"),
]

SCROLL_KEYS: list[BindingType] = [
    _key("j,down", "lines(1)", "Down", name="down"),
    _key("k,up", "lines(-1)", "Up", name="up"),
    _key("J,shift+down", "select(1)", "Select lines downwards", name="select_down"),
    _key("K,shift+up", "select(-1)", "Select lines upwards", name="select_up"),
    _key("h,left", "columns(-8)", "Left", name="left"),
    _key("l,right", "columns(8)", "Right", name="right"),
    _key("ctrl+d", "pages(0.5)", "Half a page down", name="half_page_down"),
    _key("ctrl+u", "pages(-0.5)", "Half a page up", name="half_page_up"),
    _key("pagedown,space", "pages(1)", "Page down", name="page_down"),
    _key("pageup", "pages(-1)", "Page up", name="page_up"),
    _key("g,home", "top", "Top", name="top"),
    _key("G,end", "bottom", "End and follow", name="bottom"),
]
