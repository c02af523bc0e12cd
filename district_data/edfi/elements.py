from collections.abc import Iterator


class Element:
    """One element with what is in it, as the file has it: text is never trimmed.

    Paths name children below children: `Name/FirstName`. The empty path is the element itself.
    """

    __slots__ = ("attributes", "children", "content", "line", "name")

    def __init__(self, name: str, attributes: dict[str, str], line: int) -> None:
        self.name = name
        self.attributes = attributes
        self.line = line
        self.content = ""
        self.children: list[Element] = []

    def each(self, path: str = "") -> Iterator["Element"]:
        """Every element at the path, in the order of the file."""
        if not path:
            yield self
            return
        name, _, rest = path.partition("/")
        for child in self.children:
            if child.name == name:
                yield from child.each(rest)

    def at(self, path: str = "") -> "Element | None":
        """The first element at the path."""
        return next(self.each(path), None)

    def text(self, path: str = "") -> str | None:
        """The text of the first element at the path. None when there is none."""
        found = self.at(path)
        return found.content or None if found else None

    def identifier(self, path: str = "") -> str | None:
        """As text(), without the blanks around it: Ed-Fi's numeric identifiers ignore them."""
        return (self.text(path) or "").strip() or None

    def below(self, name: str) -> "Element | None":
        """The first element of this name at any depth."""
        waiting = list(reversed(self.children))
        while waiting:
            element = waiting.pop()
            if element.name == name:
                return element
            waiting.extend(reversed(element.children))
        return None
