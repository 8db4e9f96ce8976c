#!/usr/bin/env python3
"""Each rule of arch_check has a case that fails and one near it that passes."""
import importlib.machinery
import importlib.util
import sys
import tempfile
import textwrap
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parent))
LOADER = importlib.machinery.SourceFileLoader("arch_check", str(Path(__file__).with_name("arch_check")))
arch_check = importlib.util.module_from_spec(importlib.util.spec_from_loader("arch_check", LOADER))
LOADER.exec_module(arch_check)

MODULES = """
set(FC_NESTED_MODULES store/embedded)   # fc_module(comment DEPENDS nothing)
fc_module(base LIBRARIES Boost::url)
fc_module(http DEPENDS base)
fc_module(store DEPENDS base)
fc_module(store_embedded PATH store/embedded DEPENDS store LIBRARIES SQLite::SQLite3)
fc_module(messaging DEPENDS store TEST_DEPENDS store_embedded)
"""


class ArchCheckTest(unittest.TestCase):
    def check(self, files, modules=MODULES):
        """Findings about a tree of these files, as "path:line what"; README and dead-header findings only on request."""
        with tempfile.TemporaryDirectory() as folder:
            for name, text in {"cmake/modules.cmake": modules, **files}.items():
                path = Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(textwrap.dedent(text))
            found, _ = arch_check.check(folder)
        return [f"{path}:{line} {what}" for path, line, what in found
                if "README.md" not in path and "nothing but its own" not in what or "all" in files]

    def assert_finds(self, what, files, **options):
        found = self.check(files, **options)
        self.assertTrue([f for f in found if what in f], f"no finding with '{what}' among {found}")

    def assert_clean(self, files, **options):
        self.assertEqual(self.check(files, **options), [])

    def code(self, text, path="src/http/a.cpp"):
        return {path: text}

    # ---- includes

    def test_an_include_against_the_arrows_is_found(self):
        self.assert_finds("src/base/a.cpp:1 base may not use http", {
            "src/base/a.cpp": '#include "http/x.h"\n', "src/http/x.h": ""})

    def test_an_include_along_the_arrows_also_transitively_is_clean(self):
        self.assert_clean({"src/messaging/a.cpp": '#include "base/x.h"\n', "src/base/x.h": ""})

    def test_an_include_of_a_sibling_is_found(self):
        self.assert_finds("messaging may not use http", {
            "src/messaging/a.cpp": '#include "http/x.h"\n', "src/http/x.h": ""})

    def test_a_backend_outside_apps_is_found(self):
        self.assert_finds('use the port "store/"', {
            "src/messaging/a.cpp": '#include "store/embedded/x.h"\n', "src/store/embedded/x.h": ""})

    def test_a_port_that_includes_its_backend_is_found(self):
        self.assert_finds("includes the backend store_embedded", {
            "src/store/a.cpp": '#include "store/embedded/x.h"\n', "src/store/embedded/x.h": ""})

    def test_a_backend_is_open_to_apps_its_own_folder_and_declared_tests(self):
        use = '#include "store/embedded/x.h"\n'
        self.assert_clean({"apps/a.cpp": use, "src/store/embedded/a.cpp": use, "tools/bench/a.cpp": use,
                           "src/messaging/a_test.cpp": use, "src/store/embedded/x.h": ""})

    def test_an_include_that_is_no_file_is_found(self):
        self.assert_finds("write our includes from src", {"src/http/a.cpp": '#include "http/gone.h"\n'})

    def test_an_include_relative_to_its_file_is_found(self):
        self.assert_finds('write "http/x.h"', {"src/http/a.cpp": '#include "x.h"\n', "src/http/x.h": ""})

    def test_a_file_in_no_module_is_found(self):
        self.assert_finds("belongs to no module", {"src/router/a.cpp": ""})

    def test_depends_on_a_later_module_is_found(self):
        self.assert_finds("declared below it", {}, modules="fc_module(a DEPENDS b)\nfc_module(b)\n")

    def test_depends_on_an_unknown_module_is_found(self):
        self.assert_finds("which is no module", {}, modules="fc_module(a DEPENDS gone)\n")

    def test_depends_on_a_backend_is_found(self):
        self.assert_finds("depend on its port", {}, modules=MODULES + "fc_module(x DEPENDS store_embedded)\n")

    def test_asio_in_a_header_is_found_outside_http_and_runtime(self):
        asio = "#include <boost/asio/io_context.hpp>\n"
        self.assert_finds("forward-declare", {"src/messaging/a.h": asio})
        self.assert_clean({"src/http/a.h": asio, "src/messaging/a.cpp": asio})
        self.assert_clean({"src/messaging/fixture_test.h": asio})

    # ---- dead files, entities, READMEs

    def test_a_header_that_only_its_own_files_include_is_found(self):
        use = '#include "http/x.h"\n'
        self.assert_finds("src/http/x.h:1 nothing but its own", {
            "all": "", "src/http/x.h": "", "src/http/x.cpp": use, "src/http/x_test.cpp": use})
        self.assertFalse([f for f in self.check({"all": "", "src/http/x.h": "", "src/http/y.cpp": use})
                          if "nothing but" in f])

    def test_an_entity_without_a_test_that_names_it_is_found(self):
        entity = "template <> struct Collection<Pool> {\n};\n"
        self.assert_finds("src/messaging/pool.h:1 the entity Pool has no test", {
            "src/messaging/pool.h": entity, "src/messaging/other_test.cpp": "// Pool\n"})
        self.assert_clean({"src/messaging/pool.h": entity, "src/messaging/pool_test.cpp": "TEST(Pool, A) {}\n"})

    def test_a_module_without_a_readme_or_with_a_long_one_is_found(self):
        self.assert_finds("src/base/README.md:1 is missing", {"all": ""})
        self.assert_finds("src/base/README.md:31 a module's README", {"all": "", "src/base/README.md": "a\n" * 31})

    # ---- limits

    def test_a_long_file_is_found(self):
        self.assert_finds("src/http/a.cpp:401 401 lines", self.code("int a;\n" * 401))
        self.assert_clean(self.code("int a;\n" * 400))

    def test_a_long_line_is_found(self):
        self.assert_finds("src/http/a.cpp:2 111 columns", self.code("\n//" + "x" * 109 + "\n"))
        self.assert_clean(self.code("//" + "x" * 108 + "\n"))

    def body(self, head, lines):
        return f"namespace fc {{\n\n{head} {{\n" + "    a();\n" * (lines - 2) + "}\n\n}  // namespace fc\n"

    def test_a_long_function_is_found_in_each_form(self):
        for head in ("void f()", "Task<void> A::f(int x) const", "A::A(int x) : a_{x}, b_(2)", "auto f() -> int",
                     "template <class T = int>\n    requires C<T>\nvoid f(T x)", "bool operator==(const A& a) const noexcept",
                     "TEST(Http, Serves)", "const auto f = [](int x)", "std::vector<std::pair<int, int>> f()",
                     "void A::operator()(int x)"):
            extra = head.count("\n")
            self.assert_finds(f"src/http/a.cpp:3", self.code(self.body(head, 61 - extra)))
            self.assertEqual(self.check(self.code(self.body(head, 60 - extra))), [], head)

    def test_a_long_method_in_a_class_is_found(self):
        text = "class A final : public B {\npublic:\n    void f() override {\n" + "\n" * 59 + "    }\n};\n"
        self.assert_finds("src/http/a.cpp:3 f has 61 lines", self.code(text))
        self.assert_clean(self.code(text.replace("{\n\n", "{\n")))

    def test_classes_namespaces_tables_and_braces_in_literals_are_no_functions(self):
        filler = "    int a;\n" * 80
        self.assert_clean(self.code("struct A : B<int (*)()> {\n" + filler + "};\n"))
        self.assert_clean(self.code("enum class A {\n" + "    a,\n" * 80 + "};\n"))
        self.assert_clean(self.code("constexpr std::array table{\n" + "    row(1),\n" * 80 + "};\n"))
        self.assert_clean(self.code("constexpr auto table = make({\n" + "    {1},\n" * 80 + "});\n"))
        self.assert_clean(self.code('void f() { g("{", \'{\', R"(\n{{{)"); }  // {\n' + "int a;\n" * 80))

    def test_too_many_parameters_are_found(self):
        six = "int a, std::map<int, int> b, int c, int d, int e, int g"
        five = "int a, std::map<int, int> b, std::function<void(int, int)> c, int d, int e = g(1, 2)"
        for head in ("void f({}) {{\n}}\n", "void f({});\n", "class A {{\n    explicit A({});\n}};\n",
                     "template <class T>\nT f({}) {{\n}}\n", "class A {{\n    virtual void f({}) = 0;\n}};\n"):
            self.assert_finds("6 parameters", self.code(head.format(six)))
            self.assert_clean(self.code(head.format(five)))

    def test_calls_and_macros_with_many_arguments_are_clean(self):
        self.assert_clean(self.code("BOOST_DESCRIBE_STRUCT(A, (), (a, b, c, d, e, f), 4, 5, 6)\n\nstruct B {\n};\n"))
        self.assert_clean(self.code("void f() {\n    g(1, 2, 3, 4, 5, 6);\n}\nconst auto x = g(1, 2, 3, 4, 5, 6);\n"))

    # ---- banned

    def test_banned_names_are_found_with_their_replacement(self):
        for text, instead in (("co_spawn(e, f(), detached);", "TaskGroup::spawn"), ("std::thread t;", "BlockingPool"),
                              ("std::this_thread::sleep_for(1s);", "Timer"), ("auto n = system_clock::now();", "Clock"),
                              ("std::mutex m;", "one strand"), ("auto [a, b] = co_await f();", "name the awaited")):
            self.assert_finds(f"src/http/a.cpp:2 `", self.code(f"\n{text}\n"))
            self.assert_finds(instead, self.code(text))
            self.assert_clean(self.code(f"// {text}\nconst char* a = \"{text}\";\n"))

    def test_banned_names_are_open_where_they_belong(self):
        self.assert_clean({"src/store/embedded/a.cpp": "std::thread t;\nstd::mutex m;\n"})
        self.assert_clean({"tools/bench/a.cpp": "std::thread t;\nauto n = system_clock::now();\n"})
        self.assert_clean({"src/http/a.cpp": "std::thread::id a_thread_ = f();\n".replace("std::thread::id", "Id")})

    def test_a_brace_or_lambda_inside_an_await_is_found(self):
        for statement in ("co_await find(Query{.a = 1});", "auto a = co_await run([&] { f(); });",
                          "g(Query{1}, co_await find(q));", "co_return Answer{co_await find(q)};",
                          "co_await find({1, 2});", "auto x = co_await store_\n        .find(Query{});"):
            self.assert_finds("src/http/a.cpp:2 a brace or lambda", self.code(
                "Task<void> f() {\n    " + statement.replace("\n", " ") + "\n}\n"))

    def test_plain_awaits_are_clean(self):
        for statement in ("co_await f();", "if (co_await f()) {\n}", "for (auto a : co_await f()) {\n}",
                          "auto q = Query{.a = 1};\n    co_await find(q);", "co_return co_await f();",
                          "if (auto r = co_await f(); !r) {\n}", "try {\n co_await f();\n} catch (...) {\n}",
                          "else {\n co_await f();\n}", "while (true) {\n co_await f(g(1, 2));\n}",
                          "return g([this]() -> Task<void> {\n co_await f();\n});",
                          "switch (a) {\n case 1: co_await f();\n}"):
            self.assert_clean(self.code("Task<void> f() {\n    " + statement + "\n}\n"))

    def test_a_todo_without_an_issue_is_found(self):
        self.assert_finds("a TODO names its issue", self.code("// TODO: later\n"))
        self.assert_clean(self.code("// TODO(#12): later\n"))

    def test_folder_names_that_say_nothing_are_found(self):
        for name in ("utils", "common", "helpers", "manager", "models"):
            self.assert_finds(f"src/http/{name}:1 a folder named {name}", {f"src/http/{name}/a.cpp": ""})


if __name__ == "__main__":
    unittest.main()
