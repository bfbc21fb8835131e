"""A text box that offers the CTCAE terms as one types, without any script."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from assessments.models import CtcaeTerm
from assessments.selectors import CtcaeTerms


class TermInput(forms.Widget):
    template_name = "assessments/ctcae_term_input.html"
    terms: CtcaeTerms

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        list_id = f"{context['widget']['attrs'].get('id', name)}_terms"
        return context | {"terms": self.terms.rows, "list_id": list_id}


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
