"""The page's stylesheet inside JupyterLab: scoped to what cells put out, following Lab's light and dark theme."""

from __future__ import annotations

from importlib.resources import files

from tylib.brief import page

OUTPUT = ".jp-OutputArea-output"
HTML = f".jp-RenderedHTMLCommon{OUTPUT}"
DARK = '[data-jp-theme-light="false"]'


def stylesheet() -> str:
    """Rules that touch outputs of cells only: tokens, the brief's own rules nested under the scope, charts, our files.

    >>> sheet = stylesheet()
    >>> "--accent:" in sheet and "@import" not in sheet and "http://" not in sheet
    True
    """
    # The brief's rules are nested, so that its selectors of plain elements match inside outputs and nowhere else.
    rules = page.css().removeprefix(page.custom_properties())
    return "\n".join([_properties(), f"{HTML} {{\n{rules}}}", _dark_charts(), _asset("lab.css"), _asset("live.css")])


def _asset(name: str) -> str:
    return (files(__name__.rpartition(".")[0]) / name).read_text(encoding="utf-8")


def _properties() -> str:
    """The page's tokens on every output; the dark ones where Lab's theme is dark, whatever the screen prefers."""
    declared = page.custom_properties()
    light = declared[declared.index("{") + 1 : declared.index("}")].removeprefix("color-scheme:light dark;")
    dark = "".join(f"--{name}:{value};" for name, value in page.tokens()["color"]["dark"].items())
    return f"{OUTPUT} {{{light}}}\n{DARK} {OUTPUT} {{{dark}}}"


def _dark_charts() -> str:
    """Charts in Lab are drawn with the light colours; on a dark theme each is replaced by its dark counterpart.

    The hatch of what is absent is a pattern in the picture itself, drawn in the output's own colours.
    """
    light, dark = (page.tokens()["color"][scheme] for scheme in ("light", "dark"))
    pairs = [(light[name], dark[name]) for name in light]
    return "\n".join(
        f'{DARK} {OUTPUT} :is(.picture, .vega-embed) svg [{attribute}="{day}"] {{ {attribute}: {night}; }}'
        for day, night in pairs
        for attribute in ("fill", "stroke")
    )
