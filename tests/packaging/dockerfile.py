"""As much of the Dockerfile language as ours uses: stages of instructions."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

CONTINUED = re.compile(r"\\\n\s*")


@dataclass(frozen=True)
class Instruction:
    """A line such as `USER 10061:10061`."""

    word: str
    text: str

    def command(self) -> list[str]:
        """The exec form; the shell form is no JSON and fails here."""
        listed = json.loads(self.text[self.text.index("[") :])
        assert all(isinstance(argument, str) for argument in listed)
        return list(listed)


@dataclass(frozen=True)
class Stage:
    """What stands from one FROM to the next."""

    image: str
    instructions: tuple[Instruction, ...]

    def all(self, word: str) -> list[str]:
        return [each.text for each in self.instructions if each.word == word]

    def only(self, word: str) -> Instruction:
        """The instruction *word*, which the stage has once."""
        (found,) = [each for each in self.instructions if each.word == word]
        return found


def stages(path: Path) -> list[Stage]:
    lines = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
    found: list[tuple[str, list[Instruction]]] = []
    for line in CONTINUED.sub("", "\n".join(lines)).splitlines():
        word, text = line.split(maxsplit=1)
        if word == "FROM":
            found.append((text.split()[0], []))
        else:
            found[-1][1].append(Instruction(word, text))
    return [Stage(image, tuple(instructions)) for image, instructions in found]
