from patients.models.visit import Visit, VisitKind

__all__ = ["Visit", "VisitKind"]
