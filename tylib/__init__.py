"""The open workbench for regional manufacturing policy.

Floors, each importing only from those before it:
``errors`` - ``store`` - ``indicators`` - ``bounds`` - ``programme`` - ``scenario`` - ``brief`` - ``lab`` - ``batch``.
Heavy libraries are imported where they are used, so that ``import tylib`` stays fast.
"""

__version__ = "0.1.0"
