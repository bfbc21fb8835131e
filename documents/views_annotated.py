"""The annotated blank forms, as a page and as PDF."""

import hashlib

from django.conf import settings
from django.core.cache import cache
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language

from documents.annotated import annotated_forms
from documents.domain.pages import Document
from documents.typesetting import pdf_of
from trial.http import PersonRequest, PersonView
from trial.models import Trial

KEPT = 24 * 3600


def _forms_today(language: str) -> Document:
    trial = Trial.objects.first()
    if trial is None:
        raise Http404("There is no trial yet.")
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    return annotated_forms(trial, language=language, at=today)


class AnnotatedPage(PersonView):
    def get(self, request: PersonRequest) -> HttpResponse:
        document = _forms_today(get_language() or settings.LANGUAGE_CODE)
        return render(
            request, "documents/annotated.html", {"document": document, "languages": settings.LANGUAGES}
        )


class AnnotatedFile(PersonView):
    """Set in type once a day and version: it takes a second."""

    def get(self, request: PersonRequest, language: str) -> HttpResponse:
        if language not in dict(settings.LANGUAGES):
            raise Http404("The forms do not come in this language.")
        document = _forms_today(language)
        content = _kept(document)
        named = {"Content-Disposition": f'attachment; filename="annotated-forms_{language}.pdf"'}
        return HttpResponse(content, content_type="application/pdf", headers=named)


def _kept(document: Document) -> bytes:
    key = f"annotated:{hashlib.sha256(repr(document).encode()).hexdigest()}"
    content: bytes | None = cache.get(key)
    if content is None:
        content = pdf_of(document)
        cache.set(key, content, KEPT)
    return content
