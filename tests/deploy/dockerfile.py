"""Reads a Dockerfile, in exec form only, and a .dockerignore, as far as ours go."""

import json
import shlex
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath


@dataclass(frozen=True)
class Instruction:
    """One instruction: its word, its options (`--from=build`) and the rest."""

    word: str
    options: tuple[str, ...]
    rest: str

    @property
    def arguments(self) -> list[str]:
        """The words of an exec-form instruction; ValueError in shell form."""
        return [str(word) for word in json.loads(self.rest)]

    @property
    def words(self) -> list[str]:
        """The words of an instruction that has no exec form."""
        return shlex.split(self.rest)


def told(stage: list[Instruction], word: str) -> list[Instruction]:
    """The instructions of a stage with one word."""
    return [instruction for instruction in stage if instruction.word == word]


def only_one(stage: list[Instruction], word: str) -> Instruction:
    """The one instruction of a stage with a word."""
    (instruction,) = told(stage, word)
    return instruction


def stages(path: Path) -> list[list[Instruction]]:
    """The instructions of each stage, its FROM first; what stands before the first is left out."""
    found: list[list[Instruction]] = []
    for instruction in map(_instruction, _lines(path.read_text("utf-8"))):
        if instruction.word == "FROM":
            found.append([])
        if found:
            found[-1].append(instruction)
    return found


def _lines(text: str) -> list[str]:
    kept = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return "\n".join(kept).replace("\\\n", " ").splitlines()


def _instruction(line: str) -> Instruction:
    word, _, rest = line.partition(" ")
    options: list[str] = []
    while (rest := rest.lstrip()).startswith("--"):
        option, _, rest = rest.partition(" ")
        options.append(option)
    return Instruction(word, tuple(options), rest)


def is_sent(ignore: str, path: str) -> bool:
    """Whether a .dockerignore lets a path into the build: the last pattern that matches decides."""
    sent = True
    for line in ignore.splitlines():
        pattern = line.strip()
        if pattern and not pattern.startswith("#") and _matches(pattern.removeprefix("!"), path):
            sent = pattern.startswith("!")
    return sent


def _matches(pattern: str, path: str) -> bool:
    whole = PurePosixPath(path)
    above = [whole, *whole.parents][:-1]
    if pattern.startswith("**/"):
        return any(fnmatchcase(each.name, pattern.removeprefix("**/")) for each in above)
    return any(fnmatchcase(str(each), pattern) and each.parts[1:] == () for each in above)
