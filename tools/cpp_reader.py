"""Reads C++ just well enough for arch_check: code without comments and literals, function bodies, parameter lists."""
import re


class Source:
    """One C++ file: its text, and the same text with comments and literals blanked, line for line."""

    def __init__(self, root, path):
        self.path = path.relative_to(root).as_posix()
        self.text = path.read_text(encoding="utf-8", errors="replace")
        self.lines = self.text.splitlines()
        self.code = blank_literals(self.text)
        self.is_header = path.suffix == ".h"
        self.is_test = path.stem.endswith(("_test", "_conformance"))

    def includes(self):
        """(line, name, quoted) of each include."""
        for number, line in enumerate(self.lines, 1):
            match = re.match(r'\s*#\s*include\s*(["<])([^">]+)[">]', line)
            if match:
                yield number, match.group(2), match.group(1) == '"'


LITERALS = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<tag>[^\s()\\]{0,16})\(.*?\)(?P=tag)"'
    r'|"(?:\\.|[^"\\\n])*"|(?<![0-9A-Za-z_])\'(?:\\.|[^\'\\\n])+\'', re.S)


def blank_literals(text):
    """Comments become spaces and literals "" so that what is left is code at its old lines."""
    def blank(match):
        kept = "\n" * match.group().count("\n")
        return kept if match.group().startswith("/") else '""' + kept
    return LITERALS.sub(blank, text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def outside_parentheses(header):
    """The header without what lies in parentheses, and template argument lists left as they are."""
    kept, depth = [], 0
    for char in header:
        if char == "(":
            depth += 1
        if depth == 0:
            kept.append(char)
        if char == ")":
            depth = max(0, depth - 1)
            if depth == 0:
                kept.append("()")
    return "".join(kept)


def skip_prefix(code, start, end):
    """Offset of the declaration itself: after space, access labels, attributes and macro calls that stand alone."""
    while True:
        label = re.compile(r"\s*(\b(public|private|protected)\s*:(?!:)|\[\[.*?\]\])?\s*", re.S).match(code, start, end)
        start = label.end()
        macro = re.compile(r"[A-Z][A-Z0-9_]{3,}\s*\(").match(code, start, end)
        close = closing(code, macro.end() - 1) if macro and not macro.group().startswith("TEST") else None
        if close is not None and close < end and re.compile(r"\s*[\w:\[~]").match(code, close + 1, end):
            start = close + 1
        elif not label.group(1):
            return start


def closing(text, start):
    """Offset of the bracket that closes the one at `start`; None when there is none."""
    depth = 0
    for offset in range(start, len(text)):
        if text[offset] in "([{":
            depth += 1
        elif text[offset] in ")]}":
            depth -= 1
            if depth == 0:
                return offset
    return None


def brace_kind(header):
    """What a `{` after this statement opens: "scope", "function" or "value"."""
    plain = outside_parentheses(re.sub(r"operator\s*(\(\)|[^\s\w(]+)", "operator_", header))
    if re.search(r"\b(namespace|extern)\b", plain):
        return "scope"
    if re.search(r"\b(class|struct|union|enum)\b", plain) and not plain.rstrip().endswith("()"):
        return "scope"
    without_templates = re.sub(r"<[^<>]*>", "", re.sub(r"<[^<>]*>", "", plain))
    if re.search(r"\][^=]*\(\)[^=]*$", without_templates) and "=" in without_templates:
        return "function"  # a named lambda
    if re.search(r"(?<![=!<>])=(?!=)", without_templates) or "()" not in plain:
        return "value"
    initializers = re.search(r"\(\)\s*(noexcept\s*)?:(?!:)", plain)
    if initializers and re.search(r"[\w>]$", plain):
        return "value"  # member{...} of a constructor's list
    return "function"


def functions(code):
    """(first line, last line, header) of each function body, and ("declaration", line, header) of the others."""
    offset, start = 0, 0
    while offset < len(code):
        char = code[offset]
        if char == "(":
            end = closing(code, offset)
            offset = end if end is not None else offset
        elif char == ";" or char == "}":
            start = skip_prefix(code, start, offset)
            yield "declaration", start, offset, code[start:offset].strip()
            start = offset + 1
        elif char == "{":
            start = skip_prefix(code, start, offset)
            header = code[start:offset].strip()
            kind = brace_kind(header)
            if kind == "scope":
                start = offset + 1
            else:
                end = closing(code, offset)
                if end is None:
                    return
                if kind == "function":
                    yield "function", start, end, header
                    start = end + 1
                offset = end
        offset += 1


def parameter_count(header):
    """Parameters of the first parenthesis after a name; None when the header is no function's."""
    header = re.sub(r"^\s*template\s*<[^{}]*?>\s*(?=[\w:\[~])", "", header)
    header = re.sub(r"operator\s*\(\)", "operator_call", header)
    match = re.search(r"([\w>~&*=\]+!-]+)\s*\(", header)
    if not match or re.match(r"[A-Z][A-Z0-9_]+$", match.group(1)) or re.match(
            r"\s*(using|typedef|static_assert|return|friend class|if|requires)\b", header):
        return None
    start = match.end() - 1
    end = closing(header, start)
    inner = header[start + 1:end] if end else ""
    depth, count = 0, 1 if inner.strip() not in ("", "void") else 0
    for char in inner.replace("->", "  "):
        depth += (char in "(<[{") - (char in ")>]}")
        count += char == "," and depth == 0
    return count
