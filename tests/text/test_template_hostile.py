"""Templates that want to be more than a text: every known way out of Jinja2, and sources made to hurt."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.text.template import check, preview, render
from gateway.text.template_spec import TemplateCode, TemplateRefused, TemplateSpec
from gateway.text.variable import TextVariable, Variable


def _spec(text: str) -> TemplateSpec:
    return TemplateSpec(
        name="t",
        version=1,
        texts={"en": text},
        variables={"name": TextVariable(), "other": TextVariable(optional=True)},
    )


ESCAPES = (
    # Attributes and items
    "{{ name.__class__ }}",
    "{{ name['__class__'] }}",
    "{{ name.__class__.__mro__[1].__subclasses__() }}",
    "{{ name.format }}",
    "{{ ''.__class__ }}",
    "{{ ().__class__.__bases__[0] }}",
    "{{ name[0] }}",
    "{{ name[:3] }}",
    "{{ name.x.y.z }}",
    # Filters and tests
    "{{ name|attr('__class__') }}",
    "{{ name|map(attribute='__class__')|list }}",
    "{{ name|upper }}",
    "{{ name|e }}",
    "{{ name|safe }}",
    "{{ name|format(1) }}",
    "{{ '%s'|format(name) }}",
    "{{ name|replace('a', 'b'*99999) }}",
    "{{ name|center(999999999) }}",
    "{{ name is defined }}",
    "{% filter upper %}x{% endfilter %}",
    "{{ name|getattr('x') }}",
    "{{ name is sameas(name) }}",
    # Calls and formats
    "{{ name() }}",
    "{{ name.format(name) }}",
    "{{ '{0.__class__}'.format(name) }}",
    "{{ name.format_map({}) }}",
    "{{ range(10**9) }}",
    "{{ lipsum(n=99999) }}",
    "{{ lipsum.__globals__['os'].popen('id').read() }}",
    "{{ cycler.__init__.__globals__.os }}",
    "{{ joiner() }}",
    "{{ namespace(x=1) }}",
    "{{ dict(a=1) }}",
    "{{ self.__init__.__globals__ }}",
    "{{ self._TemplateReference__context }}",
    "{{ config }}",
    "{{ request }}",
    "{{ url_for.__globals__ }}",
    "{{ get_flashed_messages }}",
    "{{ caller() }}",
    "{{ varargs }}",
    "{{ self }}",
    # Loops, bombs, arithmetic
    "{% for x in range(999999999) %}x{% endfor %}",
    "{% for c in name %}{{ c }}{% endfor %}",
    "{% for a in 'aaaa' recursive %}{{ loop(a) }}{% endfor %}",
    "{{ 'x' * 999999999 }}",
    "{{ 9 ** 9 ** 9 }}",
    "{{ name ~ name }}",
    "{{ name + name }}",
    "{{ -1 }}",
    "{{ 1 / 0 }}",
    "{{ 1 if name else 2 }}",
    "{% set x = name %}{{ x }}",
    "{% set x %}y{% endset %}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% call m() %}{% endcall %}",
    "{% with x = 1 %}{{ x }}{% endwith %}",
    "{{ [1, 2] }}",
    "{{ {'a': 1} }}",
    "{{ (1, 2) }}",
    "{{ 'text' }}",
    "{{ 1 }}",
    "{{ true }}",
    "{{ none }}",
    "{{ not name }}",
    "{{ name and other }}",
    "{{ name == 'x' }}",
    "{% if name == 'x' %}y{% endif %}",
    "{% if name.x %}y{% endif %}",
    "{% if name in 'x' %}y{% endif %}",
    "{% if 1 %}y{% endif %}",
    "{% if name|length %}y{% endif %}",
    "{% if name() %}y{% endif %}",
    # Files and extensions
    "{% include 'x' %}",
    "{% import 'os' as os %}",
    "{% from 'x' import y %}",
    "{% extends 'x' %}",
    "{% block b %}x{% endblock %}",
    "{% do name %}",
    "{% debug %}",
    "{% trans %}x{% endtrans %}",
    "{% autoescape true %}x{% endautoescape %}",
    "{% break %}",
    "{% continue %}",
    # Syntax
    "{{ name",
    "{% if name %}x",
    "{% endif %}",
    "{{ }}",
    "{% %}",
    "{{ name name }}",
    "{{ 'x }}",
    "{# open",
    "{{ \x00name }}",
    "{{ {{ name }} }}",
)


@pytest.mark.parametrize("text", ESCAPES)
@pytest.mark.parametrize("around", ["{}", "Hi {{{{ name }}}}, {{% if other %}}{}{{% endif %}} bye"])
def test_what_computes_is_refused_before_it_runs(text: str, around: str) -> None:
    spec = _spec(around.format(text))
    for act in (lambda: check(spec), lambda: render(spec, {"name": "x"}, "en"), lambda: preview(spec, "en")):
        with pytest.raises(TemplateRefused) as refused:
            act()
        for fault in refused.value.faults:
            assert fault.field == "texts.en"
            assert fault.code in (TemplateCode.SYNTAX, TemplateCode.FORBIDDEN, TemplateCode.VARIABLE_UNKNOWN)


@pytest.mark.parametrize(
    "text",
    [
        "{{ " + "(" * 900 + "name" + ")" * 900 + " }}",
        "{{ " + "[" * 1900,
        "{{ " + "-" * 1900 + "1 }}",
        "{% if " + "not " * 450 + "name %}x{% endif %}",
        "{% if " + "(" * 300 + "name" + ")" * 300 + " %}x{% endif %}",
        "{% if name" + " and name" * 200 + " %}x{% endif %}",
        "{% if name %}" * 60 + "x" + "{% endif %}" * 60,
        "{% if name %}x" + "{% elif name %}x" * 110 + "{% endif %}",
        "{{ name" + ".x" * 950 + " }}",
        "{{ name" + "|e" * 950 + " }}",
        "{{ " + "9" * 1900 + " }}",
        "{{ 1e" + "9" * 300 + " }}",
        "{{ '" + "\\x41" * 400 + "' }}",
        "{{name}}" * 201,
        "{#" * 900,
        "{{" * 1000,
        "a" * 100_000,
    ],
    ids=range(17),
)
def test_a_source_made_to_hurt_is_refused(text: str) -> None:
    with pytest.raises(TemplateRefused):
        check(_spec(text))


def test_depth_and_length_that_people_write_are_not_refused() -> None:
    check(_spec("{% if other %}" * 7 + "x" + "{% endif %}" * 7 + "y"))
    check(_spec("{% if name and (other or not name) and not (other and name) %}x{% endif %}y"))
    check(_spec("{{ name }} " * 90))
    assert render(_spec("{ } {name} {{ name }} % {%raw%}{{ name }}{%endraw%} }} %}"), {"name": "x"}, "en").text == (
        "{ } {name} x % {{ name }} }} %}"
    )


def _is_refused(spec: TemplateSpec) -> bool:
    try:
        check(spec)
    except TemplateRefused as refused:
        return bool(refused.faults)
    return False


_PIECES = (
    "{{",
    "}}",
    "{%",
    "%}",
    "{#",
    "#}",
    "name",
    "other",
    " ",
    ".",
    "|",
    "(",
    ")",
    "[",
    "]",
    "'",
    '"',
    "if ",
    "endif",
    "else",
    "for ",
    "in ",
    "set ",
    "not ",
    "and ",
    "1",
    "*",
    "~",
    "__class__",
    "raw",
    "\n",
    "x",
    "-",
    "self",
    ":",
    ",",
    "é",
    "\u2028",
    "\\",
    "=",
)


@settings(max_examples=400)
@given(st.one_of(st.lists(st.sampled_from(_PIECES), max_size=30).map("".join), st.text(max_size=60)))
def test_any_source_is_refused_or_makes_a_text(source: str) -> None:
    spec = _spec(source)
    assert _is_refused(spec) or render(spec, {"name": "Acme"}, "en").text


def test_what_can_come_to_too_much_is_refused_before_it_is_tried() -> None:
    variables: dict[str, Variable] = {f"a{n}": TextVariable(max_length=500) for n in range(30)}
    source = "".join(f"{{{{ a{n % 30} }}}}" for n in range(150))
    with pytest.raises(TemplateRefused, match="can come to 7"):
        check(TemplateSpec(name="t", texts={"en": source}, variables=variables))
