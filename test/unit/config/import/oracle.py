"""What Python itself makes of a list of cases: JSON on stdin, JSON on stdout."""
import configparser
import glob
import io
import json
import shlex
import sys


def ini(text):
    parser = configparser.RawConfigParser(strict=False, inline_comment_prefixes=(";", "#"))
    stream = io.TextIOWrapper(io.BytesIO(text.encode("utf-8")), encoding="utf-8")
    try:
        parser.read_file(stream, "f")
    except configparser.MissingSectionHeaderError as error:
        return {"lines": [error.lineno]}
    except configparser.ParsingError as error:
        return {"lines": [line for line, _ in error.errors]}
    sections = {name: dict(parser._sections[name]) for name in parser.sections()}
    return {"sections": sections, "defaults": dict(parser.defaults())}


def split(text):
    try:
        return {"words": shlex.split(text)}
    except ValueError:
        return None


def tokens(text, posix):
    lexer = shlex.shlex(text, posix=posix)
    lexer.wordchars += "/.+-():"
    try:
        return {"words": list(lexer)}
    except ValueError:
        return None


def percent(case):
    try:
        return {"text": case["text"] % case["names"]}
    except KeyError as error:
        return {"unknown": error.args[0]}
    except (ValueError, TypeError):
        return None


KINDS = {
    "ini": ini,
    "split": split,
    "legacy": lambda text: tokens(text, False),
    "posix": lambda text: tokens(text, True),
    "percent": percent,
    "glob": lambda pattern: sorted(glob.glob(pattern)),
}

answer = KINDS[sys.argv[1]]
json.dump([answer(case) for case in json.load(sys.stdin)], sys.stdout)
