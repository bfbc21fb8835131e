from tests.monitoring.conftest import enrolled, patient, study

__all__ = ["enrolled", "patient", "study"]
