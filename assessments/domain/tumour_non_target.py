"""The reading of the non-target lesions at one scan."""

from collections.abc import Sequence

from assessments.domain.lesions import Lesion, LesionKind, NonTargetFinding, NonTargetState, Scan
from assessments.domain.mrecist import NonTargetResponse


def evaluate_non_targets(non_targets: Sequence[Lesion], scan: Scan) -> tuple[NonTargetResponse, str]:
    """Return the response of the non-target lesions at a scan, and why (mRECIST 2010).

    Unequivocal progression of any is PD, an effusion's only when proven by cytology; enhancement that
    persists in any is IR/SD, whatever could not be evaluated besides; with nothing left but lesions not
    evaluated or not recorded it is NE; CR needs every lesion gone.
    """
    if not non_targets:
        return NonTargetResponse.NONE, "There is no non-target lesion."
    found = {finding.lesion_id: finding for finding in scan.non_targets}
    labels: dict[NonTargetState, list[str]] = {state: [] for state in NonTargetState}
    for lesion in non_targets:
        labels[_state(lesion, found.get(lesion.id))].append(lesion.label)
    for state, response, words in (
        (NonTargetState.UNEQUIVOCAL_PROGRESSION, NonTargetResponse.PD, "Unequivocal progression of"),
        (NonTargetState.PRESENT, NonTargetResponse.IR_SD, "Viable tumour persists in"),
        (NonTargetState.NOT_EVALUABLE, NonTargetResponse.NE, "Not evaluated:"),
    ):
        if labels[state]:
            return response, f"{words} non-target {', '.join(labels[state])}: {response}."
    return NonTargetResponse.CR, f"No non-target lesion is left: {NonTargetResponse.CR}."


def _state(lesion: Lesion, finding: NonTargetFinding | None) -> NonTargetState:
    """Return the state that counts: not recorded is not evaluable, unproven fluid has not progressed."""
    if finding is None:
        return NonTargetState.NOT_EVALUABLE
    unproven = lesion.kind is LesionKind.EFFUSION and not finding.malignancy_proven
    if unproven and finding.state is NonTargetState.UNEQUIVOCAL_PROGRESSION:
        return NonTargetState.PRESENT
    return finding.state
