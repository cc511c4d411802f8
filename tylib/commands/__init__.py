"""Subcommands of the command line, one thin function each: they call, and say what came of it."""
