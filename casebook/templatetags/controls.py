"""Draws a form's controls. In Python: a page has forty, and a template for each costs several times more."""

from html import escape
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect, Select, Textarea
from django.forms.widgets import Input
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from trial.http import leading_back

register = template.Library()
Drawn = dict[str, Any]
TELLING = ("type", "name", "value")
TYPED: dict[str, Drawn] = {
    "number": {"inputmode": "decimal", "autocomplete": "off"},
    "date": {"placeholder": "YYYY-MM-DD", "inputmode": "numeric", "autocomplete": "off", "data-date": True},
}


@register.simple_tag
def control(field: BoundField) -> SafeString:
    """The control without its label, its state said to the eye (is-invalid) and to the ear (aria-invalid)."""
    unit = _unit_beside(field)
    if unit is None:
        return SafeString(_control(field))
    return SafeString(f'<div class="input-group input-group-sm">{_control(field)}{_unit(unit)}</div>')


def _unit_beside(field: BoundField) -> BoundField | None:
    """The control of the unit in which this number is read, if it has one."""
    form: Any = field.form
    beside = form.__dict__.get("units_beside")
    if beside is None:
        named = ((getattr(known, "unit_of", ""), name) for name, known in form.fields.items())
        beside = form.units_beside = {of: name for of, name in named if of}
    return form[beside[field.name]] if field.name in beside else None


def _unit(field: BoundField) -> str:
    """A pick-list; where there is but one unit, its name."""
    choices = list(getattr(field.field, "choices", ()))
    if len(choices) > 1:
        field.field.widget.attrs["aria-label"] = str(field.label)
        return _control(field)
    key, label = choices[0]
    name, value = _escaped(field.html_name), _escaped(key)
    hidden = f'<input type="hidden" name="{name}" value="{value}" id="{field.auto_id}">'
    return f'<span class="input-group-text">{_escaped(label)}</span>{hidden}'


def _control(field: BoundField) -> str:
    widget = field.field.widget
    attrs = field.build_widget_attrs({"id": field.auto_id})
    drawn: Drawn = widget.get_context(field.html_name, field.value(), attrs)["widget"]
    if isinstance(widget, RadioSelect | CheckboxSelectMultiple):
        return _choices(field, drawn)
    if isinstance(widget, Select) and not widget.allow_multiple_selected:
        return _select(field, drawn)
    if isinstance(widget, Textarea):
        if widget.attrs["rows"] == "10":  # Django's own, too tall for a remark
            drawn["attrs"]["rows"] = "3"
        looks = _attrs(field, drawn, "form-control form-control-sm")
        return (
            f'<textarea name="{_escaped(drawn["name"])}"{looks}>\n{_escaped(drawn["value"] or "")}</textarea>'
        )
    if isinstance(widget, Input) and widget.input_type not in ("checkbox", "file"):
        return _input(field, drawn)
    if isinstance(widget, CheckboxInput):
        return _checkbox(drawn)
    return field.as_widget(attrs={"class": "form-control form-control-sm"})


register.filter("leading_back", leading_back)


@register.simple_tag
def shown(field: BoundField) -> str:
    """The value as text, for those who may not change it; a choice in its words, a dash for none."""
    text, unit = _shown(field), _unit_beside(field)
    return text if unit is None or text == "–" else f"{text} {_shown(unit)}".removesuffix(" –")


def _shown(field: BoundField) -> str:
    value = field.value()
    if value is None or value == "":
        return "–"
    for key, label in getattr(field.field, "choices", ()):
        if isinstance(label, list | tuple):
            for inner, words in label:
                if str(inner) == str(value):
                    return str(words)
        elif str(key) == str(value):
            return str(label)
    return str(value)


def _attrs(field: BoundField, drawn: Drawn, look: str) -> str:
    words = [look, drawn["attrs"].get("class", ""), "is-invalid" if field.errors else ""]
    return _flat(drawn["attrs"] | {"class": " ".join(w for w in words if w)})


def _flat(attrs: Drawn) -> str:
    """Attributes as HTML writes them: True is the bare name, False and None are left out."""
    given = [(name, value) for name, value in attrs.items() if value is not None and value is not False]
    valued = "".join(f' {name}="{_escaped(value)}"' for name, value in given if value is not True)
    return valued + "".join(f" {name}" for name, value in given if value is True)


def _escaped(text: Any) -> str:
    """As templates escape, without their detour by way of lazy texts: a page does this a thousand times."""
    return str(text.__html__()) if hasattr(text, "__html__") else escape(str(text))


def _input(field: BoundField, drawn: Drawn) -> str:
    """Numbers and dates are typed as text.

    What is no number or date then reaches the server and its message instead of being dropped by the browser;
    a date reads the same whatever the browser's language; and no mouse wheel turns a number.
    """
    kind, attrs = drawn["type"], drawn["attrs"]
    look = f"form-control form-control-sm input-{kind}"
    if kind in TYPED:
        attrs = {k: v for k, v in attrs.items() if k not in ("min", "max", "step")} | TYPED[kind]
        if kind == "number" and str(drawn["attrs"].get("step", "1")) == "1":
            attrs["inputmode"] = "numeric"
        kind = "text"
    shared = _flat({"type": kind, "name": drawn["name"], "value": drawn["value"]})
    looks = _flat(attrs) if kind == "hidden" else _attrs(field, drawn | {"attrs": attrs}, look)
    return f"<input{shared}{looks}>"


def _checkbox(drawn: Drawn) -> str:
    attrs = _flat(drawn["attrs"] | {"value": drawn["value"]})
    return f'<input type="checkbox" name="{_escaped(drawn["name"])}" class="form-check-input"{attrs}>'


def _select(field: BoundField, drawn: Drawn) -> str:
    inside = "".join(
        f'<optgroup label="{_escaped(label)}">{_options(options)}</optgroup>' if label else _options(options)
        for label, options, _index in drawn["optgroups"]
    )
    looks = _attrs(field, drawn, "form-select form-select-sm")
    return f'<select name="{_escaped(drawn["name"])}"{looks}>{inside}</select>'


def _options(options: list[Drawn]) -> str:
    return "".join(
        f'<option value="{_escaped(o["value"] if o["value"] is not None else "")}"{_flat(o["attrs"])}>'
        f"{_escaped(o['label'])}</option>"
        for o in options
    )


def _choices(field: BoundField, drawn: Drawn) -> str:
    look = {"class": "form-check-input is-invalid" if field.errors else "form-check-input"}
    inside = "".join(
        f'<label class="choice"><input{_flat({k: str(o[k]) for k in TELLING} | o["attrs"] | look)}> '
        f"<span>{_escaped(o['label'])}</span></label>"
        for _label, group, _index in drawn["optgroups"]
        for o in group
    )
    clear = ""
    if not field.field.required:
        clear = f'<button type="button" class="choice-clear" hidden>{_escaped(_("clear"))}</button>'
    return f'<div class="choices">{inside}{clear}</div>'
