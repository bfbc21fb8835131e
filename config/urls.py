from django.urls import include, path

from trial.views import healthz, home, not_offered

urlpatterns = [
    path("", home, name="home"),
    path("healthz", healthz, name="healthz"),
    path("account/email/", not_offered),  # an administrator changes addresses, with a reason
    path("account/", include("allauth.urls")),
    path("trial/", include("trial.urls")),
    path("patients/", include("patients.urls")),
    path("casebook/", include("casebook.urls")),
    path("assessments/", include("assessments.urls")),
    path("documents/", include("documents.urls")),
    path("monitoring/", include("monitoring.urls")),
    path("analysis/", include("analysis.urls")),
]
