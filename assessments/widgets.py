"""A text box that offers the CTCAE terms as one types, without any script."""

from functools import lru_cache
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from assessments.models import CtcaeTerm
from assessments.selectors import CtcaeTerms


class TermInput(forms.Widget):
    """Drawn in Python: some three hundred options through a template cost more than the rest of the page."""

    template_name = ""  # every widget names one in its context
    terms: CtcaeTerms

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        attrs = self.build_attrs(self.attrs, attrs)
        list_id = f"{attrs.get('id', name)}_terms"
        shown = {"type": "text", "name": name, "value": self.format_value(value), "list": list_id}
        text = flatatt({key: text for key, text in shown.items() if text is not None})
        options = _options(tuple(self.terms.offered))
        return format_html(
            '<input{} autocomplete="off"{}><datalist id="{}">{}</datalist>',
            text,
            flatatt(attrs),
            list_id,
            options,
        )


@lru_cache(maxsize=4)
def _options(offered: tuple[tuple[str, str], ...]) -> SafeString:
    """The same for everybody until terms are loaded anew."""
    return format_html_join("", '<option value="{}">{}</option>', offered)


class TermField(forms.Field):
    """A CTCAE term by its name or a synonym, whatever the case."""

    widget = TermInput

    def __init__(self, terms: CtcaeTerms, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.terms = self.widget.terms = terms

    def prepare_value(self, value: Any) -> Any:
        """A saved code ("4.03 Alopecia") is shown as the name of its term."""
        return str(value).removeprefix(f"{self.terms.version} ") if value else value

    def to_python(self, value: Any) -> CtcaeTerm | None:
        if not value or not str(value).strip():
            return None
        found = self.terms.find(self.prepare_value(str(value).strip()))
        if found is None:
            raise ValidationError(self._not_found(str(value).strip()), code="invalid_choice")
        return found

    def has_changed(self, initial: Any, data: Any) -> bool:
        return str(self.prepare_value(initial) or "") != str(self.prepare_value(data) or "")

    def _not_found(self, name: str) -> str:
        shown = name if len(name) <= 60 else name[:60] + "…"
        near = self.terms.near(name)
        meant = f" Did you mean {', '.join(near)}?" if near else " Choose one from the list."
        return f"“{shown}” is no term of CTCAE {self.terms.version}.{meant}"
