"""Files of a run."""

from django.http import Http404, HttpResponse

from analysis import selectors
from analysis.downloads import CONTENT_TYPES, FORMATS, XLSX, file_of, filename, workbook
from analysis.models import AnalysisRun, OutputKind
from analysis.views import AnalysisView
from trial.access import Permission
from trial.http import PersonRequest


class FileView(AnalysisView):
    """A file that leaves the system: for those who may export."""

    needed = Permission.RUN_ANALYSIS


class Download(FileView):
    def get(self, request: PersonRequest, pk: int, name: str, file_format: str) -> HttpResponse:
        run = selectors.get_run(pk)
        output = selectors.get_output(run, name)
        if file_format not in FORMATS[output.kind]:
            raise Http404("This output does not come in that format.")
        return attachment(run, name, file_format, file_of(output, file_format))


class WorkbookDownload(FileView):
    """All tables of a run in one workbook."""

    def get(self, request: PersonRequest, pk: int) -> HttpResponse:
        run = selectors.get_run(pk)
        outputs = list(run.outputs.exclude(kind=OutputKind.DATASET))
        if not outputs:
            raise Http404("This run has no tables.")
        for output in outputs:
            output.run = run
        return attachment(run, "tables", XLSX, workbook(run, outputs))


def attachment(run: AnalysisRun, name: str, file_format: str, content: bytes) -> HttpResponse:
    name = filename(run, name, file_format)
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=CONTENT_TYPES[file_format], headers=disposition)
