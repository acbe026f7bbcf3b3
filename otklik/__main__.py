"""`python -m otklik` is `otklik`: how the supervisor starts its roles."""

from otklik.cli import run

run()
