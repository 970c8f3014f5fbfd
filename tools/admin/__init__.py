"""Owns ``assent admin``: an operator's questions to a running gateway, asked at its admin door, never at its files."""

from tools.admin.commands import add_arguments, main

__all__ = ["add_arguments", "main"]
