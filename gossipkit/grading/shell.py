"""The shell in which a student's cells run: to them it is the one that ipykernel has in JupyterLab.

It is made of IPython's own without ipykernel's sockets, so that a process is ready sooner. On purpose it differs in one
thing: what can't work here (a magic that is not installed, ``%pip``, ``input()``, an import of a module that the grader
lacks) is skipped in words, and the rest of its cell runs.
"""

from __future__ import annotations

import ast
import builtins
import getpass
import io
import os
import re
import sys
import tempfile
import traceback
from types import SimpleNamespace

from IPython.core.async_helpers import get_asyncio_loop
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.error import StdinNotImplementedError, UsageError
from IPython.core.interactiveshell import ExecutionResult, InteractiveShell, InteractiveShellABC
from IPython.utils.process import system
from traitlets import Type
from traitlets.config import Config

from .lacks import STAND_IN, Lacks, StandIns
from .told import LONGEST_ERROR, LONGEST_OUTPUT, Kept

INSTALLS = re.compile(
    r"\s*(sudo\s+)?(\S*python[\d.]*\s+-m\s+)?(pip[\d.]*|conda|mamba|micromamba|uv|poetry|apt|apt-get|brew)\s"
    r".*\b(install|add|sync|update|upgrade|uninstall|remove)\b"
)
INSTALLERS = {"pip", "conda", "mamba", "micromamba", "uv"}
OF_IPYKERNEL = {"autosave", "clear", "connect_info", "edit", "less", "man", "more", "qtconsole", "subshell"}
# magics that run the student's code: what it raises is the cell's own error
RUNNING = {"time", "timeit", "run", "prun", "capture", "debug", "rerun", "pinfo", "sx", "system", "sc"}
# cell magics whose cells are no Python, though they might read like it, or are not meant to run
NO_PYTHON = re.compile(
    r"\w*sql\w*|r|R|julia|octave|matlab|cpp|c|java\w*|js|ts|kotlin|scala|rust|go|fortran|spark\w*|bigquery|mermaid|dot|"
    r"ai|sas|stata|skip\w*|comment|ignore|\w*html|svg|\w*tex|markdown|yaml|json|css|bash|cmd|script"
)
NOT_FOUND = re.compile(r"File .* not found")  # what %run says of a file that isn't there
ASYNC = re.compile(r"\b(async|await|asyncio)\b")
INLINE = "module://matplotlib_inline.backend_inline"


class Output:
    """What a cell prints, and what processes print that it starts, in the order in which it comes."""

    def __init__(self):
        self.file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - as long as the process
        self.kept, self.born = Kept(), os.getpid()
        for number in (1, 2):
            os.dup2(self.file.fileno(), number)
        sys.stdout, sys.stderr = OutStream(self, "stdout", 1), OutStream(self, "stderr", 2)

    def take(self) -> str:
        """What was printed since it was last taken."""
        self._collect()
        kept, self.kept = self.kept, Kept()
        return str(kept)

    def write(self, text: str) -> None:
        self._collect()
        self.kept.write(text)

    def clear(self) -> None:
        self._collect()
        self.kept.clear()

    def _collect(self) -> None:
        number = self.file.fileno()
        if os.fstat(number).st_size:
            os.lseek(number, 0, os.SEEK_SET)
            said = os.read(number, LONGEST_OUTPUT + 1)
            os.ftruncate(number, 0)
            os.lseek(number, 0, os.SEEK_SET)  # for those who write as well
            self.kept.write(said.decode("utf-8", "replace").replace("\0", ""))


class OutStream(io.TextIOBase):
    """``sys.stdout`` and ``sys.stderr`` as ipykernel has them."""

    encoding = "UTF-8"

    def __init__(self, output: Output, name: str, number: int):
        self.output, self.name, self.number = output, name, number

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text)}")
        if os.getpid() == self.output.born:
            self.output.write(text)
        else:  # in a process that the student's code forked
            os.write(self.number, text.encode(errors="replace"))
        return len(text)

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self.number


class PlainHook(DisplayHook):
    """Shows a cell's last value as text, without a number before it."""

    def write_output_prompt(self) -> None:
        pass

    def write_format_data(self, format_dict: dict, md_dict: dict | None = None) -> None:
        print(format_dict.get("text/plain", ""))


class PlainPublisher(DisplayPublisher):
    """Shows what is displayed as text; an update of what was shown shows nothing again."""

    def publish(self, data: dict, *args: object, update: bool = False, **about: object) -> None:
        self._validate_data(data)
        if "text/plain" in data and not update:
            print(data["text/plain"])

    def clear_output(self, wait: bool = False) -> None:
        self.shell.output.clear()


class Shell(InteractiveShell):
    """A student's namespace, and everything that runs in it.

    Attributes
    ----------
    lacks : Lacks
        What it can't have here.
    """

    displayhook_class = Type(PlainHook)
    display_pub_class = Type(PlainPublisher)

    def __init__(self, **about: object):
        self.output, self.lacks = Output(), Lacks(self.skip)
        config = Config()
        config.HistoryManager.enabled = False
        config.MagicsManager.lazy_magics = {"store": "storemagic"}
        config.IPKernelApp.tqdm = "this is a notebook"  # what libraries look for
        super().__init__(config=config, colors="NoColor", **about)
        self.kernel = SimpleNamespace(shell=self)
        self.display_formatter.active_types = ["text/plain"]
        self.ast_transformers.append(StandIns())
        self.set_hook("show_in_pager", lambda *given, **named: None, 99)
        setattr(builtins, STAND_IN, self.lacks.stand_in)
        builtins.input, getpass.getpass = self._refuse("input"), self._refuse("getpass.getpass")
        sys.breakpointhook = lambda *given, **named: self.skip("breakpoint()", "nobody is there to debug")

    @property
    def __class__(self) -> type:
        """What ``isinstance`` takes it for: the class of ipykernel, as soon as anybody has imported that."""
        return getattr(sys.modules.get("ipykernel.zmqshell"), "ZMQInteractiveShell", type(self))

    def init_environment(self) -> None:
        """Say in the environment what ipykernel says there."""
        os.environ |= {
            "TERM": "xterm-color",
            "CLICOLOR": "1",
            "FORCE_COLOR": "1",
            "CLICOLOR_FORCE": "1",
            "PAGER": "cat",
            "GIT_PAGER": "cat",
            "MPLBACKEND": INLINE,
        }

    def init_virtualenv(self) -> None:
        """Leave ``sys.path`` alone."""

    def init_completer(self) -> None:
        """Nobody types here."""

    def skip(self, what: str, why: str) -> None:
        """Say that something was skipped."""
        print(f"Skipped: {what.strip().splitlines()[0][:200]} ({why}).", file=sys.stderr)

    def run(self, source: str) -> ExecutionResult:
        """Run a cell as a notebook does: within a loop if it has to do with asyncio."""
        if "asyncio" not in sys.modules and not ASYNC.search(source):
            return self.run_cell(source, store_history=True)
        loop = get_asyncio_loop()
        return loop.run_until_complete(self._run_in_loop(source))

    async def _run_in_loop(self, source: str) -> ExecutionResult:
        try:
            code = self.transform_cell(source)
            waits = self.should_run_async(source, transformed_cell=code)
        except Exception:  # no Python: run_cell says so
            waits = False
        if not waits:
            result = self.run_cell(source, store_history=True)
        else:
            result = await self.run_cell_async(source, store_history=True, transformed_cell=code)
            self.events.trigger("post_execute")
            self.events.trigger("post_run_cell", result)
        return result

    async def run_ast_nodes(
        self, nodelist, cell_name, interactivity="last_expr", compiler=compile, result=None
    ):
        """Run statements one by one; one that fails for what is lacking here is skipped."""
        for node in list(nodelist):
            shown = interactivity if node is nodelist[-1] or interactivity == "all" else "none"
            failed = await super().run_ast_nodes([node], cell_name, shown, compiler, result)
            why = self.lacks.reason(result.error_in_exec) if failed and result is not None else ""
            self.lacks.after(node, why)
            if failed and not why:
                return True
            if failed:
                self.skip(ast.unparse(node), why)
                result.error_in_exec = None
        return False

    def run_line_magic(self, magic_name: str, line: str, _stack_depth: int = 1) -> object:
        """Run a line magic, or skip one that can't work here."""
        said = f"%{magic_name} {line}"
        if magic_name in INSTALLERS:
            return self.skip(said, "the grader installs nothing")
        if magic_name == "config" and line.startswith("InlineBackend") and "matplotlib" not in sys.modules:
            return None  # how figures look, of which there are none yet
        if self._magic("line", magic_name) is None:
            return self.skip(said, "there is no such magic here")
        try:
            return super().run_line_magic(magic_name, line, _stack_depth + 1)
        except UsageError as error:
            return self.skip(said, str(error))
        except Exception as error:
            if magic_name == "run" and NOT_FOUND.match(str(error)):
                self.lacks.all_of(f"the grader lacks the file that %run names: {line.strip()}")
            elif magic_name in RUNNING:
                raise
            return self.skip(said, f"{type(error).__name__}: {error}")

    def run_cell_magic(self, magic_name: str, line: str, cell: str) -> object:
        """Run a cell magic; the cell of an unknown one runs as Python, if that is what it is."""
        said = f"%%{magic_name} {line}".strip()
        if self._magic("cell", magic_name) is None:
            if NO_PYTHON.fullmatch(magic_name) or not self._python(cell):
                return self.skip(said + ", with its cell", "there is no such magic here")
            self.skip(said, "there is no such magic here; its cell runs as Python")
            return self.run_cell(cell).raise_error()
        try:
            return super().run_cell_magic(magic_name, line, cell)
        except UsageError as error:
            return self.skip(said, str(error))

    def _magic(self, kind: str, name: str) -> object:
        found = self.magics_manager.find(kind, name)
        if found is None and kind == "line" and name in OF_IPYKERNEL:
            from ipykernel.zmqshell import KernelMagics

            self.register_magics(KernelMagics)
            found = self.magics_manager.find(kind, name)
        return found

    def _python(self, source: str) -> bool:
        try:
            ast.parse(self.transform_cell(source))
        except (SyntaxError, ValueError):
            return False
        return True

    def system(self, cmd: str) -> None:
        """Run a command of the system, but for one that installs something."""
        cmd = self.var_expand(cmd, depth=1)
        if INSTALLS.match(cmd):
            return self.skip(f"!{cmd}", "the grader installs nothing")
        if cmd.rstrip().endswith("&"):
            raise OSError("Background processes not supported.")
        self.user_ns["_exit_code"] = system(cmd)

    def getoutput(self, cmd: str, split: bool = True, depth: int = 0) -> object:
        """What a command of the system prints."""
        if INSTALLS.match(cmd):
            return self.skip(f"!{cmd}", "the grader installs nothing")
        return super().getoutput(cmd, split, depth + 1)

    def enable_gui(self, gui: str | None = None) -> None:
        """There are no windows here."""
        if gui not in (None, "inline", "agg"):
            raise UsageError("there are no windows here")

    def enable_matplotlib(self, gui: str | None = None) -> tuple[str, str]:
        """Show figures in the notebook, which they are anyhow; nothing is imported for that."""
        if gui not in (None, "auto", "inline", "agg"):
            raise UsageError("there are no windows and no widgets here: figures stay in the notebook")
        if "matplotlib" in sys.modules:
            super().enable_matplotlib("inline")
        return "inline", "inline"

    def ask_exit(self) -> None:
        """``exit`` in a cell; the others run as well."""
        self.skip("exit", "the cells that follow run as well")

    def showtraceback(
        self,
        *given: object,
        exception_only: bool = False,
        running_compiled_code: bool = False,
        **named: object,
    ) -> None:
        """Show the error that is being handled; a cell's own is shown when the cell has ended."""
        error = sys.exc_info()[1]
        if error is not None and not exception_only and not running_compiled_code:
            print(trace(error), file=sys.stderr)

    def showsyntaxerror(self, *given: object, **named: object) -> None:
        """A cell's own is shown when the cell has ended."""

    def show_usage_error(self, exc: BaseException) -> None:
        """A cell's own is shown when the cell has ended."""

    def _format_exception_for_storage(
        self, exception: BaseException, *given: object, **named: object
    ) -> dict:
        return {"ename": type(exception).__name__, "evalue": "", "traceback": []}

    def _refuse(self, name: str):
        def refuse(*given: object, **named: object):
            raise StdinNotImplementedError(f"{name}() was called, and nobody is there to answer it.")

        refuse.__name__ = name.rpartition(".")[2]
        return refuse


# what libraries look at to know that they are in a notebook
Shell.__name__ = Shell.__qualname__ = "ZMQInteractiveShell"
Shell.__module__ = "ipykernel.zmqshell"
InteractiveShellABC.register(Shell)


def trace(error: BaseException) -> str:
    """Where in the student's cells an error comes from, and what it says."""
    try:
        frames = [
            frame
            for frame in traceback.extract_tb(error.__traceback__)
            if frame.filename.startswith("<ipython-input")
        ]
        lines = [
            f"In [{frame.filename.split('-')[2]}], line {frame.lineno}: {frame.line}\n" for frame in frames
        ]
        return "".join([*lines, *traceback.format_exception_only(error)])[:LONGEST_ERROR]
    except Exception:  # it is the student's, and may raise anything
        return type(error).__name__
