"""The CTCAE terms: a list to look them up in, and the criteria of the one chosen in a form."""

from itertools import groupby

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render

from assessments.hints import term_hint
from assessments.models import CtcaeTerm
from assessments.selectors import CtcaeTerms
from trial.access import Permission, require
from trial.http import PersonRequest, PersonView


class TermList(PersonView):
    """Terms by system organ class; `q` looks in names, synonyms and criteria."""

    def get(self, request: PersonRequest) -> HttpResponse:
        require(request.user, Permission.VIEW_CASEBOOK)
        query = request.GET.get("q", "").replace("\0", "").strip()[:100]
        found = CtcaeTerm.objects.order_by("version", "soc", "term")
        if query:
            found = found.filter(
                Q(term__icontains=query) | Q(synonyms__icontains=query) | Q(criteria__icontains=query)
            )
        groups = [(key, list(terms)) for key, terms in groupby(found, key=lambda t: (t.version, t.soc))]
        return render(request, "assessments/ctcae.html", {"groups": groups, "query": query})


class Criteria(PersonView):
    """The criteria of the term that stands in the form. A POST, so that no address or log names it."""

    def post(self, request: PersonRequest) -> HttpResponse:
        require(request.user, Permission.VIEW_CASEBOOK)
        terms = CtcaeTerms(request.POST.get("version", "").replace("\0", ""))
        name = request.POST.get("term", "")
        found = terms.find(name) if name.strip() else None
        return HttpResponse(term_hint(found) if found else "Choose a term from the list.")
