"""The response rules of a protocol definition, as the reading of tumours takes them."""

from assessments.domain import mrecist
from trial.domain.response import ResponseCriteria as ProtocolCriteria


def response_criteria(protocol: ProtocolCriteria) -> mrecist.ResponseCriteria:
    """Return the criteria of a protocol; what a protocol does not state keeps its default."""
    return mrecist.ResponseCriteria(
        pr_decrease_percent=protocol.pr_decrease_percent,
        pd_increase_percent=protocol.pd_increase_percent,
        pd_min_abs_mm=protocol.pd_min_abs_mm,
        normal_node_below_mm=protocol.normal_node_below_mm,
        too_small_to_measure_mm=protocol.too_small_to_measure_mm,
        max_targets=protocol.max_targets,
        max_targets_per_organ=protocol.max_targets_per_organ,
        min_target_mm=protocol.min_target_mm,
        min_target_node_mm=protocol.min_target_node_mm,
        min_porta_hepatis_node_mm=protocol.min_porta_hepatis_node_mm,
        sd_min_days=protocol.sd_min_days,
        confirmation_required=protocol.confirmation_required,
    )
