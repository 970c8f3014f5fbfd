"""What no code here does: run what it is given, swallow what went wrong, stand without a word of what it is for."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.house.source import Module, dotted, is_within, modules

OURS = ("gateway", "plugins", "tools")

FORBIDDEN_IMPORTS = (
    "code",
    "codeop",
    "cloudpickle",
    "dill",
    "imp",
    "jsonpickle",
    "marshal",
    "pickle",
    "shelve",
    "yaml",
)
FORBIDDEN_CALLS = (
    "__import__", "builtins.eval", "builtins.exec", "compile", "eval", "exec", "os.popen", "os.system",
    "subprocess.getoutput", "subprocess.getstatusoutput",
)  # fmt: skip

FENCES = {
    "gateway/carrier/bind.py": "a bind that crashes is shown, the others go on",
    "gateway/web/conversation.py": "a request that crashes is answered 500",
    "gateway/flow/inbound.py": "a text that cannot be read is put off, the session and the texts beside it go on",
    "gateway/flow/rounds.py": "a round that crashes is told, what comes in and the next round go on",
    "gateway/hooks/turns.py": "a plugin that raises is counted and suspended",
    "gateway/hooks/loading.py": "a plugin that raises while it is loaded stops the start, by name",
    "gateway/__main__.py": "the process tells why it ends",
    "gateway/app.py": "the process tells why it ends",
    "gateway/store/writer.py": "a verb's failure is carried to its callers, its neighbours in the batch go on",
}
"""Files that may catch whatever is raised, and what for."""


def dangers(module: Module) -> Iterator[str]:
    """Ways to run what came in as if it were code, or in a shell."""
    for line, name in module.imports():
        if any(is_within(name, forbidden) for forbidden in FORBIDDEN_IMPORTS):
            yield f"{module.path}:{line}: imports {name}"
        if any(name == forbidden for forbidden in FORBIDDEN_CALLS):
            yield f"{module.path}:{line}: imports {name}"
    for line, name in module.calls():
        if name in FORBIDDEN_CALLS:
            yield f"{module.path}:{line}: calls {name}"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.keyword) and node.arg == "shell" and not _is_false(node.value):
            yield f"{module.path}:{node.value.lineno}: shell="
        if isinstance(node, ast.Call) and dotted(node.func).endswith("create_subprocess_shell"):
            yield f"{module.path}:{node.lineno}: a shell"


def broad_fences(module: Module) -> Iterator[str]:
    """Handlers of any exception at all that do not raise it again."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ExceptHandler) and _is_broad(node.type):
            last = node.body[-1]
            if not (isinstance(last, ast.Raise) and last.exc is None):
                yield f"{module.path}:{node.lineno}: except {ast.unparse(node.type) if node.type else ''}"
        if isinstance(node, ast.Call) and dotted(node.func).endswith("suppress") and any(map(_is_broad, node.args)):
            yield f"{module.path}:{node.lineno}: suppress"


def _is_broad(caught: ast.expr | None) -> bool:
    if isinstance(caught, ast.Tuple):
        return any(map(_is_broad, caught.elts))
    broad = ("Exception", "BaseException", "ExceptionGroup", "BaseExceptionGroup")
    return caught is None or dotted(caught).rpartition(".")[2] in broad


def _is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is False


def test_nothing_is_unpickled_evaluated_or_given_to_a_shell() -> None:
    assert [danger for module in modules(*OURS) for danger in dangers(module)] == []


def test_everything_is_caught_at_the_fences_only() -> None:
    found = [fence for module in modules(*OURS) if module.path not in FENCES for fence in broad_fences(module)]
    assert found == []


def test_every_module_says_what_it_owns() -> None:
    mute = []
    for module in modules(*OURS):
        text = ast.get_docstring(module.tree) or ""
        is_package = module.path.endswith("__init__.py")
        if module.tree.body and (not text or (not is_package and not re.search(r"\b[Oo]wn(s|ed)?\b", text))):
            mute.append(module.path)
    assert mute == []


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "from marshal import loads",
        "eval('1')",
        "exec('x')",
        "from os import system",
        "import os\nos.system('x')",
        "import subprocess\nsubprocess.run('x', shell=True)",
        "import subprocess\nsubprocess.run('x', shell=flag)",
    ],
)
def test_a_danger_is_seen(source: str) -> None:
    assert list(dangers(Module.of("gateway/x.py", source)))


@pytest.mark.parametrize(
    "source",
    ["import subprocess\nsubprocess.run(['x'], shell=False)", "import re\nre.compile('x')", "connection.exec_driver()"],
)
def test_what_only_looks_dangerous_passes(source: str) -> None:
    assert list(dangers(Module.of("gateway/x.py", source))) == []


@pytest.mark.parametrize(
    "source",
    [
        "try:\n    f()\nexcept Exception:\n    pass",
        "try:\n    f()\nexcept:\n    pass",
        "try:\n    f()\nexcept (ValueError, BaseException) as error:\n    log(error)",
        "try:\n    f()\nexcept* Exception:\n    pass",
        "import contextlib\nwith contextlib.suppress(Exception):\n    f()",
    ],
)
def test_a_broad_fence_is_seen(source: str) -> None:
    assert list(broad_fences(Module.of("gateway/x.py", source)))


@pytest.mark.parametrize(
    "source",
    [
        "try:\n    f()\nexcept ValueError:\n    pass",
        "try:\n    f()\nexcept BaseException:\n    undo()\n    raise",
    ],
)
def test_a_narrow_handler_passes(source: str) -> None:
    assert list(broad_fences(Module.of("gateway/x.py", source))) == []
