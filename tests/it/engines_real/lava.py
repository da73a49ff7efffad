"""What LAVA's dispatcher makes of the output of a suite: its own patterns and handlers read a terminal on which the
suite runs. Prints the results as a line of JSON each.

    lava.py COMMAND...
    lava.py --validate JOB.yaml
"""

import json
import logging
import sys

import pexpect
import yaml
from lava_common.schemas import validate as validate_job
from lava_common.schemas.test.testdef import validate as validate_definition
from lava_dispatcher.actions.test.shell import TestShellAction


class Results(logging.Logger):
    """The dispatcher's logger, as far as the handlers use it: what it sends to the server is printed."""

    def results(self, results):
        print(json.dumps({key: str(value) for key, value in results.items()}, sort_keys=True))

    def marker(self, marker):
        if marker["type"] != "test_case":
            print(json.dumps({marker["type"]: marker["case"]}))

    def event(self, text):
        print(json.dumps({"event": text}))

    def error(self, text, *args, **kwargs):
        print(json.dumps({"error": text % args if args else text}))


def dispatch(command):
    action = TestShellAction()
    action.logger = Results("dispatcher")
    action._reset_patterns()
    action.definition = "0_suite"
    action.signal_director.test_uuid = "1"
    terminal = pexpect.spawn(command[0], command[1:], encoding="utf-8", timeout=60)
    while True:
        patterns = list(action.patterns.items())
        event = patterns[terminal.expect([pattern for _, pattern in patterns])][0]
        if event in ("eof", "timeout"):
            break
        action.check_patterns(event, terminal, "#")
    terminal.close()
    print(json.dumps({event: terminal.exitstatus}))


def validate(path):
    job = yaml.safe_load(open(path))
    validate_job(job)
    for action in job["actions"]:
        for definition in action.get("test", {}).get("definitions", []):
            validate_definition(definition["repository"])
    print("valid")


if sys.argv[1] == "--validate":
    validate(sys.argv[2])
else:
    dispatch(sys.argv[1:])
