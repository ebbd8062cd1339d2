"""The kernel's command line: from the words of a shell to one string and back."""

import re

WORD = re.compile(r'(?:[^\s"]|"[^"]*(?:"|$))+')


def join(words):
    """
    One string from the words that a shell has split and stripped of their quotes.

    The kernel keeps what stands between double quotes together, so a word with a space gets quotes
    around its value: run=a b becomes run="a b". A word that has quotes of its own is left as it is;
    it may be a whole command line.
    """
    return " ".join(quote(word) for word in words)


def quote(word):
    """Put double quotes around the value of a word that needs them."""
    if '"' in word or not any(character.isspace() for character in word):
        return word
    name, equals, value = word.partition("=")
    return f'{name}="{value}"' if equals else f'"{word}"'


def split(line):
    """
    The words of a command line as the kernel reads it, without their quotes: only double quotes
    count, and one that is never closed reaches to the end.
    """
    return [word.replace('"', "") for word in WORD.findall(line)]


def asks_for_tests(line):
    """Whether the kernel is told to run its self-tests."""
    return any(word.startswith("test=") for word in split(line))


def divide(arguments):
    """Divide arguments at the first --: ours, and the words of the kernel's command line."""
    if "--" not in arguments:
        return arguments, []
    split = arguments.index("--")
    return arguments[:split], arguments[split + 1:]


def bind(arguments, option):
    """Bind each such option to its value by =, so that the value may begin with a dash."""
    bound, rest = [], iter(arguments)
    for argument in rest:
        value = next(rest, None) if argument == option else None
        bound.append(argument if value is None else f"{option}={value}")
    return bound
