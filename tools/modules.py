"""Reads cmake/modules.cmake and draws it."""
import re

from cpp_reader import line_of


class Module:
    def __init__(self, name, path, depends, test_depends, line):
        self.name, self.path, self.line = name, path, line
        self.depends, self.test_depends = depends, test_depends


def read_modules(root):
    text = (root / "cmake/modules.cmake").read_text(encoding="utf-8")
    text = re.sub(r"#[^\n]*", "", text)
    modules = {}
    for match in re.finditer(r"\bfc_module\(([^)]*)\)", text):
        words = match.group(1).split()
        lists, key = {"PATH": [], "DEPENDS": [], "TEST_DEPENDS": [], "LIBRARIES": [], "TEST_LIBRARIES": []}, None
        for word in words[1:]:
            if word in lists:
                key = word
            elif key:
                lists[key].append(word)
        path = lists["PATH"][0] if lists["PATH"] else words[0]
        modules[words[0]] = Module(
            words[0], path, lists["DEPENDS"], lists["TEST_DEPENDS"], line_of(text, match.start()))
    return modules


def reachable(modules, names):
    seen, todo = set(), list(names)
    while todo:
        name = todo.pop()
        if name in modules and name not in seen:
            seen.add(name)
            todo += modules[name].depends
    return seen


def direct(modules, module):
    """What it may use, without what it may use through another of them."""
    return [name for name in module.depends
            if not any(name in reachable(modules, modules[other].depends) for other in module.depends)]


def graph(root):
    """The modules and their direct dependencies as a Mermaid graph."""
    modules = read_modules(root)
    lines = ["```mermaid", "graph TD"]
    for module in modules.values():
        lines.append(f'    {module.name}["{module.path}"]')
        lines += [f"    {module.name} --> {name}" for name in direct(modules, module)]
    return "\n".join([*lines, "```"]) + "\n"
