"""The SDK takes more than a second to import: nobody pays for it who does not call a model."""

import subprocess
import sys


def test_the_gateway_comes_without_the_sdk() -> None:
    code = "import core.llm.gateway, core.llm.prompts, sys; sys.exit('anthropic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=200).returncode == 0
