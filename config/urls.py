from django.urls import include, path

from trial.views import healthz, home

urlpatterns = [
    path("", home, name="home"),
    path("healthz", healthz, name="healthz"),
    path("account/", include("allauth.urls")),
    path("trial/", include("trial.urls")),
    path("patients/", include("patients.urls")),
    path("casebook/", include("casebook.urls")),
    path("assessments/", include("assessments.urls")),
    path("monitoring/", include("monitoring.urls")),
    path("analysis/", include("analysis.urls")),
]
