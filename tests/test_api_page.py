"""docs/api.md: its commands run as they are printed, its answer is the product's, its contents lead somewhere."""

import json
import os
import re
import subprocess

from harness.product import REPOSITORY

PAGE = (REPOSITORY / "docs" / "api.md").read_text()


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_commands_can_be_pasted_one_after_the_other(own_product, target):
    environment = {
        **os.environ,
        "URL": f"http://127.0.0.1:{own_product.http_port}",
        "TARGET": target.url(),
        "TOKEN": own_product.token,
    }
    commands = blocks("bash")
    assert len(commands) > 10
    pasted = subprocess.run(
        ["bash", "-euxo", "pipefail", "-c", "\n".join(commands)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert pasted.returncode == 0, pasted.stdout[-2000:] + pasted.stderr[-4000:]
    assert target.wait_accepted()[0].json == {"orderId": "42", "total": 99.9}


def test_printed_problem_is_what_the_product_answers(product):
    printed = json.loads(blocks("json")[0])
    wrong = {"type": "order.created", "time": "yesterday"}
    assert f"--data '{json.dumps(wrong)}'" in PAGE
    assert product.call("POST", "/api/events", wrong).json == printed


def test_contents_lead_to_the_headings():
    text = re.sub(r"^```.*?^```$", "", PAGE, flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^##+ (.*)", text, re.MULTILINE)
    anchors = [re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in headings]
    assert re.findall(r"^ *- \[.*?\]\(#(.*?)\)$", text, re.MULTILINE) == anchors
    assert set(re.findall(r"\]\(#(.*?)\)", text)) <= set(anchors)
