"""Draws a form's controls. In Python: a page has forty, and a template for each costs several times more."""

from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect, Select, Textarea
from django.forms.utils import flatatt
from django.forms.widgets import Input
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

register = template.Library()
Drawn = dict[str, Any]
TYPED: dict[str, Drawn] = {
    "number": {"inputmode": "decimal", "autocomplete": "off"},
    "date": {"placeholder": "YYYY-MM-DD", "inputmode": "numeric", "autocomplete": "off", "data-date": True},
}


@register.simple_tag
def control(field: BoundField) -> SafeString:
    """The control without its label, its state said to the eye (is-invalid) and to the ear (aria-invalid)."""
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
        text = drawn["value"] or ""
        return format_html('<textarea name="{}"{}>\n{}</textarea>', drawn["name"], looks, text)
    if isinstance(widget, Input) and widget.input_type not in ("checkbox", "file"):
        return _input(field, drawn)
    if isinstance(widget, CheckboxInput):
        return _checkbox(drawn)
    return field.as_widget(attrs={"class": "form-control form-control-sm"})


@register.simple_tag
def shown(field: BoundField) -> str:
    """The value as text, for those who may not change it; a choice in its words, a dash for none."""
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


def _attrs(field: BoundField, drawn: Drawn, look: str) -> SafeString:
    words = [look, drawn["attrs"].get("class", ""), "is-invalid" if field.errors else ""]
    return flatatt(drawn["attrs"] | {"class": " ".join(w for w in words if w)})


def _input(field: BoundField, drawn: Drawn) -> SafeString:
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
    value = {} if drawn["value"] is None else {"value": drawn["value"]}
    shared = flatatt({"type": kind, "name": drawn["name"], **value})
    return format_html("<input{}{}>", shared, _attrs(field, drawn | {"attrs": attrs}, look))


def _checkbox(drawn: Drawn) -> SafeString:
    value = {} if drawn["value"] is None else {"value": drawn["value"]}
    attrs = flatatt(drawn["attrs"] | value)
    return format_html('<input type="checkbox" name="{}" class="form-check-input"{}>', drawn["name"], attrs)


def _select(field: BoundField, drawn: Drawn) -> SafeString:
    groups = ((label, _options(options)) for label, options, _index in drawn["optgroups"])
    inside = format_html_join(
        "", "{}", ((format_html('<optgroup label="{}">{}</optgroup>', g, o) if g else o,) for g, o in groups)
    )
    looks = _attrs(field, drawn, "form-select form-select-sm")
    return format_html('<select name="{}"{}>{}</select>', drawn["name"], looks, inside)


def _options(options: list[Drawn]) -> SafeString:
    drawn = ((o["value"] if o["value"] is not None else "", flatatt(o["attrs"]), o["label"]) for o in options)
    return format_html_join("", '<option value="{}"{}>{}</option>', drawn)


def _choices(field: BoundField, drawn: Drawn) -> SafeString:
    look = {"class": "form-check-input is-invalid" if field.errors else "form-check-input"}
    options = [o for _label, group, _index in drawn["optgroups"] for o in group]
    drawn_options = (
        (flatatt({k: str(o[k]) for k in ("type", "name", "value")} | o["attrs"] | look), o["label"])
        for o in options
    )
    inside = format_html_join("", '<label class="choice"><input{}> <span>{}</span></label>', drawn_options)
    clear: str | SafeString = ""
    if not field.field.required:
        clear = format_html('<button type="button" class="choice-clear" hidden>{}</button>', _("clear"))
    return format_html('<div class="choices">{}{}</div>', inside, clear)
