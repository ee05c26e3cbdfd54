"""Every command: where its code is and what it does, so that help never has to import it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """One line of the help. `attribute` is the click command within `module`."""

    name: str
    section: str
    help: str
    module: str = ""
    attribute: str = "command"

    @property
    def path(self) -> str:
        """The module's dotted name."""
        return f"tui.cli.commands.{self.module or self.name}"


COMMANDS = (
    Command("tui", "Run", "Open the terminal app, watching (what `greenroom` alone does).", "app"),
    Command("run", "Run", "Run without a screen; the exit code tells the result."),
    Command("web", "Run", "Show the app in a browser on this machine."),
    Command("plan", "Run", "Show what would run, what would be reused, and why."),
    Command("build", "Run", "Run one buildspec without a pipeline."),
    Command("retry", "Run", "Retry a failed or stopped stage."),
    Command("rollback", "Run", "Run a stage again with what an earlier run had."),
    Command("trigger", "Run", "Say what starts it; rehearse a push or a pull request."),
    Command("validate", "Look", "Check definition files: file, line, caret, hint."),
    Command("show", "Look", "Print the resolved pipeline."),
    Command("graph", "Look", "Draw stages, actions and artifacts."),
    Command("list", "Look", "List the pipelines that are found here.", "listing"),
    Command("status", "Look", "Show where the latest run stands."),
    Command("history", "Look", "List past runs."),
    Command("logs", "Look", "Print or follow an action's log."),
    Command("tests", "Look", "Show tests and coverage: failures first, file:line, the slowest."),
    Command("why", "Look", "Say why an action ran, was reused, or waits."),
    Command("snapshot", "Look", "Write a run as a picture or as an HTML page."),
    Command("artifacts", "Look", "List and export artifacts."),
    Command("approve", "Act", "Approve a waiting approval.", "decide", "approve"),
    Command("reject", "Act", "Reject a waiting approval.", "decide", "reject"),
    Command("resume", "Act", "Have a paused action go on."),
    Command("stop", "Act", "Stop the run that is under way."),
    Command("disable", "Act", "Let nothing enter a stage.", "gates", "disable"),
    Command("enable", "Act", "Let runs enter a stage again.", "gates", "enable"),
    Command("override", "Act", "Let a run pass a stage in spite of its condition.", "gates", "override"),
    Command("alarm", "Act", "Show or set local CloudWatch alarms.", "gates", "alarm"),
    Command("attach", "Act", "Open another screen on the greenroom that runs here."),
    Command("shell", "Act", "Open a shell where an action ran."),
    Command("down", "Act", "End the greenroom that runs here."),
    Command("init", "Start and mend", "Write a starter pipeline for what is found here."),
    Command("demo", "Start and mend", "Copy a small sample with one broken line, and open it."),
    Command("doctor", "Start and mend", "Check this machine at every edge."),
    Command("secrets", "Start and mend", "List parameters and secrets, or keep one."),
    Command("cache", "Start and mend", "Show or shrink what is kept on disk."),
    Command("schema", "Start and mend", "Print the JSON Schema of greenroom.yaml."),
    Command("completion", "Start and mend", "Print the completion script of a shell."),
    Command("help", "Start and mend", "Explain a command, or the exit codes.", "helping"),
)

BY_NAME = {command.name: command for command in COMMANDS}
"""Commands by name."""
