"""Writing results as JUnit XML, which continuous integration systems read."""

import re
from xml.etree import ElementTree

from model import ktap

# What XML 1.0 cannot hold; a guest may print anything.
FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(path, outcomes, seed):
    """Write the outcomes to a file, one test suite for each task."""
    root = ElementTree.Element("testsuites", name="strata")
    for outcome in sorted(outcomes, key=lambda each: each.task.name):
        root.append(suite_element(outcome, seed))
    path.parent.mkdir(parents=True, exist_ok=True)
    ElementTree.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def suite_element(outcome, seed):
    """One task and the results it brought."""
    suite = ElementTree.Element(
        "testsuite", name=outcome.task.name, time=f"{outcome.seconds:.3f}",
        tests=str(len(outcome.results)), failures=str(outcome.count(ktap.FAILED)),
        skipped=str(outcome.count(ktap.SKIPPED)), errors="0")
    properties = ElementTree.SubElement(suite, "properties")
    for name, value in (("seed", str(seed)), ("command", outcome.task.reproduce())):
        ElementTree.SubElement(properties, "property", name=name, value=clean(value))
    for result in outcome.results:
        suite.append(case_element(outcome, result))
    if outcome.count(ktap.FAILED):
        ElementTree.SubElement(suite, "system-out").text = clean(outcome.output)
    return suite


def case_element(outcome, result):
    """One result."""
    case = ElementTree.Element("testcase", classname=outcome.task.name, name=clean(result.name))
    if result is outcome.results[0]:
        case.set("time", f"{outcome.seconds:.3f}")
    if result.outcome == ktap.FAILED:
        summary = result.detail.partition("\n")[0] or "failed"
        failure = ElementTree.SubElement(case, "failure", message=clean(summary))
        failure.text = clean(result.detail)
    elif result.outcome == ktap.SKIPPED:
        ElementTree.SubElement(case, "skipped", message=clean(result.detail))
    return case


def clean(text):
    """Replace what XML cannot hold."""
    return FORBIDDEN.sub("\ufffd", text)
